//! Who owns which field of a live object: `metadata.managedFields`.

use smol_str::SmolStr;

use super::field_set::FieldSet;
use crate::object::{FieldPath, Step};
use crate::time::Timestamp;
use crate::yaml::Node;

/// One entry of `metadata.managedFields`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// The name under which it writes.
    pub manager: SmolStr,
    /// `Apply` or `Update`.
    pub operation: SmolStr,
    /// The version in which the fields are told.
    pub api_version: SmolStr,
    /// `status`, `scale` or the like; empty for the object itself.
    pub subresource: SmolStr,
    /// When its fields last changed.
    pub time: Option<Timestamp>,
    /// What it owns.
    pub fields: FieldSet,
}

impl Owner {
    /// Whether this is what a manager applied to the object itself.
    pub fn is_apply_of(&self, manager: &str) -> bool {
        self.manager == manager && self.operation == "Apply" && self.subresource.is_empty()
    }
}

/// The owners that a live object tells of, in its order.
pub fn owners(live: &Node) -> Vec<Owner> {
    let entries = live.at(&["metadata", "managedFields"]).map(Node::items).unwrap_or_default();
    let owner = |entry: &Node| {
        let text = |name: &str| SmolStr::from(entry.get(name).and_then(Node::text).unwrap_or_default());
        Owner {
            manager: text("manager"),
            operation: text("operation"),
            api_version: text("apiVersion"),
            subresource: text("subresource"),
            time: text("time").parse().ok(),
            fields: entry.get("fieldsV1").map(FieldSet::from_fields_v1).unwrap_or_default(),
        }
    };
    entries.iter().map(owner).collect()
}

/// Those of `owners` who own a field, the last writer first.
///
/// A field inside of a value that is owned as a whole belongs to who owns the value.
pub fn owners_of<'o>(owners: &'o [Owner], path: &FieldPath) -> Vec<&'o Owner> {
    let mut found: Vec<&Owner> = owners.iter().filter(|owner| owns(&owner.fields, path.steps())).collect();
    found.sort_by_key(|owner| std::cmp::Reverse(owner.time));
    found
}

fn owns(set: &FieldSet, path: &[Step]) -> bool {
    let Some((step, rest)) = path.split_first() else { return !set.is_empty() };
    if set.is_leaf() {
        return set.is_member();
    }
    let child = match step {
        Step::Key(key) => set.child(&format!("f:{key}")),
        Step::Index(_) => None,
        Step::Item(item) => set.children().find(|(element, _)| names(element, item)).map(|(_, child)| child),
    };
    child.is_some_and(|child| owns(child, rest))
}

/// Whether an element of a set leads to the item of this name: `name=web`, or a value alone.
fn names(element: &str, item: &str) -> bool {
    if let Some(value) = element.strip_prefix("v:") {
        return value.trim_matches('"') == item;
    }
    let pairs = element
        .strip_prefix("k:")
        .and_then(|json| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(json).ok());
    pairs.is_some_and(|pairs| {
        item.split(',').all(|pair| {
            pair.split_once('=').is_some_and(|(name, value)| {
                let known = pairs.get(name).map(serde_json::Value::to_string);
                known.is_some_and(|known| known.trim_matches('"') == value)
            })
        })
    })
}
