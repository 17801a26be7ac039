//! The embedded cluster: the contract, and what its controllers do as time passes.

use std::time::Duration;

use gitops_core::diagnostic::Location;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::time::Timestamp;
use gitops_core::yaml::{self, Node};

use super::*;
use crate::embedded::VirtualClock;

fn start() -> (VirtualClock, EmbeddedCluster<VirtualClock>) {
    let clock = VirtualClock::new("2026-01-31T12:00:00Z".parse().unwrap());
    let cluster = EmbeddedCluster::new(clock.clone());
    (clock, cluster)
}

fn run<F: Future>(future: F) -> F::Output {
    VirtualClock::default().block_on(future).unwrap()
}

fn object(text: &str) -> Object {
    Object::new(yaml::read_one("test.yaml", text).unwrap(), Location::default())
}

fn apply(cluster: &EmbeddedCluster<VirtualClock>, text: &str) -> Object {
    let options = ApplyOptions { field_manager: "gitops".into(), force: true, dry_run: false };
    run(cluster.apply(&object(text), &options)).unwrap()
}

fn deployment(replicas: i64, tag: &str) -> String {
    format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: default}}
spec:
  replicas: {replicas}
  progressDeadlineSeconds: 60
  strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}}}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: web, image: 'registry.example.com/web:{tag}'}}]}}
"
    )
}

fn get(cluster: &EmbeddedCluster<VirtualClock>, group: &str, kind: &str, name: &str) -> Object {
    run(cluster.get(&ObjectKey::new(group, kind, "default", name))).unwrap().unwrap()
}

fn pods(cluster: &EmbeddedCluster<VirtualClock>) -> Vec<Object> {
    let query = ListQuery::kind(crate::cluster::GroupKind::new("", "Pod"), Some("default"));
    run(cluster.list(&query)).unwrap().objects
}

/// updated/available/total, and the reason of `Progressing`.
fn state(cluster: &EmbeddedCluster<VirtualClock>) -> String {
    let web = get(cluster, "apps", "Deployment", "web");
    let count = |name: &str| web.root.at(&["status", name]).and_then(Node::as_i64).unwrap_or(0);
    let conditions = web.root.at(&["status", "conditions"]).unwrap().items();
    let progressing = conditions.iter().find(|each| each.str_at(&["type"]) == Some("Progressing")).unwrap();
    let reason = progressing.str_at(&["reason"]).unwrap();
    format!("{}/{}/{} {reason}", count("updatedReplicas"), count("availableReplicas"), count("replicas"))
}

#[test]
fn the_contract_holds() {
    let (clock, cluster) = start();
    apply(&cluster, "{apiVersion: v1, kind: Namespace, metadata: {name: contract}}");
    let failures = clock.block_on(crate::contract::cluster(&cluster, "contract")).unwrap();
    assert_eq!(failures, []);
}

