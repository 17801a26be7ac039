//! The actions of a sync, carried out on a cluster.

use gitops_core::object::{Object, ObjectKey};
use gitops_core::sync::{
    ApplyMode, DryRunObject, DryRunReport, HOOK_FINALIZER, Outcome, Propagation, SyncAction, TaskId, Verb,
};
use gitops_core::yaml::Node;
use gitops_ports::Cluster;
use gitops_ports::cluster::{ApplyOptions, ClusterError, DeleteOptions, PropagationPolicy, WriteOptions};
use smol_str::SmolStr;

use super::DriverError;
use super::objects::FIELD_MANAGER;

/// The annotation in which a client-side apply leaves what it applied.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What came of an action.
pub(super) enum Done {
    /// The dry run's findings.
    DryRun(DryRunReport),
    /// The outcome of a task.
    Task(TaskId, Outcome),
    /// A hook was tidied up.
    Hook,
}

/// Carries one action out. What the API server refuses is an outcome; an error means that the cluster could not
/// be asked.
pub(super) async fn carry_out<C: Cluster>(cluster: &C, action: SyncAction) -> Result<Done, DriverError> {
    match action {
        SyncAction::DryRun { attempt, objects } => {
            let mut failures = vec![];
            for object in objects {
                if let Some(failure) = dry_run(cluster, &object).await? {
                    failures.push(failure);
                }
            }
            Ok(Done::DryRun(DryRunReport { attempt, failures }))
        }
        SyncAction::Apply { task, target, mode } => {
            let outcome = write(cluster, &target, mode, false).await;
            Ok(Done::Task(task, outcome_of(outcome, "configured")?))
        }
        SyncAction::Prune { task, uid, propagation } => {
            let outcome = delete(cluster, &task.key, uid, propagation).await;
            Ok(Done::Task(task, outcome_of(outcome, "pruned")?))
        }
        SyncAction::DeleteHook { key, uid } => {
            tolerate_absence(delete(cluster, &key, uid, Propagation::Background).await)?;
            Ok(Done::Hook)
        }
        SyncAction::RemoveHookFinalizer { key } => {
            tolerate_absence(remove_finalizer(cluster, &key).await)?;
            Ok(Done::Hook)
        }
    }
}

/// A refusal of the API server as an outcome; a cluster that cannot be asked as an error.
fn outcome_of(result: Result<(), ClusterError>, word: &str) -> Result<Outcome, DriverError> {
    match result {
        Ok(()) => Ok(Ok(word.to_owned())),
        Err(error) if error.is_transient() => Err(error.into()),
        Err(error) => Ok(Err(error.to_string())),
    }
}

fn tolerate_absence(result: Result<(), ClusterError>) -> Result<(), DriverError> {
    match result {
        Err(ClusterError::NotFound { .. }) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn dry_run<C: Cluster>(
    cluster: &C,
    object: &DryRunObject,
) -> Result<Option<(ObjectKey, String)>, DriverError> {
    let refused = match write(cluster, &object.target, object.mode, true).await {
        Ok(()) => return Ok(None),
        Err(error) if error.is_transient() => return Err(error.into()),
        Err(error) => error,
    };
    // A namespace that this very sync makes is not there yet.
    let of_namespace = matches!(&refused, ClusterError::NotFound { key } if key.kind == "Namespace");
    let of_kind = object.may_lack_kind && matches!(refused, ClusterError::UnknownKind { .. });
    if of_namespace || of_kind {
        return Ok(None);
    }
    Ok(Some((object.target.key.clone(), refused.to_string())))
}

async fn write<C: Cluster>(
    cluster: &C,
    target: &Object,
    mode: ApplyMode,
    dry_run: bool,
) -> Result<(), ClusterError> {
    let options = WriteOptions { dry_run, ..WriteOptions::new(FIELD_MANAGER) };
    match mode.verb {
        Verb::Apply => {
            let target = if mode.server_side { target.clone() } else { with_last_applied(target) };
            let options = ApplyOptions { field_manager: FIELD_MANAGER.into(), force: true, dry_run };
            cluster.apply(&target, &options).await.map(|_| ())
        }
        Verb::Create => cluster.create(target, &options).await.map(|_| ()),
        Verb::Replace | Verb::Update => match cluster.update(target, &options).await {
            Err(ClusterError::NotFound { .. }) => cluster.create(target, &options).await.map(|_| ()),
            result => result.map(|_| ()),
        },
    }
}

/// The object with the annotation that tells the next comparison which fields were applied.
fn with_last_applied(target: &Object) -> Object {
    let mut object = target.clone();
    if let Some(annotations) = object.root.at_mut(&["metadata", "annotations"]) {
        annotations.remove(LAST_APPLIED);
    }
    if let Ok(json) = object.root.to_json() {
        object.root.set_at(&["metadata", "annotations", LAST_APPLIED], Node::string(format!("{json}\n")));
    }
    object
}

async fn delete<C: Cluster>(
    cluster: &C,
    key: &ObjectKey,
    uid: SmolStr,
    propagation: Propagation,
) -> Result<(), ClusterError> {
    let propagation = match propagation {
        Propagation::Foreground => PropagationPolicy::Foreground,
        Propagation::Background => PropagationPolicy::Background,
        Propagation::Orphan => PropagationPolicy::Orphan,
    };
    let uid = Some(uid).filter(|uid| !uid.is_empty());
    cluster.delete(key, &DeleteOptions { propagation, uid, ..DeleteOptions::default() }).await
}

async fn remove_finalizer<C: Cluster>(cluster: &C, key: &ObjectKey) -> Result<(), ClusterError> {
    let Some(live) = cluster.get(key).await? else { return Ok(()) };
    let finalizers = live.root.at(&["metadata", "finalizers"]).map_or(&[][..], Node::items);
    let kept = finalizers.iter().filter(|finalizer| finalizer.as_str() != Some(HOOK_FINALIZER)).cloned();
    let patch = Node::mapping([("metadata", Node::mapping([("finalizers", Node::sequence(kept))]))]);
    cluster.patch(key, &patch, &WriteOptions::new(FIELD_MANAGER)).await.map(|_| ())
}
