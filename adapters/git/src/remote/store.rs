//! Where fetched commits are kept: a bare repository for each address, with packs and nothing else.
//!
//! A pack that was cut off is never there under its name, and each pack holds all that its commit needs.

use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid};
use gitops_ports::git::{CommitId, GitError};

use crate::failure::failed;

/// What was fetched from one address, if anything was. Looking for it makes nothing.
pub(super) struct Store {
    cache: PathBuf,
    directory: PathBuf,
}

impl Store {
    /// The store for the address `key` below `cache`.
    pub(super) fn new(cache: &Path, key: &str) -> Result<Self, GitError> {
        let name = Oid::hash_object(ObjectType::Blob, key.as_bytes()).map_err(failed("naming the cache"))?;
        Ok(Self { cache: cache.to_owned(), directory: cache.join(format!("{name}.git")) })
    }

    /// The repository on disk, whether it is there or not.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The commit that an object is or, for a tag, names; nothing where it is not kept.
    pub(super) fn commit(&self, id: &CommitId) -> Option<CommitId> {
        let git = git2::Repository::open_bare(&self.directory).ok()?;
        let object = git.find_object(Oid::from_str(id.as_str()).ok()?, None).ok()?;
        let commit = object.peel_to_commit().ok()?;
        commit.tree().ok()?;
        Some(crate::repository::commit_id(commit.id()))
    }

    /// Keeps the objects of a pack of at most `most` bytes. Makes the directory of the store where there is none.
    pub(super) fn add_pack(&self, pack: &mut dyn Read, most: u64, shown: &str) -> io::Result<()> {
        let git = self.open_or_make().map_err(io::Error::other)?;
        let folder = git.path().join("objects/pack");
        let broken =
            |error: git2::Error| io::Error::new(io::ErrorKind::InvalidData, error.message().to_owned());
        // The parents of a commit without history are not there, so links are not followed; what the objects
        // hold is checked against their names all the same.
        let mut indexer = git2::Indexer::new(None, &folder, 0o444, false).map_err(broken)?;
        let size = io::copy(&mut pack.take(most.saturating_add(1)), &mut indexer)?;
        if size > most {
            return Err(io::Error::other(GitError::TooLarge { path: shown.to_owned(), size, limit: most }));
        }
        indexer.flush()?;
        indexer.commit().map(drop).map_err(broken)
    }

    fn open_or_make(&self) -> Result<git2::Repository, GitError> {
        let context = || format!("opening the cache `{}`", self.cache.display());
        if self.directory.is_dir() {
            return open(&self.directory);
        }
        make_private(&self.cache)
            .map_err(|error| GitError::Repository { context: context(), message: error.to_string() })?;
        let mut options = git2::RepositoryInitOptions::new();
        options.bare(true).external_template(false);
        git2::Repository::init_opts(&self.directory, &options).map_err(failed(context()))
    }
}

/// Opens what a store keeps.
pub(super) fn open(directory: &Path) -> Result<git2::Repository, GitError> {
    git2::Repository::open_bare(directory).map_err(failed("opening the cache"))
}

/// Makes a directory that only its owner may enter.
fn make_private(directory: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
