//! What a server-side apply would make of a live object, computed from who owns which of its fields.
//!
//! Matches Kubernetes' structured merge, which Argo CD runs for its comparison: what the manager applied before and
//! applies no longer goes, unless somebody else owns it too; what it applies is set; all else stays.

use smol_str::SmolStr;

use super::field_set::{FieldSet, Kind, Shape, remove_at, value_at, value_at_mut};
use super::merge::interleave;
use super::owner::{Owner, owners};
use crate::yaml::{Node, Value};

/// The live object as an apply of `desired` by `manager` would leave it, before the API server's defaults.
pub(super) fn apply(desired: &Node, live: &Node, manager: &str, shape: Shape<'_>) -> Node {
    let owners = owners(live);
    let (own, others): (Vec<&Owner>, Vec<&Owner>) =
        owners.iter().partition(|owner| owner.is_apply_of(manager));
    let recorded = union(&owners.iter().collect::<Vec<_>>());
    let shape = Shape { recorded: Some(&recorded), ..shape };
    let mut merged = merge(live, desired, shape);
    let mut owned = FieldSet::of(desired, shape);
    owned.extend(&union(&others));
    prune(&mut merged, &union(&own), Some(&owned));
    merged
}

/// Every field that one of the owners owns.
pub(super) fn union(owners: &[&Owner]) -> FieldSet {
    let mut all = FieldSet::default();
    for owner in owners {
        all.extend(&owner.fields);
    }
    all
}

fn merge(live: &Node, desired: &Node, shape: Shape<'_>) -> Node {
    match (&live.value, &desired.value, shape.kind(desired)) {
        (Value::Mapping(_), Value::Mapping(wanted), Kind::Granular) => {
            let mut merged = live.clone();
            merged.origin = desired.origin;
            for entry in wanted.entries() {
                let key = entry.key.text();
                let value = match live.get(key) {
                    Some(live) => merge(live, &entry.value, shape.field(key)),
                    None => entry.value.clone(),
                };
                merged.set(entry.key.shared_text(), value);
            }
            merged
        }
        (Value::Sequence(from), Value::Sequence(to), kind @ (Kind::Set | Kind::Keyed(_))) => {
            merge_list(from, to, &kind, shape).unwrap_or_else(|| desired.clone())
        }
        (_, _, _) => desired.clone(),
    }
}

/// `None` where an item cannot be told apart.
fn merge_list(from: &[Node], to: &[Node], kind: &Kind, shape: Shape<'_>) -> Option<Node> {
    let elements =
        |items: &[Node]| items.iter().map(|item| kind.element(item)).collect::<Option<Vec<SmolStr>>>();
    let (from_elements, to_elements) = (elements(from)?, elements(to)?);
    let merged = to.iter().zip(&to_elements).map(|(item, element)| {
        let at = from_elements.iter().position(|other| other == element);
        let item = match at.and_then(|at| from.get(at)) {
            Some(live) => merge(live, item, shape.item(element)),
            None => item.clone(),
        };
        (item, element.clone())
    });
    let kept = from.iter().zip(&from_elements).filter(|(_, element)| !to_elements.contains(element));
    let kept = kept.map(|(item, element)| (item.clone(), element.clone()));
    Some(Node::sequence(interleave(kept.collect(), merged.collect(), &from_elements)))
}

/// Removes what was applied before and nobody owns any longer.
fn prune(node: &mut Node, before: &FieldSet, owned: Option<&FieldSet>) {
    for (element, applied) in before.children() {
        let owned = owned.and_then(|owned| owned.child(element)).filter(|owned| !owned.is_empty());
        match owned {
            None => remove_at(node, element),
            Some(owned) if value_at(node, element).is_some() => {
                if let Some(child) = value_at_mut(node, element) {
                    prune(child, applied, Some(owned));
                }
            }
            Some(_) => {}
        }
    }
}
