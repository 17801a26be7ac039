//! A render that reuses what others have worked out says what one says that does not: same bytes, same provenance,
//! same warnings, same reads, same errors.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/reuse.rs"]
mod reuse;

use gitops_core::kustomize::{self, Cache, RenderOptions};
use gitops_core::tree::{FileTree, TreePath};
use proptest::prelude::*;

use reuse::check;

fn path(text: &str) -> TreePath {
    TreePath::parse(text).unwrap()
}

/// A repository with two levels of bases, a component, generators, every common transformer and a failing overlay.
fn repository() -> FileTree {
    let mut tree = FileTree::new();
    let files: &[(&str, &str)] = &[
        (
            "base/kustomization.yaml",
            "resources: [web.yaml, svc.yaml]\nconfigMapGenerator:\n- name: env\n  literals: [A=1]\n",
        ),
        (
            "base/web.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - name: main\n        image: example/web:1\n        envFrom: [{configMapRef: {name: env}}]\n",
        ),
        (
            "base/svc.yaml",
            "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}}\n",
        ),
        (
            "data/kustomization.yaml",
            "resources: [db.yaml]\nnamePrefix: x-\ncommonLabels: {tier: data}\nvars:\n- name: DB\n  objref: {apiVersion: v1, kind: Service, name: db}\n",
        ),
        (
            "data/db.yaml",
            "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {selector: {app: db}}\n---\napiVersion: example.com/v1\nkind: Own\nmetadata: {name: own}\nspec: {a: 1}\n",
        ),
        (
            "middle/kustomization.yaml",
            "resources: [../base, ../data]\nnamePrefix: m-\npatches:\n- path: p.yaml\n- target: {kind: Service}\n  patch: |\n    - op: add\n      path: /metadata/annotations\n      value: {patched: 'yes'}\n",
        ),
        (
            "middle/p.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n",
        ),
        (
            "component/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: [{name: example/web, newTag: '2'}]\n",
        ),
        (
            "overlays/a/kustomization.yaml",
            "resources: [../../middle]\nnamespace: a\ncomponents: [../../component]\n",
        ),
        (
            "overlays/b/kustomization.yaml",
            "resources: [../../middle, own.yaml]\nnameSuffix: -b\nbuildMetadata: [originAnnotations, transformerAnnotations]\n",
        ),
        ("overlays/b/own.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\ndata: {x: $(DB)}\n"),
        (
            "overlays/c/kustomization.yaml",
            "resources: [own.yaml, ../../data, ../../base]\nreplicas: [{name: web, count: 7}]\n",
        ),
        ("overlays/c/own.yaml", "apiVersion: example.com/v1\nkind: Own\nmetadata: {name: mine}\n"),
        ("overlays/broken/kustomization.yaml", "resources: [../../middle, ../../base]\n"),
        ("overlays/cycle/kustomization.yaml", "resources: [in]\n"),
        ("overlays/cycle/in/kustomization.yaml", "resources: [../../cycle]\n"),
    ];
    for (path, text) in files {
        tree.add(path, text).unwrap();
    }
    tree
}

const ROOTS: &[&str] = &[
    "overlays/a",
    "overlays/b",
    "overlays/c",
    "overlays/broken",
    "overlays/cycle",
    "middle",
    "base",
    "absent",
];
const BASES: &[&str] = &["base", "data", "middle", "component", "overlays/cycle/in"];

fn check_all(tree: &FileTree, cache: &mut Cache) -> Result<(), String> {
    let bases: Vec<TreePath> = BASES.iter().map(|base| path(base)).collect();
    ROOTS.iter().try_for_each(|root| check(tree, &path(root), &bases, &RenderOptions::default(), cache))
}

#[test]
fn every_kind_of_kustomization_renders_the_same() {
    let (tree, mut cache) = (repository(), Cache::new());
    check_all(&tree, &mut cache).unwrap();
    // And once more, now that all is known.
    check_all(&tree, &mut cache).unwrap();
}

#[test]
fn an_unchanged_render_is_taken_and_not_made() {
    let (tree, root, options) = (repository(), path("overlays/a"), RenderOptions::default());
    let first = kustomize::render_with(&tree, &root, &options, &Cache::new());
    let mut changed = tree.clone();
    changed.add("overlays/c/own.yaml", "something else").unwrap();
    let again = kustomize::render_with(&changed, &root, &options, &first.learned);
    assert!(std::sync::Arc::ptr_eq(&first.result.unwrap(), &again.result.unwrap()));
    assert!(again.learned.is_empty());
}

#[test]
fn bases_of_one_overlay_serve_the_next() {
    let (tree, options) = (repository(), RenderOptions::default());
    let first = kustomize::render_with(&tree, &path("overlays/a"), &options, &Cache::new());
    let second = kustomize::render_with(&tree, &path("middle"), &options, &first.learned);
    let (first, second) = (first.result.unwrap(), second.result.unwrap());
    let data = |objects: &[gitops_core::object::Object]| {
        let own = objects.iter().find(|object| object.key.kind == "Own").unwrap();
        std::ptr::from_ref(own.root.get("spec").unwrap().as_mapping().unwrap())
    };
    assert_eq!(data(&first.objects), data(&second.objects), "the nodes are the same in memory");
}

/// An edit of one file: gone, empty, broken, or with a comment on top.
fn edit() -> impl Strategy<Value = (usize, u8)> {
    (0..repository().len(), 0..4_u8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// However files come and go between renders, what was learned on the way never shows.
    #[test]
    fn a_cache_that_has_seen_other_files_changes_nothing(edits in prop::collection::vec(edit(), 1..5)) {
        let (mut tree, mut cache) = (repository(), Cache::new());
        check_all(&tree, &mut cache).map_err(TestCaseError::fail)?;
        let paths: Vec<TreePath> = repository().entries().map(|(path, _)| path.clone()).collect();
        for (at, kind) in edits {
            let path = &paths[at];
            let text = tree.file(path).map(|file| String::from_utf8_lossy(&file.content).into_owned()).unwrap_or_default();
            match kind {
                0 => drop(tree.remove(path)),
                1 => tree.add(path.as_str(), "").unwrap(),
                2 => tree.add(path.as_str(), text.replacen(": ", ": [", 1)).unwrap(),
                _ => tree.add(path.as_str(), format!("# changed\n{text}")).unwrap(),
            }
            check_all(&tree, &mut cache).map_err(TestCaseError::fail)?;
        }
    }
}
