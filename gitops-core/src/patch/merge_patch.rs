//! JSON merge patch (RFC 7386).

use super::Recorder;
use crate::yaml::{Node, Value};

/// Merges `patch` into `target` by RFC 7386: maps merge, null deletes, everything else replaces.
pub fn merge_patch(target: &mut Node, patch: &Node, mut recorder: Option<&mut Recorder<'_>>) {
    merge(target, patch, &mut recorder);
}

fn merge(target: &mut Node, patch: &Node, recorder: &mut Option<&mut Recorder<'_>>) {
    if !patch.is_mapping() {
        *target = adopted(patch, Some(target), recorder);
        return;
    }
    if !target.is_mapping() {
        let empty = Node { value: Value::Mapping(std::sync::Arc::default()), origin: patch.origin };
        *target = adopted(&empty, Some(target), recorder);
    }
    for entry in patch.entries() {
        let key = entry.key.text();
        if entry.value.is_null() {
            target.remove(key);
        } else if let Some(own) = target.get_mut(key) {
            merge(own, &entry.value, recorder);
        } else {
            let mut own = adopted(&Node::null().with_origin(entry.value.origin), None, recorder);
            merge(&mut own, &entry.value, recorder);
            target.set(entry.key.shared_text(), own);
        }
    }
}

fn adopted(patch: &Node, previous: Option<&Node>, recorder: &mut Option<&mut Recorder<'_>>) -> Node {
    let mut node = patch.clone();
    if let Some(recorder) = recorder.as_deref_mut() {
        recorder.adopt(&mut node, previous.map(|node| node.origin));
    }
    node
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;

    fn any_value() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![Just(Json::Null), any::<i8>().prop_map(Json::from)];
        leaf.prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
                proptest::collection::btree_map("[a-c]", inner, 0..3)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_result_is_that_of_the_standard(target in any_value(), patch in any_value()) {
            let mut expected = target.clone();
            json_patch::merge(&mut expected, &patch);
            let mut node = Node::from_json(&target);
            merge_patch(&mut node, &Node::from_json(&patch), None);
            prop_assert_eq!(node.to_json().unwrap(), expected);
        }
    }
}
