//! What happened: logs, differences, the author of a line.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::path::Path;

use git2::{Delta, Oid};
use gitops_core::time::Timestamp;
use gitops_core::tree::TreePath;
use gitops_ports::git::{Commit, CommitId, GitError, PathChange, PathChangeKind, Signature};

use crate::failure::{bad_path, failed};
use crate::repository::{commit_id, find_commit};

/// How many commits a log looks at.
const WALK_LIMIT: usize = 500_000;

/// The newest commits that changed `path`, as `git log` simplifies history: where a merge took one parent's
/// version unchanged, only that parent is followed.
pub(crate) fn log(
    git: &git2::Repository,
    from: &CommitId,
    path: &TreePath,
    limit: usize,
) -> Result<Vec<Commit>, GitError> {
    let start = find_commit(git, from)?;
    let mut walk = Walk::default();
    walk.push(&start);
    let mut found = vec![];
    while found.len() < limit
        && walk.seen.len() < WALK_LIMIT
        && let Some(commit) = walk.next(git)?
    {
        let here = entry_at(&commit, path)?;
        let mut parents = vec![];
        for parent in commit.parents() {
            parents.push((entry_at(&parent, path)?, parent));
        }
        let unchanged = parents.iter().find(|(there, _)| *there == here && !path.is_root());
        if let Some((_, parent)) = unchanged {
            walk.push(parent);
            continue;
        }
        for (_, parent) in &parents {
            walk.push(parent);
        }
        if here.is_some() || !parents.is_empty() {
            found.push(describe(&commit));
        }
    }
    Ok(found)
}

/// Commits by time, newest first; of the same time, the one that was met first.
#[derive(Default)]
struct Walk {
    queue: BinaryHeap<(i64, Reverse<usize>, Oid)>,
    seen: BTreeSet<Oid>,
}

impl Walk {
    fn push(&mut self, commit: &git2::Commit<'_>) {
        if self.seen.insert(commit.id()) {
            self.queue.push((commit.time().seconds(), Reverse(self.seen.len()), commit.id()));
        }
    }

    fn next<'a>(&mut self, git: &'a git2::Repository) -> Result<Option<git2::Commit<'a>>, GitError> {
        let Some((_, _, id)) = self.queue.pop() else { return Ok(None) };
        git.find_commit(id).map(Some).map_err(failed(format!("reading {id}")))
    }
}

/// What stands at `path` in a commit.
fn entry_at(commit: &git2::Commit<'_>, path: &TreePath) -> Result<Option<(Oid, i32)>, GitError> {
    let tree = commit.tree().map_err(failed(format!("reading {}", commit.id())))?;
    if path.is_root() {
        return Ok(Some((tree.id(), 0)));
    }
    match tree.get_path(Path::new(path.as_str())) {
        Ok(entry) => Ok(Some((entry.id(), entry.filemode()))),
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(failed(format!("reading `{path}` in {}", commit.id()))(error)),
    }
}

/// The port's form of a commit.
pub(crate) fn describe(commit: &git2::Commit<'_>) -> Commit {
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    let trailers = git2::message_trailers_strs(&message)
        .map(|trailers| trailers.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
        .unwrap_or_default();
    Commit {
        id: commit_id(commit.id()),
        parents: commit.parent_ids().map(commit_id).collect(),
        author: signature(&commit.author()),
        committer: signature(&commit.committer()),
        message,
        trailers,
    }
}

fn signature(signature: &git2::Signature<'_>) -> Signature {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Signature {
        name: text(signature.name_bytes()),
        email: text(signature.email_bytes()),
        at: Timestamp::from_seconds(signature.when().seconds()),
    }
}

/// The files that differ between two commits, in the order of their paths.
pub(crate) fn changes(
    git: &git2::Repository,
    from: &CommitId,
    to: &CommitId,
) -> Result<Vec<PathChange>, GitError> {
    let context = || failed(format!("comparing {from} with {to}"));
    let old = find_commit(git, from)?.tree().map_err(context())?;
    let new = find_commit(git, to)?.tree().map_err(context())?;
    tree_changes(git, &old, &new)
}

