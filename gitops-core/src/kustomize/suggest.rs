//! What the user may have meant: the name of a file, a field or a resource that is close to the one that is not
//! there.

use super::error::RenderError;
use super::resource::{Resource, ResourceId};
use crate::diagnostic::closest;
use crate::object::group_and_version;
use crate::tree::{FileTree, TreePath};

/// The most names that one is compared with.
const MOST_NAMES: usize = 2_000;

/// Adds what the tree knows to an error, and takes errors out that are told twice.
pub(crate) fn improve(error: RenderError, tree: &FileTree) -> RenderError {
    if let RenderError::Several { errors } = error {
        let mut told = std::collections::BTreeSet::new();
        let errors = errors.into_iter().filter(|error| told.insert(error.to_string()));
        let mut errors: Vec<_> = errors.map(|error| improve(error, tree)).collect();
        return if errors.len() == 1 { errors.remove(0) } else { RenderError::Several { errors } };
    }
    if matches!(error, RenderError::Missing { .. } | RenderError::Remote { .. }) {
        return error;
    }
    let hint = if let RenderError::NotFound { at, entry } = &error {
        file(tree, &at.path, entry)
    } else if let RenderError::NoKustomization { directory, .. } = &error {
        TreePath::parse(directory).ok().and_then(|directory| kustomization(tree, &directory))
    } else {
        error.location().and_then(|at| conflict(tree, &at.path))
    };
    match hint {
        Some(hint) => error.advise(hint),
        None => error,
    }
}

/// The directory whose names could tell what an error's path should have been.
pub(crate) fn directory(error: &RenderError) -> Option<TreePath> {
    if let RenderError::NoKustomization { directory, .. } = error {
        return TreePath::parse(directory).ok();
    }
    let RenderError::NotFound { at, entry } = error else { return None };
    TreePath::parse(&at.path).ok()?.parent()?.join(entry).ok()?.parent()
}

/// Advice for a file that has the marks which Git leaves where a merge needs a person.
fn conflict(tree: &FileTree, path: &str) -> Option<String> {
    let path = TreePath::parse(path).ok()?;
    let mut lines = tree.file(&path)?.content.split(|byte| *byte == b'\n');
    lines
        .any(|line| line.starts_with(b"<<<<<<< "))
        .then(|| "the file holds the marks of a merge that is not finished: `<<<<<<<`, `>>>>>>>`".to_owned())
}

/// Advice for the path `entry` in the kustomization file `from`, at which nothing stands.
fn file(tree: &FileTree, from: &str, entry: &str) -> Option<String> {
    let from = TreePath::parse(from).ok()?;
    let directory = from.parent()?;
    let path = directory.join(entry).ok()?;
    let parent = path.parent()?;
    let name = closest(path.name(), children(tree, &parent))?;
    let (before, _) = entry.trim_end_matches('/').rsplit_once('/').unwrap_or(("", ""));
    let slash = if before.is_empty() { "" } else { "/" };
    Some(format!("did you mean `{before}{slash}{name}`?"))
}

/// Advice for a directory without a kustomization file.
fn kustomization(tree: &FileTree, directory: &TreePath) -> Option<String> {
    let misspelt = children(tree, directory).find(|name| {
        let name = name.to_ascii_lowercase();
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        matches!(stem, "kustomization" | "kustomize" | "kustomisation" | "kustomizations")
    })?;
    Some(format!("rename `{misspelt}` to `kustomization.yaml`"))
}

/// The names of what lies in `directory`, as far as the tree holds it.
fn children<'t>(tree: &'t FileTree, directory: &'t TreePath) -> impl Iterator<Item = &'t str> {
    let below = tree.entries().map(|(path, _)| path).filter(|path| path.is_within(directory));
    below.take(MOST_NAMES).filter_map(|path| {
        let rest = path.as_str().get(directory.as_str().len()..)?.trim_start_matches('/');
        rest.split('/').next().filter(|name| !name.is_empty())
    })
}

/// Advice for a patch or generator that names the resource `id`, which is none of `resources`.
pub(crate) fn target(error: RenderError, id: &ResourceId, resources: &[Resource]) -> RenderError {
    let known = || resources.iter().take(MOST_NAMES);
    let same_kind = || known().filter(|resource| resource.kind() == id.kind);
    if let Some(other) = same_kind().find(|resource| goes_by(resource, &id.name)) {
        return match difference(id, other) {
            Some(hint) => error.advise(hint),
            None => error,
        };
    }
    if let Some(name) = closest(&id.name, same_kind().map(Resource::name)) {
        return error.advise(format!("did you mean the {} `{name}`?", id.kind));
    }
    match known().find(|resource| goes_by(resource, &id.name)) {
        Some(other) => error.advise(format!("`{}` is a {}, not a {}", id.name, other.kind(), id.kind)),
        None => error,
    }
}

/// Advice for an entry that names a resource of one of `kinds` by `name` alone.
pub(crate) fn name(error: RenderError, name: &str, kinds: &[&str], resources: &[Resource]) -> RenderError {
    let known = || resources.iter().take(MOST_NAMES);
    let of_kinds = known().filter(|resource| kinds.contains(&resource.kind()));
    if let Some(similar) = closest(name, of_kinds.map(Resource::name)) {
        return error.advise(format!("did you mean `{similar}`?"));
    }
    match known().find(|resource| goes_by(resource, name)) {
        Some(other) => error.advise(format!("`{name}` is a {}, which has no such field here", other.kind())),
        None => error,
    }
}

fn goes_by(resource: &Resource, name: &str) -> bool {
    resource.name() == name || resource.previous.iter().any(|previous| previous.name == name)
}

/// In what the resource of the same kind and name differs from `id`.
fn difference(id: &ResourceId, other: &Resource) -> Option<String> {
    let current = other.current_id();
    let subject = format!("the {} `{}`", id.kind, id.name);
    if current.group != id.group || current.version != id.version {
        let api_version =
            other.root.at(&["apiVersion"]).and_then(crate::yaml::Node::text).unwrap_or_default();
        let (group, version) = group_and_version(api_version);
        return Some(match (group, version) {
            ("", "") => format!("{subject} has no `apiVersion`: write none in the patch either"),
            _ => format!("{subject} has `apiVersion: {api_version}`: write the same in the patch"),
        });
    }
    (current.namespace != id.namespace).then(|| {
        format!("{subject} is in the namespace `{}`: write the same in the patch", current.namespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_path_finds_its_neighbour() {
        let mut tree = FileTree::new();
        for path in ["app/kustomization.yaml", "app/deployment.yaml", "base/Kustomization.yaml"] {
            tree.add(path, "").unwrap();
        }
        let hint = |entry| file(&tree, "app/kustomization.yaml", entry);
        assert_eq!(hint("deploymnt.yaml").as_deref(), Some("did you mean `deployment.yaml`?"));
        assert_eq!(hint("../app/deployment.yml").as_deref(), Some("did you mean `../app/deployment.yaml`?"));
        assert_eq!(hint("../bas").as_deref(), Some("did you mean `../base`?"));
        assert_eq!(hint("service.yaml"), None);
        let hint = kustomization(&tree, &TreePath::parse("base").unwrap());
        assert_eq!(hint.as_deref(), Some("rename `Kustomization.yaml` to `kustomization.yaml`"));
    }
}
