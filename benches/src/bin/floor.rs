//! `gitops build` beside the floor: reading and printing the same files with a named stack of crates.
//!
//! `cargo run --release -p gitops-benches --bin floor -- [--runs N] [INPUT …]`. Both are processes of one thread,
//! run in turn, that read the same files from disk and print to a pipe.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the figures are what this program is for")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser as _;
use gitops_benches::commands::compare;
use gitops_benches::{floor, inputs};

/// Measure `gitops build` beside reading and printing the same files with the fastest crates
#[derive(Debug, clap::Parser)]
struct Arguments {
    /// `argo-cd`, `kube-prometheus` or `applications-N`
    #[arg(default_values = ["argo-cd", "kube-prometheus", "applications-1000"])]
    inputs: Vec<String>,
    /// How often each input is built
    #[arg(long, default_value_t = 21)]
    runs: usize,
    /// Our program
    #[arg(long, env = "GITOPS")]
    gitops: Option<String>,
    /// Be the floor: read and print the files that this file names
    #[arg(long, value_name = "FILE")]
    print: Option<PathBuf>,
}

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.print {
        Some(list) => print(list),
        None => measure(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The floor itself.
fn print(list: &Path) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    for path in std::fs::read_to_string(list)?.lines() {
        let text = std::fs::read_to_string(path)?;
        out.write_all(floor::read_and_print(&text)?.as_bytes())?;
    }
    Ok(())
}

fn measure(arguments: &Arguments) -> Result<(), Failure> {
    let this = std::env::current_exe()?;
    let beside = || this.with_file_name("gitops").display().to_string();
    let gitops = arguments.gitops.clone().unwrap_or_else(beside);
    println!(
        "{:<20} {:>6} {:>8} {:>10} {:>10} {:>12} {:>12}",
        "input", "files", "kB", "gitops", "floor", "engine/floor", "of CPU time"
    );
    let scratch = tempfile::tempdir()?;
    for name in &arguments.inputs {
        let Some((root, directory)) = place(name, scratch.path())? else {
            println!("{name:<20} is not at hand");
            continue;
        };
        let files = inputs::files_of(&root, &directory)?;
        let list = scratch.path().join("files");
        let lines: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
        std::fs::write(&list, lines.join("\n"))?;
        let bytes = files.iter().map(|path| Ok(path.metadata()?.len())).sum::<std::io::Result<u64>>()?;
        let ours = [gitops.clone(), "build".to_owned(), root.join(directory).display().to_string()];
        let floor = [this.display().to_string(), "--print".to_owned(), list.display().to_string()];
        let measured = compare(&ours, &floor, arguments.runs)?;
        println!(
            "{name:<20} {:>6} {:>8} {:>10.2?} {:>10.2?} {:>11.2}x {:>11.2}x",
            files.len(),
            bytes / 1000,
            measured.median_ours(),
            measured.median_peers(),
            1.0 / measured.ratio(),
            1.0 / measured.processor_ratio(),
        );
    }
    Ok(())
}

/// A directory that holds all of an input, and the kustomization in it.
fn place(name: &str, scratch: &Path) -> std::io::Result<Option<(PathBuf, String)>> {
    match (name, name.strip_prefix("applications-").and_then(|number| number.parse().ok())) {
        (_, Some(applications)) => {
            let root = scratch.join(name);
            inputs::write(&inputs::overlay(applications), &root)?;
            Ok(Some((root, inputs::OVERLAY.to_owned())))
        }
        ("argo-cd", None) => Ok(inputs::real(inputs::ARGO_CD)),
        ("kube-prometheus", None) => Ok(inputs::real(inputs::KUBE_PROMETHEUS)),
        (_, None) => Ok(None),
    }
}