/// The files that differ between two trees, in the order of their paths.
pub(crate) fn tree_changes(
    git: &git2::Repository,
    old: &git2::Tree<'_>,
    new: &git2::Tree<'_>,
) -> Result<Vec<PathChange>, GitError> {
    let diff = git.diff_tree_to_tree(Some(old), Some(new), None).map_err(failed("comparing trees"))?;
    let mut changes = vec![];
    for delta in diff.deltas() {
        let status = delta.status();
        let kind = if status == Delta::Added {
            PathChangeKind::Added
        } else if status == Delta::Deleted {
            PathChangeKind::Removed
        } else {
            PathChangeKind::Modified
        };
        let file = if kind == PathChangeKind::Removed { delta.old_file() } else { delta.new_file() };
        let name = String::from_utf8_lossy(file.path_bytes().unwrap_or_default()).into_owned();
        let path = TreePath::parse(&name).map_err(|error| bad_path(name, error.to_string()))?;
        changes.push(PathChange { path, kind });
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}

/// How many commits back a line is followed; an older one is given to the last commit that is looked at.
const BLAME_LIMIT: usize = 10_000;

/// The commit that last changed a line.
pub(crate) fn blame(
    git: &git2::Repository,
    commit: &CommitId,
    path: &TreePath,
    line: u32,
) -> Result<Commit, GitError> {
    let missing = || GitError::NoSuchLine { path: path.to_string(), line, commit: commit.clone() };
    blame_lines(git, commit, path, &BTreeSet::from([line]))?.remove(&line).ok_or_else(missing)
}

/// The commits that last changed `lines`; a line that the file does not have is left out.
pub(crate) fn blame_lines(
    git: &git2::Repository,
    commit: &CommitId,
    path: &TreePath,
    lines: &BTreeSet<u32>,
) -> Result<BTreeMap<u32, Commit>, GitError> {
    let newest = find_commit(git, commit)?;
    let tree = newest.tree().map_err(failed(format!("reading {commit}")))?;
    let blob = tree.get_path(Path::new(path.as_str())).and_then(|entry| git.find_blob(entry.id()));
    let Ok(blob) = blob else { return Ok(BTreeMap::new()) };
    let length = blob.content().split_inclusive(|byte| *byte == b'\n').count();
    let numbers = lines.iter().filter_map(|line| Some((*line, usize::try_from(*line).ok()?)));
    let wanted: Vec<(u32, usize)> = numbers.filter(|(_, at)| (1..=length).contains(at)).collect();
    let (Some((_, first)), Some((_, last))) = (wanted.first(), wanted.last()) else {
        return Ok(BTreeMap::new());
    };
    let mut options = git2::BlameOptions::new();
    options.newest_commit(newest.id()).min_line(*first).max_line(*last);
    if let Some(oldest) = ancestor(git, &newest, BLAME_LIMIT)? {
        options.oldest_commit(oldest);
    }
    let blame = git
        .blame_file(Path::new(path.as_str()), Some(&mut options))
        .map_err(failed(format!("looking for the author of `{path}`:{first}")))?;
    let mut found = BTreeMap::new();
    for (line, at) in wanted {
        if let Some(hunk) = blame.get_line(at) {
            let author = find_commit(git, &commit_id(hunk.final_commit_id()))?;
            found.insert(line, describe(&author));
        }
    }
    Ok(found)
}

/// The ancestor so many first parents back; `None` where the history is shorter.
fn ancestor(
    git: &git2::Repository,
    from: &git2::Commit<'_>,
    distance: usize,
) -> Result<Option<Oid>, GitError> {
    let mut walk = git.revwalk().map_err(failed("walking the history"))?;
    walk.push(from.id())
        .and_then(|()| walk.simplify_first_parent())
        .map_err(failed("walking the history"))?;
    walk.nth(distance).transpose().map_err(failed("walking the history"))
}

/// The newest commit from which both lead on.
pub(crate) fn merge_base(
    git: &git2::Repository,
    one: &CommitId,
    other: &CommitId,
) -> Result<CommitId, GitError> {
    let (a, b) = (find_commit(git, one)?, find_commit(git, other)?);
    git.merge_base(a.id(), b.id())
        .map(commit_id)
        .map_err(failed(format!("looking for a common ancestor of {one} and {other}")))
}

pub(crate) fn is_ancestor(
    git: &git2::Repository,
    ancestor: &CommitId,
    commit: &CommitId,
) -> Result<bool, GitError> {
    if ancestor == commit {
        return Ok(true);
    }
    let newer = find_commit(git, commit)?;
    // A commit that is not here is no ancestor of one that is.
    let Ok(older) = find_commit(git, ancestor) else { return Ok(false) };
    git.graph_descendant_of(newer.id(), older.id())
        .map_err(failed(format!("looking for {ancestor} among the ancestors of {commit}")))
}
