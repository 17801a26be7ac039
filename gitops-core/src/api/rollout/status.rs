//! `status` of a Rollout, as Argo stores it: what the machine knows between two passes.

use smol_str::SmolStr;

use super::weights::{AnalysisRunReference, TrafficWeights};
use crate::api::fields::{FieldError, Fields, Writer, parse_word, unnamed, word};
use crate::time::Timestamp;
use crate::yaml::Node;

/// `status` of a Rollout.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RolloutStatus {
    /// What people and the machine asked for.
    pub control: Control,
    /// Which pod template and which step.
    pub revisions: Revisions,
    /// How many pods there are.
    pub replicas: ReplicaTotals,
    /// What is true of the Rollout, in Argo's order.
    pub conditions: Vec<Condition>,
    /// The canary's own part.
    pub canary: CanaryStatus,
    /// The one word.
    pub phase: RolloutPhase,
    /// Why the phase.
    pub message: String,
    /// The generation that the status tells of.
    pub observed_generation: SmolStr,
    /// The selector as text, for an autoscaler.
    pub selector: SmolStr,
    /// `restartAt` of the specification that has been carried out.
    pub restarted_at: Option<Timestamp>,
    /// Every field that is not named here, as it was stored.
    pub rest: Vec<(SmolStr, Node)>,
}

/// What people and the machine asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// The update is aborted.
    pub abort: bool,
    /// Since when.
    pub aborted_at: Option<Timestamp>,
    /// Why the Rollout is paused.
    pub pause_conditions: Vec<PauseCondition>,
    /// The machine paused it; with no condition left, a person has resumed.
    pub controller_pause: bool,
    /// A person skips all steps.
    pub promote_full: bool,
}

/// The reasons of a [`PauseCondition`].
pub mod pause_reason {
    /// An analysis was inconclusive.
    pub const INCONCLUSIVE_ANALYSIS: &str = "InconclusiveAnalysisRun";
    /// A pause step.
    pub const CANARY_PAUSE_STEP: &str = "CanaryPauseStep";
    /// A blue-green update waits for a person.
    pub const BLUE_GREEN_PAUSE: &str = "BlueGreenPause";
}

/// One of `pauseConditions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseCondition {
    /// Why, one of [`pause_reason`].
    pub reason: SmolStr,
    /// Since when.
    pub start_time: Option<Timestamp>,
}

/// Which pod template and which step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revisions {
    /// The hash of the pod template that is wanted.
    pub current_pod_hash: SmolStr,
    /// The hash of the steps.
    pub current_step_hash: SmolStr,
    /// The step; the number of steps where all are done.
    pub current_step_index: Option<i32>,
    /// The hash of the pod template that is known to be good.
    pub stable_rs: SmolStr,
    /// How often the hash met another template's.
    pub collision_count: Option<i32>,
}

/// How many pods there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplicaTotals {
    /// Of every ReplicaSet.
    pub total: i32,
    /// Of the latest pod template.
    pub updated: i32,
    /// Ready ones.
    pub ready: i32,
    /// Available ones.
    pub available: i32,
    /// What an autoscaler shall see.
    pub hpa: i32,
}

/// `status.canary`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CanaryStatus {
    /// The run of the current analysis step.
    pub step_analysis: Option<AnalysisRunReference>,
    /// The run beside the steps.
    pub background_analysis: Option<AnalysisRunReference>,
    /// The weights that were last written to the router.
    pub weights: Option<TrafficWeights>,
    /// `ping` or `pong`: the Service that is stable.
    pub stable_ping_pong: SmolStr,
    /// Every field that is not named here, as it was stored.
    pub rest: Vec<(SmolStr, Node)>,
}

/// One of `conditions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What it speaks of (`Progressing`).
    pub condition_type: SmolStr,
    /// Whether it is so.
    pub status: ConditionStatus,
    /// When it was last looked at.
    pub last_update_time: Option<Timestamp>,
    /// When its status last changed.
    pub last_transition_time: Option<Timestamp>,
    /// Why, in one word.
    pub reason: SmolStr,
    /// Why, in one sentence.
    pub message: String,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ConditionStatus {
    /// Nothing is said.
    #[default]
    Empty,
    /// It holds.
    True,
    /// It does not.
    False,
    /// It cannot be told.
    Unknown,
}

