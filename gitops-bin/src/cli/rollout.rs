//! `gitops rollout`: Rollouts, with the verbs and glyphs of the Argo Rollouts plugin.

use std::fmt::Write as _;

use clap::Subcommand;
use serde_json::json;

use super::client::Client;
use super::format::{Format, FormatArgument, print_value};
use super::sync::person;
use super::{Exit, Failure, Global, output};
use crate::text;
use crate::view::{AnalysisRunView, ListView, RolloutView};

/// Watch and move Rollouts
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gitops rollout status myapp\n  gitops rollout promote myapp --full\n  gitops rollout abort myapp --as operator"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show the steps, the ReplicaSets and the analysis of a Rollout
    #[command(visible_alias = "get")]
    Status(Target),
    /// Go on from a pause, or skip the rest of the steps with `--full`
    Promote {
        #[command(flatten)]
        target: Target,
        /// Skip all steps and analysis
        #[arg(long)]
        full: bool,
    },
    /// Send all traffic back to the stable version
    Abort(Target),
    /// Try an aborted update again from its first step
    Retry(Target),
}

#[derive(Debug, clap::Args)]
struct Target {
    /// The Rollout
    name: String,
    /// Its namespace; may be left out where the name is unique
    #[arg(short, long)]
    namespace: Option<String>,
    /// Who asks for it; recorded as unverified
    #[arg(long = "as", value_name = "NAME")]
    person: Option<String>,
    #[command(flatten)]
    output: FormatArgument,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<Exit, Failure> {
    let client = Client::connect(global)?;
    match &arguments.verb {
        Verb::Status(target) => {
            let rollout = find(&client, target)?;
            match target.output.format {
                Format::Table => output::print(&render(&rollout))?,
                Format::Name => output::print(&format!("rollout.argoproj.io/{}\n", rollout.name))?,
                format @ (Format::Json | Format::Yaml) => print_value(format, &rollout)?,
            }
            Ok(if rollout.phase == "Degraded" { Exit::Finding } else { Exit::Success })
        }
        Verb::Promote { target, full } => {
            act(&client, target, if *full { "promote-full" } else { "promote" })
        }
        Verb::Abort(target) => act(&client, target, "abort"),
        Verb::Retry(target) => act(&client, target, "retry"),
    }
}

fn act(client: &Client, target: &Target, verb: &str) -> Result<Exit, Failure> {
    let rollout = find(client, target)?;
    let path = format!("rollouts/{}/{}/{verb}", rollout.namespace, rollout.name);
    let body = json!({ "initiatedBy": person(target.person.as_ref())? });
    let after: RolloutView = client.post(&path, &body)?;
    output::print(&render(&after))?;
    Ok(Exit::Success)
}

fn find(client: &Client, target: &Target) -> Result<RolloutView, Failure> {
    let list: ListView<RolloutView> = client.get("rollouts")?;
    let wanted = |rollout: &RolloutView| {
        rollout.name == target.name
            && target.namespace.as_ref().is_none_or(|namespace| *namespace == rollout.namespace)
    };
    let mut found: Vec<RolloutView> = list.items.into_iter().filter(wanted).collect();
    match found.len() {
        1 => found.pop().ok_or_else(|| Failure::usage("no Rollout")),
        0 => Err(Failure::usage(format!("no Rollout is called `{}`", target.name))
            .hint(Some("list them with `gitops get rollouts`"))),
        _ => Err(Failure::usage(format!("`{}` stands in several namespaces", target.name))
            .hint(Some("choose one with `--namespace`"))),
    }
}

/// The glyph of a phase or state, as the Argo Rollouts plugin draws it.
fn glyph(state: &str) -> char {
    match state {
        "Healthy" | "Successful" | "done" => '✔',
        "Degraded" | "Failed" | "Error" | "failed" => '✖',
        "Paused" | "Inconclusive" => '॥',
        "pending" => '·',
        _ => '◌',
    }
}

/// A Rollout for people.
pub(crate) fn render(rollout: &RolloutView) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "Name:      {}", rollout.name);
    let _ = writeln!(text, "Namespace: {}", rollout.namespace);
    let _ = writeln!(text, "Status:    {} {}", glyph(&rollout.phase), rollout.phase);
    if !rollout.message.is_empty() {
        let _ = writeln!(text, "Message:   {}", text::printable(&rollout.message));
    }
    let _ = writeln!(text, "Step:      {}/{}", rollout.step, rollout.steps.len());
    let _ = writeln!(text, "SetWeight: {}   ActualWeight: {}", rollout.set_weight, rollout.actual_weight);
    let _ = writeln!(text);
    for step in &rollout.steps {
        let _ = writeln!(text, "  {} {}", glyph(&step.state), step.title);
    }
    let _ = writeln!(text, "\n⟳ {}", rollout.name);
    for set in &rollout.replica_sets {
        let _ = writeln!(
            text,
            "├──# revision:{}  ⧉ {}  {}  {}/{}  {}",
            set.revision,
            set.name,
            set.role,
            set.available,
            set.desired,
            set.images.join(",")
        );
    }
    for run in &rollout.analysis_runs {
        render_run(&mut text, run);
    }
    text
}

fn render_run(text: &mut String, run: &AnalysisRunView) {
    let _ = writeln!(
        text,
        "└──α {}  {} {}  {}",
        run.name,
        glyph(&run.phase),
        run.phase,
        text::printable(&run.message)
    );
    for metric in &run.metrics {
        let values: Vec<&str> =
            metric.measurements.iter().map(|measurement| measurement.value.as_str()).collect();
        let _ = writeln!(
            text,
            "     {} {}  {}  [{}]",
            glyph(&metric.phase),
            metric.name,
            text::printable(&metric.condition),
            values.join(" ")
        );
    }
}
