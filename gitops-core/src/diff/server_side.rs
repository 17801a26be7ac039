//! Comparing with the answer of a server-side dry run, without what admission webhooks would change.
//!
//! Matches Argo CD's server-side diff: of the predicted object only what the manager owns counts, everything else is
//! taken from the live object, and what the prediction no longer has goes.

use super::DiffError;
use super::field_set::{FieldSet, Kind, Shape};
use super::owner::{Owner, owners};
use super::structured::union;
use crate::yaml::{Node, Value};

/// The predicted object with the fields that `manager` does not own as they are live.
///
/// # Errors
/// The prediction does not tell what the manager owns.
pub(super) fn without_mutations(
    predicted: &Node,
    live: &Node,
    manager: &str,
    shape: Shape<'_>,
) -> Result<Node, DiffError> {
    let all = owners(predicted);
    let own: Vec<&Owner> = all.iter().filter(|owner| owner.manager == manager).collect();
    let owned = union(&own);
    if owned.is_empty() {
        return Err(DiffError::NotOwned { manager: manager.into() });
    }
    let mut recorded = union(&all.iter().collect::<Vec<_>>());
    recorded.extend(&union(&owners(live).iter().collect::<Vec<_>>()));
    let shape = Shape { recorded: Some(&recorded), ..shape };
    Ok(combine(Some(live), predicted, Some(&owned), shape).unwrap_or_else(|| live.clone()))
}

/// What stands at a place of the result; `None` where nothing does.
fn combine(
    live: Option<&Node>,
    predicted: &Node,
    owned: Option<&FieldSet>,
    shape: Shape<'_>,
) -> Option<Node> {
    let owns_all = owned.is_some_and(|owned| owned.is_member() && owned.is_leaf());
    let kind = shape.kind(predicted);
    match (&predicted.value, &kind) {
        (Value::Mapping(to), Kind::Granular) if !owns_all || !to.is_empty() => {
            let mut result = Node::mapping::<&str>([]);
            for entry in to.entries() {
                let key = entry.key.text();
                let owned = owned.and_then(|owned| owned.child(&format!("f:{key}")));
                let live = live.and_then(|live| live.get(key));
                if let Some(value) = combine(live, &entry.value, owned, shape.field(key)) {
                    result.set(entry.key.shared_text(), value);
                }
            }
            let is_there = live.is_some() || owned.is_some_and(|owned| !owned.is_empty());
            is_there.then_some(result)
        }
        (Value::Sequence(to), Kind::Set | Kind::Keyed(_)) if !to.is_empty() => {
            combine_list(live, to, owned, &kind, shape)
        }
        (_, _) if owned.is_some_and(FieldSet::is_member) => Some(predicted.clone()),
        (_, _) => live.cloned(),
    }
}

fn combine_list(
    live: Option<&Node>,
    to: &[Node],
    owned: Option<&FieldSet>,
    kind: &Kind,
    shape: Shape<'_>,
) -> Option<Node> {
    let mut items = vec![];
    for item in to {
        let Some(element) = kind.element(item) else {
            return live.cloned();
        };
        let owned = owned.and_then(|owned| owned.child(&element));
        let from = live.map(Node::items).unwrap_or_default();
        let from = from.iter().find(|other| kind.element(other).as_ref() == Some(&element));
        let Some(mut combined) = combine(from, item, owned, shape.item(&element)) else { continue };
        if let Kind::Keyed(keys) = kind {
            // An item without its keys would be another item.
            for key in keys {
                if let (None, Some(value)) = (combined.get(key), item.get(key)) {
                    combined.set(key.as_str(), value.clone());
                }
            }
        }
        items.push(combined);
    }
    (live.is_some() || !items.is_empty()).then(|| Node::sequence(items))
}
