//! Commits and reverts, straight into the object database.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{ObjectType, Oid};
use gitops_core::tree::TreePath;
use gitops_ports::git::{CommitId, FileChange, FileChanges, GitError, NewCommit, PathChangeKind};

use crate::failure::{bad_path, failed};
use crate::history::tree_changes;
use crate::read::DEPTH_LIMIT;
use crate::repository::{commit_id, find_commit};

const FILE: i32 = 0o100_644;
const EXECUTABLE: i32 = 0o100_755;
const LINK: i32 = 0o120_000;
const DIRECTORY: i32 = 0o040_000;

/// Writes a commit; no branch moves.
pub(crate) fn commit(git: &git2::Repository, new: &NewCommit) -> Result<CommitId, GitError> {
    let context = || failed("writing a commit");
    let parent = new.parent.as_ref().map(|id| find_commit(git, id)).transpose()?;
    let base = parent.as_ref().map(git2::Commit::tree).transpose().map_err(context())?;
    let changes: Vec<Change<'_>> = new
        .changes
        .iter()
        .map(|(path, change)| Change { path, parts: path.parts().collect(), wanted: change })
        .collect();
    for change in &changes {
        if change.parts.is_empty() {
            return Err(bad_path(change.path.as_str(), "the root of a tree is no file"));
        }
        if change.parts.len() > DEPTH_LIMIT {
            return Err(bad_path(change.path.as_str(), "directories nest too deeply"));
        }
    }
    let tree = match write_tree(git, base.as_ref(), &changes)? {
        Some(id) => id,
        None => git.treebuilder(None).and_then(|empty| empty.write()).map_err(context())?,
    };
    let tree = git.find_tree(tree).map_err(context())?;
    let time = git2::Time::new(new.author.at.as_seconds(), 0);
    let author = git2::Signature::new(&new.author.name, &new.author.email, &time).map_err(context())?;
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    git.commit(None, &author, &author, &new.message, &tree, &parents).map(commit_id).map_err(context())
}

#[derive(Clone)]
struct Change<'a> {
    path: &'a TreePath,
    /// What of the path is below the directory at hand.
    parts: Vec<&'a str>,
    wanted: &'a FileChange,
}

/// Writes `base` with the changes; `None` where nothing is left, since Git has no empty directories.
fn write_tree(
    git: &git2::Repository,
    base: Option<&git2::Tree<'_>>,
    changes: &[Change<'_>],
) -> Result<Option<Oid>, GitError> {
    let context = || failed("writing a tree");
    let mut builder = git.treebuilder(base).map_err(context())?;
    let mut directories: BTreeMap<&str, Vec<Change<'_>>> = BTreeMap::new();
    for change in changes {
        match change.parts.as_slice() {
            [] => {}
            [name] => write_file(git, &mut builder, name, change)?,
            [name, below @ ..] => {
                let below = Change { parts: below.to_vec(), ..change.clone() };
                directories.entry(*name).or_default().push(below);
            }
        }
    }
    for (name, below) in directories {
        let there = builder.get(name).map_err(context())?.map(|entry| (entry.id(), entry.kind()));
        let sub = match there {
            Some((id, Some(ObjectType::Tree))) => Some(git.find_tree(id).map_err(context())?),
            Some(_) if below.iter().any(|change| *change.wanted != FileChange::Remove) => {
                let path = below.first().map_or(name, |change| change.path.as_str());
                return Err(bad_path(path, format!("`{name}` on the way is a file")));
            }
            Some(_) => continue,
            None => None,
        };
        match write_tree(git, sub.as_ref(), &below)? {
            Some(id) => {
                builder.insert(name, id, DIRECTORY).map_err(context())?;
            }
            None if there.is_some() => builder.remove(name).map_err(context())?,
            None => {}
        }
    }
    if builder.is_empty() { Ok(None) } else { builder.write().map(Some).map_err(context()) }
}

fn write_file(
    git: &git2::Repository,
    builder: &mut git2::TreeBuilder<'_>,
    name: &str,
    change: &Change<'_>,
) -> Result<(), GitError> {
    let context = || failed(format!("writing `{}`", change.path));
    let there = builder.get(name).map_err(context())?.map(|entry| entry.filemode());
    let (bytes, mode) = match change.wanted {
        FileChange::Write(bytes) => {
            (bytes.as_slice(), if there == Some(EXECUTABLE) { EXECUTABLE } else { FILE })
        }
        FileChange::WriteExecutable(bytes) => (bytes.as_slice(), EXECUTABLE),
        FileChange::Link(target) => (target.as_bytes(), LINK),
        FileChange::Remove => {
            return if there.is_some() { builder.remove(name).map_err(context()) } else { Ok(()) };
        }
    };
    if there == Some(DIRECTORY) {
        return Err(bad_path(change.path.as_str(), "a directory is there"));
    }
    let blob = git.blob(bytes).map_err(context())?;
    builder.insert(name, blob, mode).map(|_| ()).map_err(context())
}

/// The changes that undo a commit on top of another; a merge is undone towards its first parent.
pub(crate) fn revert(
    git: &git2::Repository,
    commit: &CommitId,
    onto: &CommitId,
) -> Result<FileChanges, GitError> {
    let context = || failed(format!("reverting {commit}"));
    let (undone, ours) = (find_commit(git, commit)?, find_commit(git, onto)?);
    let mainline = u32::from(undone.parent_count() > 1);
    let mut index = git.revert_commit(&undone, &ours, mainline, None).map_err(context())?;
    if index.has_conflicts() {
        let conflicts = index.conflicts().map_err(context())?;
        let mut paths: Vec<String> = conflicts
            .flatten()
            .filter_map(|conflict| conflict.our.or(conflict.ancestor).or(conflict.their))
            .map(|entry| format!("`{}`", String::from_utf8_lossy(&entry.path)))
            .collect();
        paths.sort();
        return Err(GitError::RevertConflict { commit: commit.clone(), paths });
    }
    let reverted = index.write_tree_to(git).and_then(|id| git.find_tree(id)).map_err(context())?;
    let before = ours.tree().map_err(context())?;
    let mut changes = FileChanges::new();
    for change in tree_changes(git, &before, &reverted)? {
        let made = match change.kind {
            PathChangeKind::Removed => FileChange::Remove,
            PathChangeKind::Added | PathChangeKind::Modified => file_change(git, &reverted, &change.path)?,
        };
        changes.insert(change.path, made);
    }
    Ok(changes)
}

fn file_change(
    git: &git2::Repository,
    tree: &git2::Tree<'_>,
    path: &TreePath,
) -> Result<FileChange, GitError> {
    let context = || failed(format!("reading `{path}`"));
    let entry = tree.get_path(Path::new(path.as_str())).map_err(context())?;
    let bytes = git.find_blob(entry.id()).map_err(context())?.content().to_vec();
    Ok(match entry.filemode() {
        LINK => FileChange::Link(String::from_utf8_lossy(&bytes).into_owned()),
        EXECUTABLE => FileChange::WriteExecutable(bytes),
        _ => FileChange::Write(bytes),
    })
}
