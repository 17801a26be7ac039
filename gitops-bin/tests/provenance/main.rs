//! What the engine says of where a field comes from, judged against the files themselves: on the recorded builds where
//! they are at hand, and on the example repository in any case.
//!
//! For each scalar of each object the place that is named must hold the text of the value, or the value must be made by
//! a transformer that names its entry or its source. And where the text at such a place is changed, the field changes.
#![expect(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test reports, and stops at the first surprise"
)]

#[path = "../support/corpus.rs"]
mod corpus;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use corpus::Build;
use gitops_core::kustomize::{Rendered, render};
use gitops_core::provenance::{NodeOrigin, Place};
use gitops_core::tree::{Entry, File, FileTree, TreePath};
use gitops_core::yaml::{Node, Value};

/// Transformers that make a value of which the file holds a part only, or that stands there in another form.
const MAKERS: &[&str] = &[
    "ValueAddTransformer",
    "buildMetadata",
    "configMapGenerator",
    "hash",
    "images",
    "namePrefix",
    "nameReference",
    "nameSuffix",
    "replacements",
    "secretGenerator",
    "vars",
    "IAMPolicyGenerator",
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every build that there is: those of the example, and the recorded ones.
fn builds() -> Vec<Build> {
    let directories =
        ["k8s/base", "k8s/overlays/dev", "k8s/overlays/staging", "k8s/overlays/prod", "k8s/monitoring"];
    let example = |directory: &&str| Build {
        root: workspace(),
        directory: (*directory).to_owned(),
        unrestricted: false,
    };
    let mut builds: Vec<Build> = directories.iter().map(example).collect();
    let data = std::env::var_os("GITOPS_CONFORMANCE").map(PathBuf::from);
    let data = data.unwrap_or_else(|| workspace().join("../shared/conformance"));
    if !data.is_dir() {
        let required = std::env::var_os("GITOPS_REQUIRE").is_some_and(|value| value == "1");
        assert!(!required, "no data at {}", data.display());
        eprintln!("no data at {} (set GITOPS_CONFORMANCE): only the example is judged", data.display());
        return builds;
    }
    for folder in folders(&data.join("kustomize/cases")) {
        builds.push(Build::of(folder.join("input"), &json(&folder.join("case.json"))));
    }
    for folder in folders(&data.join("realworld")) {
        let entries = json(&folder.join("builds.json"));
        let entries = entries.as_array().cloned().unwrap_or_default();
        builds.extend(entries.iter().map(|entry| Build::of(folder.join("tree"), entry)));
    }
    builds
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten();
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn json(path: &Path) -> serde_json::Value {
    std::fs::read(path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

/// Calls `visit` on each scalar below `node`.
fn scalars<'a>(node: &'a Node, visit: &mut dyn FnMut(&'a Node)) {
    match &node.value {
        Value::Scalar(_) => visit(node),
        Value::Sequence(items) => items.iter().for_each(|item| scalars(item, visit)),
        Value::Mapping(mapping) => mapping.entries().iter().for_each(|entry| scalars(&entry.value, visit)),
    }
}

/// What is known of one scalar.
enum Verdict {
    /// The named place holds the text of the value; the text begins at this byte of the file.
    Exact(TreePath, usize),
    /// A transformer made it, and its entry or its source is named.
    Made,
    /// Nothing is known.
    Unknown,
    /// The named place holds something else.
    Wrong(String),
}

fn judge(rendered: &Rendered, node: &Node, file: u32) -> Verdict {
    let provenance = &rendered.provenance;
    let origin = NodeOrigin { origin: node.origin, file };
    let Some(place) = provenance.place(origin) else { return Verdict::Unknown };
    let value = node.text().unwrap_or_default();
    let (path, offset, text) = in_file(rendered, place);
    if text::reads(&text, offset, value) {
        return TreePath::parse(&path).map_or(Verdict::Made, |path| Verdict::Exact(path, offset));
    }
    match provenance.record(node.origin) {
        Some(record) if MAKERS.contains(&record.transformer) => Verdict::Made,
        record => {
            let transformer = record.map_or("read", |record| record.transformer);
            let found: String = text.get(offset..).unwrap_or_default().chars().take(40).collect();
            let at = provenance.location(place);
            Verdict::Wrong(format!("{at}: {transformer}: {value:?} should stand at {found:?}"))
        }
    }
}

fn in_file(rendered: &Rendered, place: Place) -> (String, usize, String) {
    let source = rendered.provenance.file(place.file).unwrap();
    let (file, offset) = source.in_file(place.offset as usize);
    (file.path().to_string(), offset, file.text().to_string())
}

#[test]
fn every_scalar_names_the_place_that_holds_its_text() {
    let (mut exact, mut made, mut unknown, mut wrong) = (0, 0, 0, vec![]);
    for build in builds() {
        let Ok((Ok(rendered), _)) = build.render() else { continue };
        for (object, history) in rendered.objects.iter().zip(&rendered.histories) {
            scalars(&object.root, &mut |node| match judge(&rendered, node, history.file) {
                Verdict::Exact(..) => exact += 1,
                Verdict::Made => made += 1,
                Verdict::Unknown => {
                    unknown += 1;
                    let shown = (build.root.display(), &build.directory, &object.key);
                    wrong.push(format!("{shown:?}: nothing is known of {:?}", node.text()));
                }
                Verdict::Wrong(what) => {
                    wrong.push(format!(
                        "{}/{}: {}: {what}",
                        build.root.display(),
                        build.directory,
                        object.key
                    ));
                }
            });
        }
    }
    eprintln!("{exact} scalars read at their place, {made} made by a transformer, {unknown} unknown");
    assert!(exact > 500, "{exact}");
    assert!(wrong.is_empty(), "{} of {exact}:\n{}", wrong.len(), wrong.join("\n"));
}

/// How many fields of one build are changed.
const SAMPLES: usize = 2;
/// Builds with more objects than this are left out: each sample renders them anew.
const MOST_OBJECTS: usize = 60;
/// What is put before a value.
const MARK: &str = "zz";

#[test]
fn a_change_at_the_named_place_changes_the_field() {
    let (mut changed, mut refused, mut unchanged) = (0, 0, vec![]);
    for build in builds() {
        let Ok((Ok(rendered), tree)) = build.render() else { continue };
        if rendered.objects.len() > MOST_OBJECTS {
            continue;
        }
        let candidates = candidates(&rendered);
        let step = (candidates.len() / SAMPLES).max(1);
        for (value, (path, offset)) in candidates.iter().skip(step / 2).step_by(step).take(SAMPLES) {
            let Some(mutated) = mutate(&tree, path, *offset) else { continue };
            let directory = TreePath::parse(&build.directory).unwrap();
            match render(&mutated, &directory, &build.options()) {
                Err(_) => refused += 1,
                Ok(again) if holds(&again, &format!("{MARK}{value}")) => changed += 1,
                Ok(_) => {
                    unchanged.push(format!("{}/{}: {path}: {value}", build.root.display(), build.directory));
                }
            }
        }
    }
    eprintln!("{changed} changes at the named place changed the field, {refused} made the build fail");
    assert!(changed > 5 && changed > 10 * refused, "{changed} changed, {refused} refused");
    assert!(unchanged.is_empty(), "{}:\n{}", unchanged.len(), unchanged.join("\n"));
}

/// Values that stand as a whole at their place, and the places; each value once.
fn candidates(rendered: &Rendered) -> BTreeMap<String, (TreePath, usize)> {
    let mut found = BTreeMap::new();
    for (object, history) in rendered.objects.iter().zip(&rendered.histories) {
        // Names, kinds and selectors decide what a patch applies to.
        for entry in object.root.entries().iter().filter(|entry| entry.key.text() != "kind") {
            scalars(&entry.value, &mut |node| {
                let value = node.as_str().unwrap_or_default();
                // These decide what becomes of an object, or stand for something else.
                let is_word = value.len() > 2
                    && value.bytes().all(|byte| byte.is_ascii_lowercase())
                    && !matches!(value, "true" | "false" | "null");
                if is_word && let Verdict::Exact(path, offset) = judge(rendered, node, history.file) {
                    found.insert(value.to_owned(), (path, offset));
                }
            });
        }
    }
    found
}

/// The files with a mark before the word at `offset` of the file at `path`.
fn mutate(tree: &FileTree, path: &TreePath, offset: usize) -> Option<FileTree> {
    let content = std::str::from_utf8(&tree.file(path)?.content).ok()?;
    let rest = content.get(offset..).filter(|rest| !rest.starts_with(['!', '&']))?;
    let word = rest.find(|c: char| c.is_ascii_lowercase())? + offset;
    let (before, after) = content.split_at_checked(word)?;
    let mut mutated = tree.clone();
    let text = format!("{before}{MARK}{after}");
    mutated.insert(path.clone(), Entry::File(File::new(text.into_bytes())));
    Some(mutated)
}

fn holds(rendered: &Rendered, value: &str) -> bool {
    let mut found = false;
    for object in &rendered.objects {
        scalars(&object.root, &mut |node| found |= node.text() == Some(value));
    }
    found
}
