//! A whole render of a tree of files: it ends, says the same twice, and does not depend on whether the tree was
//! there at once or was asked for.
#![no_main]

use std::collections::BTreeSet;

use gitops_core::kustomize::{Completeness, LoadRestrictions, RenderError, RenderOptions, Rendered, render};
use gitops_core::tree::{FileTree, TreePath};
use gitops_core::yaml::{print_document, read_one};
use gitops_fuzz::file_tree;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((root, tree)) = file_tree(input) else { return };
    let mut options = RenderOptions::default();
    let whole = render(&tree, &root, &options);
    options.load_restrictions = LoadRestrictions::None;
    let _ = render(&tree, &root, &options);
    options.load_restrictions = LoadRestrictions::RootOnly;
    let asked = render_by_asking(&tree, &root, &mut options);
    assert_eq!(said(&whole), said(&asked), "whole and in parts");
    for object in whole.iter().flat_map(|rendered| &rendered.objects) {
        if let Ok(printed) = print_document(&object.root) {
            assert!(read_one("printed.yaml", &printed).is_ok(), "{printed}");
        }
    }
});

/// What a render says: the manifests, or the error.
fn said(result: &Result<Rendered, RenderError>) -> String {
    match result {
        Ok(rendered) => {
            let print = |object: &gitops_core::object::Object| match print_document(&object.root) {
                Ok(text) => text,
                Err(error) => format!("{}: {error}", object.at),
            };
            rendered.objects.iter().map(print).collect()
        }
        Err(error) => {
            let said = error.to_string();
            assert!(said.len() < 8192, "a long error: {said}");
            said
        }
    }
}

fn render_by_asking(
    tree: &FileTree,
    root: &TreePath,
    options: &mut RenderOptions,
) -> Result<Rendered, RenderError> {
    let mut loaded = FileTree::new();
    let mut absent = BTreeSet::new();
    for _ in 0..1000 {
        options.completeness = Completeness::Partial { absent: absent.clone() };
        match render(&loaded, root, options) {
            Err(RenderError::Missing { paths }) => {
                assert!(!paths.is_empty(), "nothing is asked for");
                for path in paths {
                    match tree.get(&path) {
                        Some(entry) => {
                            loaded.insert(path, entry.clone());
                        }
                        None if tree.is_directory(&path) => loaded.add_directory(path),
                        None => assert!(absent.insert(path), "asked for twice"),
                    }
                }
            }
            result => return result,
        }
    }
    panic!("asks without end");
}
