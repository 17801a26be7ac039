//! `images`: names, tags and digests, in every list of containers and in the configured fields.

use regex::Regex;

use crate::kustomize::error::RenderError;
use crate::kustomize::field_spec::{FieldSpec, Make, PathProblem, set_string};
use crate::kustomize::kustomization::Image;
use crate::kustomize::resource_set::ResourceSet;
use crate::kustomize::session::{Session, Stamp, Target};
use crate::yaml::{Node, Value};

/// Lists that hold images, at any depth of any kind.
const LISTS: &[&str] = &["containers", "initContainers"];

/// Changes the images that one entry names.
pub(crate) fn run(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    (image, specs): (&Image, &[FieldSpec]),
) -> Result<(), RenderError> {
    let pattern = pattern(image.name.as_str()).map_err(|error| {
        target.invalid(image.name.origin, format!("the image name is no pattern: {error}"))
    })?;
    let cause = target.place(image.origin);
    for resource in set.contents_mut() {
        if resource.kind() == "CustomResourceDefinition" {
            continue;
        }
        let file = resource.place.file;
        let mut stamp = Stamp {
            provenance: &mut session.files.provenance,
            cause,
            place: Some(cause),
            transformer: "images",
        };
        let mut change = |node: &mut Node| -> Result<(), PathProblem> {
            let Some(old) = node.text() else {
                return Err(PathProblem(format!(
                    "the image must be a string, not {}",
                    super::super::decode::type_name(node)
                )));
            };
            if let Some(new) = replace(old, image, &pattern) {
                set_string(node, &new)?;
                stamp.mark(node, file);
            }
            Ok(())
        };
        let gvk = resource.gvk();
        let mut changed = walk(&mut resource.root, &mut change);
        for spec in specs.iter().filter(|spec| spec.applies_to(&gvk)) {
            changed = changed.and_then(|()| spec.visit(&mut resource.root, Make::Nothing, &mut change));
        }
        changed.map_err(|problem| super::refuse(&session.files, resource, &problem))?;
    }
    Ok(())
}

/// Calls `change` on the image of every item of every list of containers below `node`.
fn walk(
    node: &mut Node,
    change: &mut impl FnMut(&mut Node) -> Result<(), PathProblem>,
) -> Result<(), PathProblem> {
    if !has_list(node) {
        return Ok(());
    }
    if let Some(items) = node.items_mut() {
        return items.iter_mut().try_for_each(|item| walk(item, change));
    }
    let Some(mapping) = node.as_mapping_mut() else { return Ok(()) };
    for entry in mapping.entries_mut() {
        walk(&mut entry.value, change)?;
        if !LISTS.contains(&entry.key.text()) {
            continue;
        }
        for item in entry.value.items_mut().into_iter().flatten() {
            if let Some(image) = item.get_mut("image").filter(|image| !image.is_null()) {
                change(image)?;
            }
        }
    }
    Ok(())
}

/// Whether there is a list of containers below `node`, so that nothing is copied in vain.
fn has_list(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => false,
        Value::Sequence(items) => items.iter().any(has_list),
        Value::Mapping(mapping) => mapping.entries().iter().any(|entry| {
            LISTS.contains(&entry.key.text()) && entry.value.is_sequence() || has_list(&entry.value)
        }),
    }
}

/// What an image with this name looks like: the name is itself a pattern.
fn pattern(name: &str) -> Result<Regex, regex::Error> {
    Regex::new(&format!("^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$"))
}

/// The new reference; `None` where the image is another one.
fn replace(old: &str, image: &Image, pattern: &Regex) -> Option<String> {
    if !pattern.is_match(old) {
        return None;
    }
    let (name, tag, digest) = split(old);
    let name = if image.new_name.is_empty() { name } else { image.new_name.as_str() };
    let new_tag = image.new_tag.as_str();
    let new_digest = image.digest.as_str();
    let suffixed = format!("{tag}{}", image.tag_suffix.value);
    let (tag, digest) = match (new_tag, new_digest) {
        ("", "") if image.tag_suffix.is_empty() => (tag, digest),
        ("", "") => (suffixed.as_str(), ""),
        ("", _) => ("", new_digest),
        (_, _) => (new_tag, new_digest),
    };
    let mut new = name.to_owned();
    if !tag.is_empty() {
        new.push(':');
        new.push_str(tag);
    }
    if !digest.is_empty() {
        new.push('@');
        new.push_str(digest);
    }
    Some(new)
}

/// Name, tag and digest; the last two may be empty.
fn split(image: &str) -> (&str, &str, &str) {
    let (rest, digest) = image.split_once('@').unwrap_or((image, ""));
    // A colon before the first slash belongs to the port of the registry.
    let start = rest.find('/').unwrap_or_default();
    let colon = rest.get(start..).and_then(|last| last.find(':')).map(|at| at + start);
    match colon.and_then(|at| Some((rest.get(..at)?, rest.get(at + 1..)?))) {
        Some((name, tag)) => (name, tag, digest),
        None => (rest, "", digest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(split("example.com:5000/app"), ("example.com:5000/app", "", ""));
        assert_eq!(split("example.com:5000/app:v1@sha256:1"), ("example.com:5000/app", "v1", "sha256:1"));
    }
}
