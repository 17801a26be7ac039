//! What an apply would make of a live object: the three-way merge of last-applied, desired and live.
//!
//! Matches `kubectl apply` on the client: live-only fields stay, what was applied before and is no longer
//! desired goes, and lists merge by the keys of their schema (without a schema they are replaced).

use smol_str::SmolStr;

use crate::kind::Schema;
use crate::yaml::{Mapping, Node, Value};

/// The live object after `desired` is applied. `last` is what was applied before, as far as it is known.
pub(super) fn merge(last: Option<&Node>, desired: &Node, live: &Node, schema: Option<Schema<'_>>) -> Node {
    match (&desired.value, &live.value) {
        (Value::Mapping(to), Value::Mapping(from)) => {
            let mut merged = live.clone();
            merged.origin = desired.origin;
            if let Some(result) = merged.as_mapping_mut() {
                merge_mapping(last, to, from, schema, result);
            }
            merged
        }
        (Value::Sequence(to), Value::Sequence(from)) => match schema.filter(|schema| schema.merges()) {
            Some(schema) => merge_list(last.map_or(&[][..], Node::items), to, from, schema)
                .unwrap_or_else(|| desired.clone()),
            None => desired.clone(),
        },
        (Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_), _) => desired.clone(),
    }
}

fn merge_mapping(
    last: Option<&Node>,
    to: &Mapping,
    from: &Mapping,
    schema: Option<Schema<'_>>,
    result: &mut Mapping,
) {
    for entry in last.map_or(&[][..], Node::entries) {
        if to.get(entry.key.text()).is_none() {
            result.remove(entry.key.text());
        }
    }
    for entry in to.entries() {
        let key = entry.key.text();
        let value = match from.get(key) {
            None => entry.value.clone(),
            Some(live) => {
                let field = schema.and_then(|schema| schema.field(key));
                let merged = merge(last.and_then(|last| last.get(key)), &entry.value, live, field);
                retain_keys(key, &entry.value, live, merged)
            }
        };
        result.set(entry.key.shared_text(), value);
    }
}

/// Unions of which one member is set: when the desired one differs, the live one's fields go.
const UNIONS: &[&str] = &["strategy"];

/// Kubernetes' `retainKeys`: a change of a union drops the live-only keys.
fn retain_keys(key: &str, desired: &Node, live: &Node, mut merged: Node) -> Node {
    let is_union = UNIONS.contains(&key) && desired.get("type").is_some();
    if is_union
        && merged != *live
        && let Some(mapping) = merged.as_mapping_mut()
    {
        mapping.entries_mut().retain(|entry| desired.get(entry.key.text()).is_some());
    }
    merged
}

/// Merges a list by its keys; `None` where an item has none of them, so that it cannot be paired.
fn merge_list(last: &[Node], to: &[Node], from: &[Node], schema: Schema<'_>) -> Option<Node> {
    let keys = schema.merge_keys();
    let name = |item: &Node| item_name(item, &keys);
    let names = |items: &[Node]| items.iter().map(name).collect::<Option<Vec<_>>>();
    let (last_names, to_names, from_names) = (names(last)?, names(to)?, names(from)?);
    let find = |names: &[SmolStr], items: &[Node], name: &SmolStr| {
        names.iter().position(|other| other == name).and_then(|at| items.get(at).cloned())
    };
    let merged = to.iter().zip(&to_names).map(|(item, name)| match find(&from_names, from, name) {
        Some(live) => merge(find(&last_names, last, name).as_ref(), item, &live, schema.items()),
        None => item.clone(),
    });
    let kept = from
        .iter()
        .zip(&from_names)
        .filter(|(_, name)| !to_names.contains(name) && !last_names.contains(name))
        .map(|(item, name)| (item.clone(), name.clone()));
    let right: Vec<_> = merged.zip(to_names.iter().cloned()).collect();
    Some(Node::sequence(interleave(kept.collect(), right, &from_names)))
}

/// Puts live-only items (`left`) between desired ones (`right`) where they stood in the live list: a live-only
/// item comes first only if its live position is before that of the desired item.
pub(super) fn interleave(
    left: Vec<(Node, SmolStr)>,
    right: Vec<(Node, SmolStr)>,
    live: &[SmolStr],
) -> Vec<Node> {
    let position = |name: &SmolStr| live.iter().position(|other| other == name);
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    let mut items = vec![];
    loop {
        let take_left = match (left.peek(), right.peek()) {
            (None, None) => return items,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some((_, a)), Some((_, b))) => {
                position(a).zip(position(b)).is_some_and(|(left, right)| left < right)
            }
        };
        let next = if take_left { left.next() } else { right.next() };
        items.extend(next.map(|(item, _)| item));
    }
}

/// The name by which an item is paired: its merge keys, or the item itself in a list of scalars.
pub(super) fn item_name(item: &Node, keys: &[&str]) -> Option<SmolStr> {
    if keys.is_empty() {
        return item.text().map(SmolStr::from);
    }
    let pairs: Vec<String> = keys
        .iter()
        .filter_map(|key| item.get(key).and_then(Node::text).map(|value| format!("{key}={value}")))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join(",").into())
}
