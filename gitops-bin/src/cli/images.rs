//! `gitops images`: what the registries hold, and what an update would commit.

use clap::Subcommand;
use serde_json::json;

use super::client::Client;
use super::format::{Format, FormatArgument, print_list, print_value};
use super::{Exit, Failure, Global, get, output};
use crate::text;
use crate::view::{ImageUpdateView, ImageView, ListView};

/// List images, and update the tags in Git
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gitops images list\n  gitops images update --dry-run\n  gitops images push a3f2c1b"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the tags with the reason why each was chosen or passed over
    List {
        #[command(flatten)]
        output: FormatArgument,
    },
    /// Commit the tags that the policy chooses
    Update {
        /// Show the commit, and commit nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        output: FormatArgument,
    },
    /// Push a tag to the embedded registry of a daemon
    Push {
        /// The tag, seven hexadecimal digits
        tag: String,
        /// Make the image serve badly: its p99 latency rises
        #[arg(long)]
        bad: bool,
    },
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<Exit, Failure> {
    let client = Client::connect(global)?;
    match &arguments.verb {
        Verb::List { output } => {
            let list: ListView<ImageView> = client.get("images")?;
            print_list(
                output.format,
                &list,
                |image| format!("{}:{}", image.repository, image.tag),
                get::images,
            )?;
        }
        Verb::Update { dry_run, output } => {
            let update: ImageUpdateView = client.post("images/update", &json!({ "dryRun": dry_run }))?;
            match output.format {
                Format::Table | Format::Name => output::print(&text::image_update(&update))?,
                format @ (Format::Json | Format::Yaml) => print_value(format, &update)?,
            }
        }
        Verb::Push { tag, bad } => {
            let image: ImageView = client.post("images/push", &json!({ "tag": tag, "bad": bad }))?;
            output::print(&format!("{}:{} pushed at {}\n", image.repository, image.tag, image.pushed_at))?;
        }
    }
    Ok(Exit::Success)
}
