//! What the driver knows, in the words of [`crate::view`].

use gitops_core::api::analysis::{AnalysisRun, MetricResult};
use gitops_core::api::application::{Application, OperationState, RevisionHistory};
use gitops_core::api::rollout::{Rollout, Step};
use gitops_core::api::sync_approval::{SyncApproval, SyncApprovalSpec};
use gitops_core::diff::FieldChange;
use gitops_core::engine::{self, Assessment};
use gitops_core::kustomize::Rendered;
use gitops_core::provenance::NodeOrigin;
use gitops_core::rollout::{self, RolloutObserved};
use gitops_core::sync::{Change, ObjectComparison, images_of};
use gitops_core::time::Timestamp;
use gitops_core::yaml::{self, Node};

use super::objects::{self, list};
use super::{Driver, DriverError, Outside};
use crate::view::{
    AnalysisRunView, ApplicationView, ApprovalView, ConditionView, DiffView, FieldChangeView, HistoryView,
    MeasurementView, MetricView, ObjectDiffView, OperationView, ReplicaSetView, RolloutView, StepView,
};

impl<O: Outside> Driver<O> {
    /// Every Application.
    pub async fn application_views(&mut self) -> Result<Vec<ApplicationView>, DriverError> {
        let applications = objects::applications(self.outside.cluster()).await?;
        Ok(applications.iter().map(|(_, app)| application(app)).collect())
    }

    /// Every Rollout.
    pub async fn rollout_views(&self) -> Result<Vec<RolloutView>, DriverError> {
        let mut views = vec![];
        for object in list(self.outside.cluster(), ("argoproj.io", "Rollout"), None).await? {
            views.push(self.rollout_view(&object.key.namespace, &object.key.name).await?);
        }
        Ok(views)
    }

    /// One Rollout.
    pub async fn rollout_view(&self, namespace: &str, name: &str) -> Result<RolloutView, DriverError> {
        let (object, rollout) = self.rollout(namespace, name).await?;
        let seen = self.observe_rollout(&object, &rollout).await?;
        Ok(rollout_of(&rollout, &seen))
    }
}

fn application(app: &Application) -> ApplicationView {
    let status = &app.status;
    let differing = status.resources.iter().filter(|resource| {
        resource.status.is_some_and(|status| status != gitops_core::api::application::SyncStatusCode::Synced)
    });
    let changes = differing.count();
    let text = |time: Option<&OperationState>| time.map(operation);
    ApplicationView {
        name: app.metadata.name.to_string(),
        project: app.spec.project_name().to_owned(),
        namespace: app.spec.destination.namespace.to_string(),
        path: app.spec.sources.first().map(|source| source.path.to_string()).unwrap_or_default(),
        sync_status: status.sync.as_ref().map_or("Unknown", |sync| sync.status.as_str()).to_owned(),
        health_status: status.health.as_ref().map_or("Unknown", |health| health.status.as_str()).to_owned(),
        health_message: status.health.as_ref().map(|health| health.message.to_string()).unwrap_or_default(),
        revision: status.sync.as_ref().map(|sync| sync.revision.to_string()).unwrap_or_default(),
        synced_revision: status.history.last().map(|entry| entry.revision.to_string()).unwrap_or_default(),
        automated: !engine::needs_approval(app),
        changes,
        awaiting_approval: engine::needs_approval(app) && changes > 0,
        images: status.images.iter().map(|image| tag(image).to_owned()).collect(),
        operation: text(status.operation_state.as_ref()),
        conditions: status
            .conditions
            .iter()
            .map(|condition| ConditionView {
                condition_type: condition.condition_type.to_string(),
                message: condition.message.clone(),
            })
            .collect(),
    }
}

/// The tag of an image reference; the whole reference where it has none.
fn tag(image: &str) -> &str {
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split_once(':').map_or(image, |(_, tag)| tag)
}

