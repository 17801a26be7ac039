//! Embedding the engine: render, compare with what is live, and plan, in pure functions.
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use gitops_core::api::application::SyncOperation;
use gitops_core::sync::{CompareRules, LiveState, SyncPolicy, Tracking, compare, plan, prepare};
use gitops_core::tree::{FileTree, TreePath};
use gitops_core::{diff::IgnoreRules, kind::Schemas, kustomize};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut tree = FileTree::new();
    tree.add("app/kustomization.yaml", "resources: [web.yaml]\nnamePrefix: dev-\n")?;
    tree.add("app/web.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {a: b}}")?;
    let rendered = kustomize::render(&tree, &TreePath::parse("app")?, &kustomize::RenderOptions::default())?;

    let (schemas, ignore) = (Schemas::built_in(), IgnoreRules::default());
    let tracking = Tracking::by_annotation("web", "dev");
    let rules = CompareRules { schemas: &schemas, ignore: &ignore, tracking: &tracking, predictions: None };
    let targets = prepare(&rendered.objects, &schemas, &tracking)?;
    let comparison = compare(&targets.objects, &LiveState::default(), &rules);

    for task in plan(&comparison, &SyncPolicy::new(&SyncOperation::default(), rules))?.tasks() {
        println!("{:?} {}", task.phase, task.key);
    }
    Ok(())
}
