//! Transformer configurations: which fields each transformer works on, kustomize's own and the user's.

mod name_references;
mod tables;

use std::sync::Arc;

use super::decode::{Decoder, Unknown};
use super::error::RenderError;
use super::field_spec::{FieldSpec, FieldSpecs, PathProblem};
use super::files::SourceFile;
use super::kustomization::{Gvk, read_field_spec};
use crate::yaml::Node;

/// The fields that hold names of resources of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameReference {
    /// The kind that is named.
    pub(crate) target: Gvk,
    /// The fields that name it.
    pub(crate) referrers: Vec<FieldSpec>,
}

/// Which fields each transformer works on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Configuration {
    pub(crate) name_prefix: Vec<FieldSpec>,
    pub(crate) name_suffix: Vec<FieldSpec>,
    pub(crate) namespace: Vec<FieldSpec>,
    pub(crate) common_labels: Vec<FieldSpec>,
    pub(crate) labels: Vec<FieldSpec>,
    pub(crate) template_labels: Vec<FieldSpec>,
    pub(crate) common_annotations: Vec<FieldSpec>,
    pub(crate) name_reference: Vec<NameReference>,
    pub(crate) var_reference: Vec<FieldSpec>,
    pub(crate) images: Vec<FieldSpec>,
    pub(crate) replicas: Vec<FieldSpec>,
}

const FIELDS: &[&str] = &[
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "templateLabels",
    "commonAnnotations",
    "nameReference",
    "varReference",
    "images",
    "replicas",
];

impl Configuration {
    /// kustomize's own configuration, sorted.
    pub(crate) fn builtin() -> Self {
        let mut sorted = Self::default();
        // kustomize's tables do not contradict themselves.
        let _ = sorted.merge(&Self::tables());
        sorted
    }

    fn tables() -> Self {
        let read = |rows: &[tables::Row]| rows.iter().map(tables::field_spec).collect::<Vec<_>>();
        Self {
            name_prefix: read(tables::NAME_PREFIX),
            name_suffix: read(tables::NAME_PREFIX),
            namespace: read(tables::NAMESPACE),
            common_labels: read(tables::COMMON_LABELS),
            labels: vec![],
            template_labels: read(tables::TEMPLATE_LABELS),
            common_annotations: read(tables::COMMON_ANNOTATIONS),
            name_reference: name_references::NAME_REFERENCE
                .iter()
                .map(|((group, version, kind), rows)| NameReference {
                    target: tables::gvk(group, version, kind),
                    referrers: read(rows),
                })
                .collect(),
            var_reference: read(tables::VAR_REFERENCE),
            images: read(tables::IMAGES),
            replicas: read(tables::REPLICAS),
        }
    }

    /// Reads a file that `configurations:` names.
    pub(crate) fn read(root: &Node, file: &SourceFile) -> Result<Self, RenderError> {
        let decoder = Decoder { file, unknown: Unknown::RefusedInConfiguration };
        let mut this = Self::default();
        for (field, node) in decoder.fields(root, "configuration", FIELDS)? {
            if field == "nameReference" {
                this.name_reference =
                    decoder.list(node, field, |item| read_name_reference(&decoder, item))?;
            } else if let Some(specs) = this.specs_mut(field) {
                *specs = decoder.list(node, field, |item| read_field_spec(&decoder, item))?;
            }
        }
        Ok(this)
    }

    fn specs_mut(&mut self, field: &str) -> Option<&mut Vec<FieldSpec>> {
        Some(match field {
            "namePrefix" => &mut self.name_prefix,
            "nameSuffix" => &mut self.name_suffix,
            "namespace" => &mut self.namespace,
            "commonLabels" => &mut self.common_labels,
            "labels" => &mut self.labels,
            "templateLabels" => &mut self.template_labels,
            "commonAnnotations" => &mut self.common_annotations,
            "varReference" => &mut self.var_reference,
            "images" => &mut self.images,
            "replicas" => &mut self.replicas,
            _ => return None,
        })
    }

    /// Adds another configuration to this one, and sorts as kustomize sorts after every merge.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), PathProblem> {
        for field in FIELDS.iter().filter(|field| **field != "nameReference") {
            let mut theirs = other.clone();
            let incoming = theirs.specs_mut(field).map(std::mem::take).unwrap_or_default();
            if let Some(specs) = self.specs_mut(field) {
                specs.merge_all(&incoming)?;
                specs.sort_by_key(|spec| order(&spec.gvk));
            }
        }
        for incoming in &other.name_reference {
            let mut found = false;
            for known in self.name_reference.iter_mut().filter(|known| known.target == incoming.target) {
                known.referrers.merge_all(&incoming.referrers)?;
                found = true;
            }
            if !found {
                self.name_reference.push(incoming.clone());
            }
        }
        self.name_reference.sort_by_key(|reference| order(&reference.target));
        Ok(())
    }
}

/// Adds `incoming` to a shared configuration; the same one twice changes nothing.
pub(crate) fn merge_shared(
    into: &mut Option<Arc<Configuration>>,
    incoming: &Arc<Configuration>,
) -> Result<(), PathProblem> {
    match into {
        None => {
            // A special entry covers a general one only if it comes first, and sorting has seen to that.
            let mut fresh = Configuration::default();
            fresh.merge(incoming)?;
            *into = Some(if fresh == **incoming { Arc::clone(incoming) } else { Arc::new(fresh) });
        }
        Some(known) if Arc::ptr_eq(known, incoming) => {}
        Some(known) => Arc::make_mut(known).merge(incoming)?,
    }
    Ok(())
}

fn read_name_reference(decoder: &Decoder<'_>, node: &Node) -> Result<NameReference, RenderError> {
    let mut reference = NameReference { target: Gvk::default(), referrers: vec![] };
    for (field, value) in
        decoder.fields(node, "nameReference", &["group", "version", "kind", "fieldSpecs"])?
    {
        match field {
            "group" => reference.target.group = decoder.text(value, field)?.value,
            "version" => reference.target.version = decoder.text(value, field)?.value,
            "kind" => reference.target.kind = decoder.text(value, field)?.value,
            _ => reference.referrers = decoder.list(value, field, |item| read_field_spec(decoder, item))?,
        }
    }
    Ok(reference)
}

/// The order of kinds in which kustomize sorts configurations: some kinds first, some last, the rest by group,
/// version and kind, each of which sorts after all others where it is empty.
fn order(gvk: &Gvk) -> (i32, String) {
    let or = |part: &str, empty: &str| if part.is_empty() { empty.to_owned() } else { part.to_owned() };
    let text = format!("{}_{}_{}", or(&gvk.group, "~G"), or(&gvk.version, "~V"), or(&gvk.kind, "~K"));
    (super::order::rank(&gvk.kind), text)
}