/// An operation.
pub(super) fn operation(state: &OperationState) -> OperationView {
    let by = &state.operation.initiated_by;
    OperationView {
        phase: state.phase.as_str().to_owned(),
        message: state.message.clone(),
        initiated_by: if by.automated { "automated".to_owned() } else { by.username.to_string() },
    }
}

/// What a sync would change. Secrets come masked from the comparison.
pub(super) fn diff(name: &str, assessment: &Assessment, rendered: Option<&Rendered>) -> DiffView {
    let differing = assessment.comparison.objects.iter().filter(|object| object.change != Change::Unchanged);
    DiffView {
        application: name.to_owned(),
        revision: assessment.revision.to_string(),
        desired_hash: assessment.comparison.desired_hash(),
        changes_hash: assessment.comparison.changes_hash(),
        objects: differing.map(|object| object_diff(object, rendered)).collect(),
        refusals: assessment.refusals.clone(),
    }
}

fn object_diff(object: &ObjectComparison, rendered: Option<&Rendered>) -> ObjectDiffView {
    let (change, fields) = match &object.change {
        Change::Create => ("create", vec![]),
        Change::Prune => ("prune", vec![]),
        Change::Unchanged => ("unchanged", vec![]),
        Change::Update(fields) => {
            ("update", fields.iter().map(|field| field_change(field, object, rendered)).collect())
        }
    };
    ObjectDiffView { object: object.key.to_string(), change: change.to_owned(), fields }
}

fn field_change(
    change: &FieldChange,
    object: &ObjectComparison,
    rendered: Option<&Rendered>,
) -> FieldChangeView {
    FieldChangeView {
        path: change.path.to_string(),
        live: change.live.as_ref().map(value),
        desired: change.desired.as_ref().map(value),
        at: place(change, object, rendered),
    }
}

/// File, line and column of what set the desired value; of the object where that is not known.
fn place(change: &FieldChange, object: &ObjectComparison, rendered: Option<&Rendered>) -> Option<String> {
    let provenance = &rendered?.provenance;
    let own = &object.desired.as_ref()?.at;
    let file = provenance.file_at(&own.path);
    let place = file.and_then(|file| provenance.place(NodeOrigin { origin: change.origin, file }));
    let at = place.map_or_else(|| own.clone(), |place| provenance.location(place));
    Some(at.to_string()).filter(|at| !at.is_empty())
}

fn value(node: &Node) -> String {
    yaml::print_document(node).map_or_else(|error| error.to_string(), |text| text.trim_end().to_owned())
}

/// An approval.
pub(super) fn approval(spec: &SyncApprovalSpec) -> ApprovalView {
    ApprovalView {
        approver: spec.approver.to_string(),
        verified: spec.verified,
        time: spec.approved_at.to_string(),
        revision: spec.revision.to_string(),
        changes_hash: spec.changes.to_string(),
    }
}

/// A sync of the past, with the approval that let it pass.
pub(super) fn history(entry: &RevisionHistory, approvals: &[SyncApproval]) -> HistoryView {
    let by = &entry.initiated_by;
    let started = entry.deploy_started_at.unwrap_or(entry.deployed_at);
    let approval = approvals
        .iter()
        .filter(|approval| approval.spec.revision == entry.revision && approval.spec.approved_at <= started)
        .max_by_key(|approval| approval.spec.approved_at);
    HistoryView {
        id: entry.id,
        revision: entry.revision.to_string(),
        deployed_at: entry.deployed_at.to_string(),
        initiated_by: if by.automated { "automated".to_owned() } else { by.username.to_string() },
        approval: approval.map(|found| self::approval(&found.spec)),
    }
}

