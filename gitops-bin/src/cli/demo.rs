//! `gitops demo`: the whole story, on a virtual clock.

use super::{Exit, Failure, output};
use crate::demo;

/// Play the whole story: a tag travels from the registry to production, and a bad one comes back
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Needs no cluster, no cloud and no network. Exits with 0 only if every expected state was reached.\n\nExamples:\n  gitops demo\n  gitops demo --color never > story.txt"
)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments) -> Result<Exit, Failure> {
    let start = std::time::Instant::now();
    let print = |text: &str| {
        let _ = output::print(text);
    };
    let reached = demo::run(print).map_err(|error| Failure::outside(error.to_string()))?;
    let seconds = start.elapsed().as_secs_f32();
    output::print(&format!("\n{reached} expected states reached in {seconds:.1} s\n"))?;
    Ok(Exit::Success)
}
