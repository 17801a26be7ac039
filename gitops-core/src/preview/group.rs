//! Which changes are the same.

use std::collections::BTreeMap;

use super::{Effect, ObjectChange};
use crate::diff::ContentHash;
use crate::yaml::Node;

/// The indexes of those among `all` whose changes are the same, in the order of the first of each group.
///
/// Two are the same when they do the same to the same objects. Objects are the same when they have one kind and one
/// name, or had one before prefixes, suffixes and hashes; their namespaces do not count.
pub fn group<T: AsRef<[ObjectChange]>>(all: &[T]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = vec![];
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (at, changes) in all.iter().enumerate() {
        let next = groups.len();
        let group = *known.entry(signature(changes.as_ref())).or_insert(next);
        match groups.get_mut(group) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

/// What the changes do, without what tells one overlay from another.
fn signature(changes: &[ObjectChange]) -> String {
    let mut parts: Vec<String> = changes.iter().map(signature_of).collect();
    parts.sort();
    let mut hash = ContentHash::new();
    for part in parts {
        hash.text(&part);
    }
    hash.finish()
}

fn signature_of(object: &ObjectChange) -> String {
    let mut hash = ContentHash::new();
    for part in [&object.key.group, &object.key.kind, &object.first_name] {
        hash.text(part);
    }
    match &object.effect {
        Effect::Create => {
            hash.text("create");
            hash.optional(object.after.as_ref().map(nameless).as_ref());
        }
        Effect::Update(fields) => {
            hash.text("update");
            for field in fields {
                hash.change(&field.change);
            }
        }
        Effect::Remove(outcome) => {
            hash.text(outcome.as_str());
            hash.optional(object.before.as_ref().map(nameless).as_ref());
        }
    }
    hash.finish()
}

/// The manifest without its name and its namespace.
fn nameless(root: &Node) -> Node {
    let mut root = root.clone();
    if let Some(metadata) = root.get_mut("metadata") {
        metadata.remove("name");
        metadata.remove("namespace");
    }
    root
}
