//! What a change of a repository touches: the kustomizations and Applications that read a changed file.
//!
//! Both revisions are rendered straight from the object database. The second takes from the first what it finds
//! unchanged, so that a kustomization that reads no changed file costs a look at the files it reads.

use std::collections::{BTreeMap, BTreeSet};

use gitops_core::kustomize::{Probe, Reads};
use gitops_core::tree::TreePath;
use gitops_core::yaml;
use gitops_ports::GitRepository as _;
use gitops_ports::git::GitError;

use crate::batch::{Outcome, Revision};
use crate::range::{self, Declarations, Declared, error_of, is_same};
use crate::view::{AffectedApplicationView, AffectedKustomizationView, AffectedView, ChangeView};

/// What is asked.
#[derive(Debug)]
pub struct Question<'a> {
    /// The repository as it was.
    pub base: Revision<'a>,
    /// The repository as it is.
    pub head: Revision<'a>,
    /// Kustomizations in and below this directory are looked at; Applications everywhere.
    pub start: TreePath,
    /// Whether what renders the same is left out.
    pub rendered: bool,
}

/// One render at one revision.
struct Side {
    outcome: Outcome,
    /// What is printed for it, or why there is nothing; only where that is asked for.
    text: Option<Result<String, String>>,
}

/// What became of one kustomization.
#[derive(Debug, Clone)]
struct Verdict {
    change: ChangeView,
    files: Vec<TreePath>,
    error: Option<String>,
}

/// All that was rendered, and what became of it.
struct Renders<'a> {
    before: &'a BTreeMap<TreePath, Side>,
    after: &'a BTreeMap<TreePath, Side>,
    verdicts: &'a BTreeMap<&'a TreePath, Verdict>,
}

/// The kustomizations and Applications that the change from `base` to `head` touches, in the order of their names.
pub fn affected(question: Question<'_>) -> Result<AffectedView, GitError> {
    let Question { base, head, start, rendered } = question;
    let changed = base.runtime.block_on(base.repository.changes(&base.commit, &head.commit))?;
    let changed: BTreeSet<TreePath> = changed.into_iter().map(|change| change.path).collect();
    let commits = (base.commit.clone(), head.commit.clone());
    let declared = Declarations::find(&base, &head)?;
    let finish = |outcome: &Outcome| Side { outcome: outcome.clone(), text: rendered.then(|| text(outcome)) };
    let sides = range::render(base, head, &start, declared.directories(), finish)?;

    let (before, after) = (&sides.before, &sides.after);
    let judge = |path: &TreePath| judge(before.get(path), after.get(path), &changed, rendered);
    let all: BTreeSet<&TreePath> = before.keys().chain(after.keys()).collect();
    let verdicts: BTreeMap<&TreePath, Verdict> =
        all.into_iter().filter_map(|path| judge(path).map(|verdict| (path, verdict))).collect();
    let kustomizations = verdicts.iter().filter(|(path, _)| sides.roots.contains(**path));
    let kustomizations = kustomizations.map(|(path, verdict)| AffectedKustomizationView {
        path: path.to_string(),
        change: verdict.change,
        files: names(&verdict.files),
        error: verdict.error.clone(),
    });
    let kustomizations = kustomizations.collect();
    let renders = Renders { before, after, verdicts: &verdicts };
    let applications = declared.applications().filter_map(|(was, is)| {
        let application = is.or(was)?;
        let verdict = judge_application(was, is, &changed, &renders)?;
        Some(AffectedApplicationView {
            namespace: application.object.key.namespace.to_string(),
            name: application.object.key.name.to_string(),
            change: verdict.change,
            files: names(&verdict.files),
            error: verdict.error,
        })
    });
    Ok(AffectedView::new((commits.0.as_str(), commits.1.as_str()), kustomizations, applications.collect()))
}

fn names(paths: &[TreePath]) -> Vec<String> {
    paths.iter().map(ToString::to_string).collect()
}

fn text(outcome: &Outcome) -> Result<String, String> {
    match outcome {
        Outcome::Rendered(rendered) => {
            let roots: Vec<_> = rendered.objects.iter().map(|object| &object.root).collect();
            yaml::print(&roots).map_err(|error| error.to_string())
        }
        Outcome::Failed(_) | Outcome::Unreadable(_) => Err(error_of(outcome).unwrap_or_default()),
    }
}

