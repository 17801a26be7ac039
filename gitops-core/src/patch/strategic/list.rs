//! Lists that merge item by item: pairing by keys or by value, in the order that kyaml gives.
//!
//! Follows kyaml to the letter where that surprises: an item without its only key drops the items before it,
//! and of two keys (`containerPort` and `protocol`) a missing one is filled in from an item that agrees in the
//! other.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::directive::{is_blank, text_of};
use super::{Merged, Merger, Sources};
use crate::kind::{Schema, Schemas};
use crate::object::Step;
use crate::patch::PatchError;
use crate::yaml::{Node, Value};

/// The most items of a list that merges: the merge looks at each of them for each of them.
const MOST_ITEMS: usize = 4_000;

/// The values of the merge keys of one item; empty text where an item lacks a key.
type Values = Vec<SmolStr>;

/// An item on which the keys of its list cannot be looked up.
struct Unsuitable;

/// Where the items of the patch stand.
#[derive(Clone, Copy)]
enum PatchItems<'p> {
    /// In the patch.
    Apart(&'p [Node]),
    /// In the list itself, which came from the patch.
    Same,
}

impl<'a> Merger<'a, '_, '_> {
    /// Merges a list of the object with the list of the patch, if there is one.
    pub(super) fn pair_items(
        &mut self,
        target: Node,
        patch: Option<&Node>,
        schema: Schema<'a>,
    ) -> Result<Node, PatchError> {
        self.pair(target, PatchItems::Apart(patch.map_or(&[], Node::items)), schema)
    }

    /// Merges a list of the patch that now stands in the object with itself.
    pub(super) fn pair_inserted(&mut self, node: Node, schema: Schema<'a>) -> Result<Node, PatchError> {
        self.pair(node, PatchItems::Same, schema)
    }

    fn pair(
        &mut self,
        mut target: Node,
        patch: PatchItems<'_>,
        schema: Schema<'a>,
    ) -> Result<Node, PatchError> {
        let keys = schema.merge_keys();
        let origin = target.origin;
        let Some(items) = target.items_mut() else { return Ok(target) };
        let mut own = std::mem::take(items);
        let wanted = wanted_values(&keys, patch, &own);
        if wanted.len().max(own.len()) > MOST_ITEMS {
            return Err(PatchError::TooManyItems { field: self.field(), most: MOST_ITEMS, origin });
        }
        // A list of scalars is keyed by the scalar itself, which kyaml calls the key "".
        let keys = if keys.is_empty() { vec![""] } else { keys };
        let fail = |Unsuitable, field: String| PatchError::ListItem {
            field,
            by: if keys == [""] { "value".to_owned() } else { keys.join(" and ") },
            origin,
        };
        let mut placed = vec![];
        let mut last_keys = vec![];
        for values in &wanted {
            let (keys, values) = keys_in_use(&wanted, values, &keys);
            let merged = self.merge_item(&mut own, patch, (&keys, &values), schema)?;
            let outcome = match merged {
                Some(node) => set_item(&mut placed, Some(node), &keys, &values),
                None => set_item(&mut own, None, &keys, &values),
            };
            outcome.map_err(|error| fail(error, self.field()))?;
            last_keys = keys;
        }
        if wanted.is_empty() {
            placed = own;
        } else {
            append_items(&mut placed, own, &last_keys).map_err(|error| fail(error, self.field()))?;
        }
        // Items that share their values may have doubled.
        if placed.len() > MOST_ITEMS && !wanted.is_empty() {
            return Err(PatchError::TooManyItems { field: self.field(), most: MOST_ITEMS, origin });
        }
        target.value = Value::Sequence(placed.into());
        Ok(target)
    }

