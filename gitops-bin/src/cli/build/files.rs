//! Writing what was built: to one file, or to a directory with a file for each object, named as kustomize names
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gitops_core::kind::Schemas;
use gitops_core::kustomize::Rendered;
use gitops_core::object::Object;
use gitops_core::yaml;

use crate::cli::Failure;

/// Writes to `path`: into it where it is a directory, over it else. Nothing is written unless all can be.
pub(super) fn write(path: &Path, rendered: &Rendered) -> Result<(), Failure> {
    if !path.is_dir() {
        return write_file(path, &super::text(rendered)?);
    }
    for (name, text) in files(&rendered.objects)? {
        replace_file(&path.join(name), &text)?;
    }
    Ok(())
}

/// Puts a file into a directory; a link that stands there is replaced and not followed, wherever it leads.
fn replace_file(path: &Path, text: &str) -> Result<(), Failure> {
    if path.is_symlink() {
        fs::remove_file(path).map_err(|error| failure(path, &error))?;
    }
    write_file(path, text)
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| failure(path, &error))
}

fn failure(path: &Path, error: &std::io::Error) -> Failure {
    Failure::outside(format!("cannot write `{}`: {error}", path.display()))
}

/// The files by name. Names start with the namespace where the objects are in several, as in kustomize.
fn files(objects: &[Object]) -> Result<BTreeMap<String, String>, Failure> {
    let namespaces: BTreeSet<&str> = objects.iter().filter_map(namespace).collect();
    let mut files = BTreeMap::new();
    for object in objects {
        let group = &object.key.group;
        let (_, version) = gitops_core::object::group_and_version(object.api_version());
        let prefix = namespace(object).filter(|_| namespaces.len() > 1).unwrap_or_default();
        let parts = [prefix, group.as_ref(), version, object.key.kind.as_ref(), object.key.name.as_ref()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let name = format!("{}.yaml", parts.join("_").to_lowercase());
        let refused = |why: &str| {
            let at = object.at.clone();
            Err(Failure::usage(format!("`{}` {why}", object.key)).at(at, super::SourceLine::Absent))
        };
        if name.contains(['/', '\\', '\0']) || name.len() > 255 {
            return refused("has a name that no file can have");
        }
        let text = yaml::print(&[&object.root])
            .map_err(|error| Failure::usage(error.to_string()).hint(error.hint()))?;
        if files.insert(name, text).is_some() {
            return refused("has the file name of another object");
        }
    }
    Ok(files)
}

/// The namespace of an object; none for one that lives outside of namespaces.
fn namespace(object: &Object) -> Option<&str> {
    let is_namespaced = Schemas::built_in().is_namespaced(object.api_version(), &object.key.kind);
    let namespace: &str = object.key.namespace.as_ref();
    is_namespaced.unwrap_or(true).then_some(if namespace.is_empty() { "default" } else { namespace })
}
