//! Provenance of what a patch sets and takes away: a record per node, with what stood there before.

use std::sync::Arc;

use crate::object::FieldPath;
use crate::provenance::{NodeOrigin, Place, Provenance, Record, Removal};
use crate::yaml::{Node, Origin, Value};

/// Stamps the nodes that a patch puts into an object, and keeps what it takes away.
#[derive(Debug)]
pub struct Recorder<'a> {
    /// The table of the render.
    pub provenance: &'a mut Provenance,
    /// The text to which offsets in the patch belong.
    pub patch_file: u32,
    /// The text to which offsets in the object belong.
    pub target_file: u32,
    /// The entry of the kustomization that names the patch.
    pub cause: Option<Place>,
    /// The field of the kustomization that names the patch.
    pub transformer: &'static str,
    /// What was taken away so far.
    pub removals: Vec<Removal>,
}

impl Recorder<'_> {
    fn record(&self, written: Origin, previous: Option<Origin>) -> Record {
        Record {
            place: self.provenance.place_written(NodeOrigin { origin: written, file: self.patch_file }),
            cause: self.cause,
            transformer: self.transformer,
            previous: previous
                .filter(|origin| *origin != Origin::UNKNOWN)
                .map(|origin| NodeOrigin { origin, file: self.target_file }),
            source: None,
        }
    }

    /// The origin of a node that was `written` in the patch and takes the place of `previous`.
    pub fn stamp(&mut self, written: Origin, previous: Option<Origin>) -> Origin {
        let record = self.record(written, previous);
        self.provenance.add(record)
    }

    /// The origin of a node that is a copy of one `written` elsewhere and takes the place of `previous`.
    pub fn stamp_copy(&mut self, written: Origin, previous: Option<Origin>) -> Origin {
        let source = Some(NodeOrigin { origin: written, file: self.patch_file });
        let record = Record { source, ..self.record(written, previous) };
        self.provenance.add(record)
    }

    /// Stamps `node`, which takes the place of `previous`, and everything below it.
    pub fn adopt(&mut self, node: &mut Node, previous: Option<Origin>) {
        self.each(node, previous, Self::stamp);
    }

    /// Stamps `node` as a copy that takes the place of `previous`, and everything below it.
    pub fn adopt_copy(&mut self, node: &mut Node, previous: Option<Origin>) {
        self.each(node, previous, Self::stamp_copy);
    }

    fn each(
        &mut self,
        node: &mut Node,
        previous: Option<Origin>,
        stamp: fn(&mut Self, Origin, Option<Origin>) -> Origin,
    ) {
        node.origin = stamp(self, node.origin, previous);
        match &mut node.value {
            Value::Scalar(scalar) => self.provenance.count_written(scalar.text().len()),
            Value::Sequence(items) => {
                for item in Arc::make_mut(items) {
                    self.each(item, None, stamp);
                }
            }
            Value::Mapping(mapping) => {
                for entry in Arc::make_mut(mapping).entries_mut() {
                    self.each(&mut entry.value, None, stamp);
                    entry.key_origin = entry.value.origin;
                }
            }
        }
    }

    /// Stamps every scalar at and below `node` of which nothing is known: what was made on the way to a field.
    pub fn adopt_made(&mut self, node: &mut Node) {
        if !has_unknown(node) {
            return;
        }
        match &mut node.value {
            Value::Scalar(_) => node.origin = self.stamp(Origin::UNKNOWN, None),
            Value::Sequence(items) => Arc::make_mut(items).iter_mut().for_each(|item| self.adopt_made(item)),
            Value::Mapping(mapping) => {
                Arc::make_mut(mapping).values_mut().for_each(|value| self.adopt_made(value));
            }
        }
    }

    /// Keeps `node`, which stood at `path` and was taken away by what is `written` in the patch.
    pub fn remove(&mut self, path: impl FnOnce() -> FieldPath, node: Node, written: Origin) {
        let by = self.record(written, Some(node.origin));
        self.removals.push(Removal { path: path(), node, by });
    }
}

/// Whether there is a scalar at or below `node` of which nothing is known.
fn has_unknown(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => node.origin == Origin::UNKNOWN,
        Value::Sequence(items) => items.iter().any(has_unknown),
        Value::Mapping(mapping) => mapping.entries().iter().any(|entry| has_unknown(&entry.value)),
    }
}
