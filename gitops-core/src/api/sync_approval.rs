//! `SyncApproval` of `gitops.dev`: a named person's consent to exact changes of one `Application`.
//!
//! An approval is never edited. It binds one revision, the hash of its desired objects, and the hash of the
//! changes that a sync would make; when any of them is another by the time of the sync, the approval does not
//! hold.

use smol_str::{SmolStr, format_smolstr};

use super::reader::Reader;
use super::{ApiError, Metadata};
use crate::diagnostic::Location;
use crate::time::Timestamp;
use crate::yaml::Node;

/// API group of the kinds that are our own.
pub const GROUP: &str = "gitops.dev";

/// A `SyncApproval`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SyncApproval {
    /// Its metadata.
    pub metadata: Metadata,
    /// Who approved what, and when.
    pub spec: SyncApprovalSpec,
}

/// What was approved.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SyncApprovalSpec {
    /// Name of the `Application`, in the namespace of the approval.
    pub application: SmolStr,
    /// Its uid.
    pub application_uid: SmolStr,
    /// The revision that a sync will apply: a full commit id.
    pub revision: SmolStr,
    /// SHA-256 of the desired objects of that revision.
    pub desired: SmolStr,
    /// SHA-256 of the changes that a sync would make.
    pub changes: SmolStr,
    /// Who approved.
    pub approver: SmolStr,
    /// Whether somebody vouches for that name; a name that was only typed is not verified.
    pub verified: bool,
    /// When.
    pub approved_at: Timestamp,
    /// Why, in the approver's words; may be empty.
    pub message: String,
}

/// Why an approval does not cover a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalMismatch {
    /// It is for another Application, or for an earlier one of the same name.
    #[error("it was given for another Application")]
    Application,
    /// It is for another revision.
    #[error("it was given for another revision")]
    Revision,
    /// The desired objects are others.
    #[error("the desired objects are others by now")]
    Desired,
    /// The changes are others: the cluster has moved.
    #[error("the changes are others by now")]
    Changes,
}

/// What a sync would do, in the terms of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approvable<'a> {
    /// Name of the `Application`.
    pub application: &'a str,
    /// Its uid.
    pub application_uid: &'a str,
    /// The revision.
    pub revision: &'a str,
    /// SHA-256 of the desired objects.
    pub desired: &'a str,
    /// SHA-256 of the changes.
    pub changes: &'a str,
}

impl SyncApproval {
    /// Reads a manifest that stands at `at`.
    pub fn from_node(root: &Node, at: &Location) -> Result<Self, ApiError> {
        let reader = Reader::new(root, at);
        reader.expect_kind(GROUP, "SyncApproval")?;
        let spec = reader.field("spec")?;
        let approved_at = spec.field("approvedAt")?;
        Ok(Self {
            metadata: Metadata::read(&reader)?,
            spec: SyncApprovalSpec {
                application: spec.field("application")?.required_text()?,
                application_uid: spec.field("applicationUID")?.text_or_empty()?,
                revision: spec.field("revision")?.required_text()?,
                desired: spec.field("desired")?.required_text()?,
                changes: spec.field("changes")?.required_text()?,
                approver: spec.field("approver")?.required_text()?,
                verified: spec.field("verified")?.flag()?,
                approved_at: approved_at.time()?.ok_or_else(|| approved_at.missing())?,
                message: spec.field("message")?.text_or_empty()?.into(),
            },
        })
    }

    /// Whether this approval lets exactly this sync pass.
    pub fn covers(&self, sync: &Approvable<'_>) -> Result<(), ApprovalMismatch> {
        let spec = &self.spec;
        if spec.application != sync.application || spec.application_uid != sync.application_uid {
            return Err(ApprovalMismatch::Application);
        }
        if spec.revision != sync.revision {
            return Err(ApprovalMismatch::Revision);
        }
        if spec.desired != sync.desired {
            return Err(ApprovalMismatch::Desired);
        }
        if spec.changes != sync.changes {
            return Err(ApprovalMismatch::Changes);
        }
        Ok(())
    }
}

impl SyncApprovalSpec {
    /// The manifest of this approval in `namespace`. Its name follows from what it approves and who did, so that
    /// the same approval given twice is one object.
    pub fn to_node(&self, namespace: &str) -> Node {
        let text = |text: &str| Node::string(text);
        let short: String = self.changes.chars().take(12).collect();
        let name = format_smolstr!("{}-{short}-{}", self.application, self.approved_at.as_seconds());
        let spec = Node::mapping([
            ("application", text(&self.application)),
            ("applicationUID", text(&self.application_uid)),
            ("revision", text(&self.revision)),
            ("desired", text(&self.desired)),
            ("changes", text(&self.changes)),
            ("approver", text(&self.approver)),
            ("verified", Node::boolean(self.verified)),
            ("approvedAt", Node::string(self.approved_at.to_string())),
            ("message", text(&self.message)),
        ]);
        Node::mapping([
            ("apiVersion", text("gitops.dev/v1alpha1")),
            ("kind", text("SyncApproval")),
            ("metadata", Node::mapping([("name", Node::string(name)), ("namespace", text(namespace))])),
            ("spec", spec),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval() -> SyncApproval {
        let spec = SyncApprovalSpec {
            application: "myapp-prod".into(),
            application_uid: "7".into(),
            revision: "a".repeat(40).into(),
            desired: "d".repeat(64).into(),
            changes: "c".repeat(64).into(),
            approver: "operator".into(),
            verified: false,
            approved_at: Timestamp::from_seconds(1_790_000_000),
            message: "looks right".to_owned(),
        };
        SyncApproval::from_node(&spec.to_node("argocd"), &Location::default()).unwrap()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let approval = approval();
        assert_eq!(approval.metadata.name, "myapp-prod-cccccccccccc-1790000000");
        let again = SyncApproval::from_node(&approval.spec.to_node("argocd"), &Location::default()).unwrap();
        assert_eq!(approval, again);
    }

    #[test]
    fn an_approval_holds_for_exactly_what_was_approved() {
        let approval = approval();
        let spec = approval.spec.clone();
        let same = Approvable {
            application: &spec.application,
            application_uid: &spec.application_uid,
            revision: &spec.revision,
            desired: &spec.desired,
            changes: &spec.changes,
        };
        assert_eq!(approval.covers(&same), Ok(()));
        let cases = [
            (Approvable { application_uid: "8", ..same }, ApprovalMismatch::Application),
            (Approvable { revision: "b", ..same }, ApprovalMismatch::Revision),
            (Approvable { desired: "e", ..same }, ApprovalMismatch::Desired),
            (Approvable { changes: "e", ..same }, ApprovalMismatch::Changes),
        ];
        for (sync, mismatch) in cases {
            assert_eq!(approval.covers(&sync), Err(mismatch));
        }
    }
}
