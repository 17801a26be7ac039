//! Health of the kinds of Kubernetes that are no workloads.

use super::view::{Condition, View};
use super::{Assess, Health};
use crate::yaml::{self, Node};

/// The kinds judged here.
pub(super) const KINDS: &[(&str, &str, Assess)] = &[
    ("", "Service", |object| Some(service(object))),
    ("", "PersistentVolumeClaim", |object| Some(claim(object))),
    ("networking.k8s.io", "Ingress", |object| Some(balanced(object))),
    ("extensions", "Ingress", |object| Some(balanced(object))),
    ("batch", "Job", |object| Some(job(object))),
    ("batch", "CronJob", |object| Some(cron_job(object))),
    ("autoscaling", "HorizontalPodAutoscaler", |object| Some(autoscaler(object))),
    ("policy", "PodDisruptionBudget", |object| Some(disruption_budget(object))),
    ("apiregistration.k8s.io", "APIService", |object| Some(api_service(object))),
    ("apiextensions.k8s.io", "CustomResourceDefinition", |object| Some(definition(object))),
];

fn service(object: View<'_>) -> Health {
    if object.text(&["spec", "type"]) == "LoadBalancer" { balanced(object) } else { Health::healthy("") }
}

/// Healthy once a load balancer has an address.
fn balanced(object: View<'_>) -> Health {
    let has_address = object.items(&["status", "loadBalancer", "ingress"]).next().is_some();
    if has_address { Health::healthy("") } else { Health::progressing("") }
}

fn claim(object: View<'_>) -> Health {
    match object.text(&["status", "phase"]) {
        "Lost" => Health::degraded(""),
        "Pending" => Health::progressing(""),
        "Bound" => Health::healthy(""),
        _ => Health::unknown(""),
    }
}

/// The presence of a condition counts, not its status: except for `Suspended`.
fn job(object: View<'_>) -> Health {
    let (mut failed, mut suspended, mut ended) = (None, false, None);
    for condition in object.conditions() {
        match condition.kind {
            "Failed" => failed = Some(condition.message),
            "Complete" => ended = Some(condition.message),
            "Suspended" => {
                ended = Some(condition.message);
                suspended |= condition.is_true();
            }
            _ => {}
        }
    }
    match (failed, ended) {
        (Some(message), _) => Health::degraded(message),
        (None, Some(message)) if suspended => Health::suspended(message),
        (None, Some(message)) => Health::healthy(message),
        (None, None) => Health::progressing(""),
    }
}

fn cron_job(object: View<'_>) -> Health {
    let status = |field: &str| object.node(&["status", field]);
    if object.flag(&["spec", "suspend"]) {
        return Health::healthy("CronJob is Suspended");
    }
    if object.node(&["status"]).is_none() {
        return Health::progressing("Waiting for CronJob");
    }
    let (Some(scheduled), succeeded) = (status("lastScheduleTime"), status("lastSuccessfulTime")) else {
        return Health::healthy("CronJob has not been scheduled yet");
    };
    let Some(succeeded) = succeeded else {
        return Health::healthy("The CronJob never completed successfully. It may not be healthy");
    };
    if object.items(&["status", "active"]).next().is_some() {
        return Health::healthy("The job is running. Its last execution may not have been successful");
    }
    if succeeded.text() < scheduled.text() {
        return Health::degraded("CronJob has not completed its last execution successfully");
    }
    Health::healthy("CronJob has completed its last execution successfully")
}

/// Reasons for which an autoscaler cannot do its work, whatever the status of the condition says.
const AUTOSCALER_FAULTS: [(&str, &str); 8] = [
    ("AbleToScale", "FailedGetScale"),
    ("AbleToScale", "FailedUpdateScale"),
    ("ScalingActive", "FailedGetResourceMetric"),
    ("ScalingActive", "FailedGetObjectMetric"),
    ("ScalingActive", "FailedGetPodsMetric"),
    ("ScalingActive", "FailedGetExternalMetric"),
    ("ScalingActive", "FailedComputeMetricsReplicas"),
    ("ScalingActive", "InvalidSelector"),
];

/// `autoscaling/v1` keeps its conditions as JSON in an annotation.
const AUTOSCALER_CONDITIONS: &str = "autoscaling.alpha.kubernetes.io/conditions";

fn autoscaler(object: View<'_>) -> Health {
    if object.text(&["apiVersion"]) == "autoscaling/v1" {
        let Some(text) = object.annotation(AUTOSCALER_CONDITIONS) else {
            return Health::progressing("Waiting to Autoscale");
        };
        return match yaml::read_one(AUTOSCALER_CONDITIONS, text) {
            Ok(list) => autoscaler_conditions(&list),
            Err(error) => Health::unknown(error.to_string()),
        };
    }
    object
        .node(&["status", "conditions"])
        .map_or_else(|| Health::progressing("Waiting to Autoscale"), autoscaler_conditions)
}

fn autoscaler_conditions(list: &Node) -> Health {
    let conditions = || list.items().iter().map(|item| Condition::of(View::new(item)));
    let is_fault = |found: &Condition<'_>| AUTOSCALER_FAULTS.contains(&(found.kind, found.reason));
    let works =
        |found: &Condition<'_>| found.is_true() && matches!(found.kind, "AbleToScale" | "ScalingLimited");
    if let Some(fault) = conditions().find(is_fault) {
        return Health::degraded(fault.message);
    }
    conditions()
        .find(works)
        .map_or_else(|| Health::progressing("Waiting to Autoscale"), |found| Health::healthy(found.message))
}

fn disruption_budget(object: View<'_>) -> Health {
    let mut last = Health::progressing("Waiting for status");
    for condition in object.conditions() {
        let message = format!("PodDisruptionBudget has {}", condition.reason);
        // Too few pods can be meant: a budget that permits no disruption.
        if condition.is_false() && condition.reason != "InsufficientPods" {
            return Health::degraded(message);
        }
        last = Health::healthy(message);
    }
    last
}

fn api_service(object: View<'_>) -> Health {
    let Some(available) = object.condition("Available") else {
        return Health::progressing("Waiting to be processed");
    };
    let message = format!("{}: {}", available.reason, available.message);
    if available.is_true() { Health::healthy(message) } else { Health::progressing(message) }
}

fn definition(object: View<'_>) -> Health {
    if object.conditions().next().is_none() {
        return Health::progressing("Status conditions not found");
    }
    let mut established = false;
    for condition in object.conditions() {
        let message = condition.message;
        match (condition.kind, condition.status) {
            ("Terminating", "True") => {
                return Health::progressing(format!("CRD is terminating: {message}"));
            }
            ("NamesAccepted", "False") => {
                return Health::degraded(format!("CRD names have not been accepted: {message}"));
            }
            ("NonStructuralSchema", "True") => {
                return Health::degraded(format!("Schema violations found: {message}"));
            }
            ("Established", "True") => established = true,
            ("Established", _) if condition.reason == "Installing" => {
                return Health::progressing("CRD is being installed");
            }
            _ => {}
        }
    }
    if established { Health::healthy("CRD is healthy") } else { Health::degraded("CRD is not established") }
}
