//! JSON patch against the library `json-patch`: where the standard accepts a patch, the result is the same.
#![no_main]

use gitops_core::patch::json6902::{apply, parse};
use gitops_core::patch::merge_patch;
use gitops_core::yaml::{Dialect, Node, read_one, read_one_with};
use gitops_fuzz::two_texts;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((target, patch)) = two_texts(input) else { return };
    let (Ok(target), Ok(patch)) = (read_one("a.yaml", target), read_one_with("p.yaml", patch, Dialect::Json))
    else {
        return;
    };
    against_ourselves(&target, &patch);
    if let (Ok(target), Ok(patch)) = (target.to_json(), patch.to_json()) {
        against_the_standard(&target, patch);
    }
});

/// A patch that fails leaves the object as it was.
fn against_ourselves(target: &Node, patch: &Node) {
    let Ok(operations) = parse(patch) else { return };
    let mut node = target.clone();
    if apply(&mut node, &operations, None).is_err() {
        assert_eq!(node, *target, "changed in spite of the error");
    }
}

fn against_the_standard(target: &Value, patch: Value) {
    let mut expected = target.clone();
    json_patch::merge(&mut expected, &patch);
    let mut node = Node::from_json(target);
    merge_patch(&mut node, &Node::from_json(&patch), None);
    assert_eq!(node.to_json().ok(), Some(expected), "merge patch");

    let Ok(operations) = parse(&Node::from_json(&patch)) else { return };
    let Ok(standard) = serde_json::from_value::<json_patch::Patch>(patch.clone()) else { return };
    // Kustomize's library cannot name the whole document.
    if names_the_document(&patch) {
        return;
    }
    let mut expected = target.clone();
    if json_patch::patch_unsafe(&mut expected, &standard).is_err() {
        return;
    }
    let mut node = Node::from_json(target);
    match apply(&mut node, &operations, None) {
        Ok(()) => assert_eq!(node.to_json().ok(), Some(expected), "JSON patch"),
        // The only refusals of our own are bounds.
        Err(error) => assert!(error.to_string().contains("too"), "refused: {error}"),
    }
}

fn names_the_document(patch: &Value) -> bool {
    let is_empty = |operation: &Value, key: &str| operation.get(key).and_then(Value::as_str) == Some("");
    patch.as_array().is_some_and(|operations| {
        operations.iter().any(|operation| is_empty(operation, "path") || is_empty(operation, "from"))
    })
}
