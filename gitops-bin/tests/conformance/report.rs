//! What a suite is, what its run reports, and how fact files are walked.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A suite: a file or folder of the conformance data, and the function that judges it.
pub(crate) struct Suite {
    /// Path relative to the root of the data: `argocd/glob.json`, `kustomize`.
    pub(crate) path: &'static str,
    /// Judges every case below the given path.
    pub(crate) run: fn(&Path) -> Report,
}

/// The outcome of one suite.
#[derive(Default)]
pub(crate) struct Report {
    /// How many cases hold.
    pub(crate) passed: usize,
    /// Those that do not.
    pub(crate) failures: Vec<Failure>,
}

/// A case that does not hold.
pub(crate) struct Failure {
    /// Its id.
    pub(crate) case: String,
    /// The first difference.
    pub(crate) difference: String,
}

impl Report {
    /// Counts one case.
    pub(crate) fn add(&mut self, case: impl Into<String>, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(difference) => self.failures.push(Failure { case: case.into(), difference }),
        }
    }
}

/// Judges every fact of a file: `{"facts": […]}`, `{"cases": […]}`, an array, or one JSON value a line.
/// A file that cannot be read, or holds no fact, is one failure.
pub(crate) fn facts(path: &Path, judge: impl Fn(&Value) -> Result<(), String>) -> Report {
    let mut report = Report::default();
    match read_facts(path) {
        Err(error) => report.add(path.display().to_string(), Err(error)),
        Ok(facts) if facts.is_empty() => {
            report.add(path.display().to_string(), Err("holds no fact".to_owned()));
        }
        Ok(facts) => {
            for (at, fact) in facts.iter().enumerate() {
                let id = ["id", "name"].iter().find_map(|key| fact.get(key)).map_or_else(
                    || format!("#{at}"),
                    |id| id.as_str().map_or_else(|| id.to_string(), str::to_owned),
                );
                report.add(id, judge(fact));
            }
        }
    }
    report
}

fn read_facts(path: &Path) -> Result<Vec<Value>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    if path.extension().is_some_and(|extension| extension == "jsonl") {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        return lines.map(|line| serde_json::from_str(line).map_err(|error| error.to_string())).collect();
    }
    let mut value: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let list = ["facts", "cases"].iter().find(|key| value.get(**key).is_some_and(Value::is_array));
    match list.and_then(|key| value.get_mut(*key)).map(Value::take).unwrap_or(value) {
        Value::Array(facts) => Ok(facts),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Err("no list of facts".to_owned())
        }
    }
}

/// `Ok` when both are equal, else a line that shows both.
pub(crate) fn equal<T: PartialEq + std::fmt::Debug>(
    what: &str,
    actual: &T,
    expected: &T,
) -> Result<(), String> {
    if actual == expected { Ok(()) } else { Err(format!("{what}: expected {expected:?}, got {actual:?}")) }
}

/// The children of a folder in byte order; none where it cannot be read.
pub(crate) fn children(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