/// The one word for a Rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RolloutPhase {
    /// Not yet told.
    #[default]
    Empty,
    /// All is as wanted.
    Healthy,
    /// Aborted, timed out or invalid.
    Degraded,
    /// Under way.
    Progressing,
    /// Waits.
    Paused,
}

impl ConditionStatus {
    const WORDS: [(Self, &'static str); 4] =
        [(Self::Empty, ""), (Self::True, "True"), (Self::False, "False"), (Self::Unknown, "Unknown")];

    /// The word that Kubernetes writes.
    pub fn as_str(self) -> &'static str {
        word(&Self::WORDS, &self)
    }
}

impl RolloutPhase {
    const WORDS: [(Self, &'static str); 5] = [
        (Self::Empty, ""),
        (Self::Healthy, "Healthy"),
        (Self::Degraded, "Degraded"),
        (Self::Progressing, "Progressing"),
        (Self::Paused, "Paused"),
    ];

    /// The word that Argo writes.
    pub fn as_str(self) -> &'static str {
        word(&Self::WORDS, &self)
    }
}

const NAMED_FIELDS: [&str; 22] = [
    "abort",
    "pauseConditions",
    "controllerPause",
    "abortedAt",
    "currentPodHash",
    "currentStepHash",
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "currentStepIndex",
    "collisionCount",
    "observedGeneration",
    "conditions",
    "canary",
    "HPAReplicas",
    "selector",
    "stableRS",
    "restartedAt",
    "promoteFull",
    "phase",
    "message",
];

const NAMED_CANARY_FIELDS: [&str; 4] =
    ["currentStepAnalysisRunStatus", "currentBackgroundAnalysisRunStatus", "weights", "stablePingPong"];

impl RolloutStatus {
    /// Reads a status.
    pub fn from_node(node: &Node) -> Result<Self, FieldError> {
        Self::read(&Fields::root(node, "status")?)
    }

    /// Reads `status`.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let conditions = fields.items("conditions")?;
        Ok(Self {
            control: Control::read(fields)?,
            revisions: Revisions::read(fields)?,
            replicas: ReplicaTotals {
                total: fields.count("replicas")?,
                updated: fields.count("updatedReplicas")?,
                ready: fields.count("readyReplicas")?,
                available: fields.count("availableReplicas")?,
                hpa: fields.count("HPAReplicas")?,
            },
            conditions: conditions.iter().map(Condition::read).collect::<Result<_, _>>()?,
            canary: CanaryStatus::read(&fields.child("canary")?)?,
            phase: parse_word(&RolloutPhase::WORDS, fields, "phase", "a phase of a Rollout")?,
            message: fields.text("message")?.into(),
            observed_generation: fields.text("observedGeneration")?,
            selector: fields.text("selector")?,
            restarted_at: fields.time("restartedAt")?,
            rest: unnamed(fields, &NAMED_FIELDS),
        })
    }

    /// The status in Argo's shape; fields that say nothing are left out.
    pub fn to_node(&self) -> Node {
        let mut writer = Writer::new();
        let (control, revisions) = (&self.control, &self.revisions);
        writer
            .flag("abort", control.abort)
            .list("pauseConditions", control.pause_conditions.iter().map(PauseCondition::to_node))
            .flag("controllerPause", control.controller_pause)
            .time("abortedAt", control.aborted_at)
            .text("currentPodHash", &revisions.current_pod_hash)
            .text("currentStepHash", &revisions.current_step_hash)
            .count("replicas", self.replicas.total)
            .count("updatedReplicas", self.replicas.updated)
            .count("readyReplicas", self.replicas.ready)
            .count("availableReplicas", self.replicas.available)
            .integer("currentStepIndex", revisions.current_step_index)
            .integer("collisionCount", revisions.collision_count)
            .text("observedGeneration", &self.observed_generation)
            .list("conditions", self.conditions.iter().map(Condition::to_node))
            .node("canary", self.canary.to_node())
            .count("HPAReplicas", self.replicas.hpa)
            .text("selector", &self.selector)
            .text("stableRS", &revisions.stable_rs)
            .time("restartedAt", self.restarted_at)
            .flag("promoteFull", control.promote_full)
            .text("phase", self.phase.as_str())
            .text("message", &self.message)
            .nodes(&self.rest);
        writer.finish()
    }

