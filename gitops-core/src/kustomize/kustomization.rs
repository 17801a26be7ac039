//! The kustomization file as a typed value: every field of kustomize v5.8.1.
//!
//! Reads no other file. Deprecated fields are kept apart where the order of work differs, and merged into their
//! successors where kustomize merges them.

mod charts;
mod generators;
mod transforms;

use smol_str::SmolStr;

pub use charts::{Chart, Charts};
pub use generators::{GeneratorArguments, GeneratorKind, GeneratorOptions, Generators};

pub use transforms::{Gvk, Image, Label, Patch, Replica, SelectorFields, Transforms};

pub use super::decode::Text;
use super::decode::{Decoder, Unknown};
use super::error::RenderError;
pub(crate) use super::field_spec::FieldSpec;
use super::files::SourceFile;
use crate::yaml::{Node, Origin};

pub(crate) use charts::{read_chart, read_home};
pub(crate) use generators::read_arguments;
pub(crate) use transforms::{read_field_spec, read_image, read_patch, read_replica, read_selector};

/// Whether a file is a Kustomization or a Component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum KustomizationKind {
    /// Builds its own resources.
    #[default]
    Kustomization,
    /// Works on the resources of the kustomization that includes it.
    Component,
}

/// What the file takes in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources {
    /// `resources`, followed by `bases`.
    pub resources: Vec<Text>,
    /// `components`.
    pub components: Vec<Text>,
    /// `crds`: OpenAPI definitions of custom kinds.
    pub crds: Vec<Text>,
    /// `configurations`: files with field paths.
    pub configurations: Vec<Text>,
    /// `openapi.path`.
    pub openapi_path: Option<Text>,
    /// `openapi.version`.
    pub openapi_version: Option<Text>,
}

/// The configurations of plugins: paths, or inline YAML.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plugins {
    /// `generators`.
    pub generators: Vec<Text>,
    /// `transformers`.
    pub transformers: Vec<Text>,
    /// `validators`.
    pub validators: Vec<Text>,
}

/// `sortOptions`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SortOptions {
    /// `order`: `legacy` or `fifo`.
    pub order: Text,
    /// `legacySortOptions`: kinds to put first, and last.
    pub legacy: Option<(Vec<SmolStr>, Vec<SmolStr>)>,
}

/// A kustomization file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kustomization {
    /// `kind`.
    pub kind: KustomizationKind,
    /// What it takes in.
    pub sources: Sources,
    /// What it generates.
    pub generators: Generators,
    /// What it changes.
    pub transforms: Transforms,
    /// Its plugins.
    pub plugins: Plugins,
    /// `vars`, each as written.
    pub vars: Vec<Node>,
    /// `sortOptions`.
    pub sort_options: Option<SortOptions>,
    /// `buildMetadata`.
    pub build_metadata: Vec<Text>,
    /// Its Helm charts.
    pub charts: Charts,
    /// The deprecated fields that are in use, in the order of their names in kustomize.
    pub deprecated: Vec<Deprecated>,
}

/// A deprecated field in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deprecated {
    /// The field.
    pub field: &'static str,
    /// The field to use instead.
    pub instead: &'static str,
    /// Where it was written.
    pub origin: Origin,
}

const FIELDS: &[&str] = &[
    "kind",
    "apiVersion",
    "metadata",
    "openapi",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "patchesStrategicMerge",
    "patchesJson6902",
    "patches",
    "images",
    "imageTags",
    "replacements",
    "replicas",
    "vars",
    "sortOptions",
    "resources",
    "components",
    "crds",
    "bases",
    "configMapGenerator",
    "secretGenerator",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
    "generatorOptions",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "buildMetadata",
];

/// The deprecated fields and their successors, in the order in which kustomize warns of them.
const DEPRECATED: &[(&str, &str)] = &[
    ("bases", "resources"),
    ("commonLabels", "labels"),
    ("imageTags", "images"),
    ("patchesJson6902", "patches"),
    ("patchesStrategicMerge", "patches"),
    ("vars", "replacements"),
];

impl Kustomization {
    /// Reads a kustomization file; `root` is its first document, in the dialect of YAML 1.1.
    pub(crate) fn read(root: &Node, file: &SourceFile) -> Result<Self, RenderError> {
        let decoder = Decoder { file, unknown: Unknown::Refused };
        let (fields, mut faults) = decoder.fields_and_faults(root, "kustomization", FIELDS)?;
        let mut this = Self::default();
        let (mut bases, mut image_tags) = (vec![], vec![]);
        let (mut kind, mut api_version) = (Text::default(), Text::default());
        let mut is_empty = true;
        for (field, node) in &fields {
            is_empty &= matches!(*field, "kind" | "apiVersion") || is_nothing(field, node);
            let read = match *field {
                "kind" => decoder.text(node, field).map(|text| kind = text),
                "apiVersion" => decoder.text(node, field).map(|text| api_version = text),
                "bases" => decoder.texts(node, field).map(|texts| bases = texts),
                "imageTags" => decoder
                    .list(node, field, |item| read_image(&decoder, item))
                    .map(|images| image_tags = images),
                _ => this.read_field(&decoder, field, node),
            };
            faults.take(read)?;
        }
        faults.finish()?;
        if is_empty {
            let error = decoder.invalid(root.origin, "the kustomization is empty");
            return Err(error.advise("name what it builds under `resources`"));
        }
        this.kind = read_kind(&decoder, &kind, &api_version)?;
        this.charts.complete();
        this.sources.resources.extend(bases);
        this.transforms.images.extend(image_tags);
        for (name, instead) in DEPRECATED {
            if let Some((field, node)) = fields.iter().find(|(field, _)| field == name) {
                this.deprecated.push(Deprecated { field, instead, origin: node.origin });
            }
        }
        Ok(this)
    }

