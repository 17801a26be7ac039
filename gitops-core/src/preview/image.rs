//! Images that are exchanged.

use std::collections::BTreeSet;

use super::{Effect, ObjectChange};
use crate::object::Step;
use crate::yaml::Node;

/// An image in place of another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageChange {
    /// The reference before.
    pub before: String,
    /// The reference after.
    pub after: String,
}

/// The images that the fields `image` exchange, each pair once, in order. Those of objects that come and go are none.
pub fn image_changes(changes: &[ObjectChange]) -> Vec<ImageChange> {
    let fields = changes.iter().flat_map(|object| match &object.effect {
        Effect::Update(fields) => fields.as_slice(),
        Effect::Create | Effect::Remove(_) => &[],
    });
    let pair = |before: Option<&Node>, after: Option<&Node>| {
        let text = |node: Option<&Node>| node.and_then(Node::as_str).map(str::to_owned);
        Some(ImageChange { before: text(before)?, after: text(after)? })
    };
    let found: BTreeSet<ImageChange> = fields
        .filter(|field| matches!(field.change.path.steps().last(), Some(Step::Key(key)) if key == "image"))
        .filter_map(|field| pair(field.change.live.as_ref(), field.change.desired.as_ref()))
        .collect();
    found.into_iter().collect()
}
