//! Judges `gitops build` against the bytes that kustomize v5.8.1 prints.

use std::path::Path;

use gitops_core::kustomize::Cache;
use gitops_core::tree::TreePath;
use gitops_core::yaml;
use serde_json::Value;

use crate::corpus::Build;
use crate::report::{Report, Suite, children};
use crate::reuse;

/// The suites of the kustomize module.
pub(crate) fn suites() -> Vec<Suite> {
    vec![Suite { path: "kustomize/cases", run: cases }, Suite { path: "realworld", run: repositories }]
}

fn cases(path: &Path) -> Report {
    let mut report = Report::default();
    for folder in children(path) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        report.add(name, case(&folder));
    }
    report
}

fn case(folder: &Path) -> Result<(), String> {
    let case = json(&folder.join("case.json"))?;
    let actual = build(&folder.join("input"), &case, &mut Cache::new());
    match (case.get("expect").and_then(Value::as_str), actual) {
        (Some("error"), Err(_)) => Ok(()),
        (Some("error"), Ok(_)) => Err("an error was expected".to_owned()),
        (_, Err(error)) => Err(error),
        (_, Ok(actual)) => same(&actual, &read(&folder.join("expected.yaml"))?),
    }
}

fn repositories(path: &Path) -> Report {
    let mut report = Report::default();
    for folder in children(path).into_iter().filter(|folder| folder.is_dir()) {
        let builds = json(&folder.join("builds.json")).unwrap_or_default();
        // What one build of a repository has worked out, the others reuse.
        let mut cache = Cache::new();
        for entry in builds.as_array().into_iter().flatten() {
            let text = |field: &str| entry.get(field).and_then(Value::as_str).unwrap_or_default();
            let name = format!("{}/{}", folder.file_name().unwrap_or_default().display(), text("dir"));
            let expected = folder.join(text("expected"));
            let actual = build(&folder.join("tree"), entry, &mut cache);
            let judge = || same(&actual?, &read(&expected)?);
            report.add(name, judge());
        }
    }
    report
}

/// What `gitops build FLAGS DIR` prints in the folder `root`; and it must be the same with what `cache` has, and
/// with what it learns.
fn build(root: &Path, case: &Value, cache: &mut Cache) -> Result<String, String> {
    let build = Build::of(root.to_owned(), case);
    let directory = TreePath::parse(&build.directory).map_err(|error| error.to_string())?;
    let (result, tree) = build.render()?;
    reuse::check(&tree, &directory, &[], &build.options(), cache)?;
    let rendered = result?;
    let roots: Vec<_> = rendered.objects.iter().map(|object| &object.root).collect();
    yaml::print(&roots).map_err(|error| error.to_string())
}

fn same(actual: &str, expected: &str) -> Result<(), String> {
    if actual == expected {
        return Ok(());
    }
    let differs =
        |(at, (a, b)): (usize, (&str, &str))| (a != b).then(|| (at + 1, a.to_owned(), b.to_owned()));
    match actual.lines().zip(expected.lines()).enumerate().find_map(differs) {
        Some((line, actual, expected)) => Err(format!("line {line}: expected {expected:?}, got {actual:?}")),
        None => Err("one output is the beginning of the other".to_owned()),
    }
}

fn json(path: &Path) -> Result<Value, String> {
    serde_json::from_str(&read(path)?).map_err(|error| error.to_string())
}

/// A text file; one whose name ends in `.gz` is unpacked by gzip.
fn read(path: &Path) -> Result<String, String> {
    if path.extension().is_some_and(|extension| extension == "gz") {
        let unpacked = std::process::Command::new("gzip").arg("-dc").arg(path).output();
        let unpacked = unpacked.map_err(|error| error.to_string())?;
        return String::from_utf8(unpacked.stdout).map_err(|error| error.to_string());
    }
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
