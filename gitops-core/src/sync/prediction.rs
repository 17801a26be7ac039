//! What the API server said that an apply would make of an object.
//!
//! Admission may change what is applied: a field that a webhook sets anew at every write differs from what is wanted
//! for ever, and no sync can mend that. Once what is wanted was applied, an object that still differs is compared with
//! the answer of a dry run instead.

use std::collections::BTreeMap;

use crate::diff::ContentHash;
use crate::object::{Object, ObjectKey};
use crate::yaml::Node;

/// How many answers are kept.
const MOST_KEPT: usize = 10_000;

/// The answers of dry runs, by object.
#[derive(Clone, Debug, Default)]
pub struct Predictions(BTreeMap<ObjectKey, (String, Node)>);

impl Predictions {
    /// Notes what an apply of `desired` over `live` would make.
    pub fn insert(&mut self, desired: &Object, live: &Object, answer: Node) {
        if self.0.len() >= MOST_KEPT {
            self.0.clear();
        }
        self.0.insert(desired.key.clone(), (fingerprint(desired, live), answer));
    }

    /// What an apply of `desired` over `live` would make, where that was asked of just these two.
    pub fn get(&self, desired: &Object, live: &Object) -> Option<&Node> {
        let (of, answer) = self.0.get(&desired.key)?;
        (*of == fingerprint(desired, live)).then_some(answer)
    }
}

/// What an answer was for: what controllers report, and what changes with every write, left aside.
fn fingerprint(desired: &Object, live: &Object) -> String {
    let mut hash = ContentHash::new();
    hash.node(&desired.root);
    let mut live = live.root.clone();
    live.remove("status");
    if let Some(metadata) = live.get_mut("metadata") {
        for field in ["resourceVersion", "managedFields", "generation"] {
            metadata.remove(field);
        }
    }
    hash.node(&live);
    hash.finish()
}
