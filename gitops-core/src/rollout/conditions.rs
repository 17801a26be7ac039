//! The conditions of a Rollout: their words, how one is set, and what is true of a status.

use smol_str::SmolStr;

use crate::api::rollout::{Condition, ConditionStatus, RolloutStatus};
use crate::time::Timestamp;

use super::situation::Situation;

/// Type of the condition that an invalid specification sets.
pub const INVALID_SPEC: &str = "InvalidSpec";
/// Type: whether the update gets on.
pub const PROGRESSING: &str = "Progressing";
/// Type: whether enough pods are available.
pub const AVAILABLE: &str = "Available";
/// Type: whether all is as wanted.
pub const HEALTHY: &str = "Healthy";
/// Type: whether the wanted pod template is the stable one.
pub const COMPLETED: &str = "Completed";
/// Type: whether the Rollout waits.
pub const PAUSED: &str = "Paused";
/// Type: whether pods cannot be created.
pub const REPLICA_FAILURE: &str = "ReplicaFailure";

/// Reason: the update is aborted.
pub const ABORTED: &str = "RolloutAborted";
/// Reason: the progress deadline has passed.
pub const TIMED_OUT: &str = "ProgressDeadlineExceeded";
/// Reason: the Rollout waits.
pub const ROLLOUT_PAUSED: &str = "RolloutPaused";
/// Reason: the Rollout goes on.
pub const ROLLOUT_RESUMED: &str = "RolloutResumed";
/// Reason: an aborted update is tried again.
pub const ROLLOUT_RETRY: &str = "RolloutRetry";
/// Reason: pods of the update are there.
pub const NEW_REPLICA_SET_AVAILABLE: &str = "NewReplicaSetAvailable";
/// Reason: something moved.
pub const REPLICA_SET_UPDATED: &str = "ReplicaSetUpdated";
/// Reason: pods of a finished update went away.
pub const REPLICA_SET_NOT_AVAILABLE: &str = "ReplicaSetNotAvailable";
/// Reason: a ReplicaSet was created.
pub const NEW_REPLICA_SET: &str = "NewReplicaSetCreated";

/// A condition that changed at `now`.
pub fn condition(
    condition_type: &'static str,
    status: ConditionStatus,
    reason: &'static str,
    message: impl Into<String>,
    now: Timestamp,
) -> Condition {
    Condition {
        condition_type: SmolStr::new_static(condition_type),
        status,
        last_update_time: Some(now),
        last_transition_time: Some(now),
        reason: SmolStr::new_static(reason),
        message: message.into(),
    }
}

/// Sets a condition, and says whether that changed anything: one with the same status and reason stays as it is
/// (`SetRolloutCondition`).
pub fn set_condition(status: &mut RolloutStatus, mut condition: Condition) -> bool {
    if let Some(current) = status.condition(&condition.condition_type)
        && current.status == condition.status
    {
        if current.reason == condition.reason {
            return false;
        }
        condition.last_transition_time = current.last_transition_time;
    }
    remove_condition(status, &condition.condition_type);
    status.conditions.push(condition);
    true
}

/// Removes the condition of a type.
pub fn remove_condition(status: &mut RolloutStatus, condition_type: &str) {
    status.conditions.retain(|condition| condition.condition_type != condition_type);
}

/// Whether the wanted pod template is the stable one (`RolloutCompleted`).
pub fn is_completed(status: &RolloutStatus) -> bool {
    !status.revisions.stable_rs.is_empty() && status.is_fully_promoted()
}

/// Whether everything is as wanted (`RolloutHealthy`): `next` is the new status of a Rollout whose stored status
/// stands in `situation`.
pub fn is_healthy(situation: Situation<'_>, generation: i64, next: &RolloutStatus) -> bool {
    let replicas = situation.spec.replicas();
    let canary = situation.canary().is_none_or(|_| {
        let index = next.revisions.current_step_index.filter(|_| situation.step_count() > 0);
        index.is_none_or(|index| index == situation.step_count())
            && is_completed(next)
            && next.replicas.total == replicas
    });
    next.replicas.updated == replicas
        && next.replicas.available == replicas
        && situation.status.observed_generation == smol_str::format_smolstr!("{generation}")
        && canary
        && is_blue_green_done(situation, next)
}

fn is_blue_green_done(situation: Situation<'_>, next: &RolloutStatus) -> bool {
    situation.spec.blue_green.as_ref().is_none_or(|strategy| {
        let is_current =
            |field: &str| next.rest_text("blueGreen", &[field]) == next.revisions.current_pod_hash;
        is_current("activeSelector") && (strategy.preview_service.is_empty() || is_current("previewSelector"))
    })
}

/// Whether something moved between the stored status and the next (`RolloutProgressing`).
pub fn is_progressing(situation: Situation<'_>, next: &RolloutStatus) -> bool {
    let stored = situation.status;
    let (before, after) = (&stored.replicas, &next.replicas);
    let (was, is) = (&stored.revisions, &next.revisions);
    let step_moved = was.current_step_index.zip(is.current_step_index).is_some_and(|(was, is)| was != is);
    let canary_moved = situation.canary().is_some()
        && (was.stable_rs != is.stable_rs || step_moved || was.current_step_hash != is.current_step_hash);
    let selector_moved =
        |field: &str| stored.rest_text("blueGreen", &[field]) != next.rest_text("blueGreen", &[field]);
    let blue_green_moved = situation.spec.blue_green.is_some()
        && situation.canary().is_none()
        && (selector_moved("activeSelector") || selector_moved("previewSelector"));
    after.updated != before.updated
        || after.total - after.updated < before.total - before.updated
        || after.ready > before.ready
        || after.available > before.available
        || canary_moved
        || blue_green_moved
}

/// Whether no progress was made for longer than the deadline (`RolloutTimedOut`).
pub fn is_timed_out(situation: Situation<'_>, next: &RolloutStatus, now: Timestamp) -> bool {
    let Some(progressing) = next.condition(PROGRESSING) else { return false };
    match progressing.reason.as_str() {
        ABORTED | ROLLOUT_PAUSED => false,
        TIMED_OUT => true,
        _ => progressing.last_update_time.is_some_and(|since| progress_deadline(situation, since) < now),
    }
}

/// When the progress deadline passes, counted from the last progress.
pub fn progress_deadline(situation: Situation<'_>, since: Timestamp) -> Timestamp {
    let seconds = i64::from(situation.spec.progress_deadline_seconds());
    Timestamp::from_millis(since.as_millis().saturating_add(seconds.saturating_mul(1000)))
}

/// Whether pods are to be restarted (`NeedsRestart`).
pub fn needs_restart(situation: Situation<'_>, now: Timestamp) -> bool {
    let wanted = situation.spec.restart_at;
    wanted.is_some_and(|at| situation.status.restarted_at != wanted && now > at)
}
