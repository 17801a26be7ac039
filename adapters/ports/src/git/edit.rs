//! Brings an edit onto a branch that others write to: read, edit, commit, push; where the branch has moved by
//! then, again from the start on the new files. Never a merge, never a forced push.

use std::time::Duration;

use gitops_core::tree::{FileTree, TreePath};

use super::{CommitId, FileChange, FileChanges, GitError, GitRepository, NewCommit, Signature};
use crate::clock::Clock;

/// Where and how often [`edit_branch`] tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchEdit {
    /// The branch.
    pub branch: String,
    /// The paths whose files the edit needs; the root path means all.
    pub paths: Vec<TreePath>,
    /// Name of the author.
    pub author_name: String,
    /// Mail address of the author.
    pub author_email: String,
    /// How often the edit is made at most.
    pub attempts: u32,
    /// The wait after the first lost race; it doubles with each further one.
    pub backoff: Duration,
    /// The longest wait.
    pub backoff_limit: Duration,
}

impl BranchEdit {
    /// An edit of `branch` that needs `paths`: 20 attempts, with waits from 50 ms to 5 s.
    pub fn new(branch: impl Into<String>, paths: Vec<TreePath>) -> Self {
        Self {
            branch: branch.into(),
            paths,
            author_name: "gitops".to_owned(),
            author_email: "gitops@localhost".to_owned(),
            attempts: 20,
            backoff: Duration::from_millis(50),
            backoff_limit: Duration::from_secs(5),
        }
    }
}

/// What an edit wants to commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The files.
    pub changes: FileChanges,
    /// The message of the commit.
    pub message: String,
}

/// How [`edit_branch`] ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditOutcome {
    /// This commit is on the branch now.
    Committed(CommitId),
    /// The edit had nothing to change on the files of this commit.
    Unchanged(CommitId),
}

/// Why an edit did not reach the branch.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditError<E> {
    /// The edit itself failed.
    #[error("{0}")]
    Edit(E),
    /// The repository refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The branch moved each time.
    #[error("branch `{branch}` moved during each of {attempts} attempts")]
    Contended {
        /// The branch.
        branch: String,
        /// How often it was tried.
        attempts: u32,
    },
}

/// Makes `edit` on the newest files of a branch and publishes it as one commit; `edit` is called again on newer
/// files where another writer was faster.
///
/// A push whose answer was lost is looked up on the branch before it is tried again, so that no edit is made
/// twice. An edit without changes makes no commit.
pub async fn edit_branch<R, C, E, F>(
    repository: &R,
    clock: &C,
    target: &BranchEdit,
    mut edit: F,
) -> Result<EditOutcome, EditError<E>>
where
    R: GitRepository,
    C: Clock,
    E: Send,
    F: FnMut(&CommitId, &FileTree) -> Result<Option<Edit>, E> + Send,
{
    let mut pushed: Option<CommitId> = None;
    for attempt in 0..target.attempts {
        repository.fetch().await?;
        let head = repository.resolve(&format!("refs/heads/{}", target.branch)).await?;
        if let Some(commit) = pushed.take()
            && repository.is_ancestor(&commit, &head).await?
        {
            return Ok(EditOutcome::Committed(commit));
        }
        let tree = repository.read(&head, &target.paths).await?;
        let Some(wanted) = edit(&head, &tree).map_err(EditError::Edit)? else {
            return Ok(EditOutcome::Unchanged(head));
        };
        let wanted = Edit { changes: effective(&tree, wanted.changes), ..wanted };
        if wanted.changes.is_empty() {
            return Ok(EditOutcome::Unchanged(head));
        }
        let commit = repository.commit(&new_commit(target, clock, &head, wanted)).await?;
        match repository.push(&target.branch, &commit, Some(&head)).await {
            Ok(()) => return Ok(EditOutcome::Committed(commit)),
            Err(GitError::Rejected { .. }) => {}
            Err(error) if error.is_transient() => pushed = Some(commit),
            Err(error) => return Err(error.into()),
        }
        clock.sleep_until(clock.now().after(wait(target, attempt))).await;
    }
    lost_answer(repository, target, pushed).await
}

/// The last push may have arrived although its answer did not.
async fn lost_answer<R: GitRepository, E>(
    repository: &R,
    target: &BranchEdit,
    pushed: Option<CommitId>,
) -> Result<EditOutcome, EditError<E>> {
    if let Some(commit) = pushed {
        repository.fetch().await?;
        let head = repository.resolve(&format!("refs/heads/{}", target.branch)).await?;
        if repository.is_ancestor(&commit, &head).await? {
            return Ok(EditOutcome::Committed(commit));
        }
    }
    Err(EditError::Contended { branch: target.branch.clone(), attempts: target.attempts })
}

/// The changes without those that only write what the tree holds already.
fn effective(tree: &FileTree, mut changes: FileChanges) -> FileChanges {
    changes.retain(|path, change| match change {
        FileChange::Write(bytes) => tree.file(path).is_none_or(|file| *file.content != **bytes),
        FileChange::WriteExecutable(_) | FileChange::Link(_) | FileChange::Remove => true,
    });
    changes
}

fn new_commit(target: &BranchEdit, clock: &impl Clock, parent: &CommitId, edit: Edit) -> NewCommit {
    NewCommit {
        parent: Some(parent.clone()),
        changes: edit.changes,
        author: Signature {
            name: target.author_name.clone(),
            email: target.author_email.clone(),
            at: clock.now(),
        },
        message: edit.message,
    }
}

fn wait(target: &BranchEdit, attempt: u32) -> Duration {
    target.backoff.saturating_mul(2_u32.saturating_pow(attempt)).min(target.backoff_limit)
}
