//! The machine against the cluster: what it does, in order.

use std::time::Duration;

use super::cluster::Cluster;
use super::*;
use crate::api::application::{Backoff, ResultCode};
use crate::health::HealthStatus;

const PRE: &str = "{apiVersion: batch/v1, kind: Job, metadata: {name: pre, annotations: {argocd.argoproj.io/hook: PreSync}}}";
const FAIL: &str = "{apiVersion: batch/v1, kind: Job, metadata: {name: alarm, annotations: {argocd.argoproj.io/hook: SyncFail}}}";
const FIRST: &str = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: first}}";
const SECOND: &str = "{apiVersion: v1, kind: Service, metadata: {name: second, annotations: {argocd.argoproj.io/sync-wave: '1'}}}";

fn prune() -> SyncOperation {
    SyncOperation { prune: true, ..SyncOperation::default() }
}

#[test]
fn a_wave_waits_for_the_health_of_the_one_before() {
    let mut cluster = Cluster::with("web", &[]);
    let targets = cluster.targets(&[FIRST, SECOND]);
    cluster.health.insert("first".into(), HealthStatus::Progressing);
    let state = cluster.sync(&targets, prune(), RetryStrategy::default());
    assert_eq!(state.message, "waiting for healthy state of apps/Deployment/first");
    assert_eq!(
        (state.phase, cluster.log.as_slice()),
        (OperationPhase::Running, &["apply first".to_owned()][..])
    );
    cluster.health.clear();
    let (state, ..) = cluster.step(&targets, state);
    let (state, ..) = cluster.step(&targets, state);
    assert_eq!(state.phase, OperationPhase::Succeeded, "{}", state.message);
    assert_eq!(cluster.log, ["apply first", "apply second"]);
}

#[test]
fn a_sync_ends_when_its_last_objects_are_applied() {
    let mut cluster = Cluster::with("web", &[]);
    cluster.health.insert("first".into(), HealthStatus::Progressing);
    let targets = cluster.targets(&[FIRST]);
    assert_eq!(cluster.sync(&targets, prune(), RetryStrategy::default()).phase, OperationPhase::Succeeded);
}

#[test]
fn a_hook_is_made_anew_let_go_and_deleted() {
    let hook = PRE.replace(
        "PreSync}",
        "PreSync, argocd.argoproj.io/hook-delete-policy: 'BeforeHookCreation,HookSucceeded'}",
    );
    let mut cluster = Cluster::with("web", &[&hook]);
    let targets = cluster.targets(&[&hook, FIRST]);
    let state = cluster.sync(&targets, prune(), RetryStrategy::default());
    assert_eq!(state.phase, OperationPhase::Succeeded, "{}", state.message);
    assert_eq!(cluster.log, ["delete pre", "apply pre", "release pre", "apply first", "delete pre"]);
}

#[test]
fn a_failed_hook_stops_the_sync_and_raises_the_alarm() {
    let mut cluster = Cluster::with("web", &[]);
    cluster.health.insert("pre".into(), HealthStatus::Degraded);
    let targets = cluster.targets(&[PRE, FAIL, FIRST]);
    let state = cluster.sync(&targets, prune(), RetryStrategy::default());
    assert_eq!(state.phase, OperationPhase::Failed);
    assert_eq!(cluster.log, ["apply pre", "release pre", "apply alarm", "release alarm"]);
}

#[test]
fn a_refused_object_fails_the_sync_with_the_reason() {
    let mut cluster = Cluster::with("web", &[]);
    cluster.refused.insert("first".into());
    let targets = cluster.targets(&[FIRST, SECOND]);
    let state = cluster.sync(&targets, prune(), RetryStrategy::default());
    assert_eq!(
        state.message,
        "one or more synchronization tasks completed unsuccessfully, reason: first is refused"
    );
    assert_eq!((state.phase, cluster.log.len()), (OperationPhase::Failed, 1));
}

