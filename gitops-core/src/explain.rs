//! Why a rendered object is as it is: who set each field, who changed it after, and who took one away.
//!
//! Answers from the provenance of a render alone. Never shows a value of a Secret: masking is the caller's, who
//! knows from [`Explanation::key`] what it is.

mod field;
mod select;

use smol_str::SmolStr;

use crate::diagnostic::Location;
use crate::kustomize::Rendered;
use crate::object::{FieldPath, ObjectKey};
use crate::provenance::{DroppedObject, NodeOrigin, Record, Removal};
use crate::yaml::{Node, Value};

pub use field::UnknownField;
pub use select::{ObjectName, SelectError};

/// An object of a render, or one that was dropped on the way.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    rendered: &'a Rendered,
    /// Which object it is, by its last name.
    pub key: &'a ObjectKey,
    /// The manifest; of a dropped object as it was then.
    pub root: &'a Node,
    file: u32,
    former_names: &'a [SmolStr],
    removals: &'a [Removal],
    dropped: Option<&'a DroppedObject>,
}

/// Why an object, or a part of one, is as it is.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Which object.
    pub key: ObjectKey,
    /// Who dropped the whole object, if it was dropped.
    pub dropped: Option<Step>,
    /// The fields that have no fields below them, in the order of the object; then those that were taken away.
    pub fields: Vec<Field>,
}

/// Why one field is as it is.
#[derive(Clone, Debug)]
pub struct Field {
    /// Which field.
    pub path: FieldPath,
    /// What stands there, or stood there for a field that was taken away.
    pub node: Node,
    /// Whether it is in the output.
    pub is_there: bool,
    /// Who set and changed it, oldest first. Never empty.
    pub steps: Vec<Step>,
}

/// One thing that happened to a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happened.
    pub action: Action,
    /// The field of the kustomization that did it: `patches`, `images`; none for what was read with the object.
    pub transformer: Option<&'static str>,
    /// Where the value, or what took it away, was written; `None` where it was computed.
    pub at: Option<Location>,
    /// The entry of the kustomization that did it.
    pub entry: Option<Location>,
    /// The field of which the value is a copy, or from which it was made.
    pub source: Option<SourceField>,
}

/// What happened to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was read with its object.
    Read,
    /// It was set or changed.
    Set,
    /// It was taken away.
    Removed,
}

/// A field of which another one is a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceField {
    /// The object, by its last name; `None` where the field is no more.
    pub object: Option<ObjectKey>,
    /// Which field of it.
    pub path: FieldPath,
    /// Where its value was written, where that is known.
    pub at: Option<Location>,
}

impl<'a> Subject<'a> {
    /// The objects of a render in their order, then those that were dropped.
    pub fn all(rendered: &'a Rendered) -> impl Iterator<Item = Self> {
        let kept = rendered.objects.iter().zip(&rendered.histories).map(move |(object, history)| Self {
            rendered,
            key: &object.key,
            root: &object.root,
            file: history.file,
            former_names: &history.former_names,
            removals: &history.removals,
            dropped: None,
        });
        let dropped = rendered.provenance.dropped().iter().map(move |dropped| Self {
            rendered,
            key: &dropped.key,
            root: &dropped.removal.node,
            file: dropped.file,
            former_names: &dropped.former_names,
            removals: &dropped.removals,
            dropped: Some(dropped),
        });
        kept.chain(dropped)
    }

    /// The one object that `name` means: by what it is called at the end, else by what it was called before.
    pub fn find(rendered: &'a Rendered, name: &ObjectName) -> Result<Self, SelectError> {
        select::find(rendered, name)
    }

    /// Why the field at `path`, and each field below it, is as it is.
    pub fn explain(&self, path: &FieldPath) -> Result<Explanation, UnknownField> {
        let fields = field::explain(self, path)?;
        let dropped = self.dropped.map(|dropped| step(self.rendered, &dropped.removal.by, Action::Removed));
        Ok(Explanation { key: self.key.clone(), dropped, fields })
    }

    /// What happened to a node of this object, oldest first.
    pub fn steps(&self, node: &Node) -> Vec<Step> {
        self.steps_of(NodeOrigin { origin: node.origin, file: self.file })
    }

    fn steps_of(&self, node: NodeOrigin) -> Vec<Step> {
        let provenance = &self.rendered.provenance;
        let mut steps: Vec<Step> =
            provenance.changes(node).map(|record| step(self.rendered, record, Action::Set)).collect();
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

    /// What happened to a field that was taken away.
    fn steps_of_removed(&self, node: &Node, removal: &Removal) -> Vec<Step> {
        let file = removal.by.previous.map_or(self.file, |previous| previous.file);
        let mut steps = self.steps_of(NodeOrigin { origin: node.origin, file });
        steps.push(step(self.rendered, &removal.by, Action::Removed));
        steps
    }
}

fn step(rendered: &Rendered, record: &Record, action: Action) -> Step {
    let provenance = &rendered.provenance;
    Step {
        action,
        transformer: Some(record.transformer),
        at: record.place.map(|place| provenance.location(place)),
        entry: record.cause.map(|place| provenance.location(place)),
        source: record.source.map(|node| source(rendered, node)),
    }
}

/// The field that holds, or held, the node with this origin.
fn source(rendered: &Rendered, node: NodeOrigin) -> SourceField {
    let provenance = &rendered.provenance;
    let at = provenance.place(node).map(|place| provenance.location(place));
    for subject in Subject::all(rendered) {
        let mut steps = vec![];
        let mut holds = |at: &Node| {
            let own = NodeOrigin { origin: at.origin, file: subject.file };
            own == node || provenance.changes(own).any(|record| record.previous == Some(node))
        };
        if find_node(subject.root, &mut steps, &mut holds) {
            let path = field::named(subject.root, subject.key, &steps);
            return SourceField { object: Some(subject.key.clone()), path, at };
        }
    }
    SourceField { object: None, path: FieldPath::default(), at }
}

/// Looks for the first node that is `wanted`, and leaves the positions on the way to it in `way`.
fn find_node(node: &Node, way: &mut Vec<usize>, wanted: &mut dyn FnMut(&Node) -> bool) -> bool {
    if wanted(node) {
        return true;
    }
    let mut below = |at: usize, child: &Node, way: &mut Vec<usize>| {
        way.push(at);
        let found = find_node(child, way, wanted);
        if !found {
            way.pop();
        }
        found
    };
    match &node.value {
        Value::Scalar(_) => false,
        Value::Sequence(items) => items.iter().enumerate().any(|(at, item)| below(at, item, way)),
        Value::Mapping(mapping) => {
            mapping.entries().iter().enumerate().any(|(at, entry)| below(at, &entry.value, way))
        }
    }
}

#[cfg(test)]
mod tests;
