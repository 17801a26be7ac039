//! The flags of `kustomize build` and `kubectl kustomize` that scripts pass, and that mean nothing or little here.
//!
//! A flag for what is not supported is taken: the build itself says so where a kustomization needs it.

use clap::{ArgAction, ValueEnum};
use gitops_core::kustomize::{HelmOptions, Reorder};

use crate::helm::Helm;

/// The flags.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Flags of kustomize")]
pub(super) struct Compatibility {
    #[command(flatten)]
    helm: HelmFlags,
    #[command(flatten)]
    functions: Functions,
    /// The order of the output, where the kustomization has no `sortOptions`
    #[arg(long, value_name = "ORDER", default_value = "legacy")]
    reorder: Order,
    /// Label every object with what built it
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, value_name = "BOOL",
        default_value = "false", default_missing_value = "true", value_parser = boolean)]
    enable_managedby_label: bool,
}

impl Compatibility {
    /// The order that was asked for.
    pub(super) fn reorder(&self) -> Reorder {
        match self.reorder {
            Order::Legacy => Reorder::Legacy,
            Order::None => Reorder::None,
        }
    }

    /// How charts are rendered, if they are.
    pub(super) fn helm(&self) -> Option<HelmOptions> {
        self.helm.enable_helm.then(|| HelmOptions {
            api_versions: self.helm.helm_api_versions.clone(),
            kube_version: self.helm.helm_kube_version.clone().unwrap_or_default(),
            debug: self.helm.helm_debug,
        })
    }

    /// The program that renders charts.
    pub(super) fn helm_program(&self) -> Helm {
        let named = self.helm.helm_command.clone().filter(|command| !command.is_empty());
        named.map_or_else(Helm::default, |command| Helm { command, ..Helm::default() })
    }

    /// Whether to label what is built.
    pub(super) fn managed_by_label(&self) -> bool {
        self.enable_managedby_label
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    /// By kind
    Legacy,
    /// As the resources were read
    None,
}

/// What renders charts.
#[derive(Debug, clap::Args)]
struct HelmFlags {
    /// Render Helm charts with the program `helm`
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, value_name = "BOOL",
        default_value = "false", default_missing_value = "true", value_parser = boolean)]
    enable_helm: bool,
    /// The program that renders them: a name or a path
    #[arg(long, value_name = "COMMAND", hide_short_help = true)]
    helm_command: Option<String>,
    /// The versions of APIs that the cluster is said to have, for charts that name none
    #[arg(long, value_name = "VERSIONS", value_delimiter = ',', hide_short_help = true)]
    helm_api_versions: Vec<String>,
    /// The version of Kubernetes that the cluster is said to have, for charts that name none
    #[arg(long, value_name = "VERSION", hide_short_help = true)]
    helm_kube_version: Option<String>,
    /// Let `helm` say more when it fails
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, value_name = "BOOL",
        default_value = "false", default_missing_value = "true", value_parser = boolean, hide_short_help = true)]
    helm_debug: bool,
}

/// Programs and containers are never run.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "kustomize has these flags")]
struct Functions {
    /// Taken for compatibility: plugins that are programs or containers are not run
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, value_name = "BOOL",
        default_value = "false", default_missing_value = "true", value_parser = boolean)]
    enable_alpha_plugins: bool,
    /// Taken for compatibility
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, value_name = "BOOL",
        default_value = "false", default_missing_value = "true", value_parser = boolean, hide_short_help = true)]
    enable_exec: bool,
    /// Taken for compatibility
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, value_name = "BOOL",
        default_value = "false", default_missing_value = "true", value_parser = boolean, hide_short_help = true)]
    as_current_user: bool,
    /// Taken for compatibility
    #[arg(short, long, value_name = "NAME=VALUE", hide_short_help = true)]
    env: Vec<String>,
    /// Taken for compatibility
    #[arg(long, value_name = "MOUNT", hide_short_help = true)]
    mount: Vec<String>,
    /// Taken for compatibility
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, value_name = "BOOL",
        default_value = "false", default_missing_value = "true", value_parser = boolean, hide_short_help = true)]
    network: bool,
    /// Taken for compatibility
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    network_name: Option<String>,
}

/// A boolean as Go's flags spell it.
fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("write `true` or `false`".to_owned()),
    }
}
