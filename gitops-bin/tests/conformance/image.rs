//! Judges image references, versions, tag policies and write-back.

use std::path::Path;

use gitops_core::image::{ImageUpdate, edit};
use serde_json::Value;

use crate::report::{Report, Suite, facts};

/// The suites of the image module.
pub(crate) fn suites() -> Vec<Suite> {
    vec![Suite { path: "images/write-back.json", run: write_back }]
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn optional(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn same(expected: &str, found: &str) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("expected {expected:?}, found {found:?}")) }
}

fn write_back(path: &Path) -> Report {
    facts(path, |case| {
        let updates: Vec<ImageUpdate> =
            case.get("updates").and_then(Value::as_array).into_iter().flatten().map(update).collect();
        let outcome = edit(text(case, "before").as_bytes(), &updates);
        match (optional(case, "error"), outcome) {
            (Some(code), Err(error)) => same(&code, error.code()),
            (Some(code), Ok(_)) => Err(format!("expected the error {code}")),
            (None, Err(error)) => Err(error.to_string()),
            (None, Ok(found)) => same(text(case, "after"), &String::from_utf8_lossy(&found)),
        }
    })
}

fn update(value: &Value) -> ImageUpdate {
    ImageUpdate {
        name: text(value, "name").to_owned(),
        new_name: optional(value, "newName"),
        new_tag: optional(value, "newTag"),
        digest: optional(value, "digest"),
    }
}