#[test]
fn a_failed_sync_is_tried_again_as_often_as_allowed() {
    let mut cluster = Cluster::with("web", &[]);
    cluster.refused.insert("first".into());
    let retry = RetryStrategy { limit: 2, backoff: Some(Backoff::default()), ..RetryStrategy::default() };
    let targets = cluster.targets(&[FIRST]);
    let state = cluster.sync(&targets, prune(), retry);
    assert_eq!((state.phase, state.retry_count, cluster.log.len()), (OperationPhase::Failed, 2, 3));
    assert_eq!(cluster.now, NOW.after(Duration::from_secs(15)));
}

#[test]
fn a_restart_in_the_middle_makes_no_hook_twice() {
    let mut cluster = Cluster::with("web", &[]);
    cluster.health.insert("pre".into(), HealthStatus::Progressing);
    let targets = cluster.targets(&[PRE, FIRST]);
    let mut state = Cluster::start(prune(), RetryStrategy::default());
    for _ in 0..6 {
        // Nothing that is not in the cluster or the state survives.
        let kept = cluster.log.len();
        let (next, ..) = cluster.step(&targets, state);
        state = next;
        if cluster.log.len() > kept {
            cluster.restart();
        }
    }
    assert_eq!(cluster.log, ["apply pre"]);
    cluster.health.clear();
    for _ in 0..6 {
        let (next, ..) = cluster.step(&targets, state);
        state = next;
    }
    assert_eq!(state.phase, OperationPhase::Succeeded, "{}", state.message);
}

#[test]
fn an_operation_that_is_terminated_stops_its_hooks() {
    let mut cluster = Cluster::with("web", &[]);
    cluster.health.insert("pre".into(), HealthStatus::Progressing);
    let targets = cluster.targets(&[PRE, FIRST]);
    let mut state = cluster.sync(&targets, prune(), RetryStrategy::default());
    assert_eq!(state.message, "waiting for completion of hook batch/Job/pre");
    state.phase = OperationPhase::Terminating;
    let (state, ..) = cluster.step(&targets, state);
    assert_eq!((state.phase, state.message.as_str()), (OperationPhase::Failed, "Operation terminated"));
    assert_eq!(cluster.log, ["apply pre", "release pre", "delete pre"]);
}

#[test]
fn without_prune_what_left_the_source_stays_and_is_said() {
    let mut cluster = Cluster::with("web", &[FIRST]);
    let targets = cluster.targets(&[SECOND]);
    let state = cluster.sync(&targets, SyncOperation::default(), RetryStrategy::default());
    let skipped = state.sync_result.unwrap().resources;
    let skipped: Vec<_> =
        skipped.iter().filter(|result| result.status == Some(ResultCode::PruneSkipped)).collect();
    assert_eq!((state.phase, skipped.len()), (OperationPhase::Succeeded, 1));
    assert_eq!(skipped[0].message, "ignored (requires pruning)");
}

#[test]
fn a_dry_run_writes_nothing() {
    let mut cluster = Cluster::with("web", &[]);
    let targets = cluster.targets(&[FIRST]);
    let operation = SyncOperation { dry_run: true, ..SyncOperation::default() };
    let state = cluster.sync(&targets, operation, RetryStrategy::default());
    assert_eq!((state.phase, cluster.log.len()), (OperationPhase::Succeeded, 0));
}

#[test]
fn a_namespace_is_made_first_if_that_is_asked_for() {
    let mut cluster = Cluster::with("web", &[]);
    let targets = cluster.targets(&[FIRST]);
    let operation =
        SyncOperation { sync_options: vec!["CreateNamespace=true".into()], ..SyncOperation::default() };
    let state = cluster.sync(&targets, operation, RetryStrategy::default());
    assert_eq!(
        (state.phase, cluster.log.as_slice()),
        (OperationPhase::Succeeded, &["apply dev".to_owned(), "apply first".to_owned()][..])
    );
}