/// What became of a kustomization that was there before, is there after, or both; nothing where it is untouched.
fn judge(
    before: Option<&Side>,
    after: Option<&Side>,
    changed: &BTreeSet<TreePath>,
    rendered: bool,
) -> Option<Verdict> {
    let (before, after) = match (before, after) {
        (None, None) => return None,
        (Some(before), Some(after)) => (before, after),
        (Some(one), None) | (None, Some(one)) => {
            let change = if after.is_some() { ChangeView::Added } else { ChangeView::Removed };
            let error = after.and_then(|after| error_of(&after.outcome));
            return Some(Verdict { change, files: touched(&[one], changed), error });
        }
    };
    if is_same(&before.outcome, &after.outcome) || rendered && before.text == after.text {
        return None;
    }
    let (was, is) = (error_of(&before.outcome), error_of(&after.outcome));
    let change = match (&was, &is) {
        (None, Some(_)) => ChangeView::Broken,
        (Some(_), None) => ChangeView::Mended,
        (None, None) | (Some(_), Some(_)) => ChangeView::Modified,
    };
    Some(Verdict { change, files: touched(&[before, after], changed), error: is })
}

/// The changed files that one of the renders looked at.
fn touched(sides: &[&Side], changed: &BTreeSet<TreePath>) -> Vec<TreePath> {
    let reads: Vec<&Reads> = sides.iter().filter_map(|side| reads_of(&side.outcome)).collect();
    changed.iter().filter(|path| reads.iter().any(|reads| looks_at(reads, path))).cloned().collect()
}

fn reads_of(outcome: &Outcome) -> Option<&Reads> {
    match outcome {
        Outcome::Rendered(rendered) => Some(&rendered.reads),
        Outcome::Failed(failed) => Some(&failed.reads),
        Outcome::Unreadable(_) => None,
    }
}

/// Whether `path`, or an absent directory that it would be in, was looked at.
fn looks_at(reads: &Reads, path: &TreePath) -> bool {
    let parents = std::iter::successors(path.parent(), TreePath::parent);
    reads.is_affected_by(path)
        || parents.filter(|parent| !parent.is_root()).any(|parent| reads.get(&parent) == Some(&Probe::Absent))
}

/// What became of an Application: of its manifest, of the kustomizations that it names, or of other files there.
fn judge_application(
    was: Option<&Declared>,
    is: Option<&Declared>,
    changed: &BTreeSet<TreePath>,
    renders: &Renders<'_>,
) -> Option<Verdict> {
    let manifests: BTreeSet<&TreePath> = was.into_iter().chain(is).map(|one| &one.file).collect();
    let own: Vec<TreePath> = manifests.into_iter().filter(|path| changed.contains(*path)).cloned().collect();
    let (was, is) = match (was, is) {
        (Some(was), Some(is)) => (was, is),
        (None, Some(_)) => return Some(Verdict { change: ChangeView::Added, files: own, error: None }),
        (Some(_), None) => return Some(Verdict { change: ChangeView::Removed, files: own, error: None }),
        (None, None) => return None,
    };
    let mut files: BTreeSet<TreePath> = BTreeSet::new();
    let mut verdict = None;
    if was.object.root.get("spec") != is.object.root.get("spec") {
        files.extend(own);
        verdict = Some(ChangeView::Modified);
    }
    let mut error = None;
    for directory in &is.directories {
        if let Some(found) = renders.verdicts.get(directory) {
            files.extend(found.files.iter().cloned());
            error = error.or_else(|| found.error.clone());
            verdict = Some(match found.change {
                ChangeView::Broken | ChangeView::Removed => found.change,
                ChangeView::Added | ChangeView::Mended | ChangeView::Modified => ChangeView::Modified,
            });
        } else if !renders.before.contains_key(directory) && !renders.after.contains_key(directory) {
            let below: Vec<&TreePath> = changed.iter().filter(|path| path.is_within(directory)).collect();
            if !below.is_empty() {
                verdict = verdict.or(Some(ChangeView::Modified));
                files.extend(below.into_iter().cloned());
            }
        }
    }
    verdict.map(|change| Verdict { change, files: files.into_iter().collect(), error })
}
