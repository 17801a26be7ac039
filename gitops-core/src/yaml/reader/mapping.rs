//! What becomes of equal keys.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::yaml::node::{Entry, Mapping};
use crate::yaml::resolve::Dialect;

/// The mapping of `entries`. A resource keeps equal keys (they are an error on output); in the JSON dialect the
/// last one wins.
pub(crate) fn finish_mapping(mut entries: Vec<Entry>, dialect: Dialect) -> Mapping {
    if dialect == Dialect::Json {
        keep_last(&mut entries);
    }
    entries.into_iter().collect()
}

/// Keeps of entries with equal keys the last.
pub(crate) fn keep_last(entries: &mut Vec<Entry>) {
    if entries.len() <= SMALL && !has_equal_keys(entries) {
        return;
    }
    let mut last: BTreeMap<SmolStr, usize> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        last.insert(entry.key.shared_text(), at);
    }
    if last.len() < entries.len() {
        let mut at = 0;
        entries.retain(|entry| {
            at += 1;
            last.get(entry.key.text()) == Some(&(at - 1))
        });
    }
}

/// Up to this many entries are compared pair by pair.
const SMALL: usize = 16;

fn has_equal_keys(entries: &[Entry]) -> bool {
    let mut rest = entries;
    while let [first, after @ ..] = rest {
        if after.iter().any(|entry| entry.key.text() == first.key.text()) {
            return true;
        }
        rest = after;
    }
    false
}
