//! Publishing: moving a branch of the upstream, if and only if it still stands where the caller saw it.
//!
//! libgit2's own push to a local repository overwrites a branch that moved after it looked, so a race would lose
//! a commit. Here the objects are copied first, and the reference is moved under Git's lock with its old value
//! as the condition.

use git2::{ErrorCode, ObjectType, Oid};
use gitops_ports::git::{CommitId, GitError};

use crate::failure::failed;
use crate::history::is_ancestor;
use crate::repository::{Upstream, find_commit};

pub(crate) fn push(
    git: &git2::Repository,
    upstream: &Upstream,
    branch: &str,
    commit: &CommitId,
    expected: Option<&CommitId>,
) -> Result<(), GitError> {
    let context = || failed(format!("pushing to `{branch}`"));
    let name = if branch.starts_with("refs/") { branch.to_owned() } else { format!("refs/heads/{branch}") };
    let new = find_commit(git, commit)?.id();
    if let Some(old) = expected
        && !is_ancestor(git, old, commit)?
    {
        let message = format!("{commit} does not descend from {old}");
        return Err(GitError::Repository { context: format!("pushing to `{branch}`"), message });
    }
    match upstream {
        Upstream::Here => move_reference(git, &name, new, expected),
        Upstream::Local(path) => {
            let there = git2::Repository::open(path).map_err(context())?;
            copy(git, &there, new)?;
            move_reference(&there, &name, new, expected)?;
            // What was just published is known here without another fetch.
            let seen = name.strip_prefix("refs/heads/").map(|branch| format!("refs/remotes/origin/{branch}"));
            let seen = seen.unwrap_or(name);
            git.reference(&seen, new, true, "").map(|_| ()).map_err(context())
        }
    }
}

/// Moves a reference from its expected value, or makes it where none is expected.
fn move_reference(
    git: &git2::Repository,
    name: &str,
    new: Oid,
    expected: Option<&CommitId>,
) -> Result<(), GitError> {
    refuse_checked_out(git, name)?;
    let moved = match expected {
        Some(old) => {
            let old = Oid::from_str(old.as_str()).map_err(failed("reading an id"))?;
            git.reference_matching(name, new, true, old, "push")
        }
        None => git.reference(name, new, false, "push"),
    };
    moved.map(|_| ()).map_err(|error| {
        if matches!(error.code(), ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound) {
            let branch = name.strip_prefix("refs/heads/").unwrap_or(name).to_owned();
            return GitError::Rejected { branch };
        }
        failed(format!("moving `{name}`"))(error)
    })
}

/// The branch that a work tree shows must not move beneath it, as Git refuses by default.
fn refuse_checked_out(git: &git2::Repository, name: &str) -> Result<(), GitError> {
    let head = git.find_reference("HEAD").ok();
    let shown = head.as_ref().and_then(|head| head.symbolic_target().ok().flatten());
    if git.is_bare() || shown != Some(name) {
        return Ok(());
    }
    Err(GitError::Repository {
        context: format!("pushing to `{name}`"),
        message: "it is checked out there; use a bare repository as upstream".to_owned(),
    })
}

/// Copies a commit with all that it needs. An object is written after everything that it refers to, so an object
/// that is there is complete.
fn copy(from: &git2::Repository, to: &git2::Repository, commit: Oid) -> Result<(), GitError> {
    let context = || failed("copying objects to the upstream");
    let (source, target) = (from.odb().map_err(context())?, to.odb().map_err(context())?);
    let mut open = vec![(commit, false)];
    while let Some((id, complete)) = open.pop() {
        if !complete && target.exists(id) {
            continue;
        }
        let object = source.read(id).map_err(context())?;
        let needed = if complete { vec![] } else { references(from, id, object.kind())? };
        if needed.is_empty() {
            target.write(object.kind(), object.data()).map_err(context())?;
        } else {
            open.push((id, true));
            open.extend(needed.into_iter().map(|each| (each, false)));
        }
    }
    Ok(())
}

/// The objects that an object refers to.
fn references(git: &git2::Repository, id: Oid, kind: ObjectType) -> Result<Vec<Oid>, GitError> {
    let context = || failed(format!("reading {id}"));
    Ok(match kind {
        ObjectType::Commit => {
            let commit = git.find_commit(id).map_err(context())?;
            commit.parent_ids().chain([commit.tree_id()]).collect()
        }
        ObjectType::Tree => {
            let tree = git.find_tree(id).map_err(context())?;
            let inside = tree.iter().filter(|entry| entry.kind() != Some(ObjectType::Commit));
            inside.map(|entry| entry.id()).collect()
        }
        ObjectType::Any | ObjectType::Blob | ObjectType::Tag => vec![],
    })
}
