//! Findings as SARIF 2.1.0, the form that code scanning services take.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gitops_core::diagnostic::{Diagnostic, Location, Rule};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::output::{MOST_LINE, MOST_MESSAGE, sentence};
use super::super::source_line::SourceLine;
use super::{Report, word};

/// One log with one run.
pub(super) fn text(report: &Report<'_>) -> String {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let results: Vec<Value> =
        report.findings.iter().map(|finding| result(report, finding, &mut seen)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": format!("gitops {}", report.verb),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": report.rules.iter().map(|one| rule(one)).collect::<Vec<_>>(),
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.explanation },
        "help": { "text": rule.hint },
        "defaultConfiguration": { "level": word(rule.severity) },
    })
}

fn result(report: &Report<'_>, finding: &Diagnostic, seen: &mut BTreeMap<String, usize>) -> Value {
    let mut place = json!({ "artifactLocation": { "uri": uri(&finding.at.path), "uriBaseId": "%SRCROOT%" } });
    if let (Some(region), Some(place)) = (region(&finding.at), place.as_object_mut()) {
        place.insert("region".to_owned(), region);
    }
    let message = sentence(&finding.message, MOST_MESSAGE);
    let message = match &finding.hint {
        Some(hint) => format!("{message}. Help: {}.", sentence(hint, MOST_LINE)),
        None => message,
    };
    let mut result = json!({
        "ruleId": finding.code,
        "level": word(finding.severity),
        "message": { "text": message },
        "locations": [{ "physicalLocation": place }],
        "partialFingerprints": { "findingHash/v1": fingerprint(report, finding, seen) },
    });
    let index = report.rules.iter().position(|rule| rule.code == finding.code);
    if let (Some(index), Some(result)) = (index, result.as_object_mut()) {
        result.insert("ruleIndex".to_owned(), json!(index));
    }
    result
}

/// Line and column; nothing for a file as a whole.
fn region(at: &Location) -> Option<Value> {
    match (at.line, at.column) {
        (0, _) => None,
        (line, 0) => Some(json!({ "startLine": line })),
        (line, column) => Some(json!({ "startLine": line, "startColumn": column })),
    }
}

/// What tells a finding from another one, whatever lines are added above it: its code, its file, the text of its
/// line, and which of several such it is.
fn fingerprint(report: &Report<'_>, finding: &Diagnostic, seen: &mut BTreeMap<String, usize>) -> String {
    let text = match (report.line)(finding) {
        SourceLine::Part(part) => part.text.trim().to_owned(),
        SourceLine::Text(text) => text.trim().to_owned(),
        SourceLine::Absent | SourceLine::Hidden => finding.message.clone(),
    };
    let key = format!("{}\0{}\0{text}", finding.code, finding.at.path);
    let count = seen.entry(key.clone()).or_default();
    *count += 1;
    let mut hash = String::new();
    for byte in Sha256::digest(format!("{key}\0{count}")).iter().take(16) {
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
