//! What happened to nodes, from the provenance of their render.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::field::Paths;
use super::{Action, SourceField, Step, Subject};
use crate::kind::Schemas;
use crate::kustomize::Rendered;
use crate::object::{FieldPath, ObjectKey};
use crate::provenance::{NodeOrigin, Record, Removal};
use crate::yaml::{Node, Value};

/// Tells what happened to the nodes of one render.
pub(super) struct Steps<'a> {
    rendered: &'a Rendered,
    /// Where the nodes are of which others are copies, looked for on the first question.
    sources: OnceCell<BTreeMap<NodeOrigin, (ObjectKey, FieldPath)>>,
}

impl<'a> Steps<'a> {
    pub(super) fn new(rendered: &'a Rendered) -> Self {
        Self { rendered, sources: OnceCell::new() }
    }

    /// What happened to a node, oldest first.
    pub(super) fn of(&self, node: NodeOrigin) -> Vec<Step> {
        let provenance = &self.rendered.provenance;
        let mut steps: Vec<Step> =
            provenance.changes(node).map(|record| self.step(record, Action::Set)).collect();
        steps.extend(provenance.first_read(node).map(|place| Step {
            action: Action::Read,
            transformer: None,
            at: Some(provenance.location(place)),
            entry: None,
            source: None,
        }));
        steps.reverse();
        steps
    }

    /// What happened to a field of `subject` that was taken away.
    pub(super) fn of_removed(&self, subject: &Subject<'_>, node: &Node, removal: &Removal) -> Vec<Step> {
        let file = removal.by.previous.map_or(subject.file, |previous| previous.file);
        let mut steps = self.of(NodeOrigin { origin: node.origin, file });
        steps.push(self.step(&removal.by, Action::Removed));
        steps
    }

    /// What a record says.
    pub(super) fn step(&self, record: &Record, action: Action) -> Step {
        let provenance = &self.rendered.provenance;
        Step {
            action,
            transformer: Some(record.transformer),
            at: record.place.map(|place| provenance.location(place)),
            entry: record.cause.map(|place| provenance.location(place)),
            source: record.source.map(|node| self.source(node)),
        }
    }

    /// The field that holds, or held, the node with this origin.
    fn source(&self, node: NodeOrigin) -> SourceField {
        let provenance = &self.rendered.provenance;
        let at = provenance.place(node).map(|place| provenance.location(place));
        match self.sources.get_or_init(|| sources(self.rendered)).get(&node) {
            Some((key, path)) => SourceField { object: Some(key.clone()), path: path.clone(), at },
            None => SourceField { object: None, path: FieldPath::default(), at },
        }
    }
}

/// The first field that holds, or held, each of the nodes of which a record of the render makes a copy.
fn sources(rendered: &Rendered) -> BTreeMap<NodeOrigin, (ObjectKey, FieldPath)> {
    let records = rendered.provenance.records_from(0).iter();
    let mut search = Search {
        rendered,
        wanted: records.filter_map(|record| record.source).collect(),
        way: vec![],
        found: vec![],
    };
    let schemas = Schemas::built_in();
    let mut sources = BTreeMap::new();
    for subject in Subject::all(rendered) {
        search.node(subject.root, subject.file);
        let paths = Paths::of(&subject, &schemas);
        for (origin, way) in search.found.drain(..) {
            sources.insert(origin, (subject.key.clone(), paths.of_way(&way)));
        }
    }
    sources
}

/// A search for nodes by their origins.
struct Search<'a> {
    rendered: &'a Rendered,
    wanted: BTreeSet<NodeOrigin>,
    /// The positions on the way to the node that is looked at.
    way: Vec<usize>,
    found: Vec<(NodeOrigin, Vec<usize>)>,
}

impl Search<'_> {
    fn node(&mut self, node: &Node, file: u32) {
        let own = NodeOrigin { origin: node.origin, file };
        let before = self.rendered.provenance.changes(own).filter_map(|record| record.previous);
        for origin in std::iter::once(own).chain(before) {
            if self.wanted.remove(&origin) {
                self.found.push((origin, self.way.clone()));
            }
        }
        let children: Box<dyn Iterator<Item = &Node>> = match &node.value {
            Value::Scalar(_) => return,
            Value::Sequence(items) => Box::new(items.iter()),
            Value::Mapping(mapping) => Box::new(mapping.entries().iter().map(|entry| &entry.value)),
        };
        for (at, child) in children.enumerate() {
            self.way.push(at);
            self.node(child, file);
            self.way.pop();
        }
    }
}
