//! The repository that people push to.

use std::path::Path;

use gitops_core::tree::TreePath;
use gitops_git::{Limits, Repository};
use gitops_ports::GitRepository as _;
use gitops_ports::git::{CommitId, FileChange};

use crate::repository::{BEGINNING, block_on, commit};

/// Makes the bare repository at `path` with these files as one commit on `main`.
pub(crate) fn make(path: &Path, files: &[(&str, &str)]) {
    let repository = Repository::init(path, "main", Limits::default()).unwrap();
    let write = |text: &str| FileChange::Write(text.as_bytes().to_vec());
    let changes = files.iter().map(|(name, text)| (TreePath::parse(name).unwrap(), write(text)));
    commit(&repository, None, changes.collect(), BEGINNING);
}

/// Writes a file by a commit on `main`, as a person who pushes.
pub(crate) fn write(repository: &Repository, path: &str, text: &str) {
    let change = FileChange::Write(text.as_bytes().to_vec());
    let parent = head(repository);
    commit(repository, Some(&parent), [(TreePath::parse(path).unwrap(), change)].into(), BEGINNING);
}

/// The commit that `main` stands at.
pub(crate) fn head(repository: &Repository) -> CommitId {
    block_on(repository.resolve("refs/heads/main")).unwrap()
}
