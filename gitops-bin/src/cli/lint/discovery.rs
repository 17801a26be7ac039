//! Which kustomizations there are below a directory, and which of them no other one includes.

use std::collections::BTreeSet;

use gitops_core::kustomize::{FILE_NAMES, KustomizationKind, read_kustomization};
use gitops_core::tree::TreePath;

use super::super::build::Place;
use super::super::failure::Failure;

/// The most directories that are looked through.
const MOST_DIRECTORIES: usize = 100_000;

/// The directory itself where it has a kustomization; else every directory below it with one that no other of them
/// includes. Components are looked at by what includes them.
pub(super) fn roots(place: &Place) -> Result<Vec<TreePath>, Failure> {
    if file(place, &place.path).is_some() {
        return Ok(vec![place.path.clone()]);
    }
    let (mut found, mut included) = (vec![], BTreeSet::new());
    for directory in directories(place) {
        let Some((path, text)) = file(place, &directory) else { continue };
        let Ok(kustomization) = read_kustomization(path.as_str(), &text) else {
            found.push(directory);
            continue;
        };
        let sources = &kustomization.sources;
        let entries = sources.resources.iter().chain(&sources.components);
        included.extend(entries.filter_map(|entry| directory.join(entry.as_str()).ok()));
        if kustomization.kind == KustomizationKind::Kustomization {
            found.push(directory);
        }
    }
    found.retain(|directory| !included.contains(directory));
    if found.is_empty() {
        let shown = if place.path.is_root() { "." } else { place.path.as_str() };
        return Err(Failure::usage(format!("there is no kustomization in `{shown}` or below it"))
            .hint(Some("name a directory with a `kustomization.yaml`, or one above several")));
    }
    Ok(found)
}

/// The kustomization file of a directory.
fn file(place: &Place, directory: &TreePath) -> Option<(TreePath, String)> {
    FILE_NAMES.iter().find_map(|name| {
        let path = directory.join(name).ok()?;
        let full = place.root.join(path.as_str());
        full.is_file().then(|| std::fs::read_to_string(full).unwrap_or_default()).map(|text| (path, text))
    })
}

/// The directory and those below it, sorted; links and `.git` are left out.
fn directories(place: &Place) -> Vec<TreePath> {
    let (mut found, mut open) = (vec![], vec![place.path.clone()]);
    while let Some(directory) = open.pop() {
        let entries = std::fs::read_dir(place.root.join(directory.as_str())).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
            let name = entry.file_name();
            let path =
                name.to_str().filter(|name| *name != ".git").and_then(|name| directory.join(name).ok());
            open.extend(path);
        }
        found.push(directory);
        if found.len() > MOST_DIRECTORIES {
            break;
        }
    }
    found.sort();
    found
}
