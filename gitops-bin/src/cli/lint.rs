//! `gitops lint`: what builds and is a trap.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::slice;

use gitops_core::diagnostic::Diagnostic;
use gitops_core::kustomize::{Cache, Reads, RenderOptions};
use gitops_core::lint;
use gitops_core::tree::{FileTree, TreePath};
use smol_str::SmolStr;

use super::build::{LoadRestrictor, Place};
use super::findings::{Choice, Report};
use super::progress::Progress;
use super::source_line::SourceLines;
use super::{Exit, Failure, Global, kustomizations};
use crate::batch::{Batch, Disk, Loaded, Outcome};
use crate::source::MOST_LOADED;

/// Look for what builds and is a trap; exits with 1 when there is a warning or an error
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Of a directory without a kustomization, every kustomization below it is looked at that no \
                  other one includes.\nA comment `# gitops-lint: ignore GK004 reason` on the line, or above it, \
                  takes a finding back.\n\nExit codes: 0 no finding that `--fail-on` names, 1 a finding, 2 a wrong \
                  command line or a missing directory.\n\nExamples:\n  gitops lint k8s/overlays/prod\n  gitops lint . \
                  -o sarif > lint.sarif\n  gitops lint --explain GK001"
)]
pub(super) struct Arguments {
    /// The directory of a kustomization, or of several
    #[arg(default_value = ".")]
    directory: PathBuf,
    /// Which files a kustomization may name
    #[arg(long, value_name = "RULE", default_value = "LoadRestrictionsRootOnly")]
    load_restrictor: LoadRestrictor,
    #[command(flatten)]
    choice: Choice,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<Exit, Failure> {
    let rules = lint::rules();
    if let Some(exit) = arguments.choice.begin(&rules)? {
        return Ok(exit);
    }
    let place = Place::of(&arguments.directory)?;
    let options = RenderOptions {
        load_restrictions: arguments.load_restrictor.into(),
        notes_effects: true,
        ..RenderOptions::default()
    };
    let fetcher = global.fetching.fetcher(MOST_LOADED);
    let mut batch = Batch::new(Disk { root: place.root.clone() }, options, Cache::new()).fetching(fetcher);
    let sign = Progress::start("looking for kustomizations");
    let roots = roots(&mut batch, &place, &arguments.directory)?;
    drop(sign);
    let sign = Progress::start(format!("looking at {} kustomizations", roots.len()));
    let looked = batch.render(&roots, false, |_, outcome, loaded| look(outcome, loaded));
    let looked = looked.map_err(|error| kustomizations::refused(&error))?;
    let looked = looked.into_iter().collect::<Result<Vec<Looked>, Failure>>()?;
    let mut findings = lint::unreferenced(batch.tree(), looked.iter().map(|looked| &looked.reads));
    findings.extend(looked.into_iter().flat_map(|looked| looked.findings));
    lint::sort(&mut findings);
    drop(sign);
    // What is wrong elsewhere, in a base that was fetched, cannot be mended here.
    let is_here =
        |finding: &Diagnostic| finding.code == "GK020" || place.root.join(&finding.at.path).exists();
    findings.retain(|finding| is_here(finding) && arguments.choice.wants(finding, &rules));
    let lines = lines(batch.tree(), &findings);
    let line = |finding: &Diagnostic| {
        let lines = lines.get(&finding.at.path).and_then(Option::as_ref);
        lines.map(|lines| lines.line(&finding.at)).unwrap_or_default()
    };
    Report { verb: "lint", rules: &rules, findings: &findings, line: &line }.print(arguments.choice.form)?;
    Ok(arguments.choice.exit(&findings))
}

/// The directory itself where it has a kustomization; else those below it that no other of them includes.
/// Components are looked at by what includes them.
fn roots(batch: &mut Batch<Disk>, place: &Place, directory: &Path) -> Result<Vec<TreePath>, Failure> {
    let own = batch.those_that_exist(slice::from_ref(&place.path).iter());
    match own.map_err(|error| kustomizations::refused(&error))? {
        own if own.is_empty() => kustomizations::roots(batch, place, directory),
        own => Ok(own),
    }
}

/// The lines of the files that findings are in.
fn lines<'t>(tree: &'t FileTree, findings: &[Diagnostic]) -> BTreeMap<SmolStr, Option<SourceLines<'t>>> {
    let paths: BTreeSet<&SmolStr> = findings.iter().map(|finding| &finding.at.path).collect();
    let lines = |path: &SmolStr| SourceLines::of(&tree.file(&TreePath::parse(path).ok()?)?.content);
    paths.into_iter().map(|path| (path.clone(), lines(path))).collect()
}

/// What one render read, and what was found in it.
struct Looked {
    reads: Reads,
    findings: Vec<Diagnostic>,
}

/// Looks at one render.
fn look(outcome: &Outcome, loaded: Loaded<'_>) -> Result<Looked, Failure> {
    let (reads, result) = match outcome {
        Outcome::Rendered(rendered) => (&rendered.reads, Ok(rendered.as_ref())),
        Outcome::Failed(failed) => (&failed.reads, Err(&failed.error)),
        Outcome::Unreadable(why) => return Err(kustomizations::unreadable(why)),
    };
    Ok(Looked { reads: reads.clone(), findings: lint::lint(loaded.tree, reads, result) })
}
