//! Judges the health of objects.

use std::path::Path;

use gitops_core::diagnostic::Location;
use gitops_core::health::health;
use gitops_core::object::Object;
use gitops_core::yaml::read_one;
use serde_json::Value;

use crate::report::{Report, Suite, equal, facts};

/// The suites of the health module.
pub(crate) fn suites() -> Vec<Suite> {
    vec![Suite { path: "health/cases.json", run: cases }]
}

fn cases(path: &Path) -> Report {
    facts(path, |case| judge(path.parent().unwrap_or(path), case))
}

fn judge(folder: &Path, case: &Value) -> Result<(), String> {
    let manifest = case.get("manifest").and_then(Value::as_str).unwrap_or_default();
    // A manifest is a path below the folder of the cases, or the document itself.
    let text = if manifest.contains('\n') {
        manifest.to_owned()
    } else {
        std::fs::read_to_string(folder.join(manifest)).map_err(|error| format!("{manifest}: {error}"))?
    };
    let root = read_one(manifest, &text).map_err(|error| error.to_string())?;
    let actual = health(&Object::new(root, Location::file(manifest)));
    let expect = case.get("expect").ok_or("no `expect`")?;
    let status = expect.get("status").and_then(Value::as_str);
    let rule = case.get("rule").and_then(Value::as_str).unwrap_or_default();
    let said = actual.as_ref().map(|health| health.status.as_str());
    equal(&format!("{rule}: status"), &said, &status)?;
    match expect.get("message").and_then(Value::as_str) {
        Some(message) => {
            let said = actual.map(|health| health.message).unwrap_or_default();
            equal(&format!("{rule}: message"), &said.as_str(), &message)
        }
        None => Ok(()),
    }
}
