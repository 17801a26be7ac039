use std::fmt::Write as _;

use super::*;
use crate::kustomize::{RenderOptions, render};
use crate::tree::{FileTree, TreePath};

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  annotations:
    a.b/c: x
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: app:v1
        envFrom:
        - configMapRef: {name: settings}
        env:
        - {name: A, value: a}
        - {name: B, value: b}
";

const BASE: &str = "\
resources: [deployment.yaml]
configMapGenerator:
- name: settings
  literals:
  - LEVEL=info
  - MODE=x
  envs: [more.env]
";

const OVERLAY: &str = "\
resources: [../base]
namePrefix: dev-
configMapGenerator:
- name: settings
  behavior: merge
  literals: [LEVEL=debug]
images:
- name: app
  newTag: v2
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: app
    spec:
      replicas: 2
      template:
        spec:
          containers:
          - name: main
            env:
            - name: A
              $patch: delete
- target: {kind: Deployment}
  patch: |-
    - op: remove
      path: /metadata/annotations/a.b~1c
";

const TOP: &str = "\
resources: [../overlay]
replicas:
- name: app
  count: 3
patches:
- path: drop.yaml
";

const DROP: &str = "$patch: delete\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: old\n";
const OLD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: old\ndata:\n  k: v\n";

fn rendered() -> Rendered {
    let mut tree = FileTree::new();
    for (path, text) in [
        ("base/deployment.yaml", DEPLOYMENT),
        ("base/kustomization.yaml", BASE),
        ("base/more.env", "# more\nEXTRA=1\n"),
        ("overlay/kustomization.yaml", OVERLAY),
        ("top/kustomization.yaml", &TOP.replace("../overlay]", "../overlay, old.yaml]")),
        ("top/drop.yaml", DROP),
        ("top/old.yaml", OLD),
    ] {
        tree.add(path, text).unwrap();
    }
    render(&tree, &TreePath::parse("top").unwrap(), &RenderOptions::default()).unwrap()
}

/// The steps of a field, a line each.
fn steps(object: &str, path: &str) -> String {
    let rendered = rendered();
    let subject = Subject::find(&rendered, &ObjectName::parse(object).unwrap()).unwrap();
    let explanation = subject.explain(&FieldPath::parse(path).unwrap()).unwrap();
    let mut text = String::new();
    for step in explanation.fields.iter().flat_map(|field| &field.steps).chain(&explanation.dropped) {
        let place = |at: &Option<Location>| at.as_ref().map_or("-".to_owned(), Location::to_string);
        let source = step.source.as_ref().map(|source| {
            let object = source.object.as_ref().map(ToString::to_string).unwrap_or_default();
            format!(" of {object} {} at {}", source.path, place(&source.at))
        });
        let transformer = step.transformer.unwrap_or("-");
        let source = source.unwrap_or_default();
        let (at, entry) = (place(&step.at), place(&step.entry));
        writeln!(text, "{:?} {transformer} {at} by {entry}{source}", step.action).unwrap();
    }
    text
}

#[track_caller]
fn check(object: &str, path: &str, expected: &str) {
    assert_eq!(steps(object, path), expected, "{object} {path}");
}

#[test]
fn a_field_names_each_place_that_set_it() {
    check(
        "Deployment/dev-app",
        "spec.replicas",
        "Read - base/deployment.yaml:8:13 by -\n\
         Set patches overlay/kustomization.yaml:17:17 by overlay/kustomization.yaml:11:3\n\
         Set replicas top/kustomization.yaml:4:10 by top/kustomization.yaml:3:3\n",
    );
    check(
        "deploy/app",
        "spec.template.spec.containers[main].image",
        "Read - base/deployment.yaml:13:16 by -\n\
         Set images overlay/kustomization.yaml:9:11 by overlay/kustomization.yaml:8:3\n",
    );
}

#[test]
fn generated_data_names_its_entry_and_its_file() {
    check(
        "cm/settings",
        "data.LEVEL",
        "Set configMapGenerator base/kustomization.yaml:5:5 by base/kustomization.yaml:5:5\n\
         Set configMapGenerator overlay/kustomization.yaml:6:14 by overlay/kustomization.yaml:6:14\n",
    );
    check(
        "cm/settings",
        "data.EXTRA",
        "Set configMapGenerator base/more.env:2:1 by base/kustomization.yaml:7:10\n",
    );
    check(
        "cm/settings",
        "metadata.name",
        "Set configMapGenerator base/kustomization.yaml:3:9 by base/kustomization.yaml:3:3\n\
         Set namePrefix overlay/kustomization.yaml:2:13 by overlay/kustomization.yaml:2:13\n\
         Set hash - by base/kustomization.yaml:3:3\n",
    );
}

#[test]
fn a_reference_names_the_object_that_was_renamed() {
    let text = steps("Deployment/app", "spec.template.spec.containers[0].envFrom[0].configMapRef.name");
    assert!(text.starts_with(
        "Read - base/deployment.yaml:15:32 by -\nSet nameReference - by - of ConfigMap dev-settings-"
    ));
    assert!(text.ends_with(" metadata.name at base/kustomization.yaml:3:3\n"), "{text}");
}

#[test]
fn what_is_gone_names_who_took_it_away_and_who_had_set_it() {
    check(
        "Deployment/app",
        "metadata.annotations[\"a.b/c\"]",
        "Read - base/deployment.yaml:6:12 by -\n\
         Removed patches overlay/kustomization.yaml:27:7 by overlay/kustomization.yaml:25:3\n",
    );
    check(
        "Deployment/app",
        "spec.template.spec.containers[main].env[A].value",
        "Read - base/deployment.yaml:17:28 by -\n\
         Removed patches overlay/kustomization.yaml:24:23 by overlay/kustomization.yaml:11:3\n",
    );
    check(
        "ConfigMap/old",
        "data",
        "Read - top/old.yaml:6:6 by -\nRemoved patches top/drop.yaml:1:9 by top/kustomization.yaml:6:3\n",
    );
}

#[test]
fn a_map_lists_what_is_below_it_and_what_was() {
    let rendered = rendered();
    let subject = Subject::find(&rendered, &ObjectName::parse("Deployment/app").unwrap()).unwrap();
    let path = FieldPath::parse("spec.template.spec.containers[0].env").unwrap();
    let fields = subject.explain(&path).unwrap().fields;
    let shown: Vec<_> = fields.iter().map(|field| (field.path.to_string(), field.is_there)).collect();
    let below = |path: &str| format!("spec.template.spec.containers[name=main].env{path}");
    let expected = [("[name=B].name", true), ("[name=B].value", true), ("[name=A]", false)];
    assert_eq!(shown, expected.map(|(path, is_there)| (below(path), is_there)));
}

#[test]
fn what_is_unknown_is_told_with_what_may_be_meant() {
    let rendered = rendered();
    let find = |name: &str| Subject::find(&rendered, &ObjectName::parse(name).unwrap());
    let error = find("Deployment/dev-ap").unwrap_err();
    assert_eq!(error.hint().as_deref(), Some("did you mean `Deployment/dev-app`?"));
    let error = find("Deployment/dev-app").unwrap().explain(&FieldPath::parse("spec.replica").unwrap());
    let error = error.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Deployment.apps dev-app has no field `spec.replica`: there is no `replica` in `spec`"
    );
    assert_eq!(error.hint().as_deref(), Some("did you mean `replicas`?"));
    assert!(ObjectName::parse("Deployment").is_err());
    let dotted = FieldPath::parse("metadata.annotations.a.b/c").unwrap();
    assert!(find("deployments.apps/app").unwrap().explain(&dotted).is_err());
}
