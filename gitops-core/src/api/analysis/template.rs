//! AnalysisTemplate and ClusterAnalysisTemplate: metrics and the arguments that they take.

use smol_str::SmolStr;

use crate::api::fields::{FieldError, Fields, IntOrString, Writer};
use crate::api::rollout::{TemplateReference, read_dry_run, read_measurement_retention};
use crate::object::{Object, ObjectKey};
use crate::yaml::Node;

/// An AnalysisTemplate or a ClusterAnalysisTemplate.
#[derive(Clone, Debug, Default)]
pub struct AnalysisTemplate {
    /// Which object it is.
    pub key: ObjectKey,
    /// What it measures.
    pub spec: TemplateSpec,
}

/// `spec` of a template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemplateSpec {
    /// What is measured.
    pub metrics: Vec<Metric>,
    /// What a run must be told.
    pub args: Vec<Argument>,
    /// Patterns of metrics whose verdict does not count.
    pub dry_run: Vec<SmolStr>,
    /// How many measurements are kept of the metrics that a pattern names.
    pub measurement_retention: Vec<(SmolStr, i32)>,
    /// Other templates that belong to it.
    pub templates: Vec<TemplateReference>,
}

/// One of `metrics`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metric {
    /// Its name, unique in the run.
    pub name: SmolStr,
    /// The time between two measurements, as written.
    pub interval: SmolStr,
    /// The time before the first, as written.
    pub initial_delay: SmolStr,
    /// How many measurements; none and no interval means one, none with an interval means endless.
    pub count: Option<IntOrString>,
    /// What must hold for a success.
    pub success_condition: SmolStr,
    /// What must not hold.
    pub failure_condition: SmolStr,
    /// How much is borne.
    pub limits: Limits,
    /// What is asked.
    pub provider: Provider,
    /// The metric as it was written; arguments are put into its text.
    pub node: Option<Node>,
}

/// How many bad measurements a metric bears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// `failureLimit`; 0 where there is none, −1 for no limit.
    pub failure: Option<IntOrString>,
    /// `inconclusiveLimit`; 0 where there is none.
    pub inconclusive: Option<IntOrString>,
    /// `consecutiveErrorLimit`; 4 where there is none.
    pub consecutive_error: Option<IntOrString>,
    /// `consecutiveSuccessLimit`: this many in a row suffice.
    pub consecutive_success: Option<IntOrString>,
}

/// `provider` of a metric: exactly one kind is valid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provider {
    /// The kinds that are set, each with what it says.
    pub kinds: Vec<(SmolStr, Node)>,
}

/// One of `args` of a template or a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: SmolStr,
    /// Its value.
    pub value: ArgumentValue,
}

/// The value of an [`Argument`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ArgumentValue {
    /// It must be given.
    #[default]
    Missing,
    /// A text.
    Text(SmolStr),
    /// The key of a Secret.
    Secret {
        /// The Secret.
        name: SmolStr,
        /// Its key.
        key: SmolStr,
    },
    /// A path in the object that the run belongs to.
    Field(SmolStr),
}

impl AnalysisTemplate {
    /// Reads a template.
    pub fn of(object: &Object) -> Result<Self, FieldError> {
        Self::from_node(&object.root)
    }

    /// Reads a template from its manifest.
    pub fn from_node(root: &Node) -> Result<Self, FieldError> {
        let fields = Fields::root(root, "")?;
        Ok(Self { key: ObjectKey::of(root), spec: TemplateSpec::read(&fields.child("spec")?)? })
    }

    /// Whether this is a ClusterAnalysisTemplate.
    pub fn is_cluster_scoped(&self) -> bool {
        self.key.kind == "ClusterAnalysisTemplate"
    }
}

