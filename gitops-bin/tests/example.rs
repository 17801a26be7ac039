//! The example repository (`k8s/`, `argocd/`) as the engine reads it. What its overlays render to is compared with
//! kubectl's output in `fixtures/example`.
#![expect(clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gitops_core::api::analysis::AnalysisTemplate;
use gitops_core::api::app_project::AppProject;
use gitops_core::api::application::Application;
use gitops_core::api::rollout::Rollout;
use gitops_core::diagnostic::Location;
use gitops_core::kustomize::{self, RenderOptions};
use gitops_core::object::Object;
use gitops_core::tree::{FileTree, TreePath};
use gitops_core::yaml::{self, Node};

/// Directories to build, and what kubectl prints for them.
const SNAPSHOTS: &[(&str, &str)] = &[
    ("k8s/overlays/dev", "fixtures/example/dev.yaml"),
    ("k8s/overlays/staging", "fixtures/example/staging.yaml"),
    ("k8s/overlays/prod", "fixtures/example/prod.yaml"),
    ("k8s/monitoring", "fixtures/example/monitoring.yaml"),
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Adds the files below `folder`, a path in the workspace, to `tree`.
fn add_folder(tree: &mut FileTree, folder: &str) {
    for entry in fs::read_dir(workspace().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}")) {
        let entry = entry.unwrap_or_else(|error| panic!("{folder}: {error}"));
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            add_folder(tree, &path);
        } else {
            tree.add(&path, text(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        }
    }
}

/// Panics at the first line in which what was printed is not what kubectl prints.
fn assert_same_bytes(path: &str, printed: &str, kubectl: &str) {
    let lines = printed.lines().zip(kubectl.lines()).enumerate();
    let first = lines.map(|(index, pair)| (index + 1, pair)).find(|(_, (ours, theirs))| ours != theirs);
    assert!(printed == kubectl, "{path}: first difference (line, (ours, kubectl's)): {first:?}");
}

fn manifest(path: &str) -> (Node, Location) {
    (yaml::read_one(path, &text(path)).unwrap_or_else(|error| panic!("{error}")), Location::file(path))
}

fn application(name: &str) -> Application {
    let (root, at) = manifest(&format!("argocd/apps/{name}.yaml"));
    Application::from_node(&root, &at).unwrap_or_else(|error| panic!("{error}"))
}

fn rendered(name: &str) -> Vec<Object> {
    let path = format!("fixtures/example/{name}.yaml");
    let documents = yaml::read(&path, &text(&path)).unwrap_or_else(|error| panic!("{error}"));
    documents.into_iter().map(|document| Object::new(document.root, Location::file(path.as_str()))).collect()
}

#[test]
fn only_prod_waits_for_a_person() {
    for (name, automated) in [("myapp-dev", true), ("myapp-staging", true), ("myapp-prod", false)] {
        let policy = application(name).spec.sync_policy;
        let given =
            policy.automated.map(|automated| (automated.is_enabled(), automated.prune, automated.self_heal));
        assert_eq!(given, automated.then_some((true, Some(true), Some(true))), "{name}");
        assert!(policy.sync_options.iter().any(|option| option == "CreateNamespace=true"), "{name}");
    }
}

#[test]
fn prod_leaves_the_replicas_to_the_autoscaler() {
    let spec = application("myapp-prod").spec;
    let ignored = spec.ignore_differences.iter().find(|rule| rule.kind == "Rollout").unwrap();
    assert_eq!(ignored.json_pointers, ["/spec/replicas"]);
    assert!(spec.sync_policy.sync_options.iter().any(|option| option == "RespectIgnoreDifferences=true"));
    let rollout = rendered("prod").iter().find_map(|object| Rollout::of(object).ok()).unwrap();
    assert_eq!(rollout.spec.replicas, None);
}

#[test]
fn project_lists_the_kinds_that_the_overlays_render() {
    let (root, at) = manifest("argocd/projects/gitops-demo-project.yaml");
    let project = AppProject::from_node(&root, &at).unwrap_or_else(|error| panic!("{error}"));
    let listed = project.spec.resources.namespace_whitelist.unwrap();
    let listed: BTreeSet<_> = listed.into_iter().map(|item| (item.group, item.kind)).collect();
    let objects = ["dev", "staging", "prod"].into_iter().flat_map(rendered);
    let rendered: BTreeSet<_> = objects.map(|object| (object.key.group, object.key.kind)).collect();
    assert_eq!(listed, rendered);
}

#[test]
fn canary_steps_name_templates_that_are_rendered() {
    let objects = rendered("prod");
    let templates = objects.iter().filter(|object| object.key.kind == "AnalysisTemplate");
    let names: BTreeSet<_> = templates
        .map(|object| AnalysisTemplate::of(object).unwrap_or_else(|error| panic!("{error}")).key.name)
        .collect();
    assert!(names.iter().eq(["p99-latency", "success-rate"]));
    let rollout = objects.iter().find(|object| object.key.kind == "Rollout").unwrap();
    let rollout = Rollout::of(rollout).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rollout.steps().len(), 7);
    assert!(rollout.traffic_routing().is_some());
}

#[test]
fn every_directory_renders_to_the_bytes_that_kubectl_prints() {
    let mut tree = FileTree::new();
    add_folder(&mut tree, "k8s");
    for (directory, snapshot) in SNAPSHOTS {
        let root = TreePath::parse(directory).unwrap();
        let rendered = kustomize::render(&tree, &root, &RenderOptions::default());
        let rendered = rendered.unwrap_or_else(|error| panic!("{directory}: {error}"));
        let roots: Vec<_> = rendered.objects.iter().map(|object| &object.root).collect();
        let printed = yaml::print(&roots).unwrap_or_else(|error| panic!("{directory}: {error}"));
        assert_same_bytes(snapshot, &printed, &text(snapshot));
        assert_eq!(rendered.warnings, [], "{directory}");
    }
}

#[test]
fn printing_what_was_read_gives_the_same_bytes() {
    for (_, snapshot) in SNAPSHOTS {
        let source = text(snapshot);
        let documents = yaml::read(snapshot, &source).unwrap_or_else(|error| panic!("{error}"));
        let roots: Vec<_> = documents.iter().map(|document| &document.root).collect();
        let printed = yaml::print(&roots).unwrap_or_else(|error| panic!("{error}"));
        assert_same_bytes(snapshot, &printed, &source);
    }
}
