//! `gitops build` beside `kubectl kustomize` on the same inputs in the same run.
//!
//! `cargo run --release -p gitops-benches --bin peers -- [--runs N] [INPUT …]`: an input is one of the names below
//! or a directory. The programs are `gitops` beside this one and `kubectl` on the path, unless named.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the figures are what this program is for")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser as _;
use gitops_benches::commands::compare;
use gitops_benches::inputs;

/// Measure `gitops build` beside `kubectl kustomize`
#[derive(Debug, clap::Parser)]
struct Arguments {
    /// `configmap`, `overlay`, `argo-cd`, `kube-prometheus`, `applications-N`, or a directory; by default all that
    /// take kubectl no minutes, and the overlays of the example repository
    inputs: Vec<String>,
    /// How often each input is built
    #[arg(long, default_value_t = 11)]
    runs: usize,
    /// Our program
    #[arg(long, env = "GITOPS")]
    gitops: Option<String>,
    /// The peer's
    #[arg(long, env = "KUBECTL", default_value = "kubectl")]
    kubectl: String,
}

/// The inputs that are built when none is named.
const USUAL: &[&str] = &["configmap", "overlay", "argo-cd", "kube-prometheus", "applications-100"];
const EXAMPLE: &[&str] = &["k8s/overlays/dev", "k8s/overlays/prod", "k8s/monitoring"];

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let gitops = arguments.gitops.clone().unwrap_or_else(|| beside_us("gitops"));
    println!(
        "{:<34} {:>10} {:>10} {:>8} {:>9} {:>9} {:>9}  output",
        "input", "gitops", "kubectl", "ratio", "CPU ratio", "MiB", "MiB"
    );
    let scratch = tempfile::tempdir()?;
    for name in names(&arguments.inputs) {
        let Some(directory) = directory(&name, scratch.path())? else {
            println!("{name:<34} is not at hand");
            continue;
        };
        let path = directory.display().to_string();
        let ours = [gitops.clone(), "build".to_owned(), path.clone()];
        let peer = [arguments.kubectl.clone(), "kustomize".to_owned(), path];
        let measured = compare(&ours, &peer, arguments.runs)?;
        let (our_memory, peer_memory) = measured.memory();
        println!(
            "{:<34} {:>10.2?} {:>10.2?} {:>7.1}x {:>8.1}x {:>9} {:>9}  {}",
            name,
            measured.median_ours(),
            measured.median_peers(),
            measured.ratio(),
            measured.processor_ratio(),
            our_memory >> 20,
            peer_memory >> 20,
            if measured.same_output() { "same" } else { "DIFFERS" }
        );
    }
    Ok(())
}

fn names(named: &[String]) -> Vec<String> {
    if named.is_empty() {
        USUAL.iter().chain(EXAMPLE).map(|name| (*name).to_owned()).collect()
    } else {
        named.to_vec()
    }
}

/// The directory of an input, made below `scratch` where it is generated; none where it is real and not at hand.
fn directory(name: &str, scratch: &Path) -> std::io::Result<Option<PathBuf>> {
    let applications = name.strip_prefix("applications-").and_then(|number| number.parse().ok());
    let files = match (name, applications) {
        ("configmap", _) => inputs::one_config_map(),
        ("overlay", _) => inputs::base_and_overlay(),
        (_, Some(applications)) => inputs::overlay(applications),
        ("argo-cd", _) => return Ok(real(inputs::ARGO_CD)),
        ("kube-prometheus", _) => return Ok(real(inputs::KUBE_PROMETHEUS)),
        (directory, None) => {
            let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(directory);
            let path = if EXAMPLE.contains(&directory) { ours } else { PathBuf::from(directory) };
            return Ok(Some(path));
        }
    };
    let directory = scratch.join(name);
    inputs::write(&files, &directory)?;
    Ok(Some(directory.join(inputs::OVERLAY)))
}

fn real(input: inputs::Real) -> Option<PathBuf> {
    inputs::real(input).map(|(root, directory)| root.join(directory))
}

/// The program of this name in the folder of this one.
fn beside_us(name: &str) -> String {
    std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.parent()?.join(name).display().to_string()))
        .unwrap_or_else(|| name.to_owned())
}