impl TemplateSpec {
    /// Reads `spec` of a template.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let templates = fields.items("templates")?;
        Ok(Self {
            metrics: Metric::read_all(fields)?,
            args: Argument::read_all(fields)?,
            dry_run: read_dry_run(fields)?,
            measurement_retention: read_measurement_retention(fields)?,
            templates: templates.iter().map(TemplateReference::read).collect::<Result<_, _>>()?,
        })
    }
}

impl Metric {
    /// Reads a metric from a node.
    pub fn from_node(node: &Node) -> Result<Self, FieldError> {
        Self::read(&Fields::root(node, "metric")?)
    }

    /// Reads `metrics`.
    pub(crate) fn read_all(fields: &Fields<'_>) -> Result<Vec<Self>, FieldError> {
        fields.items("metrics")?.iter().map(Self::read).collect()
    }

    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let provider = fields.child("provider")?;
        let kinds = provider.node().map_or(&[][..], Node::entries).iter();
        let kinds = kinds.filter(|entry| !entry.value.is_null());
        Ok(Self {
            name: fields.text("name")?,
            interval: fields.text("interval")?,
            initial_delay: fields.text("initialDelay")?,
            count: fields.int_or_string("count")?,
            success_condition: fields.text("successCondition")?,
            failure_condition: fields.text("failureCondition")?,
            limits: Limits {
                failure: fields.int_or_string("failureLimit")?,
                inconclusive: fields.int_or_string("inconclusiveLimit")?,
                consecutive_error: fields.int_or_string("consecutiveErrorLimit")?,
                consecutive_success: fields.int_or_string("consecutiveSuccessLimit")?,
            },
            provider: Provider {
                kinds: kinds.map(|entry| (entry.key.shared_text(), entry.value.clone())).collect(),
            },
            node: fields.node().cloned(),
        })
    }

    /// How many measurements are taken: `None` without end.
    pub fn effective_count(&self) -> Option<i32> {
        match self.count.as_ref().map_or(0, IntOrString::int_value) {
            0 if self.interval.is_empty() => Some(1),
            0 => None,
            count => Some(count),
        }
    }
}

impl Argument {
    /// Reads an argument from a node.
    pub fn from_node(node: &Node) -> Result<Self, FieldError> {
        Self::read(&Fields::root(node, "args")?)
    }

    /// Reads `args`.
    pub(crate) fn read_all(fields: &Fields<'_>) -> Result<Vec<Self>, FieldError> {
        fields.items("args")?.iter().map(Self::read).collect()
    }

    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let from = fields.child("valueFrom")?;
        let (secret, field) = (from.optional("secretKeyRef")?, from.optional("fieldRef")?);
        let value = match (fields.optional_text("value")?, secret, field) {
            (_, Some(secret), _) => {
                ArgumentValue::Secret { name: secret.text("name")?, key: secret.text("key")? }
            }
            (_, None, Some(field)) => ArgumentValue::Field(field.text("fieldPath")?),
            (Some(text), None, None) => ArgumentValue::Text(text),
            (None, None, None) => ArgumentValue::Missing,
        };
        Ok(Self { name: fields.text("name")?, value })
    }

    /// The argument in Argo's shape.
    pub fn to_node(&self) -> Node {
        let mut writer = Writer::new();
        writer.text("name", &self.name);
        let reference = |kind: &str, pairs: Vec<(&str, &SmolStr)>| {
            let inner = Node::mapping(pairs.into_iter().map(|(key, text)| (key, Node::string(text.clone()))));
            Some(Node::mapping([(kind, inner)]))
        };
        match &self.value {
            ArgumentValue::Missing => &mut writer,
            ArgumentValue::Text(text) => writer.node("value", Some(Node::string(text.clone()))),
            ArgumentValue::Secret { name, key } => {
                writer.node("valueFrom", reference("secretKeyRef", vec![("name", name), ("key", key)]))
            }
            ArgumentValue::Field(path) => {
                writer.node("valueFrom", reference("fieldRef", vec![("fieldPath", path)]))
            }
        };
        writer.finish()
    }
}
