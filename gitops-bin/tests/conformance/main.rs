//! Judges the engine against recorded behaviour of the tools that it matches.
//!
//! The data lies outside of the repository, in the folder that `GITOPS_CONFORMANCE` names (by default
//! `../shared/conformance` beside the workspace). Without it this target says so and passes, unless
//! `GITOPS_REQUIRE=1` says that nothing may be skipped. Another folder of the same format works unchanged:
//! `GITOPS_CONFORMANCE=DIR cargo test -p gitops-bin --test conformance -- [FILTER]`.
#![expect(clippy::print_stdout, reason = "the report is what this program is for")]

#[path = "../support/corpus.rs"]
mod corpus;
mod diff;
mod health;
mod image;
mod kustomize;
mod project;
mod report;
#[path = "../../../gitops-core/tests/support/reuse.rs"]
mod reuse;
mod rollouts;
mod sync;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use report::{Report, Suite};

/// Every suite that has a runner. A module adds its own with one line.
fn suites() -> Vec<Suite> {
    let lists = [
        diff::suites(),
        health::suites(),
        image::suites(),
        kustomize::suites(),
        project::suites(),
        rollouts::suites(),
        sync::suites(),
    ];
    let mut suites: Vec<Suite> = lists.into_iter().flatten().collect();
    suites.sort_by_key(|suite| suite.path);
    suites
}

fn main() -> ExitCode {
    let root = std::env::var_os("GITOPS_CONFORMANCE").map_or_else(default_root, PathBuf::from);
    let required = std::env::var_os("GITOPS_REQUIRE").is_some_and(|value| value == "1");
    if !root.is_dir() {
        println!("conformance: no data at {} (set GITOPS_CONFORMANCE): skipped", root.display());
        return if required { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    }
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let suites = suites();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for suite in suites.iter().filter(|suite| suite.path.contains(&filter)) {
        let path = root.join(suite.path);
        if !path.exists() {
            println!("{}: no data: skipped", suite.path);
            skipped += 1;
            continue;
        }
        let report = (suite.run)(&path);
        print_report(suite.path, &report);
        passed += report.passed;
        failed += report.failures.len();
    }
    for path in without_runner(&root, &suites) {
        println!("{path}: no runner yet: not judged");
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    let ok = failed == 0 && (skipped == 0 || !required);
    if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn default_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance")
}

fn print_report(name: &str, report: &Report) {
    println!("{name}: {} passed, {} failed", report.passed, report.failures.len());
    for failure in &report.failures {
        println!("  {}: {}", failure.case, failure.difference);
    }
}

/// The fact files and suite folders that nobody judges yet.
fn without_runner(root: &Path, suites: &[Suite]) -> Vec<String> {
    let mut found = vec![];
    for folder in report::children(root) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let judged = |path: &str| suites.iter().any(|suite| path.starts_with(suite.path));
        if !folder.is_dir() || judged(&name) {
            continue;
        }
        let files = report::children(&folder).into_iter().filter_map(|file| {
            let extension = file.extension().unwrap_or_default().to_string_lossy().into_owned();
            let path = format!("{name}/{}", file.file_name().unwrap_or_default().to_string_lossy());
            (matches!(extension.as_str(), "json" | "jsonl") && !judged(&path)).then_some(path)
        });
        found.extend(files);
    }
    found
}