    /// Merges the items that have these values; `None` where nothing is left. What becomes of an item of the
    /// object is also written back to `own`.
    fn merge_item(
        &mut self,
        own: &mut [Node],
        patch: PatchItems<'_>,
        (keys, values): (&[&str], &[SmolStr]),
        schema: Schema<'a>,
    ) -> Result<Option<Node>, PatchError> {
        let (used, filled) = keys_in_use(std::slice::from_ref(&values.to_vec()), values, keys);
        let at = find_item(own, &used, &filled);
        let target = at.and_then(|at| own.get(at)).cloned();
        let sources = match (target, patch) {
            (Some(target), PatchItems::Same) => Sources::Inserted(target),
            (None, PatchItems::Same) => Sources::Neither,
            (target, PatchItems::Apart(items)) => {
                match (target, find_item(items, &used, &filled).and_then(|at| items.get(at))) {
                    (Some(target), Some(patch)) => Sources::Both(target, patch),
                    (Some(target), None) => Sources::Target(target),
                    (None, Some(patch)) => Sources::Patch(patch),
                    (None, None) => Sources::Neither,
                }
            }
        };
        self.path.push(item_step(&used, &filled));
        let merged = self.walk(sources, schema.items())?;
        self.path.pop();
        let (mut node, is_own) = match merged {
            Merged::Gone => return Ok(None),
            Merged::Target(node) => (node, true),
            Merged::Patch(node) => (node, false),
        };
        if is_blank(&node) {
            return Ok(None);
        }
        for (key, value) in keys.iter().zip(values) {
            if !key.is_empty() && !value.is_empty() && node.is_mapping() && node.get(key).is_none() {
                let mut written = Node::string(value.clone()).with_origin(node.origin);
                if let Some(recorder) = self.recorder.as_deref_mut() {
                    written.origin = recorder.stamp(node.origin, None);
                }
                node.set(*key, written);
            }
        }
        if is_own && let Some(place) = at.and_then(|at| own.get_mut(at)) {
            *place = node.clone();
        }
        Ok(Some(node))
    }
}

/// The item with these values, as a step of a path.
fn item_step(keys: &[&str], values: &[SmolStr]) -> Step {
    if keys.first().is_none_or(|key| key.is_empty()) {
        return Step::Item(values.join(",").into());
    }
    let pairs: Vec<String> = keys.iter().zip(values).map(|(key, value)| format!("{key}={value}")).collect();
    Step::Item(pairs.join(",").into())
}

/// The values for which the merged list has items: the patch's in their order, then the object's others.
fn wanted_values(keys: &[&str], patch: PatchItems<'_>, own: &[Node]) -> Vec<Values> {
    let patch = match patch {
        PatchItems::Apart(items) => items,
        PatchItems::Same => own,
    };
    let mut wanted: Vec<Values> = vec![];
    let mut known = BTreeSet::new();
    for item in patch.iter().chain(own) {
        let values: Values = match keys {
            [] => vec![text_of(item)],
            keys => keys.iter().map(|key| key_value(item, key)).collect(),
        };
        if known.insert(values.clone()) {
            wanted.push(values);
        }
    }
    if keys.len() > 1 {
        fill_in(&mut wanted);
    }
    wanted
}

/// The value of one merge key; empty where it is missing, null or no scalar.
fn key_value(item: &Node, key: &str) -> SmolStr {
    item.get(key).filter(|value| !value.is_null()).map_or_else(SmolStr::default, text_of)
}

/// Makes values equal that agree in one key and differ in the others only by being empty.
fn fill_in(wanted: &mut [Values]) {
    for first in 0..wanted.len() {
        let Some(one) = wanted.get(first).cloned() else { return };
        for second in 0..wanted.len() {
            let joined = wanted.get(second).and_then(|other| join(&one, other));
            for at in [first, second] {
                if let (Some(values), Some(joined)) = (wanted.get_mut(at), &joined) {
                    values.clone_from(joined);
                }
            }
        }
    }
}

fn join(one: &[SmolStr], other: &[SmolStr]) -> Option<Values> {
    let agree = one.iter().zip(other).any(|(a, b)| a == b);
    let fits = one.iter().zip(other).all(|(a, b)| a == b || a.is_empty() || b.is_empty());
    (agree && fits).then(|| {
        one.iter().zip(other).map(|(a, b)| if a.is_empty() { b.clone() } else { a.clone() }).collect()
    })
}

/// The keys for which any of `all` has a value, with those of `values`; everything where no key has one.
fn keys_in_use<'k>(all: &[Values], values: &[SmolStr], keys: &[&'k str]) -> (Vec<&'k str>, Values) {
    let used = |at: usize| all.iter().any(|values| values.get(at).is_some_and(|value| !value.is_empty()));
    let at: Vec<usize> = (0..keys.len()).filter(|at| used(*at)).collect();
    if at.is_empty() {
        return (keys.to_vec(), values.to_vec());
    }
    (
        at.iter().filter_map(|at| keys.get(*at)).copied().collect(),
        at.iter().filter_map(|at| values.get(*at)).cloned().collect(),
    )
}

