//! The one word for a Rollout and why (`CalculateRolloutPhase`, `GetRolloutPhase`).

use crate::api::analysis::AnalysisPhase;
use crate::api::rollout::{Rollout, RolloutPhase, RolloutStatus};

use super::conditions::{ABORTED, INVALID_SPEC, TIMED_OUT};
use super::situation::Situation;

/// The phase and its message, as the controller computes them from specification and status.
pub fn phase(situation: Situation<'_>) -> (RolloutPhase, String) {
    let status = situation.status;
    for condition in &status.conditions {
        if condition.condition_type == INVALID_SPEC {
            return (RolloutPhase::Degraded, format!("{INVALID_SPEC}: {}", condition.message));
        }
        if condition.reason == ABORTED || condition.reason == TIMED_OUT {
            return (RolloutPhase::Degraded, format!("{}: {}", condition.reason, condition.message));
        }
    }
    if situation.spec.paused {
        return (RolloutPhase::Paused, "manually paused".to_owned());
    }
    if let Some(pause) = status.control.pause_conditions.first() {
        return (RolloutPhase::Paused, pause.reason.to_string());
    }
    match waiting_for(situation) {
        Some(message) => (RolloutPhase::Progressing, message.to_owned()),
        None => (RolloutPhase::Healthy, String::new()),
    }
}

/// What is still to come, in Argo's words.
fn waiting_for(situation: Situation<'_>) -> Option<&'static str> {
    let (spec, status) = (situation.spec, situation.status);
    let counts = &status.replicas;
    if spec.restart_at.is_some() && spec.restart_at != status.restarted_at {
        return Some("rollout is restarting");
    }
    if counts.updated < spec.replicas() {
        return Some("more replicas need to be updated");
    }
    if counts.available < counts.updated {
        return Some("updated replicas are still becoming available");
    }
    let promoted = !status.revisions.stable_rs.is_empty() && status.is_fully_promoted();
    if spec.blue_green.is_some() {
        return waiting_for_blue_green(situation, promoted);
    }
    situation.canary()?;
    if !situation.has_traffic_routing() && counts.total > counts.updated {
        return Some("old replicas are pending termination");
    }
    (!promoted).then_some("waiting for all steps to complete")
}

fn waiting_for_blue_green(situation: Situation<'_>, promoted: bool) -> Option<&'static str> {
    let status = situation.status;
    let active = status.rest_text("blueGreen", &["activeSelector"]);
    if active.is_empty() || active != status.revisions.current_pod_hash {
        return Some("active service cutover pending");
    }
    if promoted {
        return None;
    }
    let run = status.rest_text("blueGreen", &["postPromotionAnalysisRunStatus", "status"]);
    let completed = AnalysisPhase::parse(run).is_some_and(AnalysisPhase::is_completed);
    let analysed = situation.spec.blue_green.as_ref().is_some_and(|s| s.post_promotion_analysis.is_some());
    Some(if analysed && !completed {
        "waiting for analysis to complete"
    } else {
        "waiting for post-promotion verification to complete"
    })
}

/// The phase for a client, which first asks whether the controller has seen the latest specification.
pub fn observed_phase(rollout: &Rollout) -> (RolloutPhase, String) {
    let progressing = |message: &str| (RolloutPhase::Progressing, message.to_owned());
    if !is_generation_observed(&rollout.status, rollout.generation) {
        return progressing("waiting for rollout spec update to be observed");
    }
    if is_unpausing(&rollout.status) {
        return progressing("waiting for rollout to unpause");
    }
    if rollout.status.phase == RolloutPhase::Empty {
        return phase(rollout.into());
    }
    (rollout.status.phase, rollout.status.message.clone())
}

/// Whether the status tells of this generation; an old controller's hash counts as yes.
pub fn is_generation_observed(status: &RolloutStatus, generation: i64) -> bool {
    status.observed_generation.parse::<i64>().map_or(true, |observed| observed >= generation)
}

/// Whether a person has resumed and the machine has not seen it yet.
pub fn is_unpausing(status: &RolloutStatus) -> bool {
    status.control.controller_pause && status.control.pause_conditions.is_empty()
}
