//! Two revisions of a repository side by side: what they declare, and what they render.
//!
//! Both are read straight from the object database. The second takes from the first what it finds unchanged.

mod declared;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gitops_core::kustomize::{Cache, RenderOptions};
use gitops_core::tree::TreePath;
use gitops_ports::GitRepository as _;
use gitops_ports::git::{CommitId, GitError};

use crate::batch::{Batch, Outcome, Revision};
pub use declared::{Declarations, Declared, Definition, Pair, directory};

/// The two ends of a range as the command line writes it: `BASE..HEAD`, `BASE...HEAD`, or `BASE` alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The revision before.
    pub base: String,
    /// The revision after.
    pub head: String,
    /// Whether the comparison starts where the two parted: `...`.
    pub from_merge_base: bool,
}

impl Range {
    /// Reads a range. An end that is left out is `HEAD`.
    pub fn parse(text: &str) -> Self {
        let or_head = |text: &str| if text.is_empty() { "HEAD".to_owned() } else { text.to_owned() };
        let (base, head, from_merge_base) = match (text.split_once("..."), text.split_once("..")) {
            (Some((base, head)), _) => (base, head, true),
            (None, Some((base, head))) => (base, head, false),
            (None, None) => (text, "", false),
        };
        Self { base: or_head(base), head: or_head(head), from_merge_base }
    }
}

/// The commits that a range compares.
pub fn resolve(
    range: &Range,
    repository: &gitops_git::Repository,
    runtime: &tokio::runtime::Runtime,
) -> Result<(CommitId, CommitId), GitError> {
    let base = runtime.block_on(repository.resolve(&range.base))?;
    let head = runtime.block_on(repository.resolve(&range.head))?;
    let base = if range.from_merge_base { repository.merge_base(&base, &head)? } else { base };
    Ok((base, head))
}

/// What was made of the kustomizations of both revisions.
#[derive(Debug)]
pub struct Sides<T> {
    /// Those that no other kustomization includes, at one revision or the other.
    pub roots: BTreeSet<TreePath>,
    /// What was made of each at the revision before; one that was not there is left out.
    pub before: BTreeMap<TreePath, T>,
    /// What was made of each at the revision after.
    pub after: BTreeMap<TreePath, T>,
}

/// Renders the kustomizations in and below `start` that no other one includes, and those in `further`, at both
/// revisions. `finish` makes of each outcome what is wanted, on all cores.
pub fn render<T: Send>(
    base: Revision<'_>,
    head: Revision<'_>,
    start: &TreePath,
    further: impl Iterator<Item = TreePath>,
    finish: impl Fn(&Outcome) -> T + Sync,
) -> Result<Sides<T>, GitError> {
    let mut base = Batch::new(base, RenderOptions::default(), Cache::new());
    let base_roots = base.find_roots(start)?;
    let mut head = Batch::new(head, RenderOptions::default(), base.cache().clone());
    let head_roots = head.find_roots(start)?;
    let roots: BTreeSet<TreePath> = base_roots.into_iter().chain(head_roots).collect();
    let all: BTreeSet<TreePath> = roots.iter().cloned().chain(further).collect();
    let before = render_those_there(&mut base, &all, &finish)?;
    head.learn(base.into_cache());
    let after = render_those_there(&mut head, &all, &finish)?;
    Ok(Sides { roots, before, after })
}

fn render_those_there<T: Send>(
    batch: &mut Batch<Revision<'_>>,
    all: &BTreeSet<TreePath>,
    finish: &(impl Fn(&Outcome) -> T + Sync),
) -> Result<BTreeMap<TreePath, T>, GitError> {
    let there = batch.those_that_exist(all.iter())?;
    let made = batch.render(&there, true, |_, outcome, _| finish(outcome))?;
    Ok(there.into_iter().zip(made).collect())
}

/// Why there is no render; nothing where there is one.
pub fn error_of(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Rendered(_) => None,
        Outcome::Failed(failed) => Some(failed.error.to_string()),
        Outcome::Unreadable(why) => Some(why.error.to_string()),
    }
}

/// Whether all that was looked at is the same: the second outcome was then taken from the first.
pub fn is_same(before: &Outcome, after: &Outcome) -> bool {
    match (before, after) {
        (Outcome::Rendered(before), Outcome::Rendered(after)) => Arc::ptr_eq(before, after),
        (Outcome::Failed(before), Outcome::Failed(after)) => before.reads == after.reads,
        (Outcome::Unreadable(before), Outcome::Unreadable(after)) => before == after,
        (Outcome::Rendered(_) | Outcome::Failed(_) | Outcome::Unreadable(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_git() {
        let range = |text| {
            let Range { base, head, from_merge_base } = Range::parse(text);
            (base, head, from_merge_base)
        };
        let parts = |base: &str, head: &str, from| (base.to_owned(), head.to_owned(), from);
        assert_eq!(range("main..HEAD~1"), parts("main", "HEAD~1", false));
        assert_eq!(range("main...x"), parts("main", "x", true));
        assert_eq!(range("v1"), parts("v1", "HEAD", false));
        assert_eq!(range("..x"), parts("HEAD", "x", false));
    }
}
