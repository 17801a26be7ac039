//! The example repository (`k8s/`, `argocd/`) as the engine reads it. What `gitops build` prints of it is compared
//! with insta snapshots that hold kubectl's output: `scripts/update_example_snapshots.sh` writes them.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitops_core::api::analysis::AnalysisTemplate;
use gitops_core::api::app_project::AppProject;
use gitops_core::api::application::Application;
use gitops_core::api::rollout::Rollout;
use gitops_core::diagnostic::Location;
use gitops_core::object::Object;
use gitops_core::yaml::{self, Node};

/// The snapshots, by the directories that they are of.
const SNAPSHOTS: &[(&str, &str)] = &[
    ("k8s/overlays/dev", "dev"),
    ("k8s/overlays/staging", "staging"),
    ("k8s/overlays/prod", "prod"),
    ("k8s/monitoring", "monitoring"),
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What kubectl prints: a snapshot without insta's header.
fn kubectl(name: &str) -> String {
    let path = format!("gitops-bin/tests/snapshots/example__{name}.snap");
    let snapshot = text(&path);
    let content = snapshot.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    content.unwrap_or_else(|| panic!("{path} has no header")).1.to_owned()
}

/// What `gitops build` prints.
fn gitops_build(directory: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitops"));
    let output = command.args(["build", directory]).current_dir(workspace()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{directory}");
    assert!(output.status.success(), "{directory}: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
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
    let documents = yaml::read(name, &kubectl(name)).unwrap_or_else(|error| panic!("{error}"));
    documents.into_iter().map(|document| Object::new(document.root, Location::file(name))).collect()
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
fn every_directory_builds_to_the_snapshot_of_kubectl() {
    for (directory, name) in SNAPSHOTS {
        let built = gitops_build(directory);
        insta::assert_snapshot!(*name, built);
        // insta passes over white space at the ends; the bytes count here.
        assert_same_bytes(directory, &built, &kubectl(name));
    }
}

#[test]
fn printing_what_was_read_gives_the_same_bytes() {
    for (directory, name) in SNAPSHOTS {
        let source = kubectl(name);
        let documents = yaml::read(name, &source).unwrap_or_else(|error| panic!("{error}"));
        let roots: Vec<_> = documents.iter().map(|document| &document.root).collect();
        let printed = yaml::print(&roots).unwrap_or_else(|error| panic!("{error}"));
        assert_same_bytes(directory, &printed, &source);
    }
}
