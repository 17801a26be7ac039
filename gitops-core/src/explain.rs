//! Why a rendered object is as it is: who set each field, who changed it after, and who took one away.
//!
//! Answers from the provenance of a render alone. Never shows a value of a Secret: masking is the caller's, who
//! knows from [`Explanation::key`] what it is.

mod field;
mod items;
mod select;
mod steps;

use smol_str::SmolStr;

use crate::diagnostic::Location;
use crate::kustomize::Rendered;
use crate::object::{FieldPath, ObjectKey};
use crate::provenance::{DroppedObject, Removal};
use crate::yaml::Node;

use steps::Steps;

pub use field::{ExplainError, MOST_FIELDS, UnknownField};
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
    pub fn explain(&self, path: &FieldPath) -> Result<Explanation, ExplainError> {
        let steps = Steps::new(self.rendered);
        let fields = field::explain(self, path, &steps)?;
        let dropped = self.dropped.map(|dropped| steps.step(&dropped.removal.by, Action::Removed));
        Ok(Explanation { key: self.key.clone(), dropped, fields })
    }
}

#[cfg(test)]
mod tests;
