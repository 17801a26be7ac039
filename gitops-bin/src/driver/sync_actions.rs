//! The actions of a sync, carried out on a cluster.

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
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

/// How many requests are under way at the same time.
pub(super) const AT_ONCE: usize = 16;

/// How often is looked whether a new kind is served.
const SERVED_LOOKS: u32 = 50;
/// How long is waited between two looks.
const SERVED_INTERVAL: Duration = Duration::from_millis(200);

/// The longest annotation that is written: the API server takes 262144 bytes for all annotations of an object.
const LONGEST_LAST_APPLIED: usize = 200_000;

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
            let asked: Vec<_> = objects.iter().map(|object| dry_run(cluster, object)).collect();
            let answers = stream::iter(asked).buffered(AT_ONCE);
            let failures: Vec<Option<(ObjectKey, String)>> = answers.try_collect().await?;
            let failures = failures.into_iter().flatten().collect();
            Ok(Done::DryRun(DryRunReport { attempt, failures }))
        }
        SyncAction::Apply { task, target, mode } => {
            let outcome = write(cluster, &target, mode, false).await;
            if outcome.is_ok() && target.key.kind == "CustomResourceDefinition" {
                await_served(cluster, &target).await?;
            }
            Ok(Done::Task(task, outcome_of(outcome, "configured")?))
        }
        SyncAction::Prune { task, uid, propagation } => {
            let outcome = match delete(cluster, &task.key, uid, propagation).await {
                // It went by itself, or with the definition of its kind.
                Err(ClusterError::NotFound { .. } | ClusterError::UnknownKind { .. }) => Ok(()),
                outcome => outcome,
            };
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

/// Waits until the kind of a definition is served, so that its objects can follow; not for ever, since one that is not
/// accepted never is.
async fn await_served<C: Cluster>(cluster: &C, definition: &Object) -> Result<(), DriverError> {
    let text = |path: &[&str]| definition.root.str_at(path).unwrap_or_default();
    let (group, kind) = (text(&["spec", "group"]), text(&["spec", "names", "kind"]));
    for _ in 0..SERVED_LOOKS {
        if cluster.discover().await?.preferred(group, kind).is_some() {
            break;
        }
        tokio::time::sleep(SERVED_INTERVAL).await;
    }
    Ok(())
}

/// What an apply would make of an object; `None` where it would be refused.
pub(super) async fn predict<C: Cluster>(cluster: &C, object: &Object) -> Result<Option<Object>, DriverError> {
    let options = ApplyOptions { field_manager: FIELD_MANAGER.into(), force: true, dry_run: true };
    match cluster.apply(object, &options).await {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_transient() => Err(error.into()),
        Err(_) => Ok(None),
    }
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
    // Without it the next comparison goes by the owners of the fields.
    if let Ok(json) = object.root.to_json()
        && let text = json.to_string()
        && text.len() <= LONGEST_LAST_APPLIED
    {
        object.root.set_at(&["metadata", "annotations", LAST_APPLIED], Node::string(format!("{text}\n")));
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
