//! How a Rollout names an analysis: templates and values for their arguments.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::api::fields::{FieldError, Fields};
use crate::yaml::Node;

/// An analysis as a Rollout names it: templates and arguments.
#[derive(Clone, Debug, Default)]
pub struct RolloutAnalysis {
    /// The templates.
    pub templates: Vec<TemplateReference>,
    /// Values for their arguments.
    pub args: Vec<RolloutArgument>,
    /// Patterns of metrics whose verdict does not count.
    pub dry_run: Vec<SmolStr>,
    /// How many measurements are kept of the metrics that a pattern names.
    pub measurement_retention: Vec<(SmolStr, i32)>,
    /// Labels of the run.
    pub run_labels: BTreeMap<SmolStr, SmolStr>,
    /// Annotations of the run.
    pub run_annotations: BTreeMap<SmolStr, SmolStr>,
}

/// `canary.analysis`: a [`RolloutAnalysis`] that starts at a step.
#[derive(Clone, Debug, Default)]
pub struct BackgroundAnalysis {
    /// What runs.
    pub analysis: RolloutAnalysis,
    /// The step at which it starts.
    pub starting_step: Option<i32>,
}

/// The name of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateReference {
    /// `templateName`
    pub template_name: SmolStr,
    /// Whether it is a ClusterAnalysisTemplate.
    pub cluster_scope: bool,
}

/// A value for an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolloutArgument {
    /// The argument.
    pub name: SmolStr,
    /// Where its value comes from.
    pub source: ArgumentSource,
}

/// Where the value of an argument comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArgumentSource {
    /// It is written here.
    Value(SmolStr),
    /// The hash of the latest pod template.
    LatestHash,
    /// The hash of the stable pod template.
    StableHash,
    /// A path in the Rollout.
    Field(SmolStr),
}

impl RolloutAnalysis {
    /// Reads an analysis from a node.
    pub fn from_node(node: &Node) -> Result<Self, FieldError> {
        Self::read(&Fields::root(node, "analysis")?)
    }

    /// Reads an analysis.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let metadata = fields.child("analysisRunMetadata")?;
        let (templates, args) = (fields.items("templates")?, fields.items("args")?);
        Ok(Self {
            templates: templates.iter().map(TemplateReference::read).collect::<Result<_, _>>()?,
            args: args.iter().map(RolloutArgument::read).collect::<Result<_, _>>()?,
            dry_run: read_dry_run(fields)?,
            measurement_retention: read_measurement_retention(fields)?,
            run_labels: metadata.map("labels")?,
            run_annotations: metadata.map("annotations")?,
        })
    }
}

/// Reads `dryRun`.
pub(crate) fn read_dry_run(fields: &Fields<'_>) -> Result<Vec<SmolStr>, FieldError> {
    fields.items("dryRun")?.iter().map(|item| item.text("metricName")).collect()
}

/// Reads `measurementRetention`.
pub(crate) fn read_measurement_retention(fields: &Fields<'_>) -> Result<Vec<(SmolStr, i32)>, FieldError> {
    let items = fields.items("measurementRetention")?;
    items.iter().map(|item| Ok((item.text("metricName")?, item.count("limit")?))).collect()
}

impl BackgroundAnalysis {
    /// Reads `canary.analysis`.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self { analysis: RolloutAnalysis::read(fields)?, starting_step: fields.integer("startingStep")? })
    }
}

impl TemplateReference {
    /// Reads one of `templates`.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self { template_name: fields.text("templateName")?, cluster_scope: fields.flag("clusterScope")? })
    }
}

impl RolloutArgument {
    /// Reads an argument from a node.
    pub fn from_node(node: &Node) -> Result<Self, FieldError> {
        Self::read(&Fields::root(node, "args")?)
    }

    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let from = fields.child("valueFrom")?;
        let field_ref = from.optional("fieldRef")?;
        let source = match (from.optional_text("podTemplateHashValue")?.as_deref(), field_ref) {
            (Some("Latest"), _) => ArgumentSource::LatestHash,
            (Some("Stable"), _) => ArgumentSource::StableHash,
            (Some(_), _) => return Err(from.error("podTemplateHashValue", "`Stable` or `Latest`")),
            (None, Some(reference)) => ArgumentSource::Field(reference.text("fieldPath")?),
            (None, None) => ArgumentSource::Value(fields.text("value")?),
        };
        Ok(Self { name: fields.text("name")?, source })
    }
}
