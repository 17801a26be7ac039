//! Findings as workflow commands of GitHub Actions, which show them beside the lines of a pull request.

use std::fmt::Write as _;

use gitops_core::diagnostic::Severity;

use super::super::output::{MOST_LINE, MOST_MESSAGE, sentence};
use super::Report;

/// A command a line.
pub(super) fn text(report: &Report<'_>) -> String {
    let mut text = String::new();
    for finding in report.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let name = report.rule_of(finding).map(|rule| rule.name).unwrap_or_default();
        let _ = write!(text, "::{command} file={}", property(&sentence(&finding.at.path, MOST_LINE)));
        for (key, number) in [("line", finding.at.line), ("col", finding.at.column)] {
            if number > 0 {
                let _ = write!(text, ",{key}={number}");
            }
        }
        let mut message = sentence(&finding.message, MOST_MESSAGE);
        if let Some(hint) = &finding.hint {
            message.push('\n');
            message.push_str(&sentence(hint, MOST_LINE));
        }
        let title = property(&format!("{} {name}", finding.code));
        let _ = writeln!(text, ",title={title}::{}", data(&message));
    }
    text
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
