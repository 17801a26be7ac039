//! Numaflow and Numaplane.

use super::super::view::{Condition, View};
use super::{Health, scalar};

type Found = Option<Health>;

pub(super) fn flow(object: View<'_>) -> Found {
    let kind = object.text(&["kind"]);
    let phase = scalar(object, "status.phase").unwrap_or_default();
    if object.generation() != object.observed_generation() {
        return None;
    }
    let result = object.text(&["metadata", "labels", "numaplane.numaproj.io/progressive-result-state"]);
    let failed = object.conditions().filter(Condition::is_false).last();
    if phase == "Failed" {
        return Some(Health::degraded(object.text(&["status", "message"])));
    }
    if result == "failed" && kind != "Vertex" {
        return Some(Health::degraded("Failed progressive upgrade"));
    }
    if let Some(failed) = failed {
        let quotes = matches!(kind, "InterStepBufferService" | "Vertex");
        return Some(Health::degraded(if quotes { failed.message } else { "Subresources are unhealthy" }));
    }
    match phase {
        "Running" => Some(Health::healthy(format!("{kind} is healthy"))),
        "Paused" if kind != "InterStepBufferService" => Some(Health::healthy(format!("{kind} is paused"))),
        "Pausing" if kind == "Pipeline" => Some(Health::healthy("Pipeline is paused")),
        _ => None,
    }
}

pub(super) fn rollout(object: View<'_>) -> Found {
    let kind = object.text(&["kind"]);
    let children = object.condition("ChildResourcesHealthy");
    let upgrade_failed = kind != "NumaflowControllerRollout"
        && object.condition("ProgressiveUpgradeSucceeded").is_some_and(|found| found.is_false());
    if object.node(&["status"]).is_none() || object.generation() != object.observed_generation() {
        return Some(Health::progressing("Not yet reconciled"));
    }
    let phase = object.text(&["status", "phase"]);
    let upgrades = !object.text(&["status", "upgradeInProgress"]).is_empty();
    if (upgrades || phase == "Pending") && !upgrade_failed {
        return Some(Health::progressing("Update in progress"));
    }
    let broken = children.filter(Condition::is_false);
    if broken.is_some_and(|found| found.reason == "Progressing") {
        return Some(Health::progressing("Child Progressing"));
    }
    if phase == "Failed" {
        return Some(Health::degraded(object.text(&["status", "message"])));
    }
    let (failure, pause) = match kind {
        "ISBServiceRollout" => ("ISBSvcFailed", ""),
        "MonoVertexRollout" => ("MonoVertexFailed", "MonoVertexPausingOrPaused"),
        "PipelineRollout" => ("PipelineFailed", "PipelinePausingOrPaused"),
        _ => ("", ""),
    };
    if let Some(found) = broken.filter(|found| failure.is_empty() || found.reason == failure) {
        return Some(Health::degraded(found.message));
    }
    if upgrade_failed {
        return Some(Health::degraded("Progressive upgrade failed"));
    }
    if let Some(paused) = object.condition(pause).filter(Condition::is_true) {
        return Some(Health::healthy(paused.message));
    }
    children.filter(Condition::is_true).map(|_| Health::healthy("Healthy"))
}
