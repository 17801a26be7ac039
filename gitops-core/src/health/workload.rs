//! Health of the workloads of `apps`.

use super::view::View;
use super::{Assess, Health};

/// The kinds judged here.
pub(super) const KINDS: &[(&str, &str, Assess)] = &[
    ("apps", "Deployment", |object| Some(deployment(object))),
    ("apps", "StatefulSet", |object| Some(stateful_set(object))),
    ("apps", "DaemonSet", |object| Some(daemon_set(object))),
    ("apps", "ReplicaSet", |object| Some(replica_set(object))),
];

fn is_observed(object: View<'_>) -> bool {
    object.generation() <= object.observed_generation()
}

fn deployment(object: View<'_>) -> Health {
    if object.flag(&["spec", "paused"]) {
        return Health::suspended("Deployment is paused");
    }
    if !is_observed(object) {
        return Health::progressing(
            "Waiting for rollout to finish: observed deployment generation less than desired generation",
        );
    }
    let count = |field: &str| object.count(&["status", field]);
    let (replicas, updated, available) =
        (count("replicas"), count("updatedReplicas"), count("availableReplicas"));
    let desired = object.number(&["spec", "replicas"]);
    if object.condition("Progressing").is_some_and(|found| found.reason == "ProgressDeadlineExceeded") {
        let name = object.text(&["metadata", "name"]);
        return Health::degraded(format!("Deployment {name:?} exceeded its progress deadline"));
    }
    if let Some(desired) = desired.filter(|desired| updated < *desired) {
        return waiting(&format!("{updated} out of {desired} new replicas have been updated"));
    }
    if replicas > updated {
        return waiting(&format!("{} old replicas are pending termination", replicas - updated));
    }
    if available < updated {
        return waiting(&format!("{available} of {updated} updated replicas are available"));
    }
    Health::healthy("")
}

fn waiting(for_what: &str) -> Health {
    Health::progressing(format!("Waiting for rollout to finish: {for_what}..."))
}

fn stateful_set(object: View<'_>) -> Health {
    let count = |field: &str| object.count(&["status", field]);
    let observed = object.observed_generation();
    if observed == 0 || object.generation() > observed {
        return Health::progressing("Waiting for statefulset spec update to be observed...");
    }
    let desired = object.number(&["spec", "replicas"]);
    let ready = count("readyReplicas");
    if let Some(desired) = desired.filter(|desired| ready < *desired) {
        return Health::progressing(format!("Waiting for {} pods to be ready...", desired - ready));
    }
    let strategy = object.text(&["spec", "updateStrategy", "type"]);
    let rolling = ["spec", "updateStrategy", "rollingUpdate"];
    if strategy == "RollingUpdate" && object.node(&rolling).is_some() {
        return partitioned(object, desired);
    }
    if strategy == "OnDelete" {
        return Health::healthy(format!("statefulset has {ready} ready pods"));
    }
    let update_revision = object.text(&["status", "updateRevision"]);
    let current_revision = object.text(&["status", "currentRevision"]);
    if update_revision != current_revision {
        let updated = count("updatedReplicas");
        return Health::progressing(format!(
            "waiting for statefulset rolling update to complete {updated} pods at revision {update_revision}..."
        ));
    }
    let current = count("currentReplicas");
    Health::healthy(format!(
        "statefulset rolling update complete {current} pods at revision {current_revision}..."
    ))
}

/// A rolling update that may stop at a partition.
fn partitioned(object: View<'_>, desired: Option<i64>) -> Health {
    let partition = object.number(&["spec", "updateStrategy", "rollingUpdate", "partition"]);
    let updated = object.count(&["status", "updatedReplicas"]);
    let wanted = desired.zip(partition).map(|(desired, partition)| desired.saturating_sub(partition));
    match wanted.filter(|wanted| updated < *wanted) {
        Some(wanted) => Health::progressing(format!(
            "Waiting for partitioned roll out to finish: {updated} out of {wanted} new pods have been updated..."
        )),
        None => {
            Health::healthy(format!("partitioned roll out complete: {updated} new pods have been updated..."))
        }
    }
}

fn daemon_set(object: View<'_>) -> Health {
    if !is_observed(object) {
        return Health::progressing(
            "Waiting for rollout to finish: observed daemon set generation less than desired generation",
        );
    }
    let count = |field: &str| object.count(&["status", field]);
    let name = object.text(&["metadata", "name"]);
    let (updated, available, desired) =
        (count("updatedNumberScheduled"), count("numberAvailable"), count("desiredNumberScheduled"));
    if object.text(&["spec", "updateStrategy", "type"]) == "OnDelete" {
        return Health::healthy(format!("daemon set {updated} out of {desired} new pods have been updated"));
    }
    let waiting = |for_what: &str| {
        Health::progressing(format!("Waiting for daemon set {name:?} rollout to finish: {for_what}..."))
    };
    if updated < desired {
        return waiting(&format!("{updated} out of {desired} new pods have been updated"));
    }
    if available < desired {
        return waiting(&format!("{available} of {desired} updated pods are available"));
    }
    Health::healthy("")
}

fn replica_set(object: View<'_>) -> Health {
    if !is_observed(object) {
        return Health::progressing(
            "Waiting for rollout to finish: observed replica set generation less than desired generation",
        );
    }
    if let Some(failure) = object.condition("ReplicaFailure").filter(super::view::Condition::is_true) {
        return Health::degraded(failure.message);
    }
    let available = object.count(&["status", "availableReplicas"]);
    match object.number(&["spec", "replicas"]).filter(|desired| available < *desired) {
        Some(desired) => waiting(&format!("{available} out of {desired} new replicas are available")),
        None => Health::healthy(""),
    }
}
