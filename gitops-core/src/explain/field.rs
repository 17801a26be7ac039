//! From a path as people write it to the fields of an object: those that are there, and those that were taken away.

use super::{Field, Subject};
use crate::diagnostic::closest;
use crate::kind::{Schema, Schemas};
use crate::object::{FieldPath, ObjectKey, Step, is_called};
use crate::provenance::Removal;
use crate::yaml::{Node, Value};

/// A path that leads to no field, now or before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{object} has no field `{path}`: there is no `{missing}` in {parent}")]
pub struct UnknownField {
    /// The object.
    pub object: String,
    /// The path.
    pub path: String,
    /// The last part of the path that is there.
    parent: String,
    /// The step behind it, which leads nowhere.
    missing: String,
    /// A key that stands there and reads much like it.
    similar: Option<String>,
}

impl UnknownField {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        self.similar.as_ref().map(|similar| format!("did you mean `{similar}`?"))
    }
}

/// A node, and the way to it as positions.
struct Found<'a> {
    node: &'a Node,
    way: Vec<usize>,
}

/// Why a walk ended before its path did.
struct Lost<'a> {
    /// The last node on the way.
    at: Found<'a>,
    /// The step that leads nowhere.
    step: Step,
}

/// The fields of `subject` at and below `path`.
pub(super) fn explain(subject: &Subject<'_>, path: &FieldPath) -> Result<Vec<Field>, UnknownField> {
    match walk(subject.root, path.steps()) {
        Ok(Found { node, mut way }) => {
            let mut fields = vec![];
            leaves(node, &mut way, &mut |leaf, way| {
                let path = named(subject.root, subject.key, way);
                fields.push(Field { path, node: leaf.clone(), is_there: true, steps: subject.steps(leaf) });
            });
            let place = named(subject.root, subject.key, &way);
            let is_gone = |removal: &&Removal| {
                place.is_prefix_of(&removal.path) && walk(subject.root, removal.path.steps()).is_err()
            };
            fields.extend(subject.removals.iter().filter(is_gone).map(|removal| Field {
                path: removal.path.clone(),
                node: removal.node.clone(),
                is_there: false,
                steps: subject.steps_of_removed(&removal.node, removal),
            }));
            Ok(fields)
        }
        Err(lost) => removed(subject, path).ok_or_else(|| unknown(subject, path, &lost)),
    }
}

/// The fields at and below `path` that were taken away last.
fn removed(subject: &Subject<'_>, path: &FieldPath) -> Option<Vec<Field>> {
    subject.removals.iter().rev().find_map(|removal| {
        let rest = below(path.steps(), removal)?;
        let found = walk(&removal.node, rest).ok()?;
        let mut fields = vec![];
        let mut way = found.way.clone();
        leaves(found.node, &mut way, &mut |leaf, way| {
            let tail = named(&removal.node, &ObjectKey::default(), way);
            let steps = removal.path.steps().iter().chain(tail.steps()).cloned().collect::<Vec<_>>();
            fields.push(Field {
                path: steps.into(),
                node: leaf.clone(),
                is_there: false,
                steps: subject.steps_of_removed(leaf, removal),
            });
        });
        Some(fields)
    })
}

/// The steps behind those that lead to what was removed; `None` where the path leads elsewhere.
fn below<'s>(path: &'s [Step], removal: &Removal) -> Option<&'s [Step]> {
    let own = removal.path.steps();
    let (head, rest) = path.split_at_checked(own.len())?;
    let last = own.len().checked_sub(1)?;
    let same = |(at, (asked, own)): (usize, (&Step, &Step))| match (asked, own) {
        (Step::Item(name), Step::Index(_) | Step::Item(_)) if at == last => is_called(&removal.node, name),
        (Step::Item(name), Step::Item(pairs)) => {
            name == pairs || pairs.split(',').any(|pair| pair.split_once('=').is_some_and(|(_, v)| v == name))
        }
        (Step::Key(key), Step::Index(index)) => key.parse() == Ok(*index),
        (asked, own) => asked == own,
    };
    head.iter().zip(own).enumerate().all(same).then_some(rest)
}

/// Follows `steps`. Keys with dots in them need no quotes where nothing else is meant: `annotations.a.b/c`.
fn walk<'a>(root: &'a Node, steps: &[Step]) -> Result<Found<'a>, Lost<'a>> {
    let mut found = Found { node: root, way: vec![] };
    let mut rest = steps;
    while let Some((step, after)) = rest.split_first() {
        let child = position(found.node, step).map(|at| (at, after)).or_else(|| dotted(found.node, rest));
        let Some((at, after)) = child else { return Err(Lost { at: found, step: step.clone() }) };
        let Some(node) = nth(found.node, at) else { return Err(Lost { at: found, step: step.clone() }) };
        found.node = node;
        found.way.push(at);
        rest = after;
    }
    Ok(found)
}

