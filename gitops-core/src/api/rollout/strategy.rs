//! `spec.strategy` of a Rollout: the canary with its rules of scaling, and what is read of blue-green.

use smol_str::SmolStr;

use super::analysis::{BackgroundAnalysis, RolloutAnalysis};
use super::step::Step;
use super::traffic::TrafficRouting;
use crate::api::fields::{FieldError, Fields, IntOrString};
use crate::yaml::Node;

/// `strategy.canary`.
#[derive(Clone, Debug, Default)]
pub struct CanaryStrategy {
    /// The Service that selects the canary's pods.
    pub canary_service: SmolStr,
    /// The Service that selects the stable pods.
    pub stable_service: SmolStr,
    /// The steps in order.
    pub steps: Vec<Step>,
    /// The `steps` as they were written, for their hash.
    pub steps_node: Option<Node>,
    /// How traffic is split; an empty mapping counts as one.
    pub traffic_routing: Option<TrafficRouting>,
    /// How many pods may lack during an update.
    pub max_unavailable: Option<IntOrString>,
    /// How many pods may be too many during an update.
    pub max_surge: Option<IntOrString>,
    /// The analysis that runs beside the steps.
    pub analysis: Option<BackgroundAnalysis>,
    /// The rules of scaling.
    pub scaling: CanaryScaling,
    /// Labels and annotations of pods by role.
    pub metadata: PodMetadata,
    /// `antiAffinity`.
    pub anti_affinity: Option<Node>,
    /// The two Services that take turns.
    pub ping_pong: Option<PingPong>,
}

/// The fields of a canary strategy that say how ReplicaSets are scaled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CanaryScaling {
    /// `minPodsPerReplicaSet`.
    pub min_pods_per_replica_set: Option<i32>,
    /// `dynamicStableScale`.
    pub dynamic_stable_scale: bool,
    /// `replicaProgressThreshold`.
    pub replica_progress_threshold: Option<ProgressThreshold>,
    /// `scaleDownDelaySeconds`.
    pub scale_down_delay_seconds: Option<i32>,
    /// `scaleDownDelayRevisionLimit`.
    pub scale_down_delay_revision_limit: Option<i32>,
    /// `abortScaleDownDelaySeconds`.
    pub abort_scale_down_delay_seconds: Option<i32>,
}

/// `replicaProgressThreshold`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgressThreshold {
    /// What the value counts.
    pub threshold_type: ThresholdType,
    /// The value.
    pub value: i32,
}

/// What a [`ProgressThreshold`] counts. Argo counts pods for every word but `Percent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdType {
    /// Percent of the wanted pods.
    Percent,
    /// Pods.
    Pods,
}

/// `canaryMetadata` and `stableMetadata`.
#[derive(Clone, Debug, Default)]
pub struct PodMetadata {
    /// For pods of the canary.
    pub canary: Option<Node>,
    /// For pods of the stable ReplicaSet.
    pub stable: Option<Node>,
}

/// `pingPong`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PingPong {
    /// The first Service.
    pub ping_service: SmolStr,
    /// The second Service.
    pub pong_service: SmolStr,
}

/// `strategy.blueGreen`, as far as phases and checks need it.
#[derive(Clone, Debug, Default)]
pub struct BlueGreenStrategy {
    /// The Service of the active pods.
    pub active_service: SmolStr,
    /// The Service of the pods to be.
    pub preview_service: SmolStr,
    /// How many pods the preview has.
    pub preview_replica_count: Option<i32>,
    /// How many pods may lack.
    pub max_unavailable: Option<IntOrString>,
    /// `scaleDownDelayRevisionLimit`
    pub scale_down_delay_revision_limit: Option<i32>,
    /// Analysis before the switch.
    pub pre_promotion_analysis: Option<RolloutAnalysis>,
    /// Analysis after the switch.
    pub post_promotion_analysis: Option<RolloutAnalysis>,
    /// Whether the switch needs no person.
    pub auto_promotion_enabled: Option<bool>,
    /// `antiAffinity`
    pub anti_affinity: Option<Node>,
}

impl CanaryStrategy {
    /// Reads `canary`.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let steps = fields.items("steps")?;
        let ping_pong = fields.optional("pingPong")?;
        let ping_pong = ping_pong.map(|services| {
            let first = services.text("pingService")?;
            Ok(PingPong { ping_service: first, pong_service: services.text("pongService")? })
        });
        Ok(Self {
            canary_service: fields.text("canaryService")?,
            stable_service: fields.text("stableService")?,
            steps: steps.iter().map(Step::read).collect::<Result<_, _>>()?,
            steps_node: fields.value("steps").cloned(),
            traffic_routing: fields
                .optional("trafficRouting")?
                .as_ref()
                .map(TrafficRouting::read)
                .transpose()?,
            max_unavailable: fields.int_or_string("maxUnavailable")?,
            max_surge: fields.int_or_string("maxSurge")?,
            analysis: fields.optional("analysis")?.as_ref().map(BackgroundAnalysis::read).transpose()?,
            scaling: CanaryScaling::read(fields)?,
            metadata: PodMetadata {
                canary: fields.child("canaryMetadata")?.node().cloned(),
                stable: fields.child("stableMetadata")?.node().cloned(),
            },
            anti_affinity: fields.child("antiAffinity")?.node().cloned(),
            ping_pong: ping_pong.transpose()?,
        })
    }
}

impl CanaryScaling {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let threshold = fields.optional("replicaProgressThreshold")?;
        Ok(Self {
            min_pods_per_replica_set: fields.integer("minPodsPerReplicaSet")?,
            dynamic_stable_scale: fields.flag("dynamicStableScale")?,
            replica_progress_threshold: threshold.as_ref().map(ProgressThreshold::read).transpose()?,
            scale_down_delay_seconds: fields.integer("scaleDownDelaySeconds")?,
            scale_down_delay_revision_limit: fields.integer("scaleDownDelayRevisionLimit")?,
            abort_scale_down_delay_seconds: fields.integer("abortScaleDownDelaySeconds")?,
        })
    }
}

impl ProgressThreshold {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let percent = fields.text("type")? == "Percent";
        let threshold_type = if percent { ThresholdType::Percent } else { ThresholdType::Pods };
        Ok(Self { threshold_type, value: fields.count("value")? })
    }

    /// Reads a threshold from a node.
    pub fn from_node(node: &Node) -> Result<Self, FieldError> {
        Self::read(&Fields::root(node, "replicaProgressThreshold")?)
    }
}

impl BlueGreenStrategy {
    /// Reads `blueGreen`.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let analysis = |key: &str| fields.optional(key)?.as_ref().map(RolloutAnalysis::read).transpose();
        Ok(Self {
            active_service: fields.text("activeService")?,
            preview_service: fields.text("previewService")?,
            preview_replica_count: fields.integer("previewReplicaCount")?,
            max_unavailable: fields.int_or_string("maxUnavailable")?,
            scale_down_delay_revision_limit: fields.integer("scaleDownDelayRevisionLimit")?,
            pre_promotion_analysis: analysis("prePromotionAnalysis")?,
            post_promotion_analysis: analysis("postPromotionAnalysis")?,
            auto_promotion_enabled: fields.optional_flag("autoPromotionEnabled")?,
            anti_affinity: fields.child("antiAffinity")?.node().cloned(),
        })
    }
}
