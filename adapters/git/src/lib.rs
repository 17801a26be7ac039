//! The Git adapter on libgit2.
//!
//! Reads any commit straight into a [`gitops_core::tree::FileTree`], and writes commits straight into the object
//! database: there is never an index, a work tree, a merge or a forced push.
//!
//! [`remote`] fetches what kustomizations name elsewhere, by `https`, `http` and `ssh`.

mod copy;
pub mod disk;
mod failure;
pub mod find;
mod history;
mod location;
mod push;
mod read;
pub mod remote;
mod repository;
mod write;

pub use copy::copy_head;
pub use read::Limits;
pub use repository::Repository;

/// The id that Git gives a file with this content, in hexadecimal.
pub fn blob_id(content: &[u8]) -> String {
    git2::Oid::hash_object(git2::ObjectType::Blob, content).map(|id| id.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
