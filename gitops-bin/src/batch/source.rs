//! Where the files of a batch come from: a disk, or a revision in Git's object database.

use std::collections::BTreeSet;
use std::path::PathBuf;

use gitops_core::tree::{FileTree, TreePath};
use gitops_git::disk::{self, Depth};
use gitops_git::{Limits, Repository, find};
use gitops_ports::git::{CommitId, GitError};

/// Where the files of a batch come from.
pub trait Source {
    /// What stands at `paths`, and no more than `size` bytes of it. A path that is not there adds nothing.
    fn load(&self, paths: &[TreePath], size: u64) -> Result<FileTree, GitError>;

    /// The regular files in and below `start` of which `wanted` takes the name, in the order of their paths.
    fn find(&self, start: &TreePath, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<TreePath>, GitError>;
}

/// A directory on disk.
#[derive(Debug, Clone)]
pub struct Disk {
    /// The root of the repository that holds it.
    pub root: PathBuf,
}

impl Source for Disk {
    fn load(&self, paths: &[TreePath], size: u64) -> Result<FileTree, GitError> {
        // Neighbours will be asked for next, and a directory is read at once.
        let mut wanted: BTreeSet<TreePath> = paths.iter().cloned().collect();
        let folders = paths.iter().filter(|path| path.name().contains('.')).filter_map(TreePath::parent);
        wanted.extend(folders.filter(|folder| !folder.is_root()));
        let wanted: Vec<TreePath> = wanted.into_iter().collect();
        let limits = Limits { total_size: size, ..Limits::default() };
        match disk::load(&self.root, &wanted, Depth::Listing, &limits) {
            // Nobody has asked for the neighbours.
            Err(GitError::TooLarge { .. } | GitError::TooManyFiles { .. }) => {
                disk::load(&self.root, paths, Depth::Listing, &limits)
            }
            found => found,
        }
    }

    fn find(&self, start: &TreePath, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<TreePath>, GitError> {
        find::on_disk(&self.root, start, wanted, &Limits::default())
    }
}

/// A commit.
#[derive(Debug)]
pub struct Revision<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The commit.
    pub commit: CommitId,
    /// What waits for the repository.
    pub runtime: &'a tokio::runtime::Runtime,
}

impl Source for Revision<'_> {
    fn load(&self, paths: &[TreePath], size: u64) -> Result<FileTree, GitError> {
        self.repository.read_within(&self.commit, paths, size)
    }

    fn find(&self, start: &TreePath, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<TreePath>, GitError> {
        Ok(self.repository.find(&self.commit, start, wanted)?.into_keys().collect())
    }
}
