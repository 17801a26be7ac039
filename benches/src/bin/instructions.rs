//! Counts the instructions that a render and its print take for each resource, and fails where a large input takes
//! noticeably more of them for each than a small one: a machine may be slow, a count is not.
//!
//! `cargo run --release -p gitops-benches --bin instructions -- [--most RATIO] [APPLICATIONS …]`. Needs valgrind.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the figures are what this program is for")]

use std::process::{Command, ExitCode};

use clap::Parser as _;
use gitops_benches::inputs;
use gitops_core::kustomize::{RenderOptions, render};
use gitops_core::tree::{FileTree, TreePath};
use gitops_core::yaml;

/// Count the instructions of a render with callgrind
#[derive(Debug, clap::Parser)]
struct Arguments {
    /// How many applications each input has: the first is the small one that the others are held against
    #[arg(default_values_t = [100, 1000, 10_000])]
    applications: Vec<usize>,
    /// How many times the instructions of the first input each other one may take for a resource
    #[arg(long, value_name = "RATIO", default_value_t = 1.25)]
    most: f64,
    /// Render and print an input of this many applications
    #[arg(long, value_name = "APPLICATIONS", exclusive = true)]
    render: Option<usize>,
}

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.render {
        Some(applications) => work(applications),
        None => compare(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What is counted.
fn work(applications: usize) -> Result<(), Failure> {
    let tree = inputs::tree(&inputs::overlay(applications))?;
    let root = TreePath::parse(inputs::OVERLAY)?;
    let length = render_and_print(&tree, &root)?;
    println!("{length} bytes");
    Ok(())
}

/// Callgrind counts within this function alone.
#[inline(never)]
fn render_and_print(tree: &FileTree, root: &TreePath) -> Result<usize, Failure> {
    let rendered = render(tree, root, &RenderOptions::default())?;
    let roots: Vec<&yaml::Node> = rendered.objects.iter().map(|object| &object.root).collect();
    Ok(yaml::print(&roots)?.len())
}

#[expect(clippy::cast_precision_loss, reason = "counts for people")]
fn compare(arguments: &Arguments) -> Result<(), Failure> {
    println!(
        "{:>12} {:>10} {:>16} {:>14} {:>7}",
        "applications", "resources", "instructions", "a resource", "ratio"
    );
    let mut first = None;
    let mut worst = 1.0_f64;
    for applications in &arguments.applications {
        let instructions = count(*applications)?;
        let resources = applications * inputs::RESOURCES_OF_AN_APPLICATION;
        let each = instructions as f64 / resources as f64;
        let ratio = each / *first.get_or_insert(each);
        worst = worst.max(ratio);
        println!("{applications:>12} {resources:>10} {instructions:>16} {each:>14.0} {ratio:>6.3}x");
    }
    if worst > arguments.most {
        return Err(format!(
            "a resource takes {worst:.3} times the instructions, {} are allowed",
            arguments.most
        )
        .into());
    }
    Ok(())
}

/// The instructions of [`render_and_print`] in a run of this program under callgrind.
fn count(applications: usize) -> Result<u64, Failure> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*render_and_print*"])
        .arg(std::env::current_exe()?)
        .arg(format!("--render={applications}"))
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report.lines().find_map(|line| line.split_once("Collected :"));
    let count = collected.and_then(|(_, count)| count.trim().parse().ok()).filter(|count| *count > 0);
    count.ok_or_else(|| format!("valgrind counted nothing:\n{report}").into())
}
