//! The steps of a canary.

use smol_str::SmolStr;

use super::analysis::RolloutAnalysis;
use crate::api::fields::{FieldError, Fields, IntOrString};
use crate::time::parse_duration;
use crate::yaml::Node;

/// One of `steps`. Argo's type allows several kinds in one step; [`Step::kind`] tells which counts.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// `setWeight`
    pub set_weight: Option<i32>,
    /// `pause`
    pub pause: Option<Pause>,
    /// `experiment`
    pub experiment: Option<Node>,
    /// `analysis`
    pub analysis: Option<RolloutAnalysis>,
    /// `setCanaryScale`
    pub set_canary_scale: Option<SetCanaryScale>,
    /// `setHeaderRoute`
    pub set_header_route: Option<HeaderRoute>,
    /// `setMirrorRoute`
    pub set_mirror_route: Option<Node>,
    /// `plugin`
    pub plugin: Option<Node>,
}

/// What a step does.
#[derive(Clone, Copy, Debug)]
pub enum StepKind<'a> {
    /// Waits.
    Pause(&'a Pause),
    /// Scales the canary by itself.
    SetCanaryScale(&'a SetCanaryScale),
    /// Sends this share of traffic to the canary.
    SetWeight(i32),
    /// Runs an experiment.
    Experiment(&'a Node),
    /// Waits for an analysis to succeed.
    Analysis(&'a RolloutAnalysis),
    /// Sends requests with a header to the canary.
    SetHeaderRoute(&'a HeaderRoute),
    /// Mirrors requests to the canary.
    SetMirrorRoute(&'a Node),
    /// Asks a plugin.
    Plugin(&'a Node),
    /// None of these.
    Empty,
}

/// `pause`: without a duration it lasts until a person resumes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pause {
    /// Seconds, or a Go duration.
    pub duration: Option<IntOrString>,
}

/// `setCanaryScale`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetCanaryScale {
    /// As if this were the weight.
    pub weight: Option<i32>,
    /// This many pods.
    pub replicas: Option<i32>,
    /// By the weight of the traffic again.
    pub match_traffic_weight: bool,
}

/// `setHeaderRoute`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderRoute {
    /// Name among the managed routes.
    pub name: SmolStr,
    /// What must match; nothing removes the route.
    pub matches: Vec<HeaderMatch>,
}

/// One entry of `setHeaderRoute.match`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderMatch {
    /// The name of the header.
    pub header_name: SmolStr,
    /// What its value must be.
    pub header_value: Option<StringMatch>,
}

/// A test of a string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StringMatch {
    /// The whole string.
    pub exact: SmolStr,
    /// Its beginning.
    pub prefix: SmolStr,
    /// A regular expression.
    pub regex: SmolStr,
}

impl Step {
    /// What the step does: the first kind that is set, in the order in which Argo asks.
    pub fn kind(&self) -> StepKind<'_> {
        let kinds = [
            self.pause.as_ref().map(StepKind::Pause),
            self.set_canary_scale.as_ref().map(StepKind::SetCanaryScale),
            self.set_weight.map(StepKind::SetWeight),
            self.experiment.as_ref().map(StepKind::Experiment),
            self.analysis.as_ref().map(StepKind::Analysis),
            self.set_header_route.as_ref().map(StepKind::SetHeaderRoute),
            self.set_mirror_route.as_ref().map(StepKind::SetMirrorRoute),
            self.plugin.as_ref().map(StepKind::Plugin),
        ];
        kinds.into_iter().flatten().next().unwrap_or(StepKind::Empty)
    }

    /// Reads a step from a node.
    pub fn from_node(node: &Node) -> Result<Self, FieldError> {
        Self::read(&Fields::root(node, "step")?)
    }

    /// Reads one of `steps`.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let pause = fields.optional("pause")?;
        let scale = fields.optional("setCanaryScale")?;
        Ok(Self {
            set_weight: fields.integer("setWeight")?,
            pause: pause.map(|pause| Ok(Pause { duration: pause.int_or_string("duration")? })).transpose()?,
            experiment: fields.child("experiment")?.node().cloned(),
            analysis: fields.optional("analysis")?.as_ref().map(RolloutAnalysis::read).transpose()?,
            set_canary_scale: scale.as_ref().map(SetCanaryScale::read).transpose()?,
            set_header_route: fields
                .optional("setHeaderRoute")?
                .as_ref()
                .map(HeaderRoute::read)
                .transpose()?,
            set_mirror_route: fields.child("setMirrorRoute")?.node().cloned(),
            plugin: fields.child("plugin")?.node().cloned(),
        })
    }
}

impl Pause {
    /// The duration in whole seconds: 0 where there is none, −1 where it cannot be read.
    pub fn seconds(&self) -> i32 {
        match &self.duration {
            None => 0,
            Some(IntOrString::Int(seconds)) => *seconds,
            Some(IntOrString::Text(text)) => text.parse().unwrap_or_else(|_| {
                parse_duration(text)
                    .ok()
                    .and_then(|duration| duration.as_secs().try_into().ok())
                    .unwrap_or(-1)
            }),
        }
    }
}

impl SetCanaryScale {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            weight: fields.integer("weight")?,
            replicas: fields.integer("replicas")?,
            match_traffic_weight: fields.flag("matchTrafficWeight")?,
        })
    }
}

impl HeaderRoute {
    /// Reads a `setHeaderRoute` from a node.
    pub fn from_node(node: &Node) -> Result<Self, FieldError> {
        Self::read(&Fields::root(node, "setHeaderRoute")?)
    }

    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let matches = fields.items("match")?;
        let matches = matches.iter().map(|item| {
            let value = item.optional("headerValue")?;
            Ok(HeaderMatch {
                header_name: item.text("headerName")?,
                header_value: value.as_ref().map(StringMatch::read).transpose()?,
            })
        });
        Ok(Self { name: fields.text("name")?, matches: matches.collect::<Result<_, _>>()? })
    }
}

impl StringMatch {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            exact: fields.text("exact")?,
            prefix: fields.text("prefix")?,
            regex: fields.text("regex")?,
        })
    }
}
