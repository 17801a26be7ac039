//! `gitops get`: lists of Applications, Rollouts and images.

use clap::ValueEnum;

use super::client::Client;
use super::format::{FormatArgument, print_list};
use super::table::Table;
use super::{Exit, Failure, Global};
use crate::view::{ApplicationView, ImageView, ListView, RolloutView};

/// List Applications, Rollouts or images
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  gitops get apps\n  gitops get rollouts -o json\n  gitops get images")]
pub(super) struct Arguments {
    /// What to list
    #[arg(value_name = "KIND")]
    kind: Kind,
    #[command(flatten)]
    output: FormatArgument,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The Applications with their sync status and health
    #[value(alias = "applications", alias = "app")]
    Apps,
    /// The Rollouts with their step and weight
    #[value(alias = "rollout")]
    Rollouts,
    /// The tags of the images that the Applications use
    #[value(alias = "image")]
    Images,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<Exit, Failure> {
    let client = Client::connect(global)?;
    let format = arguments.output.format;
    match arguments.kind {
        Kind::Apps => {
            let list: ListView<ApplicationView> = client.get("applications")?;
            print_list(format, &list, |app| format!("application.argoproj.io/{}", app.name), applications)?;
        }
        Kind::Rollouts => {
            let list: ListView<RolloutView> = client.get("rollouts")?;
            print_list(format, &list, |rollout| format!("rollout.argoproj.io/{}", rollout.name), rollouts)?;
        }
        Kind::Images => {
            let list: ListView<ImageView> = client.get("images")?;
            print_list(format, &list, |image| format!("{}:{}", image.repository, image.tag), images)?;
        }
    }
    Ok(Exit::Success)
}

fn applications(items: &[ApplicationView]) -> Table {
    let mut table =
        Table::new(&["NAME", "PROJECT", "NAMESPACE", "SYNC", "HEALTH", "REVISION", "IMAGES", "WAITS FOR"]);
    for app in items {
        let waits = if app.awaiting_approval {
            format!("approval of {} changes", app.changes)
        } else {
            String::new()
        };
        table.row([
            app.name.clone(),
            app.project.clone(),
            app.namespace.clone(),
            app.sync_status.clone(),
            app.health_status.clone(),
            short(&app.revision),
            app.images.join(","),
            waits,
        ]);
    }
    table
}

fn rollouts(items: &[RolloutView]) -> Table {
    let mut table =
        Table::new(&["NAME", "NAMESPACE", "STATUS", "STEP", "SET-WEIGHT", "ACTUAL-WEIGHT", "MESSAGE"]);
    for rollout in items {
        table.row([
            rollout.name.clone(),
            rollout.namespace.clone(),
            rollout.phase.clone(),
            format!("{}/{}", rollout.step, rollout.steps.len()),
            rollout.set_weight.to_string(),
            rollout.actual_weight.to_string(),
            rollout.message.clone(),
        ]);
    }
    table
}

/// The images as a table.
pub(super) fn images(items: &[ImageView]) -> Table {
    let mut table = Table::new(&["REPOSITORY", "TAG", "PUSHED", "RUNS IN", "VERDICT"]);
    for image in items {
        table.row([
            image.repository.clone(),
            image.tag.clone(),
            image.pushed_at.clone(),
            image.running_in.join(","),
            image.verdict.clone(),
        ]);
    }
    table
}

/// A revision in the seven characters that people read.
pub(super) fn short(revision: &str) -> String {
    revision.chars().take(7).collect()
}
