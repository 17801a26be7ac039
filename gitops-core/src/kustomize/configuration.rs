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

/// The name references stand last, because they have another form.
const FIELDS: [&str; 11] = [
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "templateLabels",
    "commonAnnotations",
    "varReference",
    "images",
    "replicas",
    "nameReference",
];

impl Configuration {
    /// kustomize's own configuration. Its tables are sorted, and no row of them covers another, so that none has to
    /// be compared with the others: every process does this once.
    pub(crate) fn builtin() -> Self {
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
        for (field, node) in decoder.fields(root, "configuration", &FIELDS)? {
            if field == "nameReference" {
                this.name_reference =
                    decoder.list(node, field, |item| read_name_reference(&decoder, item))?;
            } else if let Some((_, specs)) =
                FIELDS.iter().zip(this.all_specs_mut()).find(|(name, _)| **name == field)
            {
                *specs = decoder.list(node, field, |item| read_field_spec(&decoder, item))?;
            }
        }
        Ok(this)
    }

    /// The fields of each transformer but the name references, in the order of [`FIELDS`].
    fn all_specs_mut(&mut self) -> [&mut Vec<FieldSpec>; FIELDS.len() - 1] {
        [
            &mut self.name_prefix,
            &mut self.name_suffix,
            &mut self.namespace,
            &mut self.common_labels,
            &mut self.labels,
            &mut self.template_labels,
            &mut self.common_annotations,
            &mut self.var_reference,
            &mut self.images,
            &mut self.replicas,
        ]
    }

    fn all_specs(&self) -> [&[FieldSpec]; FIELDS.len() - 1] {
        [
            &self.name_prefix,
            &self.name_suffix,
            &self.namespace,
            &self.common_labels,
            &self.labels,
            &self.template_labels,
            &self.common_annotations,
            &self.var_reference,
            &self.images,
            &self.replicas,
        ]
    }

    /// Adds another configuration to this one, and sorts as kustomize sorts after every merge.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), PathProblem> {
        for (specs, incoming) in self.all_specs_mut().into_iter().zip(other.all_specs()) {
            specs.merge_all(incoming)?;
            sort(specs);
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
        self.sort_references();
        Ok(())
    }

    fn sort_references(&mut self) {
        self.name_reference.sort_by_cached_key(|reference| order(&reference.target));
    }
}

fn sort(specs: &mut [FieldSpec]) {
    specs.sort_by_cached_key(|spec| order(&spec.gvk));
}

/// Adds `incoming` to a shared configuration; the same one twice changes nothing, and neither does merging
/// kustomize's own into nothing.
pub(crate) fn merge_shared(
    into: &mut Option<Arc<Configuration>>,
    incoming: &Arc<Configuration>,
    builtin: &Arc<Configuration>,
) -> Result<(), PathProblem> {
    match into {
        None if Arc::ptr_eq(incoming, builtin) => *into = Some(Arc::clone(incoming)),
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
    (super::order::rank(&gvk.kind), super::order::legacy_text(gvk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_what_is_built_in_into_nothing_changes_nothing() {
        let builtin = Configuration::builtin();
        let mut merged = Configuration::default();
        merged.merge(&builtin).unwrap();
        assert_eq!(merged, builtin);
    }
}
