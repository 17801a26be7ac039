//! The production gate: an Application without automated sync moves only with an approval of the exact changes.

use super::Assessment;
use crate::api::application::{Application, Automated};
use crate::api::sync_approval::{Approvable, ApprovalMismatch, SyncApproval};

/// Whether syncs of this Application need an approval: those do that do not happen by themselves.
pub fn needs_approval(app: &Application) -> bool {
    !app.spec.sync_policy.automated.as_ref().is_some_and(Automated::is_enabled)
}

/// Why the gate stays shut.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GateRefusal {
    /// Nobody approved anything.
    #[error("nobody has approved these changes")]
    NotApproved,
    /// The newest approval is for something else.
    #[error("the approval of {approver} does not hold: {mismatch}")]
    DoesNotHold {
        /// Who gave it.
        approver: String,
        /// What is not as it was approved.
        mismatch: ApprovalMismatch,
    },
}

impl GateRefusal {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        "look at the difference and approve it"
    }
}

/// The terms of an approval for a sync of this assessment.
pub fn approvable<'a>(
    app: &'a Application,
    assessment: &'a Assessment,
    hashes: &'a (String, String),
) -> Approvable<'a> {
    Approvable {
        application: &app.metadata.name,
        application_uid: &app.metadata.uid,
        revision: &assessment.revision,
        desired: &hashes.0,
        changes: &hashes.1,
    }
}

/// Finds the approval of a state that a rollback restores: the same revision and the same desired objects. What the
/// cluster holds by now does not count, since that is what is being left.
pub fn check_restoration<'a>(
    app: &Application,
    assessment: &Assessment,
    approvals: &'a [SyncApproval],
) -> Result<&'a SyncApproval, GateRefusal> {
    let hashes = (assessment.comparison.desired_hash(), String::new());
    let sync = approvable(app, assessment, &hashes);
    let restores =
        |approval: &&SyncApproval| matches!(approval.covers(&sync), Ok(()) | Err(ApprovalMismatch::Changes));
    approvals.iter().rfind(restores).ok_or(GateRefusal::NotApproved)
}

/// Finds the approval that lets a sync of this assessment pass.
pub fn check_gate<'a>(
    app: &Application,
    assessment: &Assessment,
    approvals: &'a [SyncApproval],
) -> Result<&'a SyncApproval, GateRefusal> {
    let hashes = (assessment.comparison.desired_hash(), assessment.comparison.changes_hash());
    let sync = approvable(app, assessment, &hashes);
    if let Some(approval) = approvals.iter().find(|approval| approval.covers(&sync).is_ok()) {
        return Ok(approval);
    }
    let newest = approvals
        .iter()
        .filter(|approval| approval.spec.application == app.metadata.name)
        .max_by_key(|approval| approval.spec.approved_at);
    Err(match newest.map(|approval| (approval, approval.covers(&sync))) {
        Some((approval, Err(mismatch))) => {
            GateRefusal::DoesNotHold { approver: approval.spec.approver.to_string(), mismatch }
        }
        Some((_, Ok(()))) | None => GateRefusal::NotApproved,
    })
}
