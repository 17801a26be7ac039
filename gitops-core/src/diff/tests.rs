use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::api::application::IgnoreDifference;
use crate::diagnostic::Location;
use crate::yaml::read_one;

fn object(text: &str) -> Object {
    Object::new(read_one("o.yaml", text).unwrap(), Location::default())
}

/// Checks the changes, each written as `path: live -> desired`.
fn check(desired: &str, live: &str, expected: &[&str]) {
    let found = diff(&object(desired), &object(live), &Schemas::built_in(), &IgnoreRules::default());
    let text = |node: &Option<Node>| {
        node.as_ref().map_or("nothing".to_owned(), |node| node.to_json().unwrap().to_string())
    };
    let found: Vec<String> = found
        .changes
        .iter()
        .map(|change| format!("{}: {} -> {}", change.path, text(&change.live), text(&change.desired)))
        .collect();
    assert_eq!(found, expected);
}

const DEPLOYMENT: &str = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: dev}";

#[test]
fn live_only_fields_are_no_difference() {
    check(
        &format!("{DEPLOYMENT}, spec: {{replicas: 1}}}}"),
        &format!(
            "{DEPLOYMENT}, spec: {{replicas: 1, paused: false, revisionHistoryLimit: 10}}, status: {{replicas: 1}}}}"
        ),
        &[],
    );
}

#[test]
fn containers_are_paired_by_name() {
    let with = |containers: &str| {
        format!("{DEPLOYMENT}, spec: {{template: {{spec: {{containers: [{containers}]}}}}}}}}")
    };
    check(
        &with("{name: app, image: 'web:2', resources: {limits: {cpu: 1000m}}}"),
        &with(
            "{name: proxy, image: p}, {name: app, image: 'web:1', imagePullPolicy: Always, resources: {limits: {cpu: '1'}}}",
        ),
        &["spec.template.spec.containers[name=app].image: \"web:1\" -> \"web:2\""],
    );
}

#[test]
fn what_was_applied_and_is_gone_is_removed() {
    let live = "
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{\"data\": {\"a\": \"1\", \"b\": \"2\"}}'
data: {a: '1', b: '2', c: '3'}";
    check(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: '1'}}",
        live,
        &["data.b: \"2\" -> nothing"],
    );
}

#[test]
fn a_changed_strategy_drops_the_fields_of_the_old_one() {
    check(
        &format!("{DEPLOYMENT}, spec: {{strategy: {{type: Recreate}}}}}}"),
        &format!(
            "{DEPLOYMENT}, spec: {{strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: 1}}}}}}}}"
        ),
        &[
            "spec.strategy.type: \"RollingUpdate\" -> \"Recreate\"",
            "spec.strategy.rollingUpdate: {\"maxSurge\":1} -> nothing",
        ],
    );
}

#[test]
fn lists_of_a_custom_kind_are_replaced() {
    check(
        "{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}, spec: {parts: [{name: a}]}}",
        "{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}, spec: {parts: [{name: a, size: 1}, {name: b}]}}",
        &["spec.parts[0].size: 1 -> nothing", "spec.parts[1]: {\"name\":\"b\"} -> nothing"],
    );
}

#[test]
fn a_secret_shows_masks() {
    check(
        "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {token: new}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {token: b2xk}}",
        &["data.token: \"++++++++++++\" -> \"++++++++\""],
    );
}

#[test]
fn ignored_fields_stand_apart() {
    let rules = IgnoreRules::new(&[IgnoreDifference {
        group: "apps".into(),
        kind: "Deployment".into(),
        json_pointers: vec!["/spec/replicas".into()],
        ..IgnoreDifference::default()
    }])
    .unwrap();
    let (desired, live) = (
        object(&format!("{DEPLOYMENT}, spec: {{replicas: 1, paused: true}}}}")),
        object(&format!("{DEPLOYMENT}, spec: {{replicas: 3}}}}")),
    );
    let found = diff(&desired, &live, &Schemas::built_in(), &rules);
    let paths =
        |changes: &[FieldChange]| changes.iter().map(|change| change.path.to_string()).collect::<Vec<_>>();
    assert_eq!(paths(&found.changes), ["spec.paused"]);
    assert_eq!(paths(&found.ignored), ["spec.replicas"]);
}

#[test]
fn a_change_names_the_place_of_the_desired_value() {
    let text = format!("{DEPLOYMENT}, spec: {{replicas: 2}}}}");
    let desired = object(&text);
    let live = object(&format!("{DEPLOYMENT}, spec: {{replicas: 3}}}}"));
    let found = diff(&desired, &live, &Schemas::built_in(), &IgnoreRules::default());
    assert_eq!(found.changes[0].origin.as_offset(), text.find("2}}"));
}

fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
        "[a-z0-9]{0,4}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[a-e]", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

fn deployment() -> impl Strategy<Value = Object> {
    let containers = prop::collection::btree_map("[a-d]", ("[xyz]", "[0-9]{1,2}m?"), 0..4);
    (containers, prop::option::of(0..5), value()).prop_map(|(containers, replicas, extra)| {
        let containers: Vec<Json> = containers
            .into_iter()
            .map(|(name, (image, cpu))| {
                json!({"name": name, "image": image, "resources": {"limits": {"cpu": cpu}}, "x": extra})
            })
            .collect();
        let json = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "dev"},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": containers}}, "extra": extra},
        });
        Object::new(Node::from_json(&json), Location::default())
    })
}

