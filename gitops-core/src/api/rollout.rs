//! The Rollout of Argo Rollouts, typed: specification, strategy and steps, and its status in Argo's shape.
//!
//! Reads only: no defaults are written into the specification, and a part that this engine does not drive is
//! kept as the node that it is.

mod analysis;
mod spec;
mod status;
mod step;
mod strategy;
mod traffic;
mod weights;

use smol_str::SmolStr;

pub use analysis::{ArgumentSource, BackgroundAnalysis, RolloutAnalysis, RolloutArgument, TemplateReference};
pub use spec::{HistoryLimits, ProgressDeadline, RolloutSpec};
pub use status::{
    CanaryStatus, Condition, ConditionStatus, Control, PauseCondition, ReplicaTotals, Revisions,
    RolloutPhase, RolloutStatus, pause_reason,
};
pub use step::{HeaderMatch, HeaderRoute, Pause, SetCanaryScale, Step, StepKind, StringMatch};
pub use strategy::{
    BlueGreenStrategy, CanaryScaling, CanaryStrategy, PingPong, PodMetadata, ProgressThreshold, ThresholdType,
};
pub use traffic::{AlbTrafficRouting, NginxTrafficRouting, Stickiness, TrafficRouting};
pub use weights::{AnalysisRunReference, TrafficWeights, WeightDestination};

pub(crate) use analysis::{read_dry_run, read_measurement_retention};

use super::fields::{FieldError, Fields};
use crate::object::{Object, ObjectKey};
use crate::yaml::Node;

/// The label that carries the hash of the pod template on ReplicaSets, pods and Service selectors.
pub const POD_TEMPLATE_HASH_LABEL: &str = "rollouts-pod-template-hash";
/// The annotation that carries the revision of a Rollout and of its ReplicaSets.
pub const REVISION_ANNOTATION: &str = "rollout.argoproj.io/revision";

/// A Rollout.
#[derive(Clone, Debug)]
pub struct Rollout {
    /// Which object it is.
    pub key: ObjectKey,
    /// `metadata.uid`; empty before the server has stored it.
    pub uid: SmolStr,
    /// `metadata.generation`.
    pub generation: i64,
    /// The revision annotation, where it is a number.
    pub revision: Option<i64>,
    /// What is asked for.
    pub spec: RolloutSpec,
    /// What Argo stores between two passes.
    pub status: RolloutStatus,
    /// The whole manifest, for paths that an argument of an analysis names.
    pub root: Node,
}

impl Rollout {
    /// Reads a Rollout.
    pub fn of(object: &Object) -> Result<Self, FieldError> {
        Self::from_node(&object.root)
    }

    /// Reads a Rollout from its manifest.
    pub fn from_node(root: &Node) -> Result<Self, FieldError> {
        let fields = Fields::root(root, "")?;
        let metadata = fields.child("metadata")?;
        let annotations = metadata.child("annotations")?;
        Ok(Self {
            key: ObjectKey::of(root),
            uid: metadata.text("uid")?,
            generation: metadata.long("generation")?.unwrap_or(0),
            revision: annotations.optional_text(REVISION_ANNOTATION)?.and_then(|text| text.parse().ok()),
            spec: RolloutSpec::read(&fields.child("spec")?)?,
            status: RolloutStatus::read(&fields.child("status")?)?,
            root: root.clone(),
        })
    }

    /// The canary strategy, where that is the strategy.
    pub fn canary(&self) -> Option<&CanaryStrategy> {
        self.spec.canary.as_ref()
    }

    /// The steps of the canary; none for another strategy.
    pub fn steps(&self) -> &[Step] {
        self.canary().map_or(&[], |canary| &canary.steps)
    }

    /// The traffic routing of the canary; an empty mapping counts.
    pub fn traffic_routing(&self) -> Option<&TrafficRouting> {
        self.canary().and_then(|canary| canary.traffic_routing.as_ref())
    }

    /// The weight that stands for all traffic: 100, unless `maxTrafficWeight` says another.
    pub fn max_traffic_weight(&self) -> i32 {
        self.traffic_routing().and_then(|routing| routing.max_traffic_weight).unwrap_or(100)
    }
}
