mod cluster;
mod machine;

use proptest::prelude::*;

use self::cluster::{Cluster, object};
use super::*;
use crate::api::application::{
    Automated, OperationPhase, RetryStrategy, SyncOperation, SyncPhase, SyncStatusCode,
};
use crate::kind::Schemas;
use crate::object::ObjectKey;
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn waves_of(desired: &[&str], live: &[&str]) -> Vec<String> {
    let cluster = Cluster::with("web", live);
    let plan =
        cluster.plan(&cluster.targets(desired), &SyncOperation { prune: true, ..SyncOperation::default() });
    plan.waves
        .iter()
        .map(|wave| {
            let tasks: Vec<String> = wave.tasks.iter().map(|task| task.key.name.to_string()).collect();
            format!("{} {}: {}", wave.phase, wave.number, tasks.join(" "))
        })
        .collect()
}

#[test]
fn a_plan_runs_hooks_waves_kinds_and_prunes_in_order() {
    let desired = [
        "{apiVersion: batch/v1, kind: Job, metadata: {name: migrate, annotations: {argocd.argoproj.io/hook: PreSync}}}",
        "{apiVersion: batch/v1, kind: Job, metadata: {name: smoke, annotations: {argocd.argoproj.io/hook: PostSync}}}",
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}",
        "{apiVersion: v1, kind: Service, metadata: {name: front}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: late, annotations: {argocd.argoproj.io/sync-wave: '5'}}}",
    ];
    let live = [
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: old-1, annotations: {argocd.argoproj.io/sync-wave: '1'}}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: old-2, annotations: {argocd.argoproj.io/sync-wave: '2'}}}",
    ];
    assert_eq!(
        waves_of(&desired, &live),
        [
            "PreSync 0: migrate",
            "Sync 0: front web",
            "Sync 1: old-2",
            "Sync 2: old-1",
            "Sync 5: late",
            "PostSync 0: smoke"
        ]
    );
}

#[test]
fn a_nameless_hook_gets_the_same_name_at_every_try() {
    let cluster = Cluster::with("web", &[]);
    let hook = "{apiVersion: batch/v1, kind: Job, metadata: {generateName: migrate-, annotations: {argocd.argoproj.io/hook: PreSync}}}";
    let targets = cluster.targets(&[hook]);
    let plan = cluster.plan(&targets, &SyncOperation::default());
    assert_eq!(plan.tasks().next().unwrap().key.name, "migrate-0123456-presync-1800000000");
}

#[test]
fn only_objects_with_the_own_mark_are_pruned() {
    let mut cluster = Cluster::with("web", &["{apiVersion: v1, kind: ConfigMap, metadata: {name: old}}"]);
    for (name, id) in
        [("foreign", "other:/ConfigMap:dev/foreign"), ("copy", "web:/ConfigMap:dev/old"), ("manual", "")]
    {
        cluster.insert(object(&format!(
            "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, namespace: dev, \
             annotations: {{argocd.argoproj.io/tracking-id: '{id}'}}}}}}"
        )));
    }
    let comparison = cluster.compare(&[]);
    let names: Vec<_> = comparison.objects.iter().map(|object| object.key.name.as_str()).collect();
    assert_eq!(names, ["old"]);
    assert_eq!(comparison.status(), SyncStatusCode::OutOfSync);
}

#[test]
fn a_target_gets_namespace_and_mark_by_its_scope() {
    let tracking = Tracking::by_annotation("web", "dev");
    let rendered = [
        object("{apiVersion: v1, kind: Namespace, metadata: {name: dev, namespace: wrong}}"),
        object("{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: web}}"),
        object("{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}}"),
        object("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: '1'}}"),
        object("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: dev}, data: {a: '2'}}"),
    ];
    let targets = prepare(&rendered, &Schemas::built_in(), &tracking).unwrap();
    let ids: Vec<_> = targets.objects.iter().map(|object| object.annotation(TRACKING_ID).unwrap()).collect();
    assert_eq!(
        ids,
        [
            "web:/Namespace:dev/dev",
            "web:argoproj.io/Rollout:dev/web",
            "web:example.com/Thing:dev/t",
            "web:/ConfigMap:dev/c"
        ]
    );
    assert_eq!(targets.unknown_scope, [ObjectKey::new("example.com", "Thing", "", "t")]);
    assert_eq!(targets.warnings.len(), 1);
    assert_eq!(targets.objects[3].root.str_at(&["data", "a"]), Some("2"));
}

#[test]
fn the_hash_of_changes_tells_secrets_apart() {
    let cluster =
        Cluster::with("web", &["{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: eA==}}"]);
    let hash = |value: &str| {
        let secret = format!("{{apiVersion: v1, kind: Secret, metadata: {{name: s}}, data: {{a: {value}}}}}");
        cluster.compare(&cluster.targets(&[&secret])).changes_hash()
    };
    assert_eq!(hash("eQ=="), hash("eQ=="));
    assert_ne!(hash("eQ=="), hash("eg=="));
}

