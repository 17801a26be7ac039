//! Findings for people.

use annotate_snippets::Level;
use gitops_core::diagnostic::Severity;

use super::super::output::{self, Told};
use super::Report;

/// The findings, each with its line, and how many there are.
pub(super) fn text(report: &Report<'_>) -> String {
    let mut text = String::new();
    for finding in report.findings {
        let line = (report.line)(finding);
        let told = Told {
            level: match finding.severity {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
                Severity::Note => Level::NOTE,
            },
            code: finding.code,
            message: &finding.message,
            at: Some(&finding.at),
            line: &line,
            hint: finding.hint.as_deref(),
        };
        text.push_str(&output::render(&told));
        text.push_str("\n\n");
    }
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
    let counts = counts.into_iter().map(|(severity, word)| (report.count(severity), word));
    let counts: Vec<String> = counts
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
        .collect();
    let summary = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
    text.push_str(&summary);
    text.push('\n');
    text
}
