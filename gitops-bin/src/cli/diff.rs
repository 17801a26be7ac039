//! `gitops diff`: what a sync of an Application would change.

use super::client::Client;
use super::format::{Format, FormatArgument, print_value};
use super::{Exit, Failure, Global, output};
use crate::text;
use crate::view::DiffView;

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
        Format::Table => output::print(&text::diff(&diff))?,
        Format::Name => {
            output::print(&diff.objects.iter().map(|o| o.object.clone() + "\n").collect::<String>())?;
        }
        format @ (Format::Json | Format::Yaml) => print_value(format, &diff)?,
    }
    Ok(if diff.objects.is_empty() { Exit::Success } else { Exit::Finding })
}
