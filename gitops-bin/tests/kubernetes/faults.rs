//! An API server that fails: refuses, drops, forbids, dies.

use std::sync::atomic::Ordering;

use crate::Case;
use crate::bench::{Bench, HALF, config, object};
use crate::proxy::Proxy;
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[
    ("conflicts, busy and failing answers and cut watches are borne", faults),
    ("what the account may not do is said, and nothing is half done", forbidden),
    ("another replica goes on where the leader died", leader),
    ("an API server that dies in a sync is borne", killed),
];

/// ConfigMaps in three waves.
fn waves(count: usize, value: &str) -> String {
    let one = |at: usize| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c-{at:03}, annotations: {{argocd.argoproj.io/sync-wave: \
             '{}'}}}}\ndata: {{value: '{value}'}}\n",
            at % 3
        )
    };
    (0..count).map(one).collect()
}

fn faults(bench: &mut Bench) {
    let proxy = Proxy::start(bench);
    let mut stage = Stage::prepared(bench, "faults", &waves(30, "1"));
    let kubeconfig = proxy.kubeconfig(stage.folder.path());
    stage.start("gitopsd", &kubeconfig, &[]);
    stage.until_synced("faults");
    stage.commit("faults", &waves(30, "2"));
    stage.until_synced("faults");
    // What others change is still seen.
    stage.bench.patch(&config("faults", "c-001"), "{data: {value: '3'}}");
    stage.until("drift is healed", || {
        let live = stage.live(&config("faults", "c-001"));
        (live.root.str_at(&["data", "value"]) == Some("2")).then_some(())
    });
    let (refused, cut) = (proxy.refused.load(Ordering::Relaxed), proxy.cut.load(Ordering::Relaxed));
    assert!(refused > 10 && cut > 10, "{refused} refused, {cut} cut");
}

/// May do everything that the engine needs, and write ConfigMaps; Secrets are not its.
const ROLE: &str = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: half}, rules: [{apiGroups: \
                    [''], resources: [configmaps, namespaces], verbs: ['*']}, {apiGroups: [argoproj.io, gitops.dev, \
                    argocd-image-updater.argoproj.io, coordination.k8s.io], resources: ['*'], verbs: ['*']}]}";
const SECRETS: &str = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: secrets}, rules: \
                       [{apiGroups: [''], resources: [secrets], verbs: ['*']}]}";

fn binding(role: &str) -> String {
    format!(
        "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {{name: {role}}}, roleRef: {{apiGroup: \
         rbac.authorization.k8s.io, kind: ClusterRole, name: {role}}}, subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: \
         User, name: half}}]}}"
    )
}

fn forbidden(bench: &mut Bench) {
    let manifest = |value: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: one}}\ndata: {{a: '{value}'}}\n---\napiVersion: v1\nkind: \
             Secret\nmetadata: {{name: two}}\nstringData: {{a: hidden-{value}}}\n"
        )
    };
    for text in [ROLE, SECRETS, &binding("half")] {
        bench.apply(&object(text));
    }
    let mut stage = Stage::prepared(bench, "forbidden", &manifest("1"));
    stage.application("forbidden", "retry: {limit: 0}");
    let kubeconfig = stage.bench.plane.kubeconfig(&HALF);
    stage.start("gitopsd", &kubeconfig, &[]);
    let text = stage.until_failed("forbidden").to_string();
    assert!(text.contains("forbidden") && text.contains("secrets"), "{text}");
    assert!(!text.contains("hidden-1"), "{text}");
    assert!(stage.bench.get(&config("forbidden", "one")).is_none(), "half of it was done");
    stage.bench.apply(&object(&binding("secrets")));
    stage.commit("forbidden", &manifest("2"));
    stage.until_synced("forbidden");
    assert!(!stage.app("forbidden").to_string().contains("hidden-2"));
}

/// A Deployment whose pods fit no node, and what comes after it.
const WAITS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: first}
spec:
  selector: {matchLabels: {app: first}}
  template:
    metadata: {labels: {app: first}}
    spec:
      nodeSelector: {example.com/late: 'true'}
      containers: [{name: first, image: registry.example.com/first:1}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: second, annotations: {argocd.argoproj.io/sync-wave: '1'}}
";

fn until_waits(stage: &Stage<'_>, app: &str) -> String {
    let status = stage.until_app(app, "waits for the first wave", |status| {
        status["operationState"]["message"].to_string().contains("healthy state of apps/Deployment/first")
    });
    status["operationState"]["startedAt"].to_string()
}

fn node(late: &str) -> (gitops_core::object::ObjectKey, String) {
    let key = gitops_core::object::ObjectKey::new("", "Node", "", "t3.medium");
    (key, format!("{{metadata: {{labels: {{example.com/late: {late}}}}}}}"))
}

fn leader(bench: &mut Bench) {
    let mut stage = Stage::prepared(bench, "leader", WAITS).with_daemon("one", &[]);
    let started = until_waits(&stage, "leader");
    stage = stage.with_daemon("two", &[]);
    stage.until("the second one answers", || stage.daemons[1].run(&["get", "apps"]).filter(|ran| ran.0 == 0));
    let (code, _, said) = stage.daemons[1].run(&["sync", "leader", "--as", "operator"]).unwrap();
    assert!(code == 4 && said.contains("another replica acts"), "{code} {said}");
    stage.daemons[0].kill();
    let (key, label) = node("'true'");
    stage.bench.patch(&key, &label);
    let status = stage.until_synced("leader");
    assert_eq!(status["operationState"]["startedAt"].to_string(), started, "it began anew");
    stage.live(&config("leader", "second"));
    stage.bench.patch(&key, &node("null").1);
}

fn killed(bench: &mut Bench) {
    let stage = Stage::of(bench, "killed", WAITS);
    let started = until_waits(&stage, "killed");
    stage.bench.restart_api_server();
    let (key, label) = node("'true'");
    stage.bench.patch(&key, &label);
    let status = stage.until_synced("killed");
    assert_eq!(status["operationState"]["startedAt"].to_string(), started, "it began anew");
    stage.bench.patch(&key, &node("null").1);
}
