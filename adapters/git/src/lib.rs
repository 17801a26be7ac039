//! The Git adapter on libgit2.
//!
//! Reads any commit straight into a [`gitops_core::tree::FileTree`], and writes commits straight into the object
//! database: there is never an index, a work tree, a merge or a forced push. Remotes are local repositories;
//! other transports are refused.

mod copy;
pub mod disk;
mod failure;
mod history;
mod location;
mod push;
mod read;
mod repository;
mod write;

pub use copy::copy_head;
pub use read::Limits;
pub use repository::Repository;

#[cfg(test)]
mod tests;
