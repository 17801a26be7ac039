//! The command line `gitops`: one file a verb below `cli/`, and the rules that all verbs share.
//!
//! Data goes to standard output; progress and diagnostics go to standard error.

mod affected;
mod build;
mod client;
mod completion;
mod demo;
mod diff;
mod exit;
mod explain;
mod failure;
pub(crate) mod fetching;
mod findings;
mod format;
mod get;
mod images;
mod kustomizations;
mod lint;
pub(crate) mod output;
mod plan;
mod progress;
mod revision;
mod rollout;
mod source_line;
mod sync;
mod table;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, Command, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use exit::{Exit, exit_on_panic};
pub use failure::Failure;

/// A GitOps engine: kustomize, Argo CD, Argo CD Image Updater and Argo Rollouts on the manifests those tools read.
#[derive(Debug, Parser)]
#[command(name = "gitops", version, propagate_version = true, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

/// The flags that every verb takes.
#[derive(Debug, Clone, Args)]
struct Global {
    /// Run as if started in this directory
    #[arg(short = 'C', long = "chdir", global = true, value_name = "DIR")]
    chdir: Option<std::path::PathBuf>,
    /// When to colour the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", env = "GITOPS_COLOR")]
    color: Color,
    /// The form in which an error is told, on standard error
    #[arg(long, global = true, value_name = "FORM", default_value = "human", env = "GITOPS_ERROR_FORMAT")]
    error_format: ErrorFormat,
    /// The daemon to talk to; by default the one that runs on this repository
    #[arg(long, global = true, value_name = "HOST:PORT", env = "GITOPS_SERVER")]
    server: Option<String>,
    /// The state directory of the daemon; by default `.git/gitops` of this repository
    #[arg(long, global = true, value_name = "DIR", env = "GITOPS_STATE")]
    state: Option<std::path::PathBuf>,
    #[command(flatten)]
    fetching: fetching::Fetching,
}

/// The form in which an error is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ErrorFormat {
    /// For people: the line, and what to do
    Human,
    /// One JSON object with a list of diagnostics
    Json,
}

/// When to colour the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Build(build::Arguments),
    Lint(lint::Arguments),
    Affected(affected::Arguments),
    Plan(plan::Arguments),
    Diff(diff::Arguments),
    #[command(visible_alias = "blame")]
    Explain(explain::Arguments),
    Get(get::Arguments),
    Sync(sync::SyncArguments),
    Approve(sync::ApproveArguments),
    History(sync::HistoryArguments),
    Rollback(sync::RollbackArguments),
    Rollout(rollout::Arguments),
    Images(images::Arguments),
    Demo(demo::Arguments),
    Completion(completion::Arguments),
}

/// Adds the flags of a verb to its command.
type Describe = fn(Command) -> Command;

/// How the flags of each verb are described.
const DESCRIPTIONS: &[(&str, Describe)] = &[
    ("build", build::Arguments::augment_args),
    ("lint", lint::Arguments::augment_args),
    ("affected", affected::Arguments::augment_args),
    ("plan", plan::Arguments::augment_args),
    ("diff", diff::Arguments::augment_args),
    ("explain", explain::Arguments::augment_args),
    ("get", get::Arguments::augment_args),
    ("sync", sync::SyncArguments::augment_args),
    ("approve", sync::ApproveArguments::augment_args),
    ("history", sync::HistoryArguments::augment_args),
    ("rollback", sync::RollbackArguments::augment_args),
    ("rollout", rollout::Arguments::augment_args),
    ("images", images::Arguments::augment_args),
    ("demo", demo::Arguments::augment_args),
    ("completion", completion::Arguments::augment_args),
];

/// Reads a command line. Describing all verbs takes longer than a small build, so that only the one that is named is
/// described, unless there is something to tell of them all.
fn parse(words: &[OsString]) -> Result<Arguments, clap::Error> {
    let verbs = DESCRIPTIONS.iter().map(|(name, describe)| Command::new(*name).defer(*describe));
    let command = Global::augment_args(Command::new("gitops")).subcommand_required(true).subcommands(verbs);
    let matches = command.try_get_matches_from(words);
    matches
        .and_then(|matches| Arguments::from_arg_matches(&matches))
        .or_else(|_| Arguments::try_parse_from(words))
}

/// Runs the command line of this process and returns its exit code.
pub fn main() -> ExitCode {
    exit_on_panic();
    run(std::env::args_os())
}

/// Runs one command line, the first argument being the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = arguments.into_iter().collect();
    let arguments = match parse(&words) {
        Ok(arguments) => arguments,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Success };
            return match output::print_usage(&error) {
                Ok(()) => exit.into(),
                Err(failure) => {
                    output::print_failure(&failure);
                    failure.exit().into()
                }
            };
        }
    };
    output::choose_color(arguments.global.color);
    let global = &arguments.global;
    let outcome = enter(global).and_then(|()| match &arguments.verb {
        Verb::Build(verb) => build::run(global, verb),
        Verb::Lint(verb) => lint::run(global, verb),
        Verb::Affected(verb) => affected::run(verb),
        Verb::Plan(verb) => plan::run(verb),
        Verb::Diff(verb) => diff::run(global, verb),
        Verb::Explain(verb) => explain::run(global, verb),
        Verb::Get(verb) => get::run(global, verb),
        Verb::Sync(verb) => sync::sync(global, verb),
        Verb::Approve(verb) => sync::approve(global, verb),
        Verb::History(verb) => sync::history(global, verb),
        Verb::Rollback(verb) => sync::rollback(global, verb),
        Verb::Rollout(verb) => rollout::run(global, verb),
        Verb::Images(verb) => images::run(global, verb),
        Verb::Demo(verb) => demo::run(verb),
        Verb::Completion(verb) => completion::run(verb),
    });
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            match arguments.global.error_format {
                ErrorFormat::Human => output::print_failure(&failure),
                ErrorFormat::Json => output::print_failure_as_json(&failure),
            }
            failure.exit().into()
        }
    }
}

fn enter(global: &Global) -> Result<(), Failure> {
    let Some(directory) = &global.chdir else { return Ok(()) };
    std::env::set_current_dir(directory)
        .map_err(|error| Failure::usage(format!("cannot enter `{}`: {error}", directory.display())))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_verb_has_its_description() {
        let command = Arguments::command();
        let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        assert_eq!(names, DESCRIPTIONS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