#[test]
fn a_deployment_rolls_over_within_its_bounds() {
    let (clock, cluster) = start();
    apply(&cluster, &deployment(2, "v1"));
    assert_eq!(state(&cluster), "2/0/2 ReplicaSetUpdated");
    clock.advance(Duration::from_secs(2));
    assert_eq!(state(&cluster), "2/2/2 NewReplicaSetAvailable");
    apply(&cluster, &deployment(2, "v2"));
    let mut seen = vec![];
    for _ in 0..8 {
        seen.push(state(&cluster));
        let images: Vec<String> = pods(&cluster)
            .iter()
            .map(|pod| {
                pod.root.at(&["spec", "containers"]).unwrap().items()[0]
                    .str_at(&["image"])
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert!(images.len() <= 3, "surge: {images:?}");
        clock.advance(Duration::from_secs(1));
    }
    seen.dedup();
    assert_eq!(seen, ["1/2/3 ReplicaSetUpdated", "2/2/3 ReplicaSetUpdated", "2/2/2 NewReplicaSetAvailable"]);
    let web = get(&cluster, "apps", "Deployment", "web");
    assert_eq!(web.annotation("deployment.kubernetes.io/revision"), Some("2"));
}

#[test]
fn a_bad_image_stalls_until_the_deadline_and_a_rollback_reuses_the_old_set() {
    let (clock, cluster) = start();
    apply(&cluster, &deployment(2, "v1"));
    clock.advance(Duration::from_secs(5));
    cluster.set_bad_image("web:v2", Some(BadImage::PullFails)).unwrap();
    apply(&cluster, &deployment(2, "v2"));
    clock.advance(Duration::from_secs(59));
    assert_eq!(state(&cluster), "1/2/3 ReplicaSetUpdated");
    clock.advance(Duration::from_secs(1));
    assert_eq!(state(&cluster), "1/2/3 ProgressDeadlineExceeded");
    apply(&cluster, &deployment(2, "v1"));
    clock.advance(Duration::from_secs(5));
    assert_eq!(state(&cluster), "2/2/2 NewReplicaSetAvailable");
    assert_eq!(pods(&cluster).len(), 2);
    let web = get(&cluster, "apps", "Deployment", "web");
    assert_eq!(web.annotation("deployment.kubernetes.io/revision"), Some("3"));
}

#[test]
fn what_an_owner_owns_goes_with_it() {
    let (clock, cluster) = start();
    for propagation in
        [crate::cluster::PropagationPolicy::Background, crate::cluster::PropagationPolicy::Foreground]
    {
        apply(&cluster, &deployment(2, "v1"));
        clock.advance(Duration::from_secs(5));
        assert_eq!(pods(&cluster).len(), 2);
        let key = ObjectKey::new("apps", "Deployment", "default", "web");
        run(cluster.delete(&key, &DeleteOptions { propagation, ..DeleteOptions::default() })).unwrap();
        assert!(run(cluster.get(&key)).unwrap().is_none(), "{propagation:?}");
        assert!(pods(&cluster).is_empty(), "{propagation:?}");
    }
}

#[test]
fn orphans_stay() {
    let (clock, cluster) = start();
    apply(&cluster, &deployment(2, "v1"));
    clock.advance(Duration::from_secs(5));
    let key = ObjectKey::new("apps", "Deployment", "default", "web");
    let propagation = crate::cluster::PropagationPolicy::Orphan;
    run(cluster.delete(&key, &DeleteOptions { propagation, ..DeleteOptions::default() })).unwrap();
    assert!(run(cluster.get(&key)).unwrap().is_none());
    assert_eq!(pods(&cluster).len(), 2);
}

#[test]
fn a_namespace_takes_its_objects_along() {
    let (_, cluster) = start();
    apply(&cluster, "{apiVersion: v1, kind: Namespace, metadata: {name: dev}}");
    apply(&cluster, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: dev}}");
    let key = ObjectKey::new("", "Namespace", "", "dev");
    run(cluster.delete(&key, &DeleteOptions::default())).unwrap();
    assert!(run(cluster.get(&key)).unwrap().is_none());
    assert!(run(cluster.get(&ObjectKey::new("", "ConfigMap", "dev", "a"))).unwrap().is_none());
}

#[test]
fn replica_sets_of_a_rollout_get_pods_and_go_with_it() {
    let (clock, cluster) = start();
    let rollout = apply(
        &cluster,
        "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: web, namespace: default}, spec: {replicas: 3}}",
    );
    let uid = rollout.root.str_at(&["metadata", "uid"]).unwrap();
    let set = format!(
        "{{apiVersion: apps/v1, kind: ReplicaSet, metadata: {{name: web-abc, namespace: default, ownerReferences: \
         [{{apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: web, uid: {uid}, controller: true}}]}}, spec: \
         {{replicas: 3, minReadySeconds: 10, selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: \
         {{app: web}}}}, spec: {{containers: [{{name: web, image: web}}]}}}}}}}}"
    );
    apply(&cluster, &set);
    let count = |name: &str| {
        let set = get(&cluster, "apps", "ReplicaSet", "web-abc");
        set.root.at(&["status", name]).and_then(Node::as_i64).unwrap_or(0)
    };
    assert_eq!((count("replicas"), count("readyReplicas")), (3, 0));
    clock.advance(Duration::from_secs(2));
    assert_eq!((count("readyReplicas"), count("availableReplicas")), (3, 0));
    clock.advance(Duration::from_secs(10));
    assert_eq!((count("readyReplicas"), count("availableReplicas")), (3, 3));
    run(cluster.delete(&rollout.key, &DeleteOptions::default())).unwrap();
    assert!(pods(&cluster).is_empty());
}

#[test]
fn an_autoscaler_moves_replicas_within_its_bounds() {
    let (clock, cluster) = start();
    apply(&cluster, &deployment(1, "v1").replace("  replicas: 1\n", ""));
    apply(
        &cluster,
        "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: default}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 5
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
",
    );
    for (load, expected) in [(0.0, 2), (210.0, 3), (220.0, 3), (10_000.0, 5), (100.0, 2)] {
        cluster.set_load("default", "web", "cpu", load).unwrap();
        clock.advance(Duration::from_secs(10));
        let web = get(&cluster, "apps", "Deployment", "web");
        assert_eq!(web.root.at(&["spec", "replicas"]).and_then(Node::as_i64), Some(expected), "load {load}");
    }
}

#[test]
fn jobs_end() {
    let (clock, cluster) = start();
    cluster.set_bad_image("bad", Some(BadImage::Crashes)).unwrap();
    for name in ["good", "bad"] {
        apply(
            &cluster,
            &format!(
                "{{apiVersion: batch/v1, kind: Job, metadata: {{name: {name}, namespace: default}}, spec: {{template: \
                 {{spec: {{restartPolicy: Never, containers: [{{name: x, image: {name}}}]}}}}}}}}"
            ),
        );
    }
    clock.advance(Duration::from_secs(2));
    for (name, condition) in [("good", "Complete"), ("bad", "Failed")] {
        let job = get(&cluster, "batch", "Job", name);
        let conditions = job.root.at(&["status", "conditions"]).unwrap().items();
        assert_eq!(conditions[0].str_at(&["type"]), Some(condition));
    }
}

#[test]
fn faults_come_front_first() {
    let (_, cluster) = start();
    let away = ClusterError::Unavailable { message: "connection refused".to_owned() };
    cluster.push_fault(Fault::Pass);
    cluster.push_fault(Fault::Fail(away.clone()));
    cluster.push_fault(Fault::FailAfter(away.clone()));
    let config = |name: &str| {
        object(&format!(
            "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, namespace: default}}}}"
        ))
    };
    let create = |name: &str| run(cluster.create(&config(name), &WriteOptions::new("test"))).map(|_| ());
    assert_eq!(create("passes"), Ok(()));
    assert_eq!(create("fails"), Err(away.clone()));
    assert_eq!(create("is-made"), Err(away));
    let there =
        |name: &str| run(cluster.get(&ObjectKey::new("", "ConfigMap", "default", name))).unwrap().is_some();
    assert_eq!([there("passes"), there("fails"), there("is-made")], [true, false, true]);
}

#[test]
fn a_lost_watch_ends_and_a_forgotten_log_expires() {
    let (_, cluster) = start();
    let query = ListQuery::default();
    let version = run(cluster.list(&query)).unwrap().resource_version;
    let mut watch = run(cluster.watch(&query, &version)).unwrap();
    cluster.push_fault(Fault::LoseWatches);
    apply(&cluster, "{apiVersion: v1, kind: Namespace, metadata: {name: dev}}");
    assert!(run(crate::cluster::Watch::next(&mut watch)).is_none());
    assert!(run(cluster.watch(&query, &version)).is_ok());
    cluster.push_fault(Fault::ForgetChanges);
    assert!(matches!(run(cluster.watch(&query, &version)), Err(ClusterError::Expired { .. })));
}

#[test]
fn a_watch_sees_pods_become_ready() {
    let (clock, cluster) = start();
    let query = ListQuery::kind(crate::cluster::GroupKind::new("", "Pod"), None);
    let version = run(cluster.list(&query)).unwrap().resource_version;
    apply(&cluster, &deployment(1, "v1"));
    let seen = clock.block_on(async {
        let mut watch = cluster.watch(&query, &version).await.unwrap();
        let ready = async {
            loop {
                let event = crate::cluster::Watch::next(&mut watch).await.unwrap().unwrap();
                if controller::is_ready(&event.object().unwrap().root) {
                    return cluster.clock.now();
                }
            }
        };
        tokio::select! {
            biased;
            at = ready => at,
            error = cluster.run() => panic!("{error}"),
        }
    });
    assert_eq!(seen.unwrap().to_string(), "2026-01-31T12:00:02Z");
}

#[test]
fn the_state_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cluster.json");
    let clock = VirtualClock::new(Timestamp::from_seconds(1000));
    let cluster = EmbeddedCluster::open(&path, clock.clone()).unwrap();
    cluster.set_bad_image("v2", Some(BadImage::NeverReady)).unwrap();
    apply(&cluster, &deployment(2, "v1"));
    clock.advance(Duration::from_secs(1));
    let before = run(cluster.list(&ListQuery::default())).unwrap();
    drop(cluster);
    let cluster = EmbeddedCluster::open(&path, clock.clone()).unwrap();
    let after = run(cluster.list(&ListQuery::default())).unwrap();
    let json =
        |list: &ObjectList| list.objects.iter().map(|each| each.root.to_json().unwrap()).collect::<Vec<_>>();
    assert_eq!(json(&before), json(&after));
    assert_eq!(before.resource_version, after.resource_version);
    clock.advance(Duration::from_secs(1));
    assert_eq!(state(&cluster), "2/2/2 NewReplicaSetAvailable");
    apply(&cluster, &deployment(2, "v2"));
    clock.advance(Duration::from_secs(100));
    assert_eq!(state(&cluster), "1/2/3 ProgressDeadlineExceeded");
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    let bytes = || {
        let (clock, cluster) = start();
        apply(&cluster, &deployment(3, "v1"));
        clock.advance(Duration::from_secs(7));
        apply(&cluster, &deployment(3, "v2"));
        cluster.tick().unwrap();
        clock.advance(Duration::from_mins(1));
        cluster.tick().unwrap();
        let mut state = lock(&cluster.shared.state);
        world_json(&mut state.world)
    };
    assert_eq!(bytes(), bytes());
}

