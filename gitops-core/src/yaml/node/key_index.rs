//! Where each key of a large mapping stands, so that a mapping of a hundred thousand keys is not searched from
//! its start each time.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use smol_str::SmolStr;

use super::Entry;
use crate::yaml::scalar::Scalar;

/// Up to this many entries a search is faster than a map.
const SMALL: usize = 48;

/// The first position of each key, made on the first lookup in a large mapping.
#[derive(Debug, Default)]
pub(super) struct KeyIndex(OnceLock<BTreeMap<SmolStr, usize>>);

impl Clone for KeyIndex {
    /// A copy starts without an index: most copies are made in order to be changed.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl KeyIndex {
    /// The first position of `key` in `entries`, which are the ones that this is the index of.
    pub(super) fn position(&self, entries: &[Entry], key: &str) -> Option<usize> {
        if entries.len() <= SMALL {
            return entries.iter().position(|entry| entry.key.text() == key);
        }
        let positions = self.0.get_or_init(|| {
            entries.iter().enumerate().rev().map(|(at, entry)| (entry.key.shared_text(), at)).collect()
        });
        positions.get(key).copied()
    }

    /// Notes that `key` was put at the end, position `at`.
    pub(super) fn push(&mut self, key: &Scalar, at: usize) {
        if let Some(positions) = self.0.get_mut() {
            positions.entry(key.shared_text()).or_insert(at);
        }
    }

    /// Notes that `key` at position `at` of `length` entries goes away.
    pub(super) fn remove(&mut self, key: &str, at: usize, length: usize) {
        let Some(positions) = self.0.get_mut() else { return };
        if positions.len() < length {
            // Some key is there twice: the next one of it moves up.
            self.0 = OnceLock::new();
            return;
        }
        positions.remove(key);
        for position in positions.values_mut().filter(|position| **position > at) {
            *position -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::yaml::{Mapping, Node};

    #[test]
    fn a_large_mapping_answers_as_a_small_one() {
        let mut mapping = Mapping::default();
        for number in 0..200 {
            mapping.set(format!("key{number}"), Node::integer(number));
            assert!(mapping.set("key0", Node::integer(-1)).is_some() || number == 0);
        }
        assert_eq!(mapping.len(), 200);
        assert_eq!(mapping.position("key150"), Some(150));
        assert_eq!(mapping.remove("key100").and_then(|node| node.as_i64()), Some(100));
        assert_eq!(mapping.position("key150"), Some(149));
        assert_eq!(mapping.position("key100"), None);
        mapping.entries_mut().reverse();
        assert_eq!(mapping.position("key199"), Some(0));
        let twice = mapping.entries()[150].clone();
        mapping.entries_mut().insert(3, twice.clone());
        assert_eq!(mapping.position(twice.key.text()), Some(3));
        mapping.remove(twice.key.text());
        assert_eq!(mapping.position(twice.key.text()), Some(150));
        mapping.push(twice.clone());
        assert_eq!(mapping.position(twice.key.text()), Some(150));
        assert_eq!(mapping.len(), 200);
    }

    #[test]
    fn a_hundred_thousand_keys_are_no_burden() {
        let mut mapping = Mapping::default();
        for number in 0..100_000 {
            mapping.set(format!("key{number}"), Node::null());
        }
        let mut pushed = Mapping::default();
        for entry in mapping.entries() {
            assert_eq!(pushed.position(entry.key.text()), None);
            pushed.push(entry.clone());
        }
        pushed.push(mapping.entries()[70].clone());
        assert_eq!(pushed.position("key70"), Some(70));
        let other = mapping.clone();
        assert!((0..100_000).all(|number| other.get(&format!("key{number}")).is_some()));
        mapping.entries_mut().reverse();
        assert!(mapping == other);
    }
}
