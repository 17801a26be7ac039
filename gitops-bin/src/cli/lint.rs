//! `gitops lint`: what builds and is a trap.

mod discovery;

use std::path::PathBuf;
use std::sync::Arc;

use gitops_core::diagnostic::Diagnostic;
use gitops_core::kustomize::{self, Cache, Reads, RenderOptions};
use gitops_core::lint;
use gitops_core::tree::{FileTree, TreePath};
use gitops_git::Limits;
use gitops_git::disk::{self, Depth};

use super::build::{LoadRestrictor, MOST_LOADED, Place};
use super::failure::SourceLine;
use super::findings::{Choice, Report};
use super::progress::Progress as Sign;
use super::{Exit, Failure, Global};
use crate::fetch::Fetcher;
use crate::source::{Loading, Progress};

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
    let mut gathered = Gathered::default();
    for root in discovery::roots(&place)? {
        gathered.lint(&place, &root, &options, &fetcher)?;
    }
    let mut findings = gathered.finish();
    // What is wrong elsewhere, in a base that was fetched, cannot be mended here.
    let is_here =
        |finding: &Diagnostic| finding.code == "GK020" || place.root.join(&finding.at.path).exists();
    findings.retain(|finding| is_here(finding) && arguments.choice.wants(finding, &rules));
    let line = |finding: &Diagnostic| {
        let path = TreePath::parse(&finding.at.path).ok();
        let file = path.and_then(|path| gathered.tree.file(&path));
        file.map(|file| SourceLine::of(&file.content, &finding.at)).unwrap_or_default()
    };
    Report { verb: "lint", rules: &rules, findings: &findings, line: &line }.print(arguments.choice.form)?;
    Ok(arguments.choice.exit(&findings))
}

/// What the renders of all kustomizations together read and found.
#[derive(Default)]
struct Gathered {
    tree: FileTree,
    reads: Vec<Reads>,
    findings: Vec<Diagnostic>,
}

impl Gathered {
    /// Renders the kustomization in `root`, and looks at it.
    fn lint(
        &mut self,
        place: &Place,
        root: &TreePath,
        options: &RenderOptions,
        fetcher: &Arc<Fetcher>,
    ) -> Result<(), Failure> {
        let _sign = Sign::start(format!("rendering {root}"));
        let mut loading = Loading::new(root.clone(), options.clone()).fetching(Arc::clone(fetcher));
        let result = loop {
            match loading.advance() {
                Progress::Done(result) => break *result,
                Progress::Needs(paths) => {
                    let total_size = MOST_LOADED.saturating_sub(loading.size());
                    let limits = Limits { total_size, ..Limits::default() };
                    let found = disk::load(&place.root, &paths, Depth::Listing, &limits);
                    loading.fill(&paths, found.map_err(|error| Failure::usage(error.to_string()))?);
                }
            }
        };
        let reads = match &result {
            Ok(rendered) => rendered.reads.clone(),
            // A failure does not say what was read: ask again for that.
            Err(_) => kustomize::render_with(loading.tree(), root, options, &Cache::new()).reads().clone(),
        };
        self.findings.extend(lint::lint(loading.tree(), &reads, result.as_ref()));
        self.reads.push(reads);
        self.tree.merge(loading.tree().clone());
        Ok(())
    }

    /// All findings, sorted.
    fn finish(&mut self) -> Vec<Diagnostic> {
        self.findings.extend(lint::unreferenced(&self.tree, &self.reads));
        lint::sort(&mut self.findings);
        std::mem::take(&mut self.findings)
    }
}
