//! Health of the kinds of Argo.

use super::view::{Condition, View};
use super::{Assess, Health, HealthStatus};

/// The kinds judged here. An `Application` has no health of its own among the objects of another one, as in
/// Argo CD; neither have projects and templates.
pub(super) const KINDS: &[(&str, &str, Assess)] = &[
    ("argoproj.io", "Rollout", |object| Some(rollout(object))),
    ("argoproj.io", "AnalysisRun", |object| {
        Some(phased(object, &ANALYSIS, "Waiting for analysis run to finish: status has not been reconciled."))
    }),
    ("argoproj.io", "Experiment", |object| {
        Some(phased(object, &EXPERIMENT, "Waiting for experiment to finish: status has not been reconciled."))
    }),
    ("argoproj.io", "Workflow", |object| Some(workflow(object))),
    ("argoproj.io", "CronWorkflow", |object| Some(cron_workflow(object))),
    ("argoproj.io", "ApplicationSet", |object| Some(application_set(object))),
    ("argoproj.io", "Application", |_| None),
    ("argoproj.io", "AppProject", |_| None),
];

fn rollout(object: View<'_>) -> Health {
    if !is_rollout_observed(object) {
        return Health::progressing("Waiting for rollout spec update to be observed");
    }
    if object.node(&["status", "phase"]).is_some() {
        let message = object.text(&["status", "message"]);
        return match object.text(&["status", "phase"]) {
            "Paused" => Health::suspended(message),
            phase => Health::new(HealthStatus::from_word(phase).unwrap_or(HealthStatus::Unknown), message),
        };
    }
    // Controllers before 1.0 write no phase.
    let is_fault = |found: &Condition<'_>| {
        found.kind == "InvalidSpec"
            || (found.kind == "Progressing"
                && matches!(found.reason, "RolloutAborted" | "ProgressDeadlineExceeded"))
    };
    if let Some(fault) = object.conditions().find(is_fault) {
        return Health::degraded(fault.message);
    }
    let is_paused =
        object.items(&["status", "pauseConditions"]).next().is_some() || object.flag(&["spec", "paused"]);
    if is_paused {
        return Health::suspended("Rollout is paused");
    }
    rollout_by_replicas(object).unwrap_or_else(|| Health::healthy(""))
}

/// Old controllers write a hash as `observedGeneration`, which counts as observed.
fn is_rollout_observed(object: View<'_>) -> bool {
    if object.node(&["status"]).is_none() {
        return false;
    }
    let observed: Option<i64> = object.text(&["status", "observedGeneration"]).parse().ok();
    let spec_is_observed = observed.is_none_or(|observed| observed >= object.generation());
    let workload = object.annotation("rollout.argoproj.io/workload-generation");
    let follows_workload = object.node(&["spec", "workloadRef"]).is_some()
        && object.node(&["metadata", "annotations"]).is_some();
    let observed_workload = object.text(&["status", "workloadObservedGeneration"]);
    let is_same = workload.and_then(|text| text.parse::<i64>().ok()) == observed_workload.parse().ok();
    spec_is_observed && (!follows_workload || is_same)
}

fn rollout_by_replicas(object: View<'_>) -> Option<Health> {
    let waiting =
        |for_what: &str| Some(Health::progressing(format!("Waiting for roll out to finish: {for_what}")));
    let hash = object.text(&["status", "currentPodHash"]);
    if object.node(&["status", "currentPodHash"]).is_none() {
        return Some(Health::progressing("Waiting for rollout to finish: status has not been reconciled."));
    }
    let count = |field: &str| object.count(&["status", field]);
    let updated = count("updatedReplicas");
    if updated < object.number(&["spec", "replicas"]).unwrap_or(1) {
        return waiting("More replicas need to be updated");
    }
    if count("availableReplicas") < updated {
        return waiting("updated replicas are still becoming available");
    }
    let stable = match object.text(&["status", "stableRS"]) {
        "" => object.text(&["status", "canary", "stableRS"]),
        stable => stable,
    };
    if object.node(&["spec", "strategy", "blueGreen"]).is_some() {
        if object.text(&["status", "blueGreen", "activeSelector"]) != hash {
            return Some(Health::progressing("active service cutover pending"));
        }
        let is_analysed = stable.is_empty() || stable == hash;
        return (!is_analysed).then(|| Health::progressing("waiting for analysis to complete"));
    }
    object.node(&["spec", "strategy", "canary"])?;
    if count("replicas") > updated {
        return waiting("old replicas are pending termination");
    }
    (stable != hash).then(|| Health::progressing("Waiting for rollout to finish steps"))
}

/// What a phase means: its health, the message, and whether a message of the object's own goes before it.
type Phase = (&'static str, HealthStatus, &'static str, bool);

const ANALYSIS: [Phase; 6] = [
    ("Pending", HealthStatus::Progressing, "Analysis run is running", false),
    ("Running", HealthStatus::Progressing, "Analysis run is running", false),
    ("Successful", HealthStatus::Healthy, "Analysis run completed successfully", true),
    ("Failed", HealthStatus::Degraded, "Analysis run failed", true),
    ("Error", HealthStatus::Degraded, "Analysis run had an error", true),
    ("Inconclusive", HealthStatus::Unknown, "Analysis run was inconclusive", true),
];

const EXPERIMENT: [Phase; 5] = [
    ("Pending", HealthStatus::Progressing, "Experiment is pending", false),
    ("Running", HealthStatus::Progressing, "Experiment is running", false),
    ("Successful", HealthStatus::Healthy, "Experiment is successful", false),
    ("Failed", HealthStatus::Degraded, "Experiment has failed", false),
    ("Error", HealthStatus::Degraded, "Experiment had an error", false),
];

fn phased(object: View<'_>, phases: &[Phase], unreconciled: &str) -> Health {
    let phase = object.text(&["status", "phase"]);
    let Some((_, status, message, own)) = phases.iter().find(|(word, ..)| *word == phase) else {
        return Health::progressing(unreconciled);
    };
    let said = object.node(&["status", "message"]).and_then(crate::yaml::Node::text).filter(|_| *own);
    Health::new(*status, said.unwrap_or(message))
}

fn workflow(object: View<'_>) -> Health {
    let message = object.text(&["status", "message"]);
    match object.text(&["status", "phase"]) {
        "" | "Pending" | "Running" => Health::progressing(message),
        "Succeeded" => Health::healthy(message),
        "Failed" | "Error" => Health::degraded(message),
        _ => Health::unknown(message),
    }
}

fn cron_workflow(object: View<'_>) -> Health {
    let said = object.conditions().filter(Condition::is_true).find_map(|found| match found.kind {
        "SpecError" | "SubmissionError" => Some(Health::degraded(found.message)),
        "Completed" => Some(Health::healthy(found.message)),
        _ => None,
    });
    said.unwrap_or_else(|| Health::healthy("CronWorkflow is healthy."))
}

fn application_set(object: View<'_>) -> Health {
    let order = [
        ("ErrorOccurred", "True", HealthStatus::Degraded),
        ("ResourcesUpToDate", "False", HealthStatus::Degraded),
        ("RolloutProgressing", "True", HealthStatus::Progressing),
        ("ResourcesUpToDate", "True", HealthStatus::Healthy),
    ];
    let found = order.iter().find_map(|(kind, status, health)| {
        let condition = object.conditions().find(|found| found.kind == *kind && found.status == *status)?;
        Some(Health::new(*health, condition.message))
    });
    found.unwrap_or_else(|| Health::progressing("Waiting for the status to be reported"))
}
