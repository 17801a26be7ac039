//! Expected results are those of kustomize v5.8.1.

use proptest::prelude::*;

use super::*;
use crate::patch::SchemaComments;
use crate::yaml;

fn merge(target: &str, patch: &str) -> Result<Option<Node>, PatchError> {
    let mut node = yaml::read_one("target.yaml", target).unwrap();
    let patch = yaml::read_one("patch.yaml", patch).unwrap();
    let outcome = strategic_merge(&mut node, &patch, &Schemas::built_in(), None)?;
    Ok((outcome == Outcome::Merged).then_some(node))
}

#[track_caller]
fn check(target: &str, patch: &str, expected: &str) {
    let merged = merge(target, patch).unwrap().unwrap();
    let expected = yaml::read_one("expected.yaml", expected).unwrap();
    assert_eq!(merged.to_json().unwrap(), expected.to_json().unwrap());
}

/// A Pod with this `spec`.
fn pod(spec: &str) -> String {
    format!("{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {spec}}}")
}

#[test]
fn maps_merge_and_null_deletes() {
    check("{a: {b: 1, c: 2}, d: 3}", "{a: {b: null, e: {f: null, g: 4}}}", "{a: {c: 2, e: {g: 4}}, d: 3}");
}

#[test]
fn a_field_without_a_value_goes_and_an_explicit_null_stays() {
    check("a:\nb: null\nc: 1\nd: {e: }\n", "{c: 2}", "{b: null, c: 2, d: {}}");
}

#[test]
fn quotes_of_the_target_stay() {
    check("{a: '1', b: c, d: 'e'}", "{a: 2, b: 3, d: true}", "{a: '2', b: 3, d: 'true'}");
    check("{a: 1}", "{a: '2'}", "{a: '2'}");
}

#[test]
fn lists_without_keys_are_replaced() {
    check("{a: [1, 2]}", "{a: [{$patch: delete}, 3]}", "{a: [{$patch: delete}, 3]}");
}

#[test]
fn lists_with_keys_merge_and_the_patch_comes_first() {
    check(
        &pod("{containers: [{name: a, image: x}, {name: b, image: y}]}"),
        &pod("{containers: [{name: c}, {name: b, image: z}]}"),
        &pod("{containers: [{name: c}, {name: b, image: z}, {name: a, image: x}]}"),
    );
}

#[test]
fn an_item_is_deleted_by_directive() {
    check(
        &pod("{containers: [{name: a, image: x}, {name: b, image: y}]}"),
        &pod("{containers: [{name: a, $patch: delete}, {name: c, $patch: delete}]}"),
        &pod("{containers: [{name: b, image: y}]}"),
    );
}

#[test]
fn an_item_without_its_key_empties_the_list() {
    check(
        &pod("{containers: [{name: a, image: x}]}"),
        &pod("{containers: [{image: z}]}"),
        &pod("{containers: []}"),
    );
}

#[test]
fn directives_reach_maps_and_lists() {
    check("{a: {b: 1}}", "{a: {$patch: replace, c: 2}}", "{a: {c: 2}}");
    check("{a: {b: 1}, c: 2}", "{a: {$patch: delete}}", "{c: 2}");
    check(
        &pod("{containers: [{name: a, image: x}]}"),
        &pod("{containers: [{$patch: replace}, {name: b}]}"),
        &pod("{containers: [{name: b}]}"),
    );
    assert_eq!(merge("{a: 1}", "{$patch: delete}").unwrap(), None);
}

#[test]
fn scalars_of_a_set_are_joined() {
    check(
        "{apiVersion: v1, kind: Pod, metadata: {finalizers: [a, b]}}",
        "{apiVersion: v1, kind: Pod, metadata: {finalizers: [c, b]}}",
        "{apiVersion: v1, kind: Pod, metadata: {finalizers: [c, b, a]}}",
    );
}

#[test]
fn a_comment_may_say_how_a_list_merges() {
    let schema =
        r#"{"type": "array", "x-kubernetes-patch-merge-key": "id", "x-kubernetes-patch-strategy": "merge"}"#;
    let text = format!("a: # {schema}\n- id: 1\n  v: 2\n");
    let mut target = yaml::read_one("target.yaml", &text).unwrap();
    let patch = yaml::read_one("patch.yaml", "a:\n- id: 1\n  w: 3\n").unwrap();
    let (schemas, comments) = (Schemas::built_in(), SchemaComments::read(&text));
    let schemas = MergeSchemas { schemas: &schemas, target: Some(&comments), patch: None };
    strategic_merge(&mut target, &patch, schemas, None).unwrap();
    assert_eq!(target, yaml::read_one("expected.yaml", "a: [{id: 1, v: 2, w: 3}]").unwrap());
}

#[test]
fn another_shape_and_an_unknown_directive_are_refused() {
    assert!(
        matches!(merge("{a: {b: 1}}", "{a: [1]}"), Err(PatchError::KindMismatch { field, .. }) if field == "a")
    );
    assert!(matches!(
        merge("{a: {b: 1}}", "{a: {$patch: remove}}"),
        Err(PatchError::UnknownDirective { directive, .. }) if directive == "remove"
    ));
}

#[test]
fn what_the_patch_sets_is_recorded() {
    let mut provenance = crate::provenance::Provenance::new();
    let (base, overlay) = (0, 1);
    let mut target = yaml::read_one("base.yaml", "a: 1\nb: 2\n").unwrap();
    let patch = yaml::read_one("overlay.yaml", "a: 3\n").unwrap();
    let mut recorder = Recorder {
        provenance: &mut provenance,
        patch_file: overlay,
        target_file: base,
        cause: None,
        transformer: "patches",
        removals: vec![],
    };
    strategic_merge(&mut target, &patch, &Schemas::built_in(), Some(&mut recorder)).unwrap();
    let record = provenance.record(target.get("a").unwrap().origin).unwrap();
    assert_eq!(record.place.map(|place| (place.file, place.offset)), Some((overlay, 3)));
    assert_eq!(record.previous.and_then(|node| node.origin.as_offset()), Some(3));
    assert_eq!(target.get("b").unwrap().origin.as_offset(), Some(8));
}

fn any_node() -> impl Strategy<Value = Node> {
    let leaf =
        prop_oneof![any::<i8>().prop_map(|n| Node::integer(n.into())), "[a-c]{0,2}".prop_map(Node::string)];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Node::sequence),
            proptest::collection::btree_map("[a-d]", inner, 0..4).prop_map(Node::mapping),
        ]
    })
}

fn any_map() -> impl Strategy<Value = Node> {
    proptest::collection::btree_map("[a-d]", any_node(), 0..5).prop_map(Node::mapping)
}

proptest! {
    #[test]
    fn an_empty_patch_changes_nothing(target in any_map()) {
        let mut merged = target.clone();
        let empty = Node::mapping::<&str>([]);
        prop_assert_eq!(strategic_merge(&mut merged, &empty, &Schemas::built_in(), None), Ok(Outcome::Merged));
        prop_assert_eq!(merged, target);
    }

    #[test]
    fn merging_twice_is_merging_once(target in any_map(), patch in any_map()) {
        let mut once = target;
        if strategic_merge(&mut once, &patch, &Schemas::built_in(), None).is_ok() {
            let mut twice = once.clone();
            prop_assert_eq!(strategic_merge(&mut twice, &patch, &Schemas::built_in(), None), Ok(Outcome::Merged));
            prop_assert_eq!(twice, once);
        }
    }
}