proptest! {
    #[test]
    fn an_object_does_not_differ_from_itself(object in deployment()) {
        let found = diff(&object, &object, &Schemas::built_in(), &IgnoreRules::default());
        prop_assert_eq!(found, ObjectDiff::default());
    }

    #[test]
    fn what_was_applied_is_no_difference(desired in deployment(), live in deployment()) {
        let schemas = Schemas::built_in();
        let mut applied = live.clone();
        applied.root = predict(&desired, &live, &schemas);
        let found = diff(&desired, &applied, &schemas, &IgnoreRules::default());
        prop_assert_eq!(found.changes, vec![]);
    }

    #[test]
    fn equal_data_has_one_hash(object in deployment()) {
        let mut turned = object.root.clone();
        turned.as_mapping_mut().unwrap().entries_mut().reverse();
        let hash = |node: &Node| {
            let mut hash = ContentHash::new();
            hash.node(node);
            hash.finish()
        };
        prop_assert_eq!(hash(&object.root), hash(&turned));
    }
}

const LIVE_BY_TWO: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  managedFields:
  - manager: gitops
    operation: Apply
    time: "2026-01-01T10:00:00Z"
    fieldsV1: {"f:spec": {"f:replicas": {}, "f:paused": {}, "f:template": {"f:spec": {"f:containers": {
      'k:{"name":"web"}': {".": {}, "f:name": {}, "f:image": {}}, 'k:{"name":"old"}': {".": {}, "f:name": {}}}}}}}
  - manager: autoscaler
    operation: Update
    time: "2026-01-02T10:00:00Z"
    fieldsV1: {"f:spec": {"f:replicas": {}}}
spec:
  replicas: 7
  paused: true
  template: {spec: {containers: [{name: web, image: "web:1"}, {name: old}, {name: injected, image: "proxy:1"}]}}
"#;

fn by_merge(desired: &str, live: &str, rules: &IgnoreRules) -> Vec<String> {
    let strategy = DiffStrategy::StructuredMerge { manager: "gitops" };
    let found = diff_by(&object(desired), &object(live), strategy, &Schemas::built_in(), rules).unwrap();
    found.changes.iter().map(|change| change.path.to_string()).collect()
}

const WANTED: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: "web:2"}]}}}
"#;

#[test]
fn an_apply_takes_away_what_the_manager_alone_had_applied() {
    let containers = "spec.template.spec.containers";
    let expected = [
        format!("{containers}[name=web].image"),
        format!("{containers}[name=old]"),
        "spec.paused".to_owned(),
    ];
    let mut found = by_merge(WANTED, LIVE_BY_TWO, &IgnoreRules::default());
    found.sort();
    let mut expected = expected.to_vec();
    expected.sort();
    // What the autoscaler owns as well stays, and so does the container that nobody owns.
    assert_eq!(found, expected);
}

#[test]
fn the_owner_of_a_field_is_who_wrote_it_last() {
    let live = object(LIVE_BY_TWO);
    let owners = owners(&live.root);
    let names = |path: &FieldPath| -> Vec<String> {
        owners_of(&owners, path).iter().map(|owner| owner.manager.to_string()).collect()
    };
    assert_eq!(names(&FieldPath::of(&["spec", "replicas"])), ["autoscaler", "gitops"]);
    let container =
        FieldPath::of(&["spec", "template", "spec", "containers"]).then(Step::Item("name=web".into()));
    assert_eq!(names(&container.then(Step::Key("image".into()))), ["gitops"]);
    assert!(names(&FieldPath::of(&["spec", "selector"])).is_empty());
}

#[test]
fn the_fields_of_a_trusted_manager_are_ignored_and_kept() {
    let rule = "{group: apps, kind: Deployment, managedFieldsManagers: [autoscaler]}";
    let rule = IgnoreDifference::from_node(&read_one("r.yaml", rule).unwrap(), &Location::default()).unwrap();
    let rules = IgnoreRules::new(&[rule]).unwrap();
    let wanted = WANTED.replace("spec: {template", "spec: {replicas: 2, paused: true, template");
    let mut target = object(&wanted);
    assert!(!by_merge(&wanted, LIVE_BY_TWO, &rules).contains(&"spec.replicas".to_owned()));
    assert!(by_merge(&wanted, LIVE_BY_TWO, &IgnoreRules::default()).contains(&"spec.replicas".to_owned()));
    rules.copy_ignored(&target.key.clone(), &object(LIVE_BY_TWO).root, &mut target.root);
    assert_eq!(target.root.at(&["spec", "replicas"]).and_then(Node::as_i64), Some(7));
}

#[test]
fn a_dry_run_counts_as_far_as_the_manager_owns_it() {
    let predicted = LIVE_BY_TWO.replace("web:1", "web:2").replace("proxy:1", "proxy:2");
    let predicted = object(&predicted);
    let live = object(LIVE_BY_TWO);
    let count = |ignore_mutations| {
        let strategy =
            DiffStrategy::ServerSide { manager: "gitops", predicted: &predicted.root, ignore_mutations };
        diff_by(&object(WANTED), &live, strategy, &Schemas::built_in(), &IgnoreRules::default())
            .unwrap()
            .changes
            .len()
    };
    assert_eq!((count(true), count(false)), (1, 2));
    let strategy =
        DiffStrategy::ServerSide { manager: "nobody", predicted: &predicted.root, ignore_mutations: true };
    assert!(
        diff_by(&object(WANTED), &live, strategy, &Schemas::built_in(), &IgnoreRules::default()).is_err()
    );
}
