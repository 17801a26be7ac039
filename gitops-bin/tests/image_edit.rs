//! Edits every kustomization of the recorded inputs, and checks that nothing but the intended lines differs.
//!
//! Reads the folder that `GITOPS_CONFORMANCE` names (by default `../shared/conformance` beside the workspace);
//! without it there is nothing to read, and `GITOPS_REQUIRE=1` makes that a failure.
#![expect(clippy::panic, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};

use gitops_core::image::{ImageUpdate, edit};
use gitops_core::yaml::{Node, read};

/// A tag that stays plain in every place.
const PLAIN: &str = "b4e9d0c";
/// A tag that must be quoted.
const NUMERIC: &str = "0123456";

fn kustomizations() -> Vec<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance");
    let root = std::env::var_os("GITOPS_CONFORMANCE").map_or_else(default, PathBuf::from);
    let mut found = vec![];
    let mut folders = vec![root.join("kustomize"), root.join("realworld")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if matches!(name.as_str(), "kustomization.yaml" | "kustomization.yml" | "Kustomization") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn update(name: &str, tag: &str) -> [ImageUpdate; 1] {
    [ImageUpdate { name: name.to_owned(), new_tag: Some(tag.to_owned()), ..ImageUpdate::default() }]
}

/// Edits `text`, edits the result again and expects it unchanged.
fn edited(path: &Path, text: &str, name: &str, tag: &str) -> Option<String> {
    let updates = update(name, tag);
    let once = match edit(text.as_bytes(), &updates) {
        Ok(once) => once,
        Err(error) => {
            let known = ["invalid-yaml", "multiple-documents", "not-a-mapping", "images-not-a-list"];
            assert!(known.contains(&error.code()), "{}: {error}", path.display());
            return None;
        }
    };
    match edit(&once, &updates) {
        Ok(again) => assert!(again == once, "{}: a second edit changes the file", path.display()),
        Err(error) => panic!("{}: a second edit fails: {error}", path.display()),
    }
    Some(String::from_utf8_lossy(&once).into_owned())
}

/// The entries of `images:` with a tag and no digest, by name, and how many share the name.
fn tagged_images(text: &str) -> Vec<(String, String, usize)> {
    let Ok(documents) = read("kustomization.yaml", text) else { return vec![] };
    let entries: Vec<&Node> = documents
        .first()
        .and_then(|document| document.root.get("images"))
        .into_iter()
        .flat_map(Node::items)
        .collect();
    let name = |entry: &Node| entry.get("name").and_then(Node::text).map(str::to_owned);
    entries
        .iter()
        .filter(|entry| entry.get("digest").is_none())
        .filter_map(|entry| Some((name(entry)?, entry.get("newTag")?.as_str()?.to_owned())))
        .map(|(wanted, tag)| {
            let same = entries.iter().filter(|entry| name(entry).as_deref() == Some(&wanted)).count();
            (wanted, tag, same)
        })
        .collect()
}

#[test]
fn only_the_lines_of_the_tag_differ() {
    let mut changed = 0;
    for path in kustomizations() {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for (name, tag, same) in tagged_images(&text) {
            let Some(plain) = edited(&path, &text, &name, PLAIN) else { continue };
            let differing = text.split('\n').zip(plain.split('\n')).filter(|(a, b)| a != b).count();
            let context = format!("{}: image `{name}`", path.display());
            assert_eq!(text.split('\n').count(), plain.split('\n').count(), "{context}");
            assert!(differing <= same, "{context}: {differing} lines differ");
            let unsafe_as_plain = tag.parse::<f64>().is_ok() || same > 1;
            if !unsafe_as_plain {
                assert_eq!(
                    edited(&path, &plain, &name, &tag).as_deref(),
                    Some(text.as_str()),
                    "{context}: back again"
                );
            }
            let numeric = edited(&path, &text, &name, NUMERIC).unwrap_or_default();
            assert!(
                tagged_images(&numeric).iter().any(|(_, tag, _)| tag == NUMERIC),
                "{context}: a numeric tag"
            );
            changed += 1;
        }
    }
    assert!(
        changed > 0 || std::env::var_os("GITOPS_REQUIRE").is_none_or(|value| value != "1"),
        "nothing to edit"
    );
}

#[test]
fn a_new_image_adds_lines_and_changes_none() {
    for path in kustomizations() {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let Some(grown) = edited(&path, &text, "example.com/new/image", PLAIN) else { continue };
        let kept = grown.split('\n').collect::<Vec<_>>();
        let mut at = 0;
        for line in text.split('\n').filter(|line| !line.trim().is_empty()) {
            let found = kept.iter().skip(at).position(|other| *other == line);
            let flow = line.contains(['[', '{']) || line.trim_start().starts_with("images:");
            match found {
                Some(offset) => at += offset + 1,
                None if flow => {}
                None => panic!("{}: lost the line {line:?}", path.display()),
            }
        }
    }
}
