//! What the daemon tells its clients: plain data, the same for the command line, the HTTP API and the web page.
//!
//! Fields may be added in a minor version; none is removed or changes its meaning within a major one.

mod affected;
mod application;
mod explain;
mod image;
mod plan;
mod rollout;

use serde::{Deserialize, Serialize};

pub use affected::{AffectedApplicationView, AffectedKustomizationView, AffectedView, ChangeView};
pub use application::{
    ApplicationView, ApprovalView, ConditionView, DiffView, FieldChangeView, HistoryView, ObjectDiffView,
    OperationView,
};
pub use explain::{
    ExplainedFieldView, ExplainedStepView, ExplanationView, LineCommitView, PlaceView, SourceFieldView,
};
pub use image::{ImageUpdateView, ImageView, UpdatedFileView};
pub use plan::{
    DefinitionChangeView, ImageChangeView, PlanGroupView, PlanView, PlannedFieldView, PlannedObjectView,
    PlannedView, RefusalView, UnchangedView,
};
pub use rollout::{AnalysisRunView, MeasurementView, MetricView, ReplicaSetView, RolloutView, StepView};

/// The version of these types, in every answer.
pub const API_VERSION: &str = "gitops.cli/v1";

/// A list of views.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListView<T> {
    /// Always [`API_VERSION`].
    pub api_version: String,
    /// The items, in the order of their names unless the call says otherwise.
    pub items: Vec<T>,
}

impl<T> ListView<T> {
    /// A list of `items`.
    pub fn new(items: Vec<T>) -> Self {
        Self { api_version: API_VERSION.to_owned(), items }
    }
}

/// One event of the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventView {
    /// Number of the event since the daemon was started; rises by one with each.
    pub sequence: u64,
    /// When, in RFC 3339.
    pub time: String,
    /// `Normal` or `Warning`.
    pub event_type: String,
    /// The object that it happened to: `Rollout.argoproj.io prod/myapp`.
    pub object: String,
    /// Argo's or Kubernetes' reason.
    pub reason: String,
    /// One sentence.
    pub message: String,
}

/// Why a call was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorView {
    /// `usage`, `outside` or `refused`: decides the exit code of the command line.
    pub kind: ErrorKind,
    /// One sentence.
    pub message: String,
    /// What to do, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What kind of failure an [`ErrorView`] tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorKind {
    /// The request names something that does not exist, or is malformed.
    Usage,
    /// The cluster, the registry, Git or Prometheus failed.
    Outside,
    /// The project, a missing approval or a sync window forbids it.
    Refused,
}
