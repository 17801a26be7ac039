//! What a change of a repository would do to what is deployed from it: the renders of two revisions compared, with no
//! cluster.
//!
//! Defaults, drift and whatever a cluster holds do not count: that is the part of [`crate::diff`] with a live object.
//! Never shows the value of a Secret.

mod deployed;
mod group;
mod image;
mod removal;
mod verdict;

pub use deployed::{Deployed, Part};
pub use group::group;
pub use image::{ImageChange, image_changes};
pub use removal::{RemovalOutcome, RemovalPolicy};
pub use verdict::{Judged, Projects, Subject, Verdict, initial_default_project, judge};

use smol_str::SmolStr;

use crate::diagnostic::Location;
use crate::diff::{self, FieldChange};
use crate::kind::Schemas;
use crate::object::{Object, ObjectKey};
use crate::yaml::Node;

/// What the change does to one object.
#[derive(Clone, Debug)]
pub struct ObjectChange {
    /// Which object.
    pub key: ObjectKey,
    /// Its name before any prefix, suffix or hash: the same for an object that several overlays take from one base.
    pub first_name: SmolStr,
    /// The manifest before, masked where it is a Secret; `None` where there was none.
    pub before: Option<Node>,
    /// The manifest after, masked where it is a Secret; `None` where there is none.
    pub after: Option<Node>,
    /// What happens.
    pub effect: Effect,
}

/// What happens to an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// It is new.
    Create,
    /// These fields change.
    Update(Vec<PlacedChange>),
    /// It left the source.
    Remove(RemovalOutcome),
}

/// A change of a field, with its places.
#[derive(Clone, Debug)]
pub struct PlacedChange {
    /// The change: `live` is the value before.
    pub change: FieldChange,
    /// What set the value after; the object where that is not known; `None` where the field is taken away.
    pub at: Option<Location>,
    /// What set the value before; `None` where the field is new.
    pub was_at: Option<Location>,
}

/// Two changes are equal when they change the same field in the same way, wherever that was written.
impl PartialEq for PlacedChange {
    fn eq(&self, other: &Self) -> bool {
        self.change == other.change
    }
}

/// What becomes of each object: those that are new or change in the order of the render, then those that leave.
pub fn compare(
    before: &Deployed<'_>,
    after: &Deployed<'_>,
    removal: &RemovalPolicy<'_>,
    schemas: &Schemas,
) -> Vec<ObjectChange> {
    let wanted = after.parts().filter_map(|part| wanted(before.get(&part.object.key), part, schemas));
    let left = before.parts().filter(|part| after.get(&part.object.key).is_none());
    let left = left.map(|part| {
        let shown = diff::compare_manifests(Some(&part.object), None, schemas);
        ObjectChange {
            key: part.object.key.clone(),
            first_name: part.first_name(),
            before: shown.before,
            after: None,
            effect: Effect::Remove(removal.outcome(&part.object)),
        }
    });
    wanted.chain(left).collect()
}

/// What becomes of an object that is wanted; nothing where it stays as it is.
fn wanted(before: Option<&Part<'_>>, after: &Part<'_>, schemas: &Schemas) -> Option<ObjectChange> {
    let old: Option<&Object> = before.map(|part| &part.object);
    if old.is_some_and(|old| old.root == after.object.root) {
        return None;
    }
    let shown = diff::compare_manifests(old, Some(&after.object), schemas);
    let effect = match before {
        None => Effect::Create,
        // What is written in another way and means the same, as the `stringData` of a Secret.
        Some(_) if shown.changes.is_empty() => return None,
        Some(before) => {
            Effect::Update(shown.changes.into_iter().map(|one| placed(one, before, after)).collect())
        }
    };
    Some(ObjectChange {
        key: after.object.key.clone(),
        first_name: after.first_name(),
        before: shown.before,
        after: shown.after,
        effect,
    })
}

fn placed(change: FieldChange, before: &Part<'_>, after: &Part<'_>) -> PlacedChange {
    let at = change.desired.as_ref().map(|node| after.location(node.origin));
    let was_at = change.live.as_ref().map(|node| before.location(node.origin));
    PlacedChange { change, at, was_at }
}

#[cfg(test)]
mod tests;
