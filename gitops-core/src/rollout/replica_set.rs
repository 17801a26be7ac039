//! A ReplicaSet as the machine sees it.

use smol_str::SmolStr;

use crate::api::rollout::{Condition, ConditionStatus, POD_TEMPLATE_HASH_LABEL, REVISION_ANNOTATION};
use crate::time::Timestamp;
use crate::yaml::Node;

/// Until when a ReplicaSet that traffic has left stays up.
pub const SCALE_DOWN_DEADLINE_ANNOTATION: &str = "scale-down-deadline";
/// The replicas of the Rollout when the ReplicaSet was last scaled.
pub const DESIRED_REPLICAS_ANNOTATION: &str = "rollout.argoproj.io/desired-replicas";
/// The labels and annotations that were added to the pods by role.
pub const EPHEMERAL_METADATA_ANNOTATION: &str = "rollout.argoproj.io/ephemeral-metadata";

/// A ReplicaSet of a Rollout.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaSet {
    /// Its name.
    pub name: SmolStr,
    /// The hash of its pod template, from its label.
    pub hash: SmolStr,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// How many pods are wanted and there.
    pub counts: ReplicaCounts,
    /// The revision that it stands for.
    pub revision: Option<i64>,
    /// Until when it stays up, as written.
    pub scale_down_deadline: SmolStr,
    /// The replicas of the Rollout when it was last scaled.
    pub desired_replicas: Option<i32>,
    /// Its pod template.
    pub template: Node,
    /// Whether it is being deleted.
    pub is_deleting: bool,
    /// Whether an experiment made it.
    pub is_experiment: bool,
    /// Why its pods cannot be created, where that is so.
    pub failure: Option<Condition>,
}

/// How many pods of a ReplicaSet are wanted and there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplicaCounts {
    /// `spec.replicas`
    pub wanted: i32,
    /// `status.replicas`
    pub created: i32,
    /// `status.readyReplicas`
    pub ready: i32,
    /// `status.availableReplicas`
    pub available: i32,
}

impl ReplicaSet {
    /// Reads a ReplicaSet from its manifest. What does not fit is taken as absent: the API server has checked it.
    pub fn from_node(root: &Node) -> Self {
        let text = |path: &[&str]| SmolStr::from(root.at(path).and_then(Node::text).unwrap_or_default());
        let count = |path: &[&str]| {
            root.at(path).and_then(Node::as_i64).and_then(|number| i32::try_from(number).ok())
        };
        let annotation = |name: &str| text(&["metadata", "annotations", name]);
        let counts = ReplicaCounts {
            wanted: count(&["spec", "replicas"]).unwrap_or(0),
            created: count(&["status", "replicas"]).unwrap_or(0),
            ready: count(&["status", "readyReplicas"]).unwrap_or(0),
            available: count(&["status", "availableReplicas"]).unwrap_or(0),
        };
        Self {
            name: text(&["metadata", "name"]),
            hash: text(&["metadata", "labels", POD_TEMPLATE_HASH_LABEL]),
            created: text(&["metadata", "creationTimestamp"]).parse().ok(),
            counts,
            revision: annotation(REVISION_ANNOTATION).parse().ok(),
            scale_down_deadline: annotation(SCALE_DOWN_DEADLINE_ANNOTATION),
            desired_replicas: annotation(DESIRED_REPLICAS_ANNOTATION).parse().ok(),
            template: root.at(&["spec", "template"]).cloned().unwrap_or_else(Node::null),
            is_deleting: !text(&["metadata", "deletionTimestamp"]).is_empty(),
            is_experiment: !annotation("experiment.argoproj.io/name").is_empty(),
            failure: failure(root),
        }
    }

    /// Whether it is scaled up.
    pub fn is_active(&self) -> bool {
        self.counts.wanted > 0
    }

    /// Whether a deadline is written on it.
    pub fn has_scale_down_deadline(&self) -> bool {
        !self.scale_down_deadline.is_empty()
    }

    /// The deadline that is written on it.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.scale_down_deadline.parse().ok()
    }

    /// Whether every wanted pod is available, and one at least (`IsReplicaSetAvailable`).
    pub fn is_available(&self) -> bool {
        self.counts.wanted != 0 && self.counts.available >= self.counts.wanted
    }
}

fn failure(root: &Node) -> Option<Condition> {
    let conditions = root.at(&["status", "conditions"])?.items();
    let condition =
        conditions.iter().find(|condition| condition.str_at(&["type"]) == Some("ReplicaFailure"))?;
    let text = |key: &str| condition.str_at(&[key]).unwrap_or_default();
    let changed = text("lastTransitionTime").parse().ok();
    let status = match text("status") {
        "True" => ConditionStatus::True,
        "False" => ConditionStatus::False,
        _ => ConditionStatus::Unknown,
    };
    Some(Condition {
        condition_type: "ReplicaFailure".into(),
        status,
        last_update_time: changed,
        last_transition_time: changed,
        reason: text("reason").into(),
        message: text("message").into(),
    })
}