/// Starts this test again in a process of its own, which writes until it is killed; what it had acknowledged by
/// then is there.
#[test]
fn what_was_acknowledged_survives_a_kill() {
    use std::io::{BufRead as _, BufReader};
    if let Some(path) = std::env::var_os(CHILD_FILE) {
        write_for_ever(Path::new(&path));
    }
    for round in 1..=3 {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("cluster.json");
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "--nocapture",
                "embedded::cluster::tests::what_was_acknowledged_survives_a_kill",
            ])
            .env(CHILD_FILE, &file)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let mut numbers = lines.filter_map(|line| line.strip_prefix("acknowledged ")?.parse::<usize>().ok());
        assert_eq!(numbers.by_ref().nth(7 * round), Some(7 * round));
        let busy = EmbeddedCluster::open(&file, VirtualClock::default()).unwrap_err();
        assert!(busy.to_string().contains("in use by another process"), "{busy}");
        child.kill().unwrap();
        let last = numbers.last().unwrap_or(7 * round);
        child.wait().unwrap();
        let cluster = EmbeddedCluster::open(&file, VirtualClock::default()).unwrap();
        for number in 0..=last {
            assert!(run(cluster.get(&numbered(number).key)).unwrap().is_some(), "{number} of {last}");
        }
    }
}

