use super::*;
use crate::yaml::read_one;

fn application(body: &str) -> Result<Application, String> {
    let text = format!("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\n{body}");
    let root = read_one("a.yaml", &text).unwrap();
    Application::from_node(&root, &Location::new("a.yaml", 1, 0)).map_err(|error| error.to_string())
}

const SOURCE: &str = "source: {repoURL: https://git.example.com/deploy, path: k8s/overlays/dev}";

#[test]
fn an_application_reads() {
    let app = application(&format!(
        "spec:\n  project: demo\n  {SOURCE}\n  destination: {{server: https://kubernetes.default.svc, namespace: dev}}\n  \
         syncPolicy: {{automated: {{prune: true, selfHeal: true}}, syncOptions: [CreateNamespace=true], \
         retry: {{limit: 3, backoff: {{duration: 10s, factor: 3}}}}}}\n"
    ))
    .unwrap();
    let automated = app.spec.sync_policy.automated.unwrap();
    assert_eq!((automated.prune, automated.allow_empty, automated.is_enabled()), (Some(true), None, true));
    assert_eq!(app.spec.sync_policy.retry.unwrap().limit, 3);
    assert_eq!(app.spec.sources[0].revision(), "HEAD");
    assert!(app.operation.is_none());
}

#[test]
fn a_faulty_application_is_refused_with_the_field() {
    let cases = [
        ("spec: {project: x}", "a.yaml:1: `spec.source` is required"),
        ("", "a.yaml:1: `spec` is required"),
        ("spec: {source: {path: x}}", "a.yaml:1: `spec.source.repoURL` is required"),
        (
            "spec: {source: {repoURL: x, targetRevision: 1.0}}",
            "a.yaml:1: `spec.source.targetRevision` must be a string, found `1.0`",
        ),
        (
            "spec: {source: {repoURL: x}, destination: {server: a, name: b}}",
            "a.yaml:1: `spec.destination`: `server` and `name` both name a cluster: give one of them",
        ),
        (
            "spec: {source: {repoURL: x}, syncPolicy: {automated: {prune: 'true'}}}",
            "a.yaml:1: `spec.syncPolicy.automated.prune` must be a boolean, found `true`",
        ),
        ("spec: [1]", "a.yaml:1: `spec` must be a mapping, found a list"),
    ];
    for (body, message) in cases {
        assert_eq!(application(body).unwrap_err(), message, "{body}");
    }
}

#[test]
fn the_status_survives_being_written_and_read() {
    let status = "
conditions: [{type: SyncError, message: it failed, lastTransitionTime: '2026-01-01T00:00:00Z'}]
controllerNamespace: argocd
health: {status: Progressing, lastTransitionTime: '2026-01-01T00:00:00Z'}
history:
- {deployStartedAt: '2026-01-01T00:00:00Z', deployedAt: '2026-01-01T00:01:00Z', id: 0, initiatedBy: {automated: true},
   revision: abc, source: {repoURL: r, path: p}}
operationState:
  operation:
    sync: {revision: abc, prune: true, resources: [{kind: ConfigMap, name: c}], syncStrategy: {hook: {force: true}}}
    initiatedBy: {username: admin}
    retry: {limit: 5, backoff: {duration: 5s, factor: 2, maxDuration: 3m}}
  phase: Running
  message: waiting for healthy state of apps/Deployment/web
  syncResult:
    revision: abc
    resources:
    - {group: apps, version: v1, kind: Deployment, namespace: dev, name: web, status: Synced, message: configured,
       hookPhase: Running, syncPhase: Sync, images: ['web:1']}
    source: {repoURL: r, path: p}
  startedAt: '2026-01-01T00:00:00Z'
  retryCount: 1
reconciledAt: '2026-01-01T00:02:00Z'
resources:
- {group: apps, version: v1, kind: Deployment, namespace: dev, name: web, status: OutOfSync, health: {status: Healthy},
   requiresPruning: true, syncWave: -1}
sourceType: Kustomize
summary: {images: ['web:1'], externalURLs: [https://web.example.com]}
sync:
  status: OutOfSync
  comparedTo: {destination: {server: s, namespace: dev}, source: {repoURL: r, path: p}}
  revision: abc
";
    let node = read_one("s.yaml", status).unwrap();
    let read = ApplicationStatus::from_node(&node, &Location::file("s.yaml")).unwrap();
    assert_eq!(read.to_node().to_json().unwrap(), node.to_json().unwrap());
    assert_eq!(ApplicationStatus::from_node(&read.to_node(), &Location::file("s.yaml")).unwrap(), read);
}
