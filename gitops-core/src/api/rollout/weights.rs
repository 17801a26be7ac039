//! The parts of `status.canary` that point elsewhere: weights of the router and analysis runs.

use smol_str::SmolStr;

use crate::api::analysis::AnalysisPhase;
use crate::api::fields::{FieldError, Fields, Writer};
use crate::yaml::Node;

/// `status.canary.weights`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrafficWeights {
    /// What the canary gets.
    pub canary: WeightDestination,
    /// What the stable pods get.
    pub stable: WeightDestination,
    /// What others get.
    pub additional: Vec<WeightDestination>,
    /// Whether the load balancer was seen to do so.
    pub verified: Option<bool>,
}

/// One target of traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WeightDestination {
    /// Its share.
    pub weight: i32,
    /// Its Service.
    pub service_name: SmolStr,
    /// The hash of its pod template.
    pub pod_template_hash: SmolStr,
}

/// The run that a status points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnalysisRunReference {
    /// Its name.
    pub name: SmolStr,
    /// Its phase.
    pub status: AnalysisPhase,
    /// Its message.
    pub message: String,
}

impl AnalysisRunReference {
    /// Reads a reference.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            name: fields.text("name")?,
            status: AnalysisPhase::read(fields, "status")?,
            message: fields.text("message")?.into(),
        })
    }

    /// The reference in Argo's shape.
    pub(crate) fn to_node(&self) -> Node {
        let mut writer = Writer::new();
        writer
            .text("name", &self.name)
            .node("status", Some(Node::string(self.status.as_str())))
            .text("message", &self.message);
        writer.finish()
    }
}

impl TrafficWeights {
    /// Reads weights from a node.
    pub fn from_node(node: &Node) -> Result<Self, FieldError> {
        Self::read(&Fields::root(node, "weights")?)
    }

    /// Reads `weights`.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let additional = fields.items("additional")?;
        Ok(Self {
            canary: WeightDestination::read(&fields.child("canary")?)?,
            stable: WeightDestination::read(&fields.child("stable")?)?,
            additional: additional.iter().map(WeightDestination::read).collect::<Result<_, _>>()?,
            verified: fields.optional_flag("verified")?,
        })
    }

    /// The weights in Argo's shape.
    pub(crate) fn to_node(&self) -> Node {
        let mut writer = Writer::new();
        writer
            .node("canary", Some(self.canary.to_node()))
            .node("stable", Some(self.stable.to_node()))
            .list("additional", self.additional.iter().map(WeightDestination::to_node))
            .node("verified", self.verified.map(Node::boolean));
        writer.finish()
    }
}

impl WeightDestination {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            weight: fields.count("weight")?,
            service_name: fields.text("serviceName")?,
            pod_template_hash: fields.text("podTemplateHash")?,
        })
    }

    fn to_node(&self) -> Node {
        let mut writer = Writer::new();
        writer
            .integer("weight", Some(self.weight))
            .text("serviceName", &self.service_name)
            .text("podTemplateHash", &self.pod_template_hash);
        writer.finish()
    }
}
