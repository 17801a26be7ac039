//! The liberties are pinned by kustomize v5.8.1; what is standard is compared with the `json-patch` crate.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::yaml;

fn patched(target: &str, patch: &str) -> Result<Value, PatchError> {
    let mut node = yaml::read_one("target.yaml", target).unwrap();
    let patch = parse(&yaml::read_one("patch.yaml", patch).unwrap())?;
    apply(&mut node, &patch, None)?;
    Ok(node.to_json().unwrap())
}

#[track_caller]
fn check(target: &str, patch: &str, expected: &Value) {
    assert_eq!(patched(target, patch).unwrap(), *expected);
}

#[track_caller]
fn check_refused(target: &str, patch: &str, expected: &str) {
    assert_eq!(patched(target, patch).unwrap_err().to_string(), expected);
}

#[test]
fn a_negative_index_counts_from_the_end() {
    check("{a: [1, 2]}", "[{op: add, path: /a/-1, value: 3}]", &json!({"a": [1, 2, 3]}));
    check("{a: [1, 2]}", "[{op: replace, path: /a/-1, value: 3}]", &json!({"a": [1, 3]}));
    check("{a: [1, 2]}", "[{op: remove, path: /a/-2}]", &json!({"a": [2]}));
}

#[test]
fn replace_of_a_missing_key_adds_it() {
    check("{a: 1}", "[{op: replace, path: /b, value: 3}]", &json!({"a": 1, "b": 3}));
}

#[test]
fn test_of_a_missing_key_against_null_passes() {
    check("{a: 1}", "[{op: test, path: /b, value: null}, {op: remove, path: /a}]", &json!({}));
}

#[test]
fn what_does_not_fit_is_refused() {
    check_refused(
        "{a: 1}",
        "[{op: add, path: /b/c, value: 3}]",
        "operation 1 of the JSON patch, `add /b/c`: there is no `b`",
    );
    check_refused(
        "{a: [1]}",
        "[{op: test, path: /a/0, value: 1}, {op: add, path: /a/2, value: 3}]",
        "operation 2 of the JSON patch, `add /a/2`: the list has 1 items, `2` is outside of it",
    );
    check_refused("{}", "{op: add}", "a JSON patch must be a list of operations");
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![any::<i8>().prop_map(Value::from), "[a-b]{0,1}".prop_map(Value::from)];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-c~/]", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_path() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof!["[a-c]", "[0-2]", Just("-".to_owned()), Just("~1".to_owned())],
        1..4,
    )
    .prop_map(|parts| format!("/{}", parts.join("/")))
}

fn any_operation() -> impl Strategy<Value = Value> {
    (prop_oneof!["add", "remove", "replace", "move", "copy", "test"], any_path(), any_path(), any_value())
        .prop_map(|(op, path, from, value)| json!({"op": op, "path": path, "from": from, "value": value}))
}

proptest! {
    /// Where the standard accepts a patch, the result is the same; what it refuses may be one of the liberties.
    #[test]
    fn the_standard_is_a_subset(target in any_value(), patch in proptest::collection::vec(any_operation(), 1..4)) {
        let mut expected = target.clone();
        let patch = Value::from(patch);
        let standard: json_patch::Patch = serde_json::from_value(patch.clone()).unwrap();
        // Not `patch`: the library panics where it cannot undo the beginning of a patch that it refuses.
        if json_patch::patch_unsafe(&mut expected, &standard).is_ok() {
            let mut node = Node::from_json(&target);
            apply(&mut node, &parse(&Node::from_json(&patch)).unwrap(), None).unwrap();
            prop_assert_eq!(node.to_json().unwrap(), expected);
        }
    }
}
