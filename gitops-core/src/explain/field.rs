//! From a path as people write it to the fields of an object: those that are there, and those that were taken away.

use super::items::Items;
use super::steps::Steps;
use super::{Field, Subject};
use crate::diagnostic::closest;
use crate::kind::{Schema, Schemas};
use crate::object::{FieldPath, ObjectKey, Step, is_called};
use crate::provenance::{NodeOrigin, Removal};
use crate::yaml::{Node, Value};

/// The most fields that are explained at once.
pub const MOST_FIELDS: usize = 100_000;

/// Why there is no explanation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// The path leads nowhere.
    #[error(transparent)]
    Unknown(#[from] UnknownField),
    /// There are more fields at and below the path than [`MOST_FIELDS`].
    #[error("{0} has more than {MOST_FIELDS} fields there")]
    TooMany(String),
}

impl ExplainError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown(unknown) => unknown.hint(),
            Self::TooMany(_) => Some("name a field with fewer fields below it".to_owned()),
        }
    }
}

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
pub(super) fn explain(
    subject: &Subject<'_>,
    path: &FieldPath,
    steps: &Steps<'_>,
) -> Result<Vec<Field>, ExplainError> {
    let schemas = Schemas::built_in();
    let paths = Paths::of(subject, &schemas);
    let mut fields = match paths.walk(path.steps()) {
        Ok(found) => there(&paths, &found, steps),
        Err(lost) => match removed(subject, path, steps) {
            Some(fields) => fields,
            None => return Err(unknown(&paths, path, &lost).into()),
        },
    };
    if fields.len() > MOST_FIELDS {
        return Err(ExplainError::TooMany(subject.key.to_string()));
    }
    fields.shrink_to_fit();
    Ok(fields)
}

/// The fields at and below a node that is there, and those that were taken away there.
fn there<'a>(paths: &Paths<'_, 'a>, found: &Found<'a>, steps: &Steps<'_>) -> Vec<Field> {
    let subject = paths.subject;
    let mut fields = vec![];
    let place = paths.of_way(&found.way);
    paths.leaves(found, &mut |leaf, path| {
        let origin = NodeOrigin { origin: leaf.origin, file: subject.file };
        // One more than the bound tells that there are too many.
        if fields.len() <= MOST_FIELDS {
            let steps = steps.of(origin);
            fields.push(Field { path: path.to_vec().into(), node: leaf.clone(), is_there: true, steps });
        }
    });
    let is_gone =
        |removal: &&Removal| place.is_prefix_of(&removal.path) && paths.walk(removal.path.steps()).is_err();
    fields.extend(subject.removals.iter().filter(is_gone).map(|removal| Field {
        path: removal.path.clone(),
        node: removal.node.clone(),
        is_there: false,
        steps: steps.of_removed(subject, &removal.node, removal),
    }));
    fields
}

