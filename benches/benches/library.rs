//! The library alone, on generated input: reading, printing, rendering, merging, comparing and planning.
//!
//! `cargo bench -p gitops-benches`.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use gitops_benches::inputs;
use gitops_core::api::application::SyncOperation;
use gitops_core::diff::{IgnoreRules, diff};
use gitops_core::kind::Schemas;
use gitops_core::kustomize::{RenderOptions, render};
use gitops_core::object::Object;
use gitops_core::patch::strategic_merge;
use gitops_core::sync::{CompareRules, LiveState, SyncPolicy, Tracking, compare, plan, prepare};
use gitops_core::tree::{FileTree, TreePath};
use gitops_core::yaml::{self, Document, Node};

/// How many applications the larger inputs hold, four resources each.
const APPLICATIONS: usize = 100;

type Failure = Box<dyn std::error::Error>;

/// Everything that is measured.
struct Bench {
    tree: FileTree,
    root: TreePath,
    /// What the tree renders to.
    objects: Vec<Object>,
    /// The same as text.
    text: String,
}

impl Bench {
    fn new() -> Result<Self, Failure> {
        let tree = inputs::tree(&inputs::overlay(APPLICATIONS))?;
        let root = TreePath::parse(inputs::OVERLAY)?;
        let objects = render(&tree, &root, &RenderOptions::default())?.objects;
        let roots: Vec<&Node> = objects.iter().map(|object| &object.root).collect();
        let text = yaml::print(&roots)?;
        Ok(Self { tree, root, objects, text })
    }

    fn object(&self, kind: &str) -> Result<&Object, Failure> {
        Ok(self.objects.iter().find(|object| object.key.kind == kind).ok_or("the kind is not there")?)
    }
}

fn reading_and_printing(criterion: &mut Criterion, bench: &Bench) -> Result<(), Failure> {
    let mut group = criterion.benchmark_group("yaml");
    group.throughput(Throughput::Bytes(u64::try_from(bench.text.len())?));
    group.bench_function("read", |timer| {
        timer.iter(|| yaml::read_resources("bench.yaml", black_box(bench.text.as_bytes())));
    });
    let documents: Vec<Document> = yaml::read_resources("bench.yaml", bench.text.as_bytes())?;
    let roots: Vec<&Node> = documents.iter().map(|document| &document.root).collect();
    group.bench_function("print", |timer| timer.iter(|| yaml::print(black_box(&roots))));
    group.finish();
    Ok(())
}

fn rendering(criterion: &mut Criterion, bench: &Bench) -> Result<(), Failure> {
    let mut group = criterion.benchmark_group("render");
    group.sample_size(20);
    let options = RenderOptions::default();
    let small = inputs::tree(&inputs::base_and_overlay())?;
    group.bench_function("base and overlay", |timer| {
        timer.iter(|| render(black_box(&small), &bench.root, &options));
    });
    group.bench_function("100 applications", |timer| {
        timer.iter(|| render(black_box(&bench.tree), &bench.root, &options));
    });
    // Real data where it is at hand.
    if let Some((root, directory)) = inputs::real(inputs::ARGO_CD) {
        let (tree, directory) = (inputs::load(&root)?, TreePath::parse(&directory)?);
        group.bench_function("Argo CD", |timer| {
            timer.iter(|| render(black_box(&tree), &directory, &options));
        });
    }
    group.finish();
    Ok(())
}

fn merging_and_comparing(criterion: &mut Criterion, bench: &Bench) -> Result<(), Failure> {
    let schemas = Schemas::built_in();
    let deployment = bench.object("Deployment")?;
    let files = inputs::base_and_overlay();
    let (_, patch) = files.iter().find(|(path, _)| path.ends_with("patch.yaml")).ok_or("no patch")?;
    let patch = yaml::read_one("patch.yaml", patch)?;
    criterion.bench_function("strategic merge", |timer| {
        let merge = |mut target: Node| strategic_merge(&mut target, black_box(&patch), &schemas, None);
        timer.iter_batched(|| deployment.root.clone(), merge, BatchSize::SmallInput);
    });
    let live = live(deployment)?;
    let ignore = IgnoreRules::default();
    criterion.bench_function("three-way diff", |timer| {
        timer.iter(|| diff(black_box(deployment), black_box(&live), &schemas, &ignore));
    });
    Ok(())
}

/// The object as a cluster would hold it: with a status, with what was applied before, and scaled by someone.
fn live(desired: &Object) -> Result<Object, Failure> {
    let mut live = desired.clone();
    let applied = desired.root.to_json()?.to_string();
    let path = ["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"];
    live.root.set_at(&path, Node::string(applied));
    live.root.set_at(&["spec", "replicas"], Node::integer(9));
    live.root.set_at(&["status", "readyReplicas"], Node::integer(9));
    Ok(live)
}

fn planning(criterion: &mut Criterion, bench: &Bench) -> Result<(), Failure> {
    let (schemas, ignore) = (Schemas::built_in(), IgnoreRules::default());
    let tracking = Tracking::by_annotation("bench", "dev");
    let rules = CompareRules { schemas: &schemas, ignore: &ignore, tracking: &tracking, predictions: None };
    let targets = prepare(&bench.objects, &schemas, &tracking)?;
    let live = LiveState::new(targets.objects.iter().step_by(2).cloned());
    criterion.bench_function("compare 400 objects", |timer| {
        timer.iter(|| compare(black_box(&targets.objects), &live, &rules));
    });
    let comparison = compare(&targets.objects, &live, &rules);
    let operation = SyncOperation::default();
    criterion.bench_function("plan 400 objects", |timer| {
        timer.iter(|| {
            plan(black_box(&comparison), &SyncPolicy::new(&operation, rules)).map(|plan| plan.waves.len())
        });
    });
    Ok(())
}

#[expect(clippy::panic, reason = "a benchmark without its input has nothing to measure")]
fn all(criterion: &mut Criterion) {
    let measure = |criterion: &mut Criterion| -> Result<(), Failure> {
        let bench = Bench::new()?;
        reading_and_printing(criterion, &bench)?;
        rendering(criterion, &bench)?;
        merging_and_comparing(criterion, &bench)?;
        planning(criterion, &bench)
    };
    if let Err(error) = measure(criterion) {
        panic!("{error}");
    }
}

criterion_group!(library, all);
criterion_main!(library);
