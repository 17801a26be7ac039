//! Health of kinds that no table names: by the conventions that controllers follow.
//!
//! Argo CD gives such kinds no health. Judging them is a deviation: an object whose controller says that it
//! failed should not count as fine. Kinds of Kubernetes itself stay without health.

use super::view::{Condition, View};
use super::{Health, HealthStatus};

/// Condition types that say "it works", most telling first.
const WORKING: [&str; 10] = [
    "Ready",
    "Available",
    "Healthy",
    "Succeeded",
    "Synced",
    "Accepted",
    "Programmed",
    "Established",
    "Complete",
    "Active",
];

/// Condition types that say "it failed" where they are true.
const FAILING: [&str; 8] = [
    "Failed",
    "Failure",
    "Error",
    "Degraded",
    "Stalled",
    "ReconcileError",
    "ErrorOccurred",
    "ReplicaFailure",
];

/// Condition types that say "it is under way" where they are true.
const MOVING: [&str; 5] = ["Progressing", "Reconciling", "Updating", "Creating", "Pending"];

/// Words of a phase or state, in lower case, with what they mean.
const PHASES: &[(HealthStatus, &[&str])] = &[
    (
        HealthStatus::Healthy,
        &[
            "ready",
            "running",
            "active",
            "bound",
            "available",
            "succeeded",
            "success",
            "successful",
            "healthy",
            "completed",
            "complete",
            "created",
            "deployed",
            "ok",
            "online",
            "finished",
            "done",
            "applied",
        ],
    ),
    (
        HealthStatus::Degraded,
        &[
            "failed",
            "failure",
            "error",
            "degraded",
            "unhealthy",
            "invalid",
            "crashloop",
            "lost",
            "rejected",
            "aborted",
            "terminated",
            "misconfigured",
        ],
    ),
    (HealthStatus::Suspended, &["paused", "suspended", "stopped", "hibernated", "inactive"]),
    (
        HealthStatus::Progressing,
        &[
            "pending",
            "creating",
            "updating",
            "deleting",
            "reconciling",
            "initializing",
            "provisioning",
            "progressing",
            "waiting",
            "scheduling",
            "starting",
            "terminating",
            "deploying",
            "in progress",
            "inprogress",
            "upgrading",
            "scaling",
        ],
    ),
];

/// The health of an object by convention; `None` for Kubernetes' own groups and for an object that says nothing.
pub(super) fn assess(group: &str, object: View<'_>) -> Option<Health> {
    if !group.contains('.') || group.ends_with(".k8s.io") {
        return None;
    }
    object.node(&["status"])?;
    let observed = object.number(&["status", "observedGeneration"]);
    if observed.is_some_and(|observed| observed < object.generation()) {
        return Some(Health::progressing("Waiting for the controller to observe the latest generation"));
    }
    by_conditions(object).or_else(|| by_phase(object))
}

fn by_conditions(object: View<'_>) -> Option<Health> {
    let truth = |kinds: &[&str]| {
        let is_named = |found: &Condition<'_>| found.is_true() && kinds.contains(&found.kind);
        object.conditions().find(is_named)
    };
    if let Some(failing) = truth(&FAILING) {
        return Some(Health::degraded(failing.message));
    }
    let working = WORKING.iter().find_map(|kind| object.condition(kind));
    match working {
        Some(condition) if condition.is_true() => Some(Health::healthy(condition.message)),
        Some(condition) if condition.is_false() && truth(&MOVING).is_none() => {
            Some(Health::degraded(condition.message))
        }
        Some(condition) => Some(Health::progressing(condition.message)),
        None => truth(&MOVING).map(|moving| Health::progressing(moving.message)),
    }
}

fn by_phase(object: View<'_>) -> Option<Health> {
    let word = ["phase", "state", "status", "health"].into_iter().find_map(|field| {
        let text = object.text(&["status", field]);
        (!text.is_empty()).then(|| text.to_lowercase())
    })?;
    let (status, _) = PHASES.iter().find(|(_, words)| words.contains(&word.as_str()))?;
    Some(Health::new(*status, object.text(&["status", "message"])))
}
