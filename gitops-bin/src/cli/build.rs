//! `gitops build`: what `kustomize build` prints.

use std::path::PathBuf;

use super::{Exit, Failure};

/// Print the objects of a kustomization, byte for byte as kustomize does
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gitops build k8s/overlays/prod\n  gitops build k8s/overlays/prod --at HEAD~1"
)]
pub(super) struct Arguments {
    /// The directory of the kustomization
    #[arg(default_value = ".")]
    directory: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    Err(Failure::usage(format!("cannot build `{}` yet", arguments.directory.display())))
}
