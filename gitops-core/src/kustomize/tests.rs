//! Files in, objects or one error out. Expected manifests are the output of kustomize v5.8.1.

use super::*;
use crate::tree::Entry;

const OVERLAY: &[(&str, &str)] = &[
    (
        "base/kustomization.yaml",
        "resources: [web.yaml]\nconfigMapGenerator:\n- name: settings\n  literals: [MODE=slow]\n",
    ),
    (
        "base/web.yaml",
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: web
        image: example.com/web:1
        envFrom:
        - configMapRef: {name: settings}
",
    ),
    (
        "overlay/kustomization.yaml",
        "resources: [../base]
namespace: dev
namePrefix: dev-
labels:
- pairs: {team: blue}
  includeSelectors: true
images:
- name: example.com/web
  newTag: \"2\"
replicas:
- {name: web, count: 3}
configMapGenerator:
- name: settings
  behavior: merge
  literals: [MODE=fast]
patches:
- target: {kind: Deployment}
  patch: |
    - op: add
      path: /metadata/annotations/note
      value: patched
",
    ),
];

const RENDERED_OVERLAY: &str = "apiVersion: v1
data:
  MODE: fast
kind: ConfigMap
metadata:
  labels:
    team: blue
  name: dev-settings-7kcm455446
  namespace: dev
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    note: patched
  labels:
    team: blue
  name: dev-web
  namespace: dev
spec:
  replicas: 3
  selector:
    matchLabels:
      team: blue
  template:
    metadata:
      labels:
        team: blue
    spec:
      containers:
      - envFrom:
        - configMapRef:
            name: dev-settings-7kcm455446
        image: example.com/web:2
        name: web
";

const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

fn tree_of(files: &[(&str, &str)]) -> FileTree {
    let mut tree = FileTree::new();
    for (path, content) in files {
        tree.add(path, content).unwrap();
    }
    tree
}

fn path(text: &str) -> TreePath {
    TreePath::parse(text).unwrap()
}

fn text_of(rendered: &Rendered) -> String {
    let roots: Vec<_> = rendered.objects.iter().map(|object| &object.root).collect();
    yaml::print(&roots).unwrap()
}

fn check(files: &[(&str, &str)], root: &str, expected: &str) {
    let rendered = render(&tree_of(files), &path(root), &RenderOptions::default()).unwrap();
    assert_eq!(text_of(&rendered), expected);
}

/// Renders what must fail; the message starts with the place.
fn check_error(files: &[(&str, &str)], expected: &str, hint: Option<&str>) {
    let error = render(&tree_of(files), &path("a"), &RenderOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.hint().as_deref(), hint);
}

#[test]
fn an_overlay_renders_as_kustomize_renders_it() {
    check(OVERLAY, "overlay", RENDERED_OVERLAY);
}

/// A folded block beside an indented line gains a line break when it is printed: at the end but in annotations,
/// which are written anew before, and in annotations too when a JSON patch is applied.
#[test]
fn folded_blocks_are_printed_where_kustomize_prints_them() {
    const MANIFEST: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    a: >\n      one\n        two\ndata:\n  b: >\n    one\n      two\n";
    let output = |annotation: &str, data: &str| {
        format!(
            "apiVersion: v1\ndata:\n  b: |\n    one\n{data}      two\nkind: ConfigMap\nmetadata:\n  annotations:\n    a: |\n      one\n{annotation}        two\n  name: a\n"
        )
    };
    let kustomization = "resources: [a.yaml]\n";
    let check_with = |patch: &str, expected: &str| {
        let kustomization = format!("{kustomization}{patch}");
        check(&[("kustomization.yaml", &kustomization), ("a.yaml", MANIFEST)], "", expected);
    };
    check_with("", &output("", "\n"));
    check_with(
        "patches: [{target: {kind: ConfigMap}, patch: '- {op: test, path: /kind, value: ConfigMap}'}]\n",
        &output("\n", "\n"),
    );
    check_with(
        "configMapGenerator: [{name: a, behavior: merge, options: {disableNameSuffixHash: true}, literals: []}]\n",
        &output("", ""),
    );
}

