//! Applications, their differences and their history.

use serde::{Deserialize, Serialize};

/// An Application as a row of `gitops get apps`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationView {
    /// Name.
    pub name: String,
    /// Project.
    pub project: String,
    /// Namespace of the destination.
    pub namespace: String,
    /// Path of the source in the repository.
    pub path: String,
    /// `Synced`, `OutOfSync` or `Unknown`.
    pub sync_status: String,
    /// `Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing` or `Unknown`.
    pub health_status: String,
    /// Why the health is what it is; empty where there is nothing to say.
    pub health_message: String,
    /// The revision that was compared last.
    pub revision: String,
    /// The revision that was synced last; empty before the first sync.
    pub synced_revision: String,
    /// Whether syncs happen by themselves.
    pub automated: bool,
    /// How many objects differ.
    pub changes: usize,
    /// Whether the differences wait for somebody's approval.
    pub awaiting_approval: bool,
    /// The tags of the images that run.
    pub images: Vec<String>,
    /// The operation that runs or ran last.
    pub operation: Option<OperationView>,
    /// Errors and warnings.
    pub conditions: Vec<ConditionView>,
}

/// A sync operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationView {
    /// `Running`, `Succeeded`, `Failed`, `Error` or `Terminating`.
    pub phase: String,
    /// What it does or why it ended.
    pub message: String,
    /// Who started it; `automated` for the engine itself.
    pub initiated_by: String,
}

/// A condition of an Application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionView {
    /// Argo's type: `ComparisonError`, `OrphanedResourceWarning`.
    pub condition_type: String,
    /// One sentence.
    pub message: String,
}

/// What a sync of an Application would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiffView {
    /// Name of the Application.
    pub application: String,
    /// The revision that would be synced.
    pub revision: String,
    /// SHA-256 of the desired objects.
    pub desired_hash: String,
    /// SHA-256 of the changes: what an approval binds.
    pub changes_hash: String,
    /// The objects that differ.
    pub objects: Vec<ObjectDiffView>,
    /// What the project forbids of it, a sentence each.
    pub refusals: Vec<String>,
}

/// How one object differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectDiffView {
    /// `Deployment.apps dev/myapp`.
    pub object: String,
    /// `create`, `update` or `prune`.
    pub change: String,
    /// The fields that differ.
    pub fields: Vec<FieldChangeView>,
}

/// How one field differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldChangeView {
    /// `spec.template.spec.containers[0].image`.
    pub path: String,
    /// The live value as YAML; absent where there is none.
    pub live: Option<String>,
    /// The desired value as YAML; absent where there is none.
    pub desired: Option<String>,
    /// File and line that set the desired value, where that is known.
    pub at: Option<String>,
}

/// One entry of the history of an Application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryView {
    /// Number of the entry.
    pub id: i64,
    /// The revision that was synced.
    pub revision: String,
    /// When, in RFC 3339.
    pub deployed_at: String,
    /// Who started it; `automated` for the engine itself.
    pub initiated_by: String,
    /// The approval that let it pass, where one was needed.
    pub approval: Option<ApprovalView>,
}

/// Somebody's approval of exact changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalView {
    /// Who approved.
    pub approver: String,
    /// Whether somebody vouches for that name; typed names are not verified.
    pub verified: bool,
    /// When, in RFC 3339.
    pub time: String,
    /// The revision that was approved.
    pub revision: String,
    /// SHA-256 of the changes that were approved.
    pub changes_hash: String,
}
