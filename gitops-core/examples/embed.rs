//! Embedding the engine: render, compare with what is live, and plan, in pure functions.
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use gitops_core::api::application::SyncOperation;
use gitops_core::diff::IgnoreRules;
use gitops_core::kind::Schemas;
use gitops_core::sync::{CompareRules, LiveState, SyncOptions, SyncPolicy, Tracking, compare, plan, prepare};
use gitops_core::{kustomize, time::Timestamp, tree::FileTree, tree::TreePath};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut tree = FileTree::new();
    tree.add("app/kustomization.yaml", "resources: [web.yaml]\nnamePrefix: dev-\n")?;
    tree.add("app/web.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {a: b}}")?;
    let rendered = kustomize::render(&tree, &TreePath::parse("app")?, &kustomize::RenderOptions::default())?;

    let (schemas, ignore) = (Schemas::built_in(), IgnoreRules::default());
    let tracking = Tracking::by_annotation("web", "dev");
    let targets = prepare(&rendered.objects, &schemas, &tracking)?;
    let rules = CompareRules { schemas: &schemas, ignore: &ignore, tracking: &tracking };
    let comparison = compare(&targets.objects, &LiveState::default(), &rules);

    let (operation, options) = (SyncOperation::default(), SyncOptions::new(&[], &[]));
    let (namespace, revision, started_at) = ("dev".into(), "1a2b3c4", Timestamp::default());
    let (namespace_metadata, prune_confirmed) = (None, false);
    let policy = SyncPolicy {
        operation: &operation,
        options,
        namespace,
        namespace_metadata,
        revision,
        started_at,
        prune_confirmed,
        rules,
    };
    for task in plan(&comparison, &policy)?.tasks() {
        println!("{:?} {}", task.phase, task.key);
    }
    Ok(())
}