/// The fields at and below `path` that were taken away last.
fn removed(subject: &Subject<'_>, path: &FieldPath, steps: &Steps<'_>) -> Option<Vec<Field>> {
    let schemas = Schemas::built_in();
    subject.removals.iter().rev().find_map(|removal| {
        let rest = below(path.steps(), removal)?;
        let key = ObjectKey::default();
        let taken = Subject { root: &removal.node, key: &key, ..*subject };
        let paths = Paths::of(&taken, &schemas);
        let found = paths.walk(rest).ok()?;
        let mut fields = vec![];
        paths.leaves(&found, &mut |leaf, tail| {
            if fields.len() <= MOST_FIELDS {
                let path: Vec<Step> = removal.path.steps().iter().chain(tail).cloned().collect();
                fields.push(Field {
                    path: path.into(),
                    node: leaf.clone(),
                    is_there: false,
                    steps: steps.of_removed(subject, leaf, removal),
                });
            }
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

fn nth(node: &Node, at: usize) -> Option<&Node> {
    match &node.value {
        Value::Scalar(_) => None,
        Value::Sequence(items) => items.get(at),
        Value::Mapping(mapping) => mapping.entries().get(at).map(|entry| &entry.value),
    }
}

/// From positions to paths and back, in one object.
pub(super) struct Paths<'s, 'a> {
    subject: &'s Subject<'a>,
    schema: Option<Schema<'s>>,
    items: Items<'a>,
}

impl<'s, 'a> Paths<'s, 'a> {
    pub(super) fn of(subject: &'s Subject<'a>, schemas: &'s Schemas) -> Self {
        let api_version = subject.root.str_at(&["apiVersion"]).unwrap_or_default();
        let schema = schemas.of_kind(api_version, &subject.key.kind);
        Self { subject, schema, items: Items::default() }
    }

    /// Follows `steps`. Keys with dots in them need no quotes where nothing else is meant: `annotations.a.b/c`.
    fn walk(&self, steps: &[Step]) -> Result<Found<'a>, Lost<'a>> {
        let mut found = Found { node: self.subject.root, way: vec![] };
        let mut rest = steps;
        while let Some((step, after)) = rest.split_first() {
            let child =
                self.position(found.node, step).map(|at| (at, after)).or_else(|| dotted(found.node, rest));
            let Some((at, after)) = child else { return Err(Lost { at: found, step: step.clone() }) };
            let Some(node) = nth(found.node, at) else { return Err(Lost { at: found, step: step.clone() }) };
            found.node = node;
            found.way.push(at);
            rest = after;
        }
        Ok(found)
    }

    fn position(&self, node: &'a Node, step: &Step) -> Option<usize> {
        match (&node.value, step) {
            (Value::Mapping(mapping), Step::Key(key)) => mapping.position(key),
            (Value::Sequence(items), Step::Key(key)) => key.parse().ok().filter(|at| *at < items.len()),
            (Value::Sequence(items), Step::Index(at)) => (*at < items.len()).then_some(*at),
            (Value::Sequence(items), Step::Item(name)) => self.items.position(items, name),
            (Value::Scalar(_) | Value::Mapping(_), _) => None,
        }
    }

    /// The path of the node to which the positions `way` lead. Items of lists have the names by which they merge, or
    /// their `name` where that tells them apart; others have their position.
    pub(super) fn of_way(&self, way: &[usize]) -> FieldPath {
        self.descend(way).steps.into()
    }

    fn descend(&self, way: &[usize]) -> Walker<'_, 's, 'a> {
        let mut walker = Walker { paths: self, node: self.subject.root, schema: self.schema, steps: vec![] };
        for at in way {
            let Some(next) = walker.step(*at) else { break };
            (walker.node, walker.schema) = next;
        }
        walker
    }

    /// Calls `visit` on each scalar and each empty collection at and below what was found.
    fn leaves(&self, found: &Found<'a>, visit: &mut dyn FnMut(&'a Node, &[Step])) {
        self.descend(&found.way).leaves(visit);
    }
}

/// A node, and the way to it.
struct Walker<'p, 's, 'a> {
    paths: &'p Paths<'s, 'a>,
    node: &'a Node,
    schema: Option<Schema<'s>>,
    steps: Vec<Step>,
}

impl<'s, 'a> Walker<'_, 's, 'a> {
    /// Adds the step to the child at `at`, and returns the child and its schema.
    fn step(&mut self, at: usize) -> Option<(&'a Node, Option<Schema<'s>>)> {
        let child = nth(self.node, at)?;
        let schema = match &self.node.value {
            Value::Mapping(mapping) => {
                let entry = mapping.entries().get(at)?;
                self.steps.push(Step::Key(entry.key.shared_text()));
                self.schema.and_then(|schema| schema.field(entry.key.text()))
            }
            Value::Sequence(items) => {
                let merging = self.schema.filter(|schema| schema.merges());
                let keys = merging.map(Schema::merge_keys).unwrap_or_default();
                let keys = if keys.is_empty() { vec!["name"] } else { keys };
                self.steps.push(self.paths.items.name(items, at, &keys).unwrap_or(Step::Index(at)));
                self.schema.and_then(Schema::items)
            }
            Value::Scalar(_) => return None,
        };
        Some((child, schema))
    }

    fn leaves(&mut self, visit: &mut dyn FnMut(&'a Node, &[Step])) {
        let (node, schema) = (self.node, self.schema);
        let count = match &node.value {
            Value::Scalar(_) => 0,
            Value::Sequence(items) => items.len(),
            Value::Mapping(mapping) => mapping.entries().len(),
        };
        if count == 0 {
            visit(node, &self.steps);
        }
        for at in 0..count {
            if let Some(child) = self.step(at) {
                (self.node, self.schema) = child;
                self.leaves(visit);
                (self.node, self.schema) = (node, schema);
                self.steps.pop();
            }
        }
    }
}

fn unknown(paths: &Paths<'_, '_>, path: &FieldPath, lost: &Lost<'_>) -> UnknownField {
    let keys = || lost.at.node.entries().iter().map(|entry| entry.key.text());
    let missing = FieldPath::from(vec![lost.step.clone()]).to_string();
    let parent = paths.of_way(&lost.at.way).to_string();
    UnknownField {
        object: paths.subject.key.to_string(),
        path: path.to_string(),
        similar: closest(&missing, keys()).map(str::to_owned),
        parent: if parent.is_empty() { "it".to_owned() } else { format!("`{parent}`") },
        missing,
    }
}
