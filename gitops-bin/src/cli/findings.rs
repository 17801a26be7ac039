//! Findings in user data, in the forms in which verbs print them: for people, JSON, SARIF and GitHub's annotations.
//!
//! Knows nothing of what found them: a verb hands in its rules and what they found.

mod explain;
mod github;
mod human;
mod json;
mod sarif;

use clap::ValueEnum;
use gitops_core::diagnostic::{Diagnostic, Rule, Severity};

use super::source_line::SourceLine;
use super::{Exit, Failure, output};

/// The form of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Form {
    /// For people: the line, and what to do
    #[default]
    Human,
    /// JSON
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// From which weight on findings make a verb end with exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum FailOn {
    /// Errors
    Error,
    /// Warnings and errors
    #[default]
    Warning,
    /// Any finding
    #[value(alias = "info")]
    Note,
    /// None
    Never,
}

/// The flags that choose findings.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Choice {
    /// The form of the output
    #[arg(short = 'o', long = "output", value_name = "FORM", default_value = "human")]
    pub(super) form: Form,
    /// The lightest finding for which the exit code is 1
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    fail_on: FailOn,
    /// Look for these codes or names alone
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    select: Vec<String>,
    /// Pass over these codes or names
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Say what stands behind a code, and end
    #[arg(long, value_name = "CODE")]
    explain: Option<String>,
}

impl Choice {
    /// Checks the codes, and explains one if that is asked for: then there is nothing more to do.
    pub(super) fn begin(&self, rules: &[&'static Rule]) -> Result<Option<Exit>, Failure> {
        for code in self.select.iter().chain(&self.ignore) {
            rule(rules, code)?;
        }
        let Some(code) = &self.explain else { return Ok(None) };
        explain::print(rule(rules, code)?, self.form)?;
        Ok(Some(Exit::Success))
    }

    /// Whether a finding is wanted.
    pub(super) fn wants(&self, finding: &Diagnostic, rules: &[&'static Rule]) -> bool {
        let names = |list: &[String]| {
            let rule = rules.iter().find(|rule| rule.code == finding.code);
            list.iter().any(|name| rule.is_some_and(|rule| is_called(rule, name)))
        };
        (self.select.is_empty() || names(&self.select)) && !names(&self.ignore)
    }

    /// The exit code that goes with these findings.
    pub(super) fn exit(&self, findings: &[Diagnostic]) -> Exit {
        let least = match self.fail_on {
            FailOn::Never => return Exit::Success,
            FailOn::Note => Severity::Note,
            FailOn::Warning => Severity::Warning,
            FailOn::Error => Severity::Error,
        };
        let fails = findings.iter().any(|finding| finding.severity >= least);
        if fails { Exit::Finding } else { Exit::Success }
    }
}

fn is_called(rule: &Rule, name: &str) -> bool {
    rule.code.eq_ignore_ascii_case(name) || rule.name == name
}

fn rule(rules: &[&'static Rule], code: &str) -> Result<&'static Rule, Failure> {
    let found = rules.iter().find(|rule| is_called(rule, code));
    found.copied().ok_or_else(|| {
        Failure::usage(format!("there is no code `{code}`"))
            .hint(Some("`docs/LINT.md` has the table of all codes and names"))
    })
}

/// What a verb found.
pub(super) struct Report<'r> {
    /// The verb: `lint`.
    pub(super) verb: &'static str,
    /// Its rules, in the order of their codes.
    pub(super) rules: &'r [&'static Rule],
    /// What they found, sorted.
    pub(super) findings: &'r [Diagnostic],
    /// The line of a file at a finding.
    pub(super) line: &'r dyn Fn(&Diagnostic) -> SourceLine,
}

impl Report<'_> {
    /// The text of the report in this form.
    pub(super) fn text(&self, form: Form) -> String {
        match form {
            Form::Human => human::text(self),
            Form::Json => json::text(self),
            Form::Sarif => sarif::text(self),
            Form::Github => github::text(self),
        }
    }

    /// Prints the report to standard output.
    pub(super) fn print(&self, form: Form) -> Result<(), Failure> {
        output::print(&self.text(form))
    }

    fn rule_of(&self, finding: &Diagnostic) -> Option<&'static Rule> {
        self.rules.iter().find(|rule| rule.code == finding.code).copied()
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// The word for a severity, in all forms but GitHub's.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

#[cfg(test)]
mod tests;