    fn read_field(
        &mut self,
        decoder: &Decoder<'_>,
        field: &'static str,
        node: &Node,
    ) -> Result<(), RenderError> {
        match field {
            "resources" => self.sources.resources = decoder.texts(node, field)?,
            "components" => self.sources.components = decoder.texts(node, field)?,
            "crds" => self.sources.crds = decoder.texts(node, field)?,
            "configurations" => self.sources.configurations = decoder.texts(node, field)?,
            "openapi" => {
                for (name, text) in decoder.text_map(node, field)? {
                    match name.as_str() {
                        "path" => self.sources.openapi_path = Some(text),
                        "version" => self.sources.openapi_version = Some(text),
                        _ => {}
                    }
                }
            }
            "generators" => self.plugins.generators = decoder.texts(node, field)?,
            "transformers" => self.plugins.transformers = decoder.texts(node, field)?,
            "validators" => self.plugins.validators = decoder.texts(node, field)?,
            "vars" => self.vars = decoder.list(node, field, |item| Ok(item.clone()))?,
            "sortOptions" => self.sort_options = Some(read_sort_options(decoder, node)?),
            "buildMetadata" => self.build_metadata = read_build_metadata(decoder, node)?,
            "metadata" => check_metadata(decoder, node)?,
            "helmCharts" | "helmChartInflationGenerator" | "helmGlobals" => {
                self.charts.read_field(decoder, field, node)?;
            }
            "configMapGenerator" | "secretGenerator" | "generatorOptions" => {
                self.generators.read_field(decoder, field, node)?;
            }
            _ => self.transforms.read_field(decoder, field, node)?,
        }
        Ok(())
    }
}

/// Whether a field has its zero value, with which a kustomization still counts as empty. An empty list is not
/// nothing, except for the lists that kustomize rebuilds.
fn is_nothing(field: &str, node: &Node) -> bool {
    node.as_str() == Some("")
        || matches!(field, "bases" | "imageTags" | "helmCharts" | "helmChartInflationGenerator")
            && node.is_sequence()
            && node.items().is_empty()
}

fn read_kind(
    decoder: &Decoder<'_>,
    kind: &Text,
    api_version: &Text,
) -> Result<KustomizationKind, RenderError> {
    let (parsed, expected) = match kind.as_str() {
        "" | "Kustomization" => (KustomizationKind::Kustomization, "kustomize.config.k8s.io/v1beta1"),
        "Component" => (KustomizationKind::Component, "kustomize.config.k8s.io/v1alpha1"),
        other => {
            let message = format!("`kind` must be `Kustomization` or `Component`, not `{other}`");
            let hint = "take the line out, or name the file under `resources` if it is a manifest";
            return Err(decoder.invalid(kind.origin, message).advise(hint));
        }
    };
    if api_version.is_empty() || api_version.as_str() == expected {
        return Ok(parsed);
    }
    let message = format!("`apiVersion` must be `{expected}`, not `{}`", api_version.value);
    Err(decoder.invalid(api_version.origin, message).advise(format!("write `apiVersion: {expected}`")))
}

fn check_metadata(decoder: &Decoder<'_>, node: &Node) -> Result<(), RenderError> {
    for (field, value) in decoder.fields(node, "metadata", &["name", "namespace", "labels", "annotations"])? {
        match field {
            "name" | "namespace" => drop(decoder.text(value, field)?),
            _ => drop(decoder.text_map(value, field)?),
        }
    }
    Ok(())
}

fn read_build_metadata(decoder: &Decoder<'_>, node: &Node) -> Result<Vec<Text>, RenderError> {
    decoder.texts(node, "buildMetadata")
}

/// Reads `sortOptions`.
pub(crate) fn read_sort_options(decoder: &Decoder<'_>, node: &Node) -> Result<SortOptions, RenderError> {
    let mut options = SortOptions::default();
    for (field, value) in decoder.fields(node, "sortOptions", &["order", "legacySortOptions"])? {
        match field {
            "order" => options.order = decoder.text(value, "sortOptions.order")?,
            _ => options.legacy = Some(read_legacy_options(decoder, value)?),
        }
    }
    Ok(options)
}

fn read_legacy_options(
    decoder: &Decoder<'_>,
    node: &Node,
) -> Result<(Vec<SmolStr>, Vec<SmolStr>), RenderError> {
    let (mut first, mut last) = (vec![], vec![]);
    for (field, value) in decoder.fields(node, "legacySortOptions", &["orderFirst", "orderLast"])? {
        let kinds = decoder.texts(value, field)?.into_iter().map(|text| text.value).collect();
        if field == "orderFirst" {
            first = kinds;
        } else {
            last = kinds;
        }
    }
    Ok((first, last))
}
