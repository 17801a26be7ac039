//! `spec` of a Rollout.

use crate::api::fields::{FieldError, Fields};
use crate::time::Timestamp;
use crate::yaml::Node;

use super::strategy::{BlueGreenStrategy, CanaryStrategy};

/// `spec` of a Rollout.
#[derive(Clone, Debug)]
pub struct RolloutSpec {
    /// How many pods are wanted; see [`RolloutSpec::replicas`].
    pub replicas: Option<i32>,
    /// The pod template; an empty mapping where the Rollout refers to a workload.
    pub template: Node,
    /// The label selector.
    pub selector: Option<Node>,
    /// The workload that the template comes from.
    pub workload_ref: Option<Node>,
    /// How long a pod must be ready before it counts as available.
    pub min_ready_seconds: i32,
    /// The canary strategy.
    pub canary: Option<CanaryStrategy>,
    /// The blue-green strategy.
    pub blue_green: Option<BlueGreenStrategy>,
    /// Whether a person holds scaling and steps.
    pub paused: bool,
    /// How long no progress is borne.
    pub progress_deadline: ProgressDeadline,
    /// Pods created before this instant are to be replaced.
    pub restart_at: Option<Timestamp>,
    /// How many revisions back a rollback may skip the steps.
    pub rollback_window: Option<i32>,
    /// How much history is kept.
    pub history: HistoryLimits,
}

/// How long no progress is borne, and whether its end aborts the update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ProgressDeadline {
    /// `progressDeadlineSeconds`; 600 where there is none.
    pub seconds: Option<i32>,
    /// `progressDeadlineAbort`.
    pub abort: bool,
}

/// How many old ReplicaSets and AnalysisRuns are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct HistoryLimits {
    /// `revisionHistoryLimit`; 10 where there is none.
    pub revisions: Option<i32>,
    /// `analysis.successfulRunHistoryLimit`; 5 where there is none.
    pub successful_runs: Option<i32>,
    /// `analysis.unsuccessfulRunHistoryLimit`; 5 where there is none.
    pub unsuccessful_runs: Option<i32>,
}

impl RolloutSpec {
    /// Reads `spec`.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let strategy = fields.child("strategy")?;
        let analysis = fields.child("analysis")?;
        let empty = || Node::mapping(std::iter::empty::<(&str, Node)>());
        Ok(Self {
            replicas: fields.integer("replicas")?,
            template: fields.child("template")?.node().cloned().unwrap_or_else(empty),
            selector: fields.child("selector")?.node().cloned(),
            workload_ref: fields.child("workloadRef")?.node().cloned(),
            min_ready_seconds: fields.count("minReadySeconds")?,
            canary: strategy.optional("canary")?.as_ref().map(CanaryStrategy::read).transpose()?,
            blue_green: strategy.optional("blueGreen")?.as_ref().map(BlueGreenStrategy::read).transpose()?,
            paused: fields.flag("paused")?,
            progress_deadline: ProgressDeadline {
                seconds: fields.integer("progressDeadlineSeconds")?,
                abort: fields.flag("progressDeadlineAbort")?,
            },
            restart_at: fields.time("restartAt")?,
            rollback_window: fields.child("rollbackWindow")?.integer("revisions")?,
            history: HistoryLimits {
                revisions: fields.integer("revisionHistoryLimit")?,
                successful_runs: analysis.integer("successfulRunHistoryLimit")?,
                unsuccessful_runs: analysis.integer("unsuccessfulRunHistoryLimit")?,
            },
        })
    }

    /// How many pods are wanted; 1 where nothing is said.
    pub fn replicas(&self) -> i32 {
        self.replicas.unwrap_or(1)
    }

    /// The progress deadline in seconds; 600 where nothing is said.
    pub fn progress_deadline_seconds(&self) -> i32 {
        self.progress_deadline.seconds.unwrap_or(600)
    }
}
