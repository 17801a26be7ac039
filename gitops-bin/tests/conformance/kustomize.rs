//! Judges `gitops build` against the bytes that kustomize v5.8.1 prints.

use std::path::Path;

use gitops_bin::source::{Loading, Progress};
use gitops_core::kustomize::{Cache, LoadRestrictions, RenderOptions};
use gitops_core::tree::{Entry, FileTree, TreePath};
use gitops_core::yaml;
use gitops_git::Limits;
use gitops_git::disk::{self, Depth};
use serde_json::Value;

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
    let flags: Vec<&str> =
        case.get("flags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let load_restrictions = if flags.contains(&"LoadRestrictionsNone") {
        LoadRestrictions::None
    } else {
        LoadRestrictions::RootOnly
    };
    let directory = case.get("dir").and_then(Value::as_str).unwrap_or(".");
    let directory = TreePath::parse(directory).map_err(|error| error.to_string())?;
    let options = RenderOptions { load_restrictions, ..RenderOptions::default() };
    let mut loading = Loading::new(directory.clone(), options.clone());
    loop {
        match loading.advance() {
            Progress::Done(result) => {
                reuse::check(loading.tree(), &directory, &[], &options, cache)?;
                let rendered = result.map_err(|error| error.to_string())?;
                let roots: Vec<_> = rendered.objects.iter().map(|object| &object.root).collect();
                return yaml::print(&roots).map_err(|error| error.to_string());
            }
            Progress::Needs(paths) => {
                let found = disk::load(root, &paths, Depth::Listing, &Limits::default());
                let mut found = found.map_err(|error| error.to_string())?;
                restore_links(root, &mut found);
                loading.fill(&paths, found);
            }
        }
    }
}

/// Makes links again of what Git checks out in their place where a disk holds no links (`core.symlinks=false`): a
/// regular file without a line break, the whole content of which is a relative path to something in `root`.
fn restore_links(root: &Path, found: &mut FileTree) {
    let target = |path: &TreePath, entry: &Entry| {
        let Entry::File(file) = entry else { return None };
        let text = std::str::from_utf8(&file.content).ok().filter(|text| !text.is_empty())?;
        if text.len() > LONGEST_LINK || text.contains(['\n', '\0']) || text.starts_with('/') {
            return None;
        }
        let target = path.parent()?.join(text).ok().filter(|target| !target.is_root())?;
        root.join(target.as_str()).exists().then(|| text.to_owned())
    };
    let links = found.entries().filter_map(|(path, entry)| Some((path.clone(), target(path, entry)?)));
    for (path, link) in links.collect::<Vec<_>>() {
        found.insert(path, Entry::Symlink(link));
    }
}

const LONGEST_LINK: usize = 4096;

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
