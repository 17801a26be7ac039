//! `gitops build` beside `kubectl kustomize` on the same inputs in the same run.
//!
//! `cargo run --release -p gitops-benches --bin peers -- [RUNS] [DIR …]`; without a DIR it takes the overlays of
//! the example repository. `GITOPS` and `KUBECTL` name the programs.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the figures are what this program is for")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gitops_benches::compare;

const EXAMPLE: &[&str] = &["k8s/overlays/dev", "k8s/overlays/staging", "k8s/overlays/prod", "k8s/monitoring"];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let runs = arguments
        .next_if(|first| first.parse::<usize>().is_ok())
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(5);
    let named: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let directories =
        if named.is_empty() { EXAMPLE.iter().map(|path| root.join(path)).collect() } else { named };
    let gitops = std::env::var("GITOPS").unwrap_or_else(|_| beside_us("gitops"));
    let kubectl = std::env::var("KUBECTL").unwrap_or_else(|_| "kubectl".to_owned());
    println!("{:<40} {:>12} {:>12} {:>8}  output", "input", "gitops", "kubectl", "ratio");
    for directory in directories {
        let path = directory.display().to_string();
        let ours = [gitops.clone(), "build".to_owned(), path.clone()];
        let peer = [kubectl.clone(), "kustomize".to_owned(), path.clone()];
        match compare(&ours, &peer, runs) {
            Ok(measured) => println!(
                "{:<40} {:>12.2?} {:>12.2?} {:>7.1}x  {}",
                shown(&directory),
                measured.median_ours(),
                measured.median_peers(),
                measured.ratio(),
                if measured.same_output { "same" } else { "DIFFERS" }
            ),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// The last two parts of a path.
fn shown(directory: &Path) -> String {
    let parts: Vec<_> =
        directory.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

/// The program of this name in the folder of this one.
fn beside_us(name: &str) -> String {
    std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.parent()?.join(name).display().to_string()))
        .unwrap_or_else(|| name.to_owned())
}
