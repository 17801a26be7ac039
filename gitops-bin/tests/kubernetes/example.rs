//! The example repository from nothing to production.

use gitops_core::object::ObjectKey;
use serde_json::{Value, json};

use crate::Case;
use crate::bench::Bench;
use crate::repository;
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[("the example, from nothing to production", story)];

/// The file that names the tag of dev.
const DEV: &str = "k8s/overlays/dev/kustomization.yaml";
const FIRST: &str = "9f1c2d3";
const SECOND: &str = "a3f2c1b";
const THIRD: &str = "b7e41d0";

fn story(bench: &mut Bench) {
    bench.apply_folder("argocd/projects");
    bench.apply_folder("argocd/apps");
    let mut stage = Stage::example(bench).with_daemon("gitopsd", &[]);
    for app in ["myapp-dev", "myapp-staging", "myapp-prod"] {
        stage.adopt(app);
    }
    from_nothing(&stage);
    drift(&stage);
    approved(&stage);
    committed(&stage);
    killed(&mut stage);
    // Nobody but people wrote to the repository.
    let subjects = repository::subjects(&stage.upstream(), DEV);
    assert_eq!(subjects, ["Describe the desired state"; 3]);
}

/// dev and staging come by themselves, prod waits.
fn from_nothing(stage: &Stage<'_>) {
    for app in ["myapp-dev", "myapp-staging"] {
        until_runs(stage, app, FIRST);
    }
    let prod = view(stage, "myapp-prod");
    assert_eq!(prod["syncStatus"], json!("OutOfSync"), "{prod}");
}

fn drift(stage: &Stage<'_>) {
    let key = ObjectKey::new("", "Service", "dev", "myapp");
    let label = "app.kubernetes.io/name";
    stage.bench.patch(&key, "{metadata: {labels: {app.kubernetes.io/name: somebody-else}}}");
    stage.until("the label is put back", || {
        (stage.live(&key).label(label) != Some("somebody-else")).then_some(())
    });
}

fn approved(stage: &Stage<'_>) {
    let (code, out, error) = stage.daemon().run(&["diff", "myapp-prod", "-o", "json"]).unwrap();
    assert_eq!(code, 1, "{out}{error}");
    let diff: Value = serde_json::from_str(&out).unwrap();
    let hash = diff["changesHash"].as_str().unwrap();
    done(stage, &["approve", "myapp-prod", "--as", "operator", "--changes", hash, "--sync", "-m", "go"]);
    until_runs(stage, "myapp-prod", FIRST);
    let status = done(stage, &["rollout", "status", "myapp"]);
    assert!(status.contains("Status:    ✔ Healthy"), "{status}");
}

fn committed(stage: &Stage<'_>) {
    push_tag(stage, FIRST, SECOND);
    until_runs(stage, "myapp-dev", SECOND);
}

/// A daemon that is killed goes on when it is started again.
fn killed(stage: &mut Stage<'_>) {
    push_tag(stage, SECOND, THIRD);
    stage.daemons[0].restart();
    until_runs(stage, "myapp-dev", THIRD);
}

/// An Application as `gitops get apps` tells of it.
fn view(stage: &Stage<'_>, name: &str) -> Value {
    let Some((0, out, _)) = stage.daemon().run(&["get", "apps", "-o", "json"]) else { return Value::Null };
    let apps: Value = serde_json::from_str(&out).unwrap();
    let items = apps["items"].as_array().cloned().unwrap_or_default();
    items.into_iter().find(|app| app["name"] == name).unwrap_or_default()
}

/// Waits until an Application is Synced, Healthy and runs `tag`.
fn until_runs(stage: &Stage<'_>, name: &str, tag: &str) {
    stage.until(&format!("{name} runs {tag}"), || {
        let app = view(stage, name);
        let there = app["syncStatus"] == "Synced" && app["healthStatus"] == "Healthy";
        (there && app["images"] == json!([tag])).then_some(())
    });
}

/// Runs `gitops` and expects it to succeed; returns what it printed.
fn done(stage: &Stage<'_>, arguments: &[&str]) -> String {
    let (code, out, error) = stage.daemon().run(arguments).unwrap();
    assert_eq!(code, 0, "{arguments:?}: {out}{error}\n{}", stage.said());
    out
}

/// Commits another tag of dev, as a person who pushes to the upstream.
fn push_tag(stage: &Stage<'_>, from: &str, to: &str) {
    repository::replace(&stage.upstream(), DEV, (from, to), repository::BEGINNING);
}
