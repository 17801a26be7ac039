//! Analysis of Argo Rollouts, typed: AnalysisTemplate, ClusterAnalysisTemplate and AnalysisRun, and the status of
//! a run in Argo's shape.

mod run;
mod template;

pub use run::{
    AnalysisPhase, AnalysisRun, AnalysisRunSpec, AnalysisRunStatus, Measurement, MetricCounts, MetricResult,
    RunSummary, TimeToLive,
};
pub use template::{AnalysisTemplate, Argument, ArgumentValue, Limits, Metric, Provider, TemplateSpec};