/// The key that several steps make together, and the steps behind them.
fn dotted<'s>(node: &Node, steps: &'s [Step]) -> Option<(usize, &'s [Step])> {
    let mut joined = String::new();
    for (at, step) in steps.iter().enumerate() {
        let Step::Key(key) = step else { return None };
        if at > 0 {
            joined.push('.');
        }
        joined.push_str(key);
        if at > 0
            && let Some(position) = node.as_mapping().and_then(|mapping| mapping.position(&joined))
        {
            return steps.get(at + 1..).map(|after| (position, after));
        }
    }
    None
}

fn position(node: &Node, step: &Step) -> Option<usize> {
    match (&node.value, step) {
        (Value::Mapping(mapping), Step::Key(key)) => mapping.position(key),
        (Value::Sequence(items), Step::Key(key)) => key.parse().ok().filter(|at| *at < items.len()),
        (Value::Sequence(items), Step::Index(at)) => (*at < items.len()).then_some(*at),
        (Value::Sequence(items), Step::Item(name)) => items.iter().position(|item| is_called(item, name)),
        (Value::Scalar(_) | Value::Mapping(_), _) => None,
    }
}

fn nth(node: &Node, at: usize) -> Option<&Node> {
    match &node.value {
        Value::Scalar(_) => None,
        Value::Sequence(items) => items.get(at),
        Value::Mapping(mapping) => mapping.entries().get(at).map(|entry| &entry.value),
    }
}

/// Calls `visit` on each scalar and each empty collection at and below `node`, to which `way` leads.
pub(super) fn leaves<'a>(node: &'a Node, way: &mut Vec<usize>, visit: &mut dyn FnMut(&'a Node, &[usize])) {
    let children: Vec<&Node> = match &node.value {
        Value::Scalar(_) => vec![],
        Value::Sequence(items) => items.iter().collect(),
        Value::Mapping(mapping) => mapping.entries().iter().map(|entry| &entry.value).collect(),
    };
    if children.is_empty() {
        visit(node, way);
    }
    for (at, child) in children.into_iter().enumerate() {
        way.push(at);
        leaves(child, way, visit);
        way.pop();
    }
}

/// The path of the node to which the positions `way` lead from `root`. Items of lists have the names by which they
/// merge, or their `name` where that tells them apart; others have their position.
pub(super) fn named(root: &Node, key: &ObjectKey, way: &[usize]) -> FieldPath {
    let schemas = Schemas::built_in();
    let api_version = root.str_at(&["apiVersion"]).unwrap_or_default();
    let mut schema = schemas.of_kind(api_version, &key.kind);
    let mut node = root;
    let mut steps = vec![];
    for at in way {
        let Some(child) = nth(node, *at) else { break };
        schema = match &node.value {
            Value::Mapping(mapping) => {
                let Some(entry) = mapping.entries().get(*at) else { break };
                steps.push(Step::Key(entry.key.shared_text()));
                schema.and_then(|schema| schema.field(entry.key.text()))
            }
            Value::Sequence(items) => {
                let keys =
                    schema.filter(|schema| schema.merges()).map(Schema::merge_keys).unwrap_or_default();
                let keys = if keys.is_empty() { vec!["name"] } else { keys };
                steps.push(item_name(items, *at, &keys).unwrap_or(Step::Index(*at)));
                schema.and_then(Schema::items)
            }
            Value::Scalar(_) => break,
        };
        node = child;
    }
    steps.into()
}

/// The item at `at` by the values of `keys`, where no item before it has the same.
fn item_name(items: &[Node], at: usize, keys: &[&str]) -> Option<Step> {
    let pairs = |item: &Node| -> Option<String> {
        let text = |key: &&str| item.get(key).and_then(Node::text).map(|value| format!("{key}={value}"));
        let pairs: Vec<String> = keys.iter().filter_map(text).collect();
        (!pairs.is_empty()).then(|| pairs.join(","))
    };
    let own = pairs(items.get(at)?)?;
    let is_plain = !own.contains([']', '[', '"']);
    let step = Step::Item(own.into());
    (is_plain
        && step.of(&Node::sequence(items.iter().cloned())).is_some_and(|found| Some(found) == items.get(at)))
    .then_some(step)
}

fn unknown(subject: &Subject<'_>, path: &FieldPath, lost: &Lost<'_>) -> UnknownField {
    let keys = || lost.at.node.entries().iter().map(|entry| entry.key.text());
    let missing = FieldPath::from(vec![lost.step.clone()]).to_string();
    let parent = named(subject.root, subject.key, &lost.at.way).to_string();
    UnknownField {
        object: subject.key.to_string(),
        path: path.to_string(),
        similar: closest(&missing, keys()).map(str::to_owned),
        parent: if parent.is_empty() { "it".to_owned() } else { format!("`{parent}`") },
        missing,
    }
}
