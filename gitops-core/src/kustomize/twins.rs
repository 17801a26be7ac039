//! Values that kustomize holds as one node at several places of a resource: what is set at one is set at all.
//!
//! Where one entry of labels or annotations makes a pair at several places, kustomize puts the same node at each.
//! A later label, patch, replacement or var that sets one of them sets the others, until the resource is printed
//! and read again for a JSON patch.

use std::collections::BTreeMap;

use crate::yaml::{Mapping, Node, Scalar, Value};

/// The twins of one resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Twins {
    last: u32,
    /// What stands at all places of a number by now.
    values: BTreeMap<u32, Scalar>,
}

impl Twins {
    /// A number that no value of the resource bears.
    pub(crate) fn number(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    /// Says that the values that bear `number` are one node.
    pub(crate) fn join(&mut self, number: u32, value: &str) {
        self.values.insert(number, Scalar::string(value));
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Says that every place of the resource has a node of its own from now on.
    pub(crate) fn part(&mut self) {
        self.values.clear();
    }

    /// Sets what was set at one place at the others.
    pub(crate) fn settle(&mut self, root: &mut Node) {
        if self.is_empty() {
            return;
        }
        let mut changed = BTreeMap::new();
        self.find_changed(root, &mut changed);
        if changed.is_empty() {
            return;
        }
        for (number, node) in &changed {
            if let Some(scalar) = node.as_scalar() {
                self.values.insert(*number, scalar.clone());
            }
        }
        spread(root, &changed);
    }

    fn find_changed(&self, node: &Node, changed: &mut BTreeMap<u32, Node>) {
        match &node.value {
            Value::Scalar(scalar) => {
                if self.values.get(&scalar.twin()).is_some_and(|value| value != scalar) {
                    changed.entry(scalar.twin()).or_insert_with(|| node.clone());
                }
            }
            Value::Sequence(items) => items.iter().for_each(|item| self.find_changed(item, changed)),
            Value::Mapping(mapping) => {
                mapping.entries().iter().for_each(|entry| self.find_changed(&entry.value, changed));
            }
        }
    }
}

fn spread(node: &mut Node, changed: &BTreeMap<u32, Node>) {
    if !holds_twin(node, changed) {
        return;
    }
    if let Some(twin) = node.as_scalar().and_then(|scalar| changed.get(&scalar.twin())) {
        *node = twin.clone();
        return;
    }
    node.items_mut().into_iter().flatten().for_each(|item| spread(item, changed));
    let values = node.as_mapping_mut().into_iter().flat_map(Mapping::values_mut);
    values.for_each(|value| spread(value, changed));
}

fn holds_twin(node: &Node, changed: &BTreeMap<u32, Node>) -> bool {
    match &node.value {
        Value::Scalar(scalar) => changed.contains_key(&scalar.twin()),
        Value::Sequence(items) => items.iter().any(|item| holds_twin(item, changed)),
        Value::Mapping(mapping) => mapping.entries().iter().any(|entry| holds_twin(&entry.value, changed)),
    }
}
