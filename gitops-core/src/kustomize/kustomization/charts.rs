//! Helm charts that a kustomization inflates: `helmCharts`, `helmGlobals`, and what they were called before.

use super::Text;
use crate::kustomize::decode::{Decoder, Unknown};
use crate::kustomize::error::RenderError;
use crate::yaml::{Node, Origin};

/// An entry of `helmCharts`.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "kustomize has these fields")]
pub struct Chart {
    /// Where the entry was written.
    pub origin: Origin,
    /// `name`.
    pub name: Text,
    /// `version`.
    pub version: Text,
    /// `repo`: where the chart is pulled from when it is not in its home.
    pub repository: Text,
    /// `releaseName`.
    pub release_name: Text,
    /// `namespace`.
    pub namespace: Text,
    /// `nameTemplate`.
    pub name_template: Text,
    /// `valuesFile`; empty for that of the chart.
    pub values_file: Text,
    /// `additionalValuesFiles`.
    pub additional_values_files: Vec<Text>,
    /// `valuesInline`.
    pub values_inline: Option<Node>,
    /// `valuesMerge`.
    pub values_merge: Text,
    /// `apiVersions`.
    pub api_versions: Vec<Text>,
    /// `kubeVersion`.
    pub kube_version: Text,
    /// `includeCRDs`.
    pub include_crds: bool,
    /// `skipHooks`.
    pub skip_hooks: bool,
    /// `skipTests`.
    pub skip_tests: bool,
    /// `debug`.
    pub debug: bool,
    /// `devel`.
    pub devel: bool,
}

/// The charts of a kustomization.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Charts {
    /// `helmGlobals.chartHome`: the directory that holds the charts; empty for `charts`.
    pub home: Text,
    /// `helmCharts`, followed by what `helmChartInflationGenerator` says.
    pub charts: Vec<Chart>,
    /// The home that `helmChartInflationGenerator` names, for a kustomization without `helmGlobals`.
    deprecated_home: Option<Text>,
    deprecated: Vec<Chart>,
    has_globals: bool,
}

/// The fields of an entry of `helmCharts`.
const FIELDS: &[&str] = &[
    "name",
    "version",
    "repo",
    "releaseName",
    "namespace",
    "additionalValuesFiles",
    "valuesFile",
    "valuesInline",
    "valuesMerge",
    "includeCRDs",
    "skipHooks",
    "apiVersions",
    "kubeVersion",
    "nameTemplate",
    "skipTests",
    "debug",
    "devel",
];

/// The fields of an entry of `helmChartInflationGenerator`.
const OLD_FIELDS: &[&str] = &[
    "chartName",
    "chartVersion",
    "chartRepoUrl",
    "chartHome",
    "chartRepoName",
    "helmBin",
    "helmHome",
    "values",
    "valuesLocal",
    "valuesMerge",
    "releaseName",
    "releaseNamespace",
    "extraArgs",
];

impl Charts {
    /// Reads one of the fields `helmCharts`, `helmGlobals` and `helmChartInflationGenerator`.
    pub(super) fn read_field(
        &mut self,
        decoder: &Decoder<'_>,
        field: &str,
        node: &Node,
    ) -> Result<(), RenderError> {
        match field {
            "helmCharts" => self.charts = decoder.list(node, field, |item| read_chart(decoder, item))?,
            "helmGlobals" => {
                self.has_globals = true;
                for (name, value) in decoder.fields(node, field, &["chartHome", "configHome"])? {
                    let text = decoder.text(value, name)?;
                    if name == "chartHome" {
                        self.home = text;
                    }
                }
            }
            _ => {
                let mut home = None;
                self.deprecated = decoder.list(node, field, |item| read_old(decoder, item, &mut home))?;
                self.deprecated_home = home;
            }
        }
        Ok(())
    }

