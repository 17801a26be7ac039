//! Rollouts and their analysis.

use serde::{Deserialize, Serialize};

/// A Rollout with its steps, its ReplicaSets and its analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RolloutView {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// `Healthy`, `Progressing`, `Paused` or `Degraded`.
    pub phase: String,
    /// Why the phase is what it is.
    pub message: String,
    /// Whether the update was aborted.
    pub aborted: bool,
    /// Index of the current step; the number of steps when all are done.
    pub step: usize,
    /// The steps.
    pub steps: Vec<StepView>,
    /// Weight of the canary in percent that the current step asks for.
    pub set_weight: u32,
    /// Weight of the canary in percent that the router has.
    pub actual_weight: u32,
    /// Replicas that are wanted.
    pub replicas: u32,
    /// The ReplicaSets, the newest first.
    pub replica_sets: Vec<ReplicaSetView>,
    /// The runs of the current revision.
    pub analysis_runs: Vec<AnalysisRunView>,
}

/// One step of a canary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    /// `setWeight 10`, `pause 2m`, `analysis success-rate, p99-latency`.
    pub title: String,
    /// `pending`, `current`, `done` or `failed`.
    pub state: String,
}

/// One ReplicaSet of a Rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaSetView {
    /// Name.
    pub name: String,
    /// The revision that it stands for.
    pub revision: u32,
    /// `stable`, `canary` or `old`.
    pub role: String,
    /// The images of its containers.
    pub images: Vec<String>,
    /// Replicas wanted.
    pub desired: u32,
    /// Replicas available.
    pub available: u32,
}

/// One AnalysisRun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnalysisRunView {
    /// Name.
    pub name: String,
    /// `Pending`, `Running`, `Successful`, `Failed`, `Error` or `Inconclusive`.
    pub phase: String,
    /// Why.
    pub message: String,
    /// The metrics.
    pub metrics: Vec<MetricView>,
}

/// One metric of an AnalysisRun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricView {
    /// Name.
    pub name: String,
    /// Phase.
    pub phase: String,
    /// The query with its arguments filled in.
    pub query: String,
    /// The condition that a value must meet.
    pub condition: String,
    /// The measurements, the oldest first.
    pub measurements: Vec<MeasurementView>,
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeasurementView {
    /// When it was finished, in RFC 3339.
    pub time: String,
    /// The value as the provider gave it.
    pub value: String,
    /// Phase.
    pub phase: String,
}
