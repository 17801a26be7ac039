//! The part of a pass that writes down what was observed: sync status, health, objects and conditions.

use smol_str::SmolStr;

use super::orphans::orphans;
use super::{AssessError, Assessment, Pass};
use crate::api::application::{
    ComparedTo, Condition, HealthRecord, ResourceStatus, SyncRecord, SyncStatusCode,
};
use crate::health::{self, HealthStatus};
use crate::object::{Object, group_and_version};
use crate::sync::{self, Change, ObjectComparison, ResourceHealth};
use crate::yaml::Node;

/// The conditions that a comparison decides about.
const OBSERVED: &[&str] = &[
    "ComparisonError",
    "InvalidSpecError",
    "OrphanedResourceWarning",
    "RepeatedResourceWarning",
    "ExcludedResourceWarning",
];

impl Pass<'_> {
    /// Notes that the Application cannot be compared, and why. What it runs is left alone.
    pub(super) fn note_invalid(&mut self, error: Option<&AssessError>) {
        let Some(error) = error else { return };
        self.set_conditions(vec![(error.condition_type(), error.to_string())]);
        self.set_sync(SyncStatusCode::Unknown, None);
    }

    /// Notes what the comparison found.
    pub(super) fn note_comparison(&mut self, assessment: &Assessment) {
        let conditions = self.observed_conditions(assessment);
        self.set_conditions(conditions);
        self.set_sync(assessment.comparison.status(), Some(&assessment.revision));
        self.decision.next.resources = assessment.comparison.objects.iter().map(resource_status).collect();
        self.decision.next.images = images(assessment);
        self.decision.next.source_type = "Kustomize".into();
        self.set_health(assessment);
    }

    fn observed_conditions(&self, assessment: &Assessment) -> Vec<(&'static str, String)> {
        let mut conditions: Vec<(&'static str, String)> = assessment
            .warnings
            .iter()
            .map(|warning| ("RepeatedResourceWarning", warning.message.clone()))
            .collect();
        if !assessment.refusals.is_empty() {
            conditions.push(("InvalidSpecError", assessment.refusals.join("; ")));
        }
        if let Some(project) = self.seen.project {
            let orphans = orphans(self.app, project, assessment, self.seen.schemas);
            if !orphans.is_empty() {
                let message =
                    format!("Application has {} orphaned resources: {}", orphans.len(), orphans.join(", "));
                conditions.push(("OrphanedResourceWarning", message));
            }
        }
        conditions
    }

    fn set_conditions(&mut self, found: Vec<(&'static str, String)>) {
        let before = std::mem::take(&mut self.decision.next.conditions);
        let (observed, mut kept): (Vec<_>, Vec<_>) =
            before.into_iter().partition(|condition| OBSERVED.contains(&condition.condition_type.as_str()));
        for (condition_type, message) in found {
            let same = |condition: &&Condition| {
                condition.condition_type == condition_type && condition.message == message
            };
            let known = observed.iter().find(same).cloned();
            if known.is_none() {
                self.warning(condition_type, message.clone());
            }
            kept.push(known.unwrap_or_else(|| Condition {
                condition_type: condition_type.into(),
                message,
                last_transition_time: Some(self.now),
            }));
        }
        self.decision.next.conditions = kept;
    }

    fn set_sync(&mut self, status: SyncStatusCode, revision: Option<&SmolStr>) {
        let before = self.decision.next.sync.as_ref();
        let old = before.map_or(SyncStatusCode::Unknown, |record| record.status);
        let kept = before.map(|record| record.revision.clone()).unwrap_or_default();
        let spec = &self.app.spec;
        self.decision.next.sync = Some(SyncRecord {
            status,
            revision: revision.cloned().unwrap_or(kept),
            revisions: vec![],
            compared_to: Some(ComparedTo {
                sources: spec.sources.clone(),
                has_multiple_sources: spec.has_multiple_sources,
                destination: spec.destination.clone(),
            }),
        });
        if old != status {
            self.normal("ResourceUpdated", format!("Updated sync status: {old} -> {status}"));
        }
    }

    fn set_health(&mut self, assessment: &Assessment) {
        let facts: Vec<ResourceHealth> = assessment.comparison.objects.iter().map(resource_health).collect();
        let status = sync::application_health(&facts, Some(&self.key()));
        let message = worst_message(assessment, status);
        let before = self.decision.next.health.clone();
        let old = before.as_ref().map_or(HealthStatus::Unknown, |record| record.status);
        let changed = before.as_ref().is_none_or(|record| record.status != status);
        let since =
            if changed { Some(self.now) } else { before.and_then(|record| record.last_transition_time) };
        self.decision.next.health =
            Some(HealthRecord { status, message: message.into(), last_transition_time: since });
        if changed {
            self.normal("ResourceUpdated", format!("Updated health status: {old} -> {status}"));
        }
    }
}

/// The message of the first object that is as bad as the whole; empty for a healthy whole.
fn worst_message(assessment: &Assessment, status: HealthStatus) -> String {
    if status == HealthStatus::Healthy {
        return String::new();
    }
    let live = assessment.comparison.objects.iter().filter_map(|object| object.live.as_ref());
    live.filter_map(|object| Some((object, health::health(object)?)))
        .find(|(_, health)| health.status == status)
        .map(|(object, health)| {
            let message =
                if health.message.is_empty() { String::new() } else { format!(": {}", health.message) };
            format!("{}{message}{}", object.key, kept_by(object))
        })
        .unwrap_or_default()
}

/// What keeps an object that is being deleted, in words.
fn kept_by(object: &Object) -> String {
    let finalizers = object.root.at(&["metadata", "finalizers"]).map(Node::items).unwrap_or_default();
    let names: Vec<&str> = finalizers.iter().filter_map(Node::as_str).collect();
    let deleting = object.root.at(&["metadata", "deletionTimestamp"]).is_some();
    if deleting && !names.is_empty() { format!(" (kept by {})", names.join(", ")) } else { String::new() }
}

fn resource_health(object: &ObjectComparison) -> ResourceHealth {
    let either = object.live.as_ref().or(object.desired.as_ref());
    ResourceHealth {
        key: object.key.clone(),
        live: object.live.is_some(),
        health: object.live.as_ref().and_then(health::health).map(|health| health.status),
        hook: either.is_some_and(|object| sync::is_hook(object) || sync::is_skipped(object)),
        ignored: either.is_some_and(ResourceHealth::is_ignored),
    }
}

fn resource_status(object: &ObjectComparison) -> ResourceStatus {
    let either: Option<&Object> = object.desired.as_ref().or(object.live.as_ref());
    let health = match &object.live {
        Some(live) => health::health(live),
        None => Some(health::Health { status: HealthStatus::Missing, message: String::new() }),
    };
    ResourceStatus {
        key: object.key.clone(),
        version: either.map(|object| group_and_version(object.api_version()).1.into()).unwrap_or_default(),
        status: Some(object.status()),
        health: health.as_ref().map(|health| health.status),
        health_message: health.map(|health| health.message.into()).unwrap_or_default(),
        requires_pruning: object.change == Change::Prune,
        sync_wave: either.map(sync::sync_wave).unwrap_or_default(),
        ..ResourceStatus::default()
    }
}

/// The images that the live objects run, each once, in byte order.
fn images(assessment: &Assessment) -> Vec<SmolStr> {
    let live = assessment.comparison.objects.iter().filter_map(|object| object.live.as_ref());
    let images: std::collections::BTreeSet<SmolStr> =
        live.flat_map(|object| sync::images_of(&object.root)).collect();
    images.into_iter().collect()
}