/// The first item that has all these values.
fn find_item(items: &[Node], keys: &[&str], values: &[SmolStr]) -> Option<usize> {
    if keys.first().is_none_or(|key| key.is_empty()) {
        let value = values.first()?;
        return items.iter().position(|item| text_of(item) == *value);
    }
    items.iter().position(|item| {
        keys.iter()
            .zip(values)
            .all(|(key, value)| item.get(key).is_some_and(|field| text_of(field) == *value))
    })
}

/// Puts `item` in the place of every item with these values, or at the end; `None` takes them out. Blank items
/// go in any case.
fn set_item(
    items: &mut Vec<Node>,
    item: Option<Node>,
    keys: &[&str],
    values: &[SmolStr],
) -> Result<(), Unsuitable> {
    let by_map =
        keys.first().is_some_and(|key| !key.is_empty()) && values.first().is_some_and(|v| !v.is_empty());
    let mut found = false;
    let mut kept = Vec::with_capacity(items.len() + 1);
    for own in items.drain(..) {
        if is_blank(&own) {
            continue;
        }
        if !own.is_mapping() && by_map {
            kept.push(own);
        } else if has_values(&own, keys, values)? {
            found = true;
            kept.extend(item.clone());
        } else if !values.is_empty() {
            kept.push(own);
        }
    }
    *items = kept;
    if let Some(item) = item
        && !found
        && !item.is_null()
    {
        items.push(item);
    }
    Ok(())
}

/// Whether an item has the values. A key past the last value counts as the key before it did, and an empty
/// value stands for any.
fn has_values(item: &Node, keys: &[&str], values: &[SmolStr]) -> Result<bool, Unsuitable> {
    let mut matches = false;
    for (at, key) in keys.iter().enumerate() {
        if let Some(value) = values.get(at) {
            matches = match (&item.value, key.is_empty()) {
                (Value::Scalar(scalar), true) => scalar.text() == value,
                (Value::Mapping(_), false) => {
                    item.get(key).is_some_and(|field| value.is_empty() || text_of(field) == *value)
                }
                (Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_), _) => return Err(Unsuitable),
            };
        }
        if !matches {
            return Ok(false);
        }
    }
    Ok(matches)
}

/// Adds the items of the object to those already placed, each in the place of its namesake.
fn append_items(placed: &mut Vec<Node>, own: Vec<Node>, keys: &[&str]) -> Result<(), Unsuitable> {
    for item in own {
        if keys.first().is_none_or(|key| key.is_empty()) {
            let value = text_of(&item);
            set_item(placed, Some(item), &[""], &[value])?;
            continue;
        }
        let mut values = vec![];
        for key in keys {
            if !item.is_mapping() && !item.is_null() {
                return Err(Unsuitable);
            }
            match item.get(key) {
                Some(value) => values.push(text_of(value)),
                None => placed.push(item.clone()),
            }
        }
        if keys.len() > 1 {
            set_item(placed, None, keys, &values)?;
        }
        set_item(placed, Some(item), keys, &values)?;
    }
    Ok(())
}

/// Whether a merge with nothing leaves this node of the object as it is, which is nearly always so.
pub(super) fn is_settled(node: &Node, schema: Option<Schema<'_>>, schemas: &Schemas) -> bool {
    match &node.value {
        Value::Scalar(scalar) => !scalar.is_blank(),
        Value::Mapping(_) => {
            let text = |key| node.get(key).and_then(Node::text);
            let schema = schema.or_else(|| schemas.of_kind(text("apiVersion")?, text("kind")?));
            node.entries().iter().all(|entry| {
                let field = schema.and_then(|schema| schema.field(entry.key.text()));
                is_settled(&entry.value, field, schemas)
            })
        }
        Value::Sequence(items) => match schema.filter(|schema| schema.merges()) {
            None => true,
            Some(schema) => {
                has_distinct_values(items, &schema.merge_keys())
                    && items.iter().all(|item| is_settled(item, schema.items(), schemas))
            }
        },
    }
}

/// Whether every item has all keys, and no two items share their values.
fn has_distinct_values(items: &[Node], keys: &[&str]) -> bool {
    let values_of = |item: &Node| -> Option<Values> {
        let values: Values = match keys {
            [] => vec![item.text()?.into()],
            keys => keys.iter().map(|key| key_value(item, key)).collect(),
        };
        values.iter().all(|value| !value.is_empty()).then_some(values)
    };
    let mut seen = BTreeSet::new();
    items.iter().all(|item| !item.is_null() && values_of(item).is_some_and(|values| seen.insert(values)))
}
