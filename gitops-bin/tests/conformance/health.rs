//! Judges the health of objects.

use std::path::Path;

use gitops_core::diagnostic::Location;
use gitops_core::health::{health, health_by_kind};
use gitops_core::object::Object;
use gitops_core::yaml::{Dialect, read_one_with};
use serde_json::Value;

use crate::report::{Report, Suite, equal, facts};

/// The suites of the health module.
pub(crate) fn suites() -> Vec<Suite> {
    vec![Suite { path: "health/cases.json", run: cases }]
}

fn cases(path: &Path) -> Report {
    facts(path, |case| judge(path.parent().unwrap_or(path), case))
}

/// Kinds of Kubernetes and of Argo are judged whole, with the message. A fact of class `crd` was recorded of the rule
/// of the kind alone, which in Argo CD comes after the look at a deletion, and its message is wording, not a rule; every
/// kind of the class has a health, so its controller reports a status.
fn judge(folder: &Path, case: &Value) -> Result<(), String> {
    let manifest = case.get("manifest").and_then(Value::as_str).unwrap_or_default();
    // A manifest is a path below the folder of the cases, or the document itself.
    let text = if manifest.contains('\n') {
        manifest.to_owned()
    } else {
        std::fs::read_to_string(folder.join(manifest)).map_err(|error| format!("{manifest}: {error}"))?
    };
    // A live object is JSON.
    let root = read_one_with(manifest, &text, Dialect::Json).map_err(|error| error.to_string())?;
    let object = Object::new(root, Location::file(manifest));
    let is_custom = case.get("class").and_then(Value::as_str) == Some("crd");
    let actual = if is_custom { health_by_kind(&object, true) } else { health(&object) };
    let expect = case.get("expect").ok_or("no `expect`")?;
    let status = expect.get("status").and_then(Value::as_str);
    let rule = case.get("rule").and_then(Value::as_str).unwrap_or_default();
    let said = actual.as_ref().map(|health| health.status.as_str());
    equal(&format!("{rule}: status"), &said, &status)?;
    match expect.get("message").and_then(Value::as_str) {
        Some(message) if !is_custom => {
            let said = actual.map(|health| health.message).unwrap_or_default();
            equal(&format!("{rule}: message"), &said.as_str(), &message)
        }
        Some(_) | None => Ok(()),
    }
}
