//! The fields in which two values differ.

use smol_str::SmolStr;

use crate::object::{FieldPath, Step};
use crate::yaml::{Node, Origin, Value};

/// One field that a sync would change.
#[derive(Clone, Debug)]
pub struct FieldChange {
    /// Which field.
    pub path: FieldPath,
    /// What is live; `None` where the sync adds the field.
    pub live: Option<Node>,
    /// What the sync would make it; `None` where the sync removes the field.
    pub desired: Option<Node>,
    /// Where the desired value comes from.
    pub origin: Origin,
}

/// Two changes are equal when they change the same field from and to the same data.
impl PartialEq for FieldChange {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.live == other.live && self.desired == other.desired
    }
}

/// How items of the list at a path are paired; `None` where they are paired by position.
pub(super) type ItemName<'a> = &'a dyn Fn(&FieldPath, &Node) -> Option<SmolStr>;

/// The fields in which `desired` differs from `live`, in the order of `desired`.
pub(super) fn changes(live: &Node, desired: &Node, item_name: ItemName<'_>) -> Vec<FieldChange> {
    let mut found = vec![];
    walk(&FieldPath::default(), live, desired, item_name, &mut found);
    found
}

fn walk(path: &FieldPath, live: &Node, desired: &Node, name: ItemName<'_>, found: &mut Vec<FieldChange>) {
    if live == desired {
        return;
    }
    match (&live.value, &desired.value) {
        (Value::Mapping(from), Value::Mapping(to)) => {
            for entry in to.entries() {
                let path = path.then(Step::Key(entry.key.shared_text()));
                match from.get(entry.key.text()) {
                    Some(live) => walk(&path, live, &entry.value, name, found),
                    None => found.push(change(path, None, Some(&entry.value))),
                }
            }
            for entry in from.entries().iter().filter(|entry| to.get(entry.key.text()).is_none()) {
                let path = path.then(Step::Key(entry.key.shared_text()));
                found.push(change(path, Some(&entry.value), None));
            }
        }
        (Value::Sequence(from), Value::Sequence(to)) => walk_list(path, from, to, name, found),
        (Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_), _) => {
            found.push(change(path.clone(), Some(live), Some(desired)));
        }
    }
}

fn walk_list(path: &FieldPath, from: &[Node], to: &[Node], name: ItemName<'_>, found: &mut Vec<FieldChange>) {
    let names = |items: &[Node]| items.iter().map(|item| name(path, item)).collect::<Option<Vec<_>>>();
    let (Some(from_names), Some(to_names)) = (names(from), names(to)) else {
        return walk_positions(path, from, to, name, found);
    };
    let before = found.len();
    for (item, item_name) in to.iter().zip(&to_names) {
        let path = path.then(Step::Item(item_name.clone()));
        match from_names.iter().position(|other| other == item_name).and_then(|at| from.get(at)) {
            Some(live) => walk(&path, live, item, name, found),
            None => found.push(change(path, None, Some(item))),
        }
    }
    for (item, item_name) in from.iter().zip(&from_names).filter(|(_, other)| !to_names.contains(other)) {
        found.push(change(path.then(Step::Item(item_name.clone())), Some(item), None));
    }
    if found.len() == before {
        // The same items in another order, or an item twice: only the list as a whole tells.
        let whole = |items: &[Node]| Node::sequence(items.iter().cloned());
        found.push(change(path.clone(), Some(&whole(from)), Some(&whole(to))));
    }
}

fn walk_positions(
    path: &FieldPath,
    from: &[Node],
    to: &[Node],
    name: ItemName<'_>,
    found: &mut Vec<FieldChange>,
) {
    for (index, item) in to.iter().enumerate() {
        let path = path.then(Step::Index(index));
        match from.get(index) {
            Some(live) => walk(&path, live, item, name, found),
            None => found.push(change(path, None, Some(item))),
        }
    }
    for (index, item) in from.iter().enumerate().skip(to.len()) {
        found.push(change(path.then(Step::Index(index)), Some(item), None));
    }
}

fn change(path: FieldPath, live: Option<&Node>, desired: Option<&Node>) -> FieldChange {
    FieldChange {
        path,
        live: live.cloned(),
        desired: desired.cloned(),
        origin: desired.map_or(Origin::UNKNOWN, |node| node.origin),
    }
}
