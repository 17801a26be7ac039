//! One edit of one kustomization file as a commit on a branch.

use gitops_core::image::{self, EditError, ImageUpdate};
use gitops_core::tree::TreePath;
use gitops_ports::git::{self, BranchEdit, CommitId, Edit, EditOutcome, FileChange};
use gitops_ports::{Clock, GitRepository};

use super::DriverError;

/// What is to be committed.
#[derive(Debug, Clone)]
pub(super) struct TagChange {
    /// The branch.
    pub(super) branch: String,
    /// The kustomization file.
    pub(super) path: TreePath,
    /// Its bytes when the change was decided: where they are others by now, the change is decided again.
    pub(super) seen: std::sync::Arc<[u8]>,
    /// The images.
    pub(super) updates: Vec<ImageUpdate>,
    /// The message of the commit.
    pub(super) message: String,
}

/// Commits the change, unless the file is another by now. Returns the commit that was made.
pub(super) async fn commit<G: GitRepository, C: Clock>(
    repository: &G,
    clock: &C,
    change: &TagChange,
) -> Result<Option<CommitId>, DriverError> {
    let target = BranchEdit {
        author_name: "gitops".to_owned(),
        author_email: "gitops@localhost".to_owned(),
        ..BranchEdit::new(change.branch.as_str(), vec![change.path.clone()])
    };
    let outcome = git::edit_branch(repository, clock, &target, |_, tree| {
        let Some(file) = tree.file(&change.path).filter(|file| *file.content == *change.seen) else {
            return Ok::<_, EditError>(None);
        };
        let bytes = image::edit::edit_file(change.path.as_str(), &file.content, &change.updates)?;
        let changes = [(change.path.clone(), FileChange::Write(bytes))].into();
        Ok(Some(Edit { changes, message: change.message.clone() }))
    })
    .await;
    match outcome {
        Ok(EditOutcome::Committed(commit)) => Ok(Some(commit)),
        Ok(EditOutcome::Unchanged(_)) => Ok(None),
        Err(git::EditError::Git(error)) => Err(error.into()),
        Err(error) => Err(DriverError::Outside(error.to_string())),
    }
}

/// The change as a unified diff, without committing it.
pub(super) fn preview(change: &TagChange) -> Result<String, DriverError> {
    let after = image::edit::edit_file(change.path.as_str(), &change.seen, &change.updates)
        .map_err(|error| DriverError::usage(error.to_string()))?;
    let (before, after) = (String::from_utf8_lossy(&change.seen), String::from_utf8_lossy(&after));
    let mut text = String::new();
    if before != after {
        let path = change.path.as_str();
        text = crate::unified::diff(&before, &after, &format!("a/{path}"), &format!("b/{path}"));
    }
    Ok(text)
}