const CHILD_FILE: &str = "GITOPS_TEST_CLUSTER_FILE";

fn numbered(number: usize) -> Object {
    object(&format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{number}, namespace: default}}}}"))
}

fn write_for_ever(path: &Path) {
    use std::io::Write as _;
    let cluster = EmbeddedCluster::open(path, VirtualClock::default()).unwrap();
    for number in 0..usize::MAX {
        run(cluster.create(&numbered(number), &WriteOptions::new("test"))).unwrap();
        writeln!(std::io::stderr(), "acknowledged {number}").unwrap();
    }
}

#[test]
fn traffic_follows_weights_down_to_ready_pods() {
    let (clock, cluster) = start();
    for version in ["stable", "canary"] {
        apply(
            &cluster,
            &format!(
                "{{apiVersion: apps/v1, kind: ReplicaSet, metadata: {{name: {version}, namespace: default}}, spec: \
                 {{replicas: 2, selector: {{matchLabels: {{v: {version}}}}}, template: {{metadata: {{labels: {{v: \
                 {version}, rollouts-pod-template-hash: hash-{version}}}}}, spec: {{containers: [{{name: web, image: \
                 'web:{version}'}}]}}}}}}}}"
            ),
        );
        apply(
            &cluster,
            &format!(
                "{{apiVersion: v1, kind: Service, metadata: {{name: {version}, namespace: default}}, spec: {{selector: \
                 {{v: {version}}}, ports: [{{port: 80}}]}}}}"
            ),
        );
    }
    let ingress = |service: &str, annotations: &str| {
        format!(
            "{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: web, namespace: default, annotations: \
             {{{annotations}}}}}, spec: {{rules: [{{http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: \
             {{name: {service}, port: {{name: use-annotation}}}}}}}}]}}}}]}}}}"
        )
    };
    let shares = || -> Vec<String> {
        let traffic = cluster.traffic("default", "web");
        traffic
            .iter()
            .map(|each| format!("{} {} {}", each.image, each.pod_template_hash, each.share))
            .collect()
    };
    apply(&cluster, &ingress("stable", ""));
    assert_eq!(shares(), Vec::<String>::new());
    clock.advance(Duration::from_secs(2));
    assert_eq!(shares(), ["web:stable hash-stable 1"]);
    let action = "'alb.ingress.kubernetes.io/actions.root': '{\"Type\":\"forward\",\"ForwardConfig\":{\"TargetGroups\":\
                  [{\"ServiceName\":\"canary\",\"ServicePort\":\"80\",\"Weight\":25},{\"ServiceName\":\"stable\",\
                  \"ServicePort\":\"80\",\"Weight\":75}]}}'";
    apply(&cluster, &ingress("root", action));
    assert_eq!(shares(), ["web:canary hash-canary 0.25", "web:stable hash-stable 0.75"]);
    let canary = ingress(
        "canary",
        "nginx.ingress.kubernetes.io/canary: 'true', nginx.ingress.kubernetes.io/canary-weight: '50'",
    );
    apply(&cluster, &ingress("stable", ""));
    apply(&cluster, &canary.replace("name: web,", "name: web-canary,"));
    assert_eq!(shares(), ["web:canary hash-canary 0.5", "web:stable hash-stable 0.5"]);
}

