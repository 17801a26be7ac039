//! The example repository (`k8s/`, `argocd/`) as the engine reads it. What its overlays render to is compared with
//! kubectl's output in `fixtures/example`.
#![expect(clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gitops_core::api::analysis::AnalysisTemplate;
use gitops_core::api::app_project::AppProject;
use gitops_core::api::application::Application;
use gitops_core::api::rollout::Rollout;
use gitops_core::diagnostic::Location;
use gitops_core::object::Object;
use gitops_core::yaml::{self, Node};

/// What kubectl prints, by the name of its directory.
const SNAPSHOTS: &[&str] = &["dev", "staging", "prod", "monitoring"];

fn text(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
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
fn printing_what_was_read_gives_the_same_bytes() {
    for name in SNAPSHOTS {
        let path = format!("fixtures/example/{name}.yaml");
        let source = text(&path);
        let documents = yaml::read(&path, &source).unwrap_or_else(|error| panic!("{error}"));
        let roots: Vec<_> = documents.iter().map(|document| &document.root).collect();
        let printed = yaml::print(&roots).unwrap_or_else(|error| panic!("{error}"));
        let first =
            printed.lines().zip(source.lines()).enumerate().find(|(_, (ours, kubectl))| ours != kubectl);
        assert!(printed == source, "{path}: first difference (line counted from 0): {first:?}");
    }
}
