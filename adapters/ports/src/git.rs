//! The port of a Git repository, and the loop that brings an edit onto a branch that others write to.

mod credentials;
mod edit;
mod error;

use std::collections::BTreeMap;
use std::future::Future;

use gitops_core::time::Timestamp;
use gitops_core::tree::{FileTree, TreePath};
use smol_str::SmolStr;

pub use credentials::Credentials;
pub use edit::{BranchEdit, Edit, EditError, EditOutcome, edit_branch};
pub use error::GitError;

/// A Git repository with its upstream. There is never a work tree, a merge or a forced push.
pub trait GitRepository: Send + Sync {
    /// Brings the upstream's branches and tags here.
    fn fetch(&self) -> impl Future<Output = Result<(), GitError>> + Send;

    /// The commit that a branch, tag, `HEAD`, full reference name, or (abbreviated) commit id names, as of the
    /// last fetch.
    fn resolve(&self, revision: &str) -> impl Future<Output = Result<CommitId, GitError>> + Send;

    /// The files of a commit: those at and below each of `paths`, where the root path means all.
    ///
    /// A path that is not there adds nothing. A link on the way to a path adds the link, so that the caller can
    /// follow it and ask again.
    fn read(
        &self,
        commit: &CommitId,
        paths: &[TreePath],
    ) -> impl Future<Output = Result<FileTree, GitError>> + Send;

    /// The newest commits that changed something at or below `path`, newest first, from `commit` on back: at
    /// most `limit`.
    fn log(
        &self,
        commit: &CommitId,
        path: &TreePath,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Commit>, GitError>> + Send;

    /// The files that differ between two commits.
    fn changes(
        &self,
        from: &CommitId,
        to: &CommitId,
    ) -> impl Future<Output = Result<Vec<PathChange>, GitError>> + Send;

    /// The commit that last changed `line` (counted from 1) of the file at `path`.
    fn blame(
        &self,
        commit: &CommitId,
        path: &TreePath,
        line: u32,
    ) -> impl Future<Output = Result<Commit, GitError>> + Send;

    /// Whether `ancestor` is `commit` or one of its ancestors.
    fn is_ancestor(
        &self,
        ancestor: &CommitId,
        commit: &CommitId,
    ) -> impl Future<Output = Result<bool, GitError>> + Send;

    /// The changes that undo `commit` on top of `onto`; [`GitError::RevertConflict`] where later commits changed
    /// the same lines.
    fn revert(
        &self,
        commit: &CommitId,
        onto: &CommitId,
    ) -> impl Future<Output = Result<FileChanges, GitError>> + Send;

    /// Writes a commit into the object database; no branch moves.
    fn commit(&self, commit: &NewCommit) -> impl Future<Output = Result<CommitId, GitError>> + Send;

    /// Moves the upstream's `branch` from `expected` (`None`: it must not exist) to `commit`, a descendant of it;
    /// [`GitError::Rejected`] where the branch stands elsewhere by then.
    fn push(
        &self,
        branch: &str,
        commit: &CommitId,
        expected: Option<&CommitId>,
    ) -> impl Future<Output = Result<(), GitError>> + Send;
}

/// The id of a commit: 40 hexadecimal digits in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(SmolStr);

impl CommitId {
    /// The id that `text` writes out in full.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        valid.then(|| Self(text.to_ascii_lowercase().into()))
    }

    /// The id with these 20 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
        Self(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
    }

    /// The 40 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, as Git abbreviates.
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

impl std::fmt::Display for CommitId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Name.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// When, to the second.
    pub at: Timestamp,
}

/// A commit, without its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: CommitId,
    /// Its parents, the first one first.
    pub parents: Vec<CommitId>,
    /// Who wrote it.
    pub author: Signature,
    /// Who committed it.
    pub committer: Signature,
    /// The whole message.
    pub message: String,
    /// The trailers of the message (`Signed-off-by: …`) in their order.
    pub trailers: Vec<(String, String)>,
}

impl Commit {
    /// The first line of the message.
    pub fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }

    /// The value of the first trailer called `name`, whatever its case.
    pub fn trailer(&self, name: &str) -> Option<&str> {
        self.trailers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The message of a commit that reverts this one, in Git's words.
    pub fn revert_message(&self) -> String {
        format!("Revert \"{}\"\n\nThis reverts commit {}.\n", self.subject(), self.id)
    }
}

/// A path that differs between two commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathChange {
    /// The path.
    pub path: TreePath,
    /// How.
    pub kind: PathChangeKind,
}

/// How a path differs between two commits. A file that was moved is removed and added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathChangeKind {
    /// Only the second commit has it.
    Added,
    /// Both have it, with different content or kind.
    Modified,
    /// Only the first commit has it.
    Removed,
}

/// The changes of a commit by path.
pub type FileChanges = BTreeMap<TreePath, FileChange>;

/// What happens to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// It has this content; a file that was there stays executable or not, a new one is not.
    Write(Vec<u8>),
    /// It has this content and is executable.
    WriteExecutable(Vec<u8>),
    /// It is a symbolic link to this target.
    Link(String),
    /// It is gone.
    Remove,
}

/// A commit to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCommit {
    /// The parent; `None` for the first commit of a history.
    pub parent: Option<CommitId>,
    /// What changes against the parent.
    pub changes: FileChanges,
    /// Author and committer.
    pub author: Signature,
    /// The message.
    pub message: String,
}