#[test]
fn what_the_server_refuses_is_refused() {
    let (_, cluster) = start();
    let refuse = |text: &str, expected: &str| {
        let answer = run(cluster.create(&object(text), &WriteOptions::new("test")));
        let message = answer.unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    };
    refuse("{apiVersion: v1, kind: ConfigMap, metadata: {name: Web, namespace: default}}", "DNS-1123");
    refuse(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {x: 1}, namespace: default}}",
        "a string",
    );
    refuse(&deployment(1, "v1").replace("labels: {app: web}", "labels: {app: other}"), "does not match");
    refuse(&deployment(1, "v1").replace("  selector: {matchLabels: {app: web}}\n", ""), "required");
    refuse(&deployment(1, "v1").replace("name: web, image", "image"), "containers[0].name");
}

#[test]
fn an_object_that_a_watch_no_longer_means_is_gone_for_it() {
    let (_, cluster) = start();
    let labels = std::collections::BTreeMap::from([("team".into(), "blue".into())]);
    let query = ListQuery { labels, ..ListQuery::default() };
    let version = run(cluster.list(&query)).unwrap().resource_version;
    for team in ["blue", "green", "blue"] {
        apply(
            &cluster,
            &format!(
                "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a, namespace: default, labels: {{team: {team}}}}}}}"
            ),
        );
    }
    let mut watch = run(cluster.watch(&query, &version)).unwrap();
    let mut next = || match run(crate::cluster::Watch::next(&mut watch)).unwrap().unwrap() {
        crate::cluster::WatchEvent::Added(_) => "added",
        crate::cluster::WatchEvent::Modified(_) => "modified",
        crate::cluster::WatchEvent::Deleted(_) => "deleted",
        crate::cluster::WatchEvent::Bookmark(_) => "bookmark",
    };
    assert_eq!([next(), next(), next()], ["added", "deleted", "added"]);
}

#[test]
fn an_idle_watch_does_not_fall_behind() {
    let (_, cluster) = start();
    let config = |name: &str, value: usize| {
        format!(
            "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, namespace: default, labels: {{name: {name}}}}}, \
             data: {{a: '{value}'}}}}"
        )
    };
    let labels = std::collections::BTreeMap::from([("name".into(), "seen".into())]);
    let query = ListQuery { labels, ..ListQuery::default() };
    let version = run(cluster.list(&query)).unwrap().resource_version;
    let mut watch = run(cluster.watch(&query, &version)).unwrap();
    // More changes than the log holds, between two looks at the watch.
    for value in 0..12_000 {
        if value % 3000 == 0 {
            let nothing = VirtualClock::default().block_on(crate::cluster::Watch::next(&mut watch));
            assert!(nothing.is_err(), "{nothing:?}");
        }
        let options = WriteOptions::new("test");
        let object = object(&config("other", value));
        let written = if value == 0 {
            run(cluster.create(&object, &options))
        } else {
            run(cluster.update(&object, &options))
        };
        written.unwrap();
    }
    apply(&cluster, &config("seen", 0));
    assert!(run(crate::cluster::Watch::next(&mut watch)).unwrap().is_ok());
    let late = run(cluster.watch(&query, &version)).unwrap_err();
    assert!(matches!(late, ClusterError::Expired { .. }), "{late}");
}
