//! Findings as JSON.

use gitops_core::diagnostic::{Diagnostic, Severity};
use serde_json::json;

use super::super::output::{MOST_LINE, MOST_MESSAGE, sentence};
use super::{Report, word};

/// One object with all findings and how many there are.
pub(super) fn text(report: &Report<'_>) -> String {
    let finding = |finding: &Diagnostic| {
        json!({
            "code": finding.code,
            "name": report.rule_of(finding).map(|rule| rule.name),
            "severity": word(finding.severity),
            "message": sentence(&finding.message, MOST_MESSAGE),
            "location": {
                "path": sentence(&finding.at.path, MOST_LINE),
                "line": finding.at.line,
                "column": finding.at.column,
            },
            "hint": finding.hint.as_deref().map(|hint| sentence(hint, MOST_LINE)),
        })
    };
    let report = json!({
        "apiVersion": crate::view::API_VERSION,
        "kind": "Findings",
        "verb": report.verb,
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "summary": {
            "errors": report.count(Severity::Error),
            "warnings": report.count(Severity::Warning),
            "notes": report.count(Severity::Note),
        },
    });
    format!("{report:#}\n")
}