    /// Puts the old field into the place of the new ones, as kustomize does once all is read.
    pub(super) fn complete(&mut self) {
        self.charts.append(&mut self.deprecated);
        if let Some(home) = self.deprecated_home.take().filter(|_| !self.has_globals) {
            self.home = home;
        }
    }
}

/// Reads an entry of `helmCharts`, or the configuration of a generator, which has further fields.
pub(crate) fn read_chart(decoder: &Decoder<'_>, node: &Node) -> Result<Chart, RenderError> {
    let mut chart = Chart { origin: node.origin, ..Chart::default() };
    for (field, value) in decoder.fields(node, "helmCharts", FIELDS)? {
        match field {
            "name" => chart.name = decoder.text(value, field)?,
            "version" => chart.version = decoder.text(value, field)?,
            "repo" => chart.repository = decoder.text(value, field)?,
            "releaseName" => chart.release_name = decoder.text(value, field)?,
            "namespace" => chart.namespace = decoder.text(value, field)?,
            "nameTemplate" => chart.name_template = decoder.text(value, field)?,
            "valuesFile" => chart.values_file = decoder.text(value, field)?,
            "additionalValuesFiles" => chart.additional_values_files = decoder.texts(value, field)?,
            "valuesInline" => chart.values_inline = read_values(decoder, value, field)?,
            "valuesMerge" => chart.values_merge = decoder.text(value, field)?,
            "apiVersions" => chart.api_versions = decoder.texts(value, field)?,
            "kubeVersion" => chart.kube_version = decoder.text(value, field)?,
            "includeCRDs" => chart.include_crds = decoder.boolean(value, field)?,
            "skipHooks" => chart.skip_hooks = decoder.boolean(value, field)?,
            "skipTests" => chart.skip_tests = decoder.boolean(value, field)?,
            "debug" => chart.debug = decoder.boolean(value, field)?,
            _ => chart.devel = decoder.boolean(value, field)?,
        }
    }
    Ok(chart)
}

/// Reads the home of charts from the configuration of a generator.
pub(crate) fn read_home(decoder: &Decoder<'_>, node: &Node) -> Result<Text, RenderError> {
    let fields =
        Decoder { unknown: Unknown::Ignored, ..*decoder }.fields(node, "helmCharts", &["chartHome"])?;
    fields.last().map_or(Ok(Text::default()), |(name, value)| decoder.text(value, name))
}

/// Reads an entry of `helmChartInflationGenerator`; of several homes the last one counts.
fn read_old(decoder: &Decoder<'_>, node: &Node, home: &mut Option<Text>) -> Result<Chart, RenderError> {
    let mut chart = Chart { origin: node.origin, ..Chart::default() };
    for (field, value) in decoder.fields(node, "helmChartInflationGenerator", OLD_FIELDS)? {
        match field {
            "chartName" => chart.name = decoder.text(value, field)?,
            "chartVersion" => chart.version = decoder.text(value, field)?,
            "chartRepoUrl" => chart.repository = decoder.text(value, field)?,
            "values" => chart.values_file = decoder.text(value, field)?,
            "valuesLocal" => chart.values_inline = read_values(decoder, value, field)?,
            "valuesMerge" => chart.values_merge = decoder.text(value, field)?,
            "releaseName" => chart.release_name = decoder.text(value, field)?,
            "chartHome" => {
                let named = Some(decoder.text(value, field)?).filter(|home| !home.is_empty());
                *home = named.or(home.take());
            }
            "extraArgs" => drop(decoder.texts(value, field)?),
            _ => drop(decoder.text(value, field)?),
        }
    }
    Ok(chart)
}

fn read_values(decoder: &Decoder<'_>, node: &Node, field: &str) -> Result<Option<Node>, RenderError> {
    if !node.is_mapping() {
        return Err(decoder.invalid(node.origin, format!("`{field}` must be a mapping")));
    }
    Ok(Some(node.clone()).filter(|node| !node.entries().is_empty()))
}
