//! Provenance of what a patch sets: a record per node, with what stood there before.

use crate::provenance::{Place, Provenance, Record};
use crate::yaml::{Node, Origin, Value};

/// Stamps the nodes that a patch puts into an object.
#[derive(Debug)]
pub struct Recorder<'a> {
    /// The table of the render.
    pub provenance: &'a mut Provenance,
    /// The file to which offsets in the patch belong.
    pub patch_file: u32,
    /// The file to which offsets in the object belong.
    pub target_file: u32,
    /// The entry of the kustomization that names the patch.
    pub cause: Option<Place>,
    /// The field of the kustomization that names the patch.
    pub transformer: &'static str,
}

impl Recorder<'_> {
    /// The origin of a node that was `written` in the patch and takes the place of `previous`.
    pub fn stamp(&mut self, written: Origin, previous: Option<Origin>) -> Origin {
        let place = match written.as_offset() {
            Some(offset) => u32::try_from(offset).ok().map(|offset| Place { file: self.patch_file, offset }),
            None => self.provenance.record(written).and_then(|record| record.place),
        };
        self.provenance.add(Record {
            place,
            cause: self.cause,
            transformer: self.transformer,
            previous,
            previous_file: self.target_file,
        })
    }

    /// Stamps `node`, which takes the place of `previous`, and everything below it.
    pub fn adopt(&mut self, node: &mut Node, previous: Option<Origin>) {
        node.origin = self.stamp(node.origin, previous);
        match &mut node.value {
            Value::Scalar(scalar) => self.provenance.count_written(scalar.text().len()),
            Value::Sequence(items) => {
                for item in std::sync::Arc::make_mut(items) {
                    self.adopt(item, None);
                }
            }
            Value::Mapping(mapping) => {
                for entry in std::sync::Arc::make_mut(mapping).entries_mut() {
                    self.adopt(&mut entry.value, None);
                    entry.key_origin = entry.value.origin;
                }
            }
        }
    }
}