    /// The condition of a type.
    pub fn condition(&self, condition_type: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.condition_type == condition_type)
    }

    /// The pause condition with a reason.
    pub fn pause_condition(&self, reason: &str) -> Option<&PauseCondition> {
        self.control.pause_conditions.iter().find(|condition| condition.reason == reason)
    }

    /// Whether the wanted pod template is the stable one (true as well before anything was told).
    pub fn is_fully_promoted(&self) -> bool {
        self.revisions.stable_rs == self.revisions.current_pod_hash
    }

    /// A string below a path of a field that is not named here, such as `activeSelector` of `blueGreen`.
    pub fn rest_text(&self, field: &str, path: &[&str]) -> &str {
        let node = self.rest.iter().find(|(key, _)| key == field).map(|(_, node)| node);
        node.and_then(|node| node.at(path)).and_then(Node::text).unwrap_or_default()
    }

    /// A boolean below such a path; false where there is none.
    pub fn rest_flag(&self, field: &str, path: &[&str]) -> bool {
        self.rest_text(field, path) == "true"
    }
}

impl Control {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let pauses = fields.items("pauseConditions")?;
        Ok(Self {
            abort: fields.flag("abort")?,
            aborted_at: fields.time("abortedAt")?,
            pause_conditions: pauses.iter().map(PauseCondition::read).collect::<Result<_, _>>()?,
            controller_pause: fields.flag("controllerPause")?,
            promote_full: fields.flag("promoteFull")?,
        })
    }
}

impl Revisions {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            current_pod_hash: fields.text("currentPodHash")?,
            current_step_hash: fields.text("currentStepHash")?,
            current_step_index: fields.integer("currentStepIndex")?,
            stable_rs: fields.text("stableRS")?,
            collision_count: fields.integer("collisionCount")?,
        })
    }
}

impl PauseCondition {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self { reason: fields.text("reason")?, start_time: fields.time("startTime")? })
    }

    fn to_node(&self) -> Node {
        let mut writer = Writer::new();
        writer.text("reason", &self.reason).time("startTime", self.start_time);
        writer.finish()
    }
}

impl Condition {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            condition_type: fields.text("type")?,
            status: parse_word(&ConditionStatus::WORDS, fields, "status", "`True`, `False` or `Unknown`")?,
            last_update_time: fields.time("lastUpdateTime")?,
            last_transition_time: fields.time("lastTransitionTime")?,
            reason: fields.text("reason")?,
            message: fields.text("message")?.into(),
        })
    }

    fn to_node(&self) -> Node {
        let mut writer = Writer::new();
        writer
            .text("type", &self.condition_type)
            .node("status", Some(Node::string(self.status.as_str())))
            .time("lastUpdateTime", self.last_update_time)
            .time("lastTransitionTime", self.last_transition_time)
            .text("reason", &self.reason)
            .text("message", &self.message);
        writer.finish()
    }
}

impl CanaryStatus {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let run = |key: &str| fields.optional(key)?.as_ref().map(AnalysisRunReference::read).transpose();
        Ok(Self {
            step_analysis: run("currentStepAnalysisRunStatus")?,
            background_analysis: run("currentBackgroundAnalysisRunStatus")?,
            weights: fields.optional("weights")?.as_ref().map(TrafficWeights::read).transpose()?,
            stable_ping_pong: fields.text("stablePingPong")?,
            rest: unnamed(fields, &NAMED_CANARY_FIELDS),
        })
    }

    fn to_node(&self) -> Option<Node> {
        let mut writer = Writer::new();
        let run =
            |reference: &Option<AnalysisRunReference>| reference.as_ref().map(AnalysisRunReference::to_node);
        writer
            .node("currentStepAnalysisRunStatus", run(&self.step_analysis))
            .node("currentBackgroundAnalysisRunStatus", run(&self.background_analysis))
            .node("weights", self.weights.as_ref().map(TrafficWeights::to_node))
            .text("stablePingPong", &self.stable_ping_pong)
            .nodes(&self.rest);
        writer.finish_if_any()
    }
}
