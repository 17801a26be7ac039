//! `gitops build --all` beside one `kubectl kustomize` for each overlay, on the same cores; and how much of a render a
//! change of one file costs.
//!
//! `cargo run --release -p gitops-benches --bin all -- [OVERLAYS] [PEERS]`: so many overlays (500) over one base of three
//! applications are built by us, and so many of them (20) by the peer, whose time is then counted for all.
//! `GITOPS` and `KUBECTL` name the programs.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the figures are what this program is for")]

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gitops_core::kustomize::{self, Cache, RenderOptions};
use gitops_core::tree::{FileTree, TreePath};

/// How often each measurement is repeated; the median counts.
const RUNS: usize = 5;

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let overlays = numbers.next().transpose()?.unwrap_or(500);
    let peers = numbers.next().transpose()?.unwrap_or(20).clamp(1, overlays.max(1));
    let gitops = std::env::var("GITOPS").unwrap_or_else(|_| beside_us("gitops"));
    let kubectl = std::env::var("KUBECTL").unwrap_or_else(|_| "kubectl".to_owned());
    let folder = std::env::temp_dir().join(format!("gitops-bench-{}", std::process::id()));
    let measured = compare(&folder, (&gitops, &kubectl), (overlays, peers));
    // What is left of it is no failure of the measurement.
    let _ = std::fs::remove_dir_all(&folder);
    measured?;
    incremental(1000)
}

/// Measures `--all` and the peers in turn.
fn compare(
    folder: &Path,
    (gitops, kubectl): (&str, &str),
    (overlays, peers): (usize, usize),
) -> Result<(), Failure> {
    for (path, text) in files(3, overlays) {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(path, text)?;
    }
    std::fs::create_dir_all(folder.join(".git"))?;
    let cores = std::thread::available_parallelism()?.get();
    let (mut ours, mut theirs) = (vec![], vec![]);
    for _ in 0..RUNS {
        ours.push(time(|| quiet(Command::new(gitops).args(["build", "--all"]).arg(folder)))?);
        theirs.push(time(|| each(kubectl, folder, (peers, cores)))?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let of_all = theirs.as_secs_f64() * count(overlays) / count(peers);
    println!("{overlays} overlays over one base of 3 applications, {cores} cores:");
    println!("  gitops build --all   {ours:>10.2?}");
    println!(
        "  kubectl kustomize    {theirs:>10.2?} for {peers} of them, one process each, {cores} at a time"
    );
    println!("                       {of_all:>9.2}s for all, by that rate");
    println!("  ratio                {:>9.0}x", of_all / ours.as_secs_f64());
    Ok(())
}

/// Runs the peer once for each of the first `peers` overlays, on all cores.
fn each(kubectl: &str, folder: &Path, (peers, cores): (usize, usize)) -> Result<(), Failure> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), String> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= peers {
                return Ok(());
            }
            let directory = folder.join(format!("overlays/o{at:05}"));
            quiet(Command::new(kubectl).arg("kustomize").arg(directory))
                .map_err(|error| error.to_string())?;
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().map(|worker| worker.join().unwrap_or(Ok(())));
        results.collect::<Result<Vec<()>, String>>()
    })?;
    Ok(())
}

/// Measures a render of an overlay of `applications`: whole, with nothing changed, and with one file changed.
fn incremental(applications: usize) -> Result<(), Failure> {
    let mut tree = FileTree::new();
    for (path, text) in files(applications, 1) {
        tree.add(&path, text)?;
    }
    let root = TreePath::parse("overlays/o00000")?;
    let options = RenderOptions::default();
    let (mut whole, mut unchanged, mut changed) = (vec![], vec![], vec![]);
    for run in 0..RUNS {
        let mut cache = Cache::new();
        whole.push(time(|| Ok(kustomize::render(&tree, &root, &options).map(drop)?))?);
        let first = kustomize::render_with(&tree, &root, &options, &cache);
        cache.merge(first.learned);
        unchanged.push(time(|| {
            drop(kustomize::render_with(&tree, &root, &options, &cache));
            Ok(())
        })?);
        let mut next = tree.clone();
        next.add(
            "base/app-00001.yaml",
            application(1).replace("replicas: 1", &format!("replicas: {}", run + 2)),
        )?;
        changed.push(time(|| {
            drop(kustomize::render_with(&next, &root, &options, &cache));
            Ok(())
        })?);
    }
    println!("an overlay of {applications} applications, rendered by the library on one core:");
    println!("  whole                {:>10.2?}", median(whole));
    println!("  nothing changed      {:>10.2?}", median(unchanged));
    println!("  one file changed     {:>10.2?}", median(changed));
    Ok(())
}

/// One base of `applications`, and overlays of it, each with a prefix, a namespace, a label and an image of its own.
fn files(applications: usize, overlays: usize) -> Vec<(String, String)> {
    let names: Vec<String> = (0..applications).map(|at| format!("- app-{at:05}.yaml\n")).collect();
    let resources = format!("resources:\n{}", names.concat());
    let mut files = vec![("base/kustomization.yaml".to_owned(), resources)];
    files.extend((0..applications).map(|at| (format!("base/app-{at:05}.yaml"), application(at))));
    for at in 0..overlays {
        let text = format!(
            "resources: [../../base]\nnamePrefix: o{at:05}-\nnamespace: team-{at:05}\nlabels:\n- pairs: {{env: \
             o{at:05}}}\n  includeSelectors: true\nimages:\n- name: example/web\n  newTag: 3.{at}\npatches:\n- path: \
             patch.yaml\n"
        );
        files.push((format!("overlays/o{at:05}/kustomization.yaml"), text));
        let patch = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app-00000}}\nspec: {{replicas: {}}}\n",
            at % 7 + 2
        );
        files.push((format!("overlays/o{at:05}/patch.yaml"), patch));
    }
    files
}

/// A ConfigMap, a Deployment that names it, and a Service.
fn application(at: usize) -> String {
    let name = format!("app-{at:05}");
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}-files\ndata:\n  motd: welcome to {name}\n---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  labels:\n    app: {name}\nspec:\n  replicas: \
         1\n  selector:\n    matchLabels:\n      app: {name}\n  template:\n    metadata:\n      labels:\n        app: \
         {name}\n    spec:\n      containers:\n      - name: main\n        image: example/web:1.0.0\n        env:\n        - \
         name: MOTD\n          valueFrom:\n            configMapKeyRef:\n              name: {name}-files\n              \
         key: motd\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  selector:\n    app: {name}\n  \
         ports:\n  - port: 80\n"
    )
}

fn quiet(command: &mut Command) -> Result<(), Failure> {
    let shown = format!("{command:?}");
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status = status.map_err(|error| format!("{shown} does not start: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{shown} fails").into()) }
}

fn time(work: impl FnOnce() -> Result<(), Failure>) -> Result<Duration, Failure> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The program of this name in the folder of this one.
fn beside_us(name: &str) -> String {
    std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.parent()?.join(name).display().to_string()))
        .unwrap_or_else(|| name.to_owned())
}