#[test]
fn drift_is_undone_with_growing_pauses() {
    let resources = [ResourceFact {
        going: false,
        key: ObjectKey::new("", "ConfigMap", "dev", "c"),
        status: SyncStatusCode::OutOfSync,
        requires_pruning: false,
        hook: false,
    }];
    let decide = |attempts: i64, waited: u64| {
        let facts = AutomatedFacts {
            automated: Some(Automated { self_heal: Some(true), ..Automated::default() }),
            operation_in_progress: false,
            deleting: false,
            sync_status: SyncStatusCode::OutOfSync,
            revision: "abc",
            last: Some(LastOperation {
                revision: "abc".into(),
                phase: OperationPhase::Succeeded,
                same_source: true,
                finished_at: Some(NOW),
                self_heal_attempts: attempts,
            }),
            resources: &resources,
        };
        let now = NOW.after(std::time::Duration::from_secs(waited));
        automated_sync(&facts, None, SelfHealBackoff::default(), now)
    };
    let second = |seconds| AutomatedSync::Wait(NOW.after(std::time::Duration::from_secs(seconds)));
    assert_eq!(decide(0, 1), second(2));
    assert_eq!(decide(2, 17), second(18));
    assert_eq!(decide(9, 0), second(300));
    let AutomatedSync::Start(operation) = decide(2, 18) else { panic!("no sync") };
    assert_eq!((operation.sync.self_heal_attempts, operation.retry.limit), (3, AUTOMATED_RETRY_LIMIT));
    assert_eq!(operation.sync.resources.unwrap().len(), 1);
}

#[test]
fn a_stalled_release_is_taken_back_with_its_images() {
    let deployment = |generation: i64, image: &str| {
        object(&format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web, namespace: dev, generation: 2}}, \
             spec: {{template: {{spec: {{containers: [{{name: a, image: '{image}'}}]}}}}}}, \
             status: {{observedGeneration: {generation}, conditions: [{{type: Progressing, status: 'False', \
             reason: ProgressDeadlineExceeded, message: ReplicaSet web has timed out}}]}}}}"
        ))
    };
    let key = ObjectKey::new("apps", "Deployment", "dev", "web");
    let before = std::collections::BTreeMap::from([(key.clone(), vec!["web:1".into()])]);
    let taken_back = ReleaseDecision::RollBack {
        workload: key,
        message: "ReplicaSet web has timed out".to_owned(),
        images: vec!["web:2".into()],
    };
    assert_eq!(judge_release(&[deployment(2, "web:2")], &before), taken_back);
    assert_eq!(
        judge_release(&[deployment(1, "web:2")], &before),
        ReleaseDecision::Keep,
        "status is of the old spec"
    );
    assert_eq!(judge_release(&[deployment(2, "web:1")], &before), ReleaseDecision::Keep, "no release");
}

proptest! {
    #[test]
    fn a_sync_reaches_what_is_wanted_and_then_rests(
        wanted in prop::collection::btree_map("[a-f]", (0..3, -2..3_i64, any::<bool>()), 0..6),
        there in prop::collection::btree_map("[a-f]", (0..3, -2..3_i64), 0..6),
    ) {
        let text = |name: &str, value: i32, wave: i64, hook: bool| {
            let hook = if hook { ", argocd.argoproj.io/hook: Sync" } else { "" };
            format!(
                "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, annotations: \
                 {{argocd.argoproj.io/sync-wave: '{wave}'{hook}}}}}, data: {{a: '{value}'}}}}"
            )
        };
        let desired: Vec<String> = wanted.iter().map(|(name, (value, wave, hook))| text(name, *value, *wave, *hook)).collect();
        let live: Vec<String> = there.iter().map(|(name, (value, wave))| text(name, *value, *wave, false)).collect();
        let mut cluster = Cluster::with("web", &live.iter().map(String::as_str).collect::<Vec<_>>());
        let targets = cluster.targets(&desired.iter().map(String::as_str).collect::<Vec<_>>());
        let state = cluster.sync(&targets, SyncOperation { prune: true, ..SyncOperation::default() }, RetryStrategy::default());
        prop_assert_eq!(state.phase, OperationPhase::Succeeded, "{}", state.message);
        prop_assert_eq!(cluster.compare(&targets).status(), SyncStatusCode::Synced);
        let plan = cluster.plan(&targets, &state.operation.sync);
        let again = sync_step(&plan, state.clone(), &cluster.observe(&plan), NOW);
        prop_assert!(again.actions.is_empty());
        prop_assert_eq!(again.next, state);
    }

    #[test]
    fn every_step_of_a_plan_is_kept_and_in_order(
        steps in prop::collection::vec((0..5_usize, -2..3_i64, any::<bool>(), any::<bool>()), 0..8), last in any::<bool>(),
    ) {
        let kinds = ["Namespace", "Secret", "Service", "Deployment", "Thing"];
        let steps: Vec<Step> = steps
            .into_iter()
            .enumerate()
            .filter_map(|(at, (kind, wave, prune, pre))| {
                let object = object(&format!(
                    "{{kind: {}, metadata: {{name: n{at}, annotations: {{argocd.argoproj.io/sync-wave: '{wave}'}}}}}}",
                    kinds[kind]
                ));
                let phase = if pre { SyncPhase::PreSync } else { SyncPhase::Sync };
                let (target, live) = if prune { (None, Some(object)) } else { (Some(object), None) };
                Step::new(phase, target, live)
            })
            .collect();
        let arranged = arrange(steps.clone(), last);
        let names = |steps: &[Step]| {
            let mut names: Vec<_> = steps.iter().map(|step| step.object().unwrap().key.name.clone()).collect();
            names.sort();
            names
        };
        prop_assert_eq!(names(&arranged), names(&steps));
        prop_assert!(arranged.is_sorted_by_key(|step| (step.phase, step.wave)));
    }
}
