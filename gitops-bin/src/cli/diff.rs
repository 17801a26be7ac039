//! `gitops diff`: what a sync of an Application would change.

use std::fmt::Write as _;

use super::client::Client;
use super::format::{Format, FormatArgument, print_value};
use super::{Exit, Failure, Global, output};
use crate::view::{DiffView, FieldChangeView};

const ADDED: anstyle::Style = anstyle::AnsiColor::Green.on_default();
const REMOVED: anstyle::Style = anstyle::AnsiColor::Red.on_default();
const HEADING: anstyle::Style = anstyle::Style::new().bold();
const PLACE: anstyle::Style = anstyle::Style::new().dimmed();

/// Show what a sync of an Application would change; exits with 1 when there is a difference
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 no difference, 1 a difference, more than 1 an error.\n\nExamples:\n  gitops diff myapp-prod\n  gitops diff myapp-prod -o json"
)]
pub(super) struct Arguments {
    /// The Application
    application: String,
    #[command(flatten)]
    output: FormatArgument,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<Exit, Failure> {
    let diff: DiffView =
        Client::connect(global)?.get(&format!("applications/{}/diff", arguments.application))?;
    match arguments.output.format {
        Format::Table => output::print(&render(&diff))?,
        Format::Name => {
            output::print(&diff.objects.iter().map(|o| o.object.clone() + "\n").collect::<String>())?;
        }
        format @ (Format::Json | Format::Yaml) => print_value(format, &diff)?,
    }
    Ok(if diff.objects.is_empty() { Exit::Success } else { Exit::Finding })
}

/// The difference for people: a heading an object, then each field with both values and its place.
pub(crate) fn render(diff: &DiffView) -> String {
    let mut text = String::new();
    for object in &diff.objects {
        let _ = writeln!(text, "{HEADING}{} {}{HEADING:#}", object.change, output::printable(&object.object));
        for field in &object.fields {
            render_field(&mut text, field);
        }
    }
    for refusal in &diff.refusals {
        let _ = writeln!(text, "{REMOVED}refused: {}{REMOVED:#}", output::printable(refusal));
    }
    if !diff.objects.is_empty() {
        let _ = writeln!(text, "{PLACE}revision {}, changes {}{PLACE:#}", diff.revision, diff.changes_hash);
    }
    text
}

fn render_field(text: &mut String, field: &FieldChangeView) {
    let place = field.at.as_deref().map(|at| format!("  {PLACE}{at}{PLACE:#}")).unwrap_or_default();
    let _ = writeln!(text, "  @@ {} @@{place}", field.path);
    for (sign, style, value) in [('-', REMOVED, &field.live), ('+', ADDED, &field.desired)] {
        for line in value.iter().flat_map(|value| value.lines()) {
            let _ = writeln!(text, "  {style}{sign} {}{style:#}", output::printable(line));
        }
    }
}