fn rollout_of(rollout: &Rollout, seen: &RolloutObserved) -> RolloutView {
    let status = &rollout.status;
    let (phase, message) = rollout::phase::observed_phase(rollout);
    let situation = rollout::Situation { spec: &rollout.spec, status };
    let current = usize::try_from(status.revisions.current_step_index.unwrap_or(0)).unwrap_or(0);
    let steps = rollout.steps().iter().enumerate();
    let weight = |weight: i32| u32::try_from(weight).unwrap_or(0);
    RolloutView {
        namespace: rollout.key.namespace.to_string(),
        name: rollout.key.name.to_string(),
        phase: phase.as_str().to_owned(),
        message,
        aborted: status.control.abort,
        step: current,
        steps: steps.map(|(at, step)| step_view(step, at, current, status.control.abort)).collect(),
        set_weight: weight(situation.current_set_weight()),
        actual_weight: weight(status.canary.weights.as_ref().map_or(0, |weights| weights.canary.weight)),
        replicas: weight(rollout.spec.replicas()),
        replica_sets: replica_sets(rollout, seen),
        analysis_runs: seen.runs.iter().filter(|run| is_current(run, rollout)).map(analysis_run).collect(),
    }
}

fn step_view(step: &Step, at: usize, current: usize, aborted: bool) -> StepView {
    let title = match &step.analysis {
        Some(analysis) => {
            let names: Vec<&str> =
                analysis.templates.iter().map(|template| template.template_name.as_str()).collect();
            format!("analysis: {}", names.join(", "))
        }
        None => rollout::step_text(step),
    };
    let state = match at.cmp(&current) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal if aborted => "failed",
        std::cmp::Ordering::Equal => "current",
        std::cmp::Ordering::Greater => "pending",
    };
    StepView { title, state: state.to_owned() }
}

fn replica_sets(rollout: &Rollout, seen: &RolloutObserved) -> Vec<ReplicaSetView> {
    let revisions = &rollout.status.revisions;
    let mut sets: Vec<ReplicaSetView> = seen
        .replica_sets
        .iter()
        .map(|set| ReplicaSetView {
            name: set.name.to_string(),
            revision: set.revision.and_then(|revision| u32::try_from(revision).ok()).unwrap_or(0),
            role: if set.hash == revisions.stable_rs {
                "stable"
            } else if set.hash == revisions.current_pod_hash {
                "canary"
            } else {
                "old"
            }
            .to_owned(),
            images: images_of(&Node::mapping([(
                "spec",
                Node::mapping([("template", set.template.clone())]),
            )]))
            .iter()
            .map(|image| tag(image).to_owned())
            .collect(),
            desired: u32::try_from(set.counts.wanted).unwrap_or(0),
            available: u32::try_from(set.counts.available).unwrap_or(0),
        })
        .collect();
    sets.sort_by_key(|set| std::cmp::Reverse(set.revision));
    sets
}

fn is_current(run: &AnalysisRun, rollout: &Rollout) -> bool {
    let hash = run.labels.get("rollouts-pod-template-hash");
    hash.is_none_or(|hash| *hash == rollout.status.revisions.current_pod_hash)
}

fn analysis_run(run: &AnalysisRun) -> AnalysisRunView {
    AnalysisRunView {
        name: run.key.name.to_string(),
        phase: run.status.phase.as_str().to_owned(),
        message: run.status.message.clone(),
        metrics: run.status.metric_results.iter().map(|result| metric(run, result)).collect(),
    }
}

fn metric(run: &AnalysisRun, result: &MetricResult) -> MetricView {
    let spec = run.spec.metrics.iter().find(|metric| metric.name == result.name);
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    MetricView {
        name: result.name.to_string(),
        phase: result.phase.as_str().to_owned(),
        query: result.metadata.get("ResolvedPrometheusQuery").map(ToString::to_string).unwrap_or_default(),
        condition: spec.map(|metric| metric.success_condition.to_string()).unwrap_or_default(),
        measurements: result
            .measurements
            .iter()
            .map(|measurement| MeasurementView {
                time: time(measurement.finished_at),
                value: measurement.value.clone(),
                phase: measurement.phase.as_str().to_owned(),
            })
            .collect(),
    }
}