#[test]
fn a_partial_tree_is_completed_by_what_the_render_asks_for() {
    let whole = tree_of(OVERLAY);
    let (mut tree, mut absent, mut rounds) = (FileTree::new(), BTreeSet::new(), 0);
    let rendered = loop {
        rounds += 1;
        let completeness = Completeness::Partial { absent: absent.clone() };
        let options = RenderOptions { completeness, ..RenderOptions::default() };
        let paths = match render(&tree, &path("overlay"), &options) {
            Err(RenderError::Missing { paths }) => paths,
            other => break other.unwrap(),
        };
        for path in paths {
            match whole.get(&path) {
                Some(entry) => drop(tree.insert(path, entry.clone())),
                None if whole.is_directory(&path) => tree.add_directory(path),
                None => drop(absent.insert(path)),
            }
        }
    };
    assert_eq!(text_of(&rendered), RENDERED_OVERLAY);
    assert_eq!(tree.len(), whole.len());
    assert!(rounds <= 6, "{rounds} rounds");
    let complete = render(&whole, &path("overlay"), &RenderOptions::default()).unwrap();
    assert_eq!(rendered.reads, complete.reads);
    assert!(complete.reads.is_affected_by(&path("base/web.yaml")));
    assert!(complete.reads.is_affected_by(&path("base/kustomization.yml")), "an absence is a read");
}

#[test]
fn a_file_outside_of_the_root_needs_leave() {
    let files = [("a/kustomization.yaml", "resources: [../b/o.yaml]\n"), ("b/o.yaml", OBJECT)];
    check_error(
        &files,
        "a/kustomization.yaml:1:13: `../b/o.yaml` is not in or below `a`",
        Some("move the file, or build with `--load-restrictor LoadRestrictionsNone`"),
    );
    let options = RenderOptions { load_restrictions: LoadRestrictions::None, ..RenderOptions::default() };
    let rendered = render(&tree_of(&files), &path("a"), &options).unwrap();
    assert_eq!(rendered.objects.len(), 1);
}

#[test]
fn a_link_counts_as_what_it_leads_to() {
    let mut tree = tree_of(&[
        ("a/kustomization.yaml", "resources: [l.yaml]\n"),
        ("a/d/o.yaml", OBJECT),
        ("o.yaml", OBJECT),
    ]);
    tree.insert(path("a/l.yaml"), Entry::Symlink("d/o.yaml".to_owned()));
    assert_eq!(render(&tree, &path("a"), &RenderOptions::default()).unwrap().objects.len(), 1);
    tree.insert(path("a/l.yaml"), Entry::Symlink("../o.yaml".to_owned()));
    let error = render(&tree, &path("a"), &RenderOptions::default()).unwrap_err();
    assert!(matches!(error, RenderError::Restricted { .. }), "{error}");
    tree.insert(path("a/l.yaml"), Entry::Symlink("l.yaml".to_owned()));
    let error = render(&tree, &path("a"), &RenderOptions::default()).unwrap_err();
    assert!(matches!(error.plain(), RenderError::NotFound { .. }), "{error}");
}

#[test]
fn an_error_says_where_and_what_to_do() {
    let with = |text| [("a/kustomization.yaml", text), ("a/o.yaml", OBJECT), ("a/p.yaml", OBJECT)];
    check_error(
        &with("resource: [o.yaml]\n"),
        "a/kustomization.yaml:1:1: unknown field `resource`",
        Some("did you mean `resources`?"),
    );
    check_error(
        &with("resources: [o.yaml]\nnamespace: 7\n"),
        "a/kustomization.yaml:2:12: `namespace` must be a string, not a number",
        Some("put the value in quotes"),
    );
    check_error(
        &with("resources:\n- o.yaml\n- p.yaml\n"),
        "a/p.yaml:1:1: ConfigMap `a` in namespace `default` is already defined at a/o.yaml:1:1",
        Some("remove one of them, or turn it into a patch"),
    );
    check_error(
        &with("resources:\n- nope.yaml\n"),
        "a/kustomization.yaml:2:3: `nope.yaml` does not exist",
        Some("paths are relative to the directory of the kustomization file"),
    );
    check_error(
        &with("resources: [../a]\n"),
        "a/kustomization.yaml:1:13: `../a` includes a kustomization that is being built",
        Some("take the entry out: a kustomization cannot hold itself"),
    );
}

#[test]
fn a_changed_node_knows_its_cause_and_what_stood_there() {
    let tree =
        tree_of(&[("a/kustomization.yaml", "resources: [o.yaml]\nnamePrefix: dev-\n"), ("a/o.yaml", OBJECT)]);
    let rendered = render(&tree, &path("a"), &RenderOptions::default()).unwrap();
    let name = rendered.objects[0].root.at(&["metadata", "name"]).unwrap();
    assert_eq!(name.as_str(), Some("dev-a"));
    let record = rendered.provenance.record(name.origin).unwrap();
    assert_eq!(record.transformer, "namePrefix");
    let cause = record.cause.unwrap();
    assert_eq!(rendered.provenance.location(cause).to_string(), "a/kustomization.yaml:2:13");
    let previous = record.previous.unwrap();
    assert_eq!(rendered.provenance.file(previous.file).unwrap().path(), "a/o.yaml");
    let offset = previous.origin.as_offset().unwrap();
    assert!(OBJECT.get(offset..).unwrap().starts_with("a}"));
}
