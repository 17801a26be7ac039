//! What stands behind a code.

use gitops_core::diagnostic::Rule;
use serde_json::json;

use super::super::{Failure, output};
use super::{Form, word};

/// Prints a rule: for people, or as JSON.
pub(super) fn print(rule: &Rule, form: Form) -> Result<(), Failure> {
    let text = match form {
        Form::Human | Form::Github => format!(
            "{} {} ({})\n\n{}.\n\n{}\n\nWhat to do: {}.\n",
            rule.code,
            rule.name,
            word(rule.severity),
            capitalised(rule.summary),
            rule.explanation,
            rule.hint
        ),
        Form::Json | Form::Sarif => {
            let rule = json!({
                "apiVersion": crate::view::API_VERSION,
                "kind": "Rule",
                "code": rule.code,
                "name": rule.name,
                "severity": word(rule.severity),
                "summary": rule.summary,
                "explanation": rule.explanation,
                "hint": rule.hint,
            });
            format!("{rule:#}\n")
        }
    };
    output::print(&text)
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
