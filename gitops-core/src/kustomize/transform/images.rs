//! `images`: names, tags and digests, in every list of containers and in the configured fields.

use regex::Regex;

use crate::kustomize::effect::Effects;
use crate::kustomize::error::RenderError;
use crate::kustomize::field_spec::{FieldSpec, Make, PathProblem, set_string};
use crate::kustomize::kustomization::Image;
use crate::kustomize::resource_set::ResourceSet;
use crate::kustomize::session::{Session, Stamp, Target};
use crate::yaml::{Node, Origin, Value};

/// Lists that hold images, at any depth of any kind.
const LISTS: &[&str] = &["containers", "initContainers"];

/// A tag and a digest.
const SUFFIX: &str = "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?";

/// The most names that are regular expressions and not plain: each takes memory.
const MOST_PATTERNS: usize = 1_000;

/// Changes the images that the entries name, one entry after the other.
pub(crate) fn run(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    (images, specs): (&[Image], &[FieldSpec]),
) -> Result<(), RenderError> {
    let mut room = MOST_PATTERNS;
    let mut compile = |image: &'_ Image| {
        Pattern::new(image.name.as_str(), &mut room).map_err(|message| {
            target
                .invalid(image.name.origin, message)
                .advise("`name` is a regular expression: write a backslash before `(`, `[`, `+` and the like")
        })
    };
    for image in images {
        session
            .effects
            .entry(target, (target.place(image.origin), "images"), || image.name.value.to_string());
    }
    let patterns = images.iter().map(&mut compile).collect::<Result<Vec<_>, _>>()?;
    for resource in set.contents_mut() {
        if resource.kind() == "CustomResourceDefinition" {
            continue;
        }
        let (mut paths, mut path) = (vec![], vec![]);
        find_images(&resource.root, &mut path, &mut paths);
        let gvk = resource.gvk();
        let applies = |spec: &&FieldSpec| spec.applies_to(&gvk) && spec.is_in(&resource.root);
        let specs: Vec<&FieldSpec> = specs.iter().filter(applies).collect();
        if paths.is_empty() && specs.is_empty() {
            continue;
        }
        for (image, pattern) in images.iter().zip(&patterns) {
            let cause = target.place(image.origin);
            let stamp = Stamp {
                provenance: &mut session.files.provenance,
                cause,
                place: Some(target.place(written(image))),
                transformer: "images",
            };
            let effects = &mut session.effects;
            let mut change = Change { image, pattern, stamp, file: resource.place.file, effects };
            let mut changed = paths.iter().try_for_each(|path| change.at(&mut resource.root, path));
            for spec in &specs {
                let mut set = |node: &mut Node| change.set(node);
                changed = changed.and_then(|()| spec.visit(&mut resource.root, Make::Nothing, &mut set));
            }
            changed.map_err(|problem| super::refuse(&session.files, resource, &problem))?;
        }
    }
    Ok(())
}

/// Where an entry writes the part of the image that changes most often.
fn written(image: &Image) -> Origin {
    let parts = [&image.new_tag, &image.digest, &image.tag_suffix, &image.new_name];
    parts.into_iter().find(|text| !text.is_empty()).map_or(image.origin, |text| text.origin)
}

/// What one entry makes of an image.
struct Change<'a> {
    image: &'a Image,
    pattern: &'a Pattern,
    stamp: Stamp<'a>,
    file: u32,
    effects: &'a mut Effects,
}

impl Change<'_> {
    /// Changes the image at `path`, if it is the one that is meant.
    fn at(&mut self, root: &mut Node, path: &[usize]) -> Result<(), PathProblem> {
        let Some(node) = path.iter().try_fold(&*root, |node, at| nth(node, *at)) else { return Ok(()) };
        if node.text().is_some_and(|text| !self.pattern.is_match(text)) {
            return Ok(());
        }
        let node = path.iter().try_fold(root, |node, at| nth_mut(node, *at));
        node.map_or(Ok(()), |node| self.set(node))
    }

    fn set(&mut self, node: &mut Node) -> Result<(), PathProblem> {
        let Some(old) = node.text() else {
            let found = super::super::decode::type_name(node);
            return Err(PathProblem(format!("the image must be a string, not {found}")));
        };
        if let Some(new) = replace(old, self.image, self.pattern) {
            self.effects.matched((self.stamp.cause, "images"), new != old);
            set_string(node, &new)?;
            self.stamp.mark(node, self.file)?;
        }
        Ok(())
    }
}

fn nth(node: &Node, at: usize) -> Option<&Node> {
    match &node.value {
        Value::Scalar(_) => None,
        Value::Sequence(items) => items.get(at),
        Value::Mapping(mapping) => mapping.entries().get(at).map(|entry| &entry.value),
    }
}

fn nth_mut(node: &mut Node, at: usize) -> Option<&mut Node> {
    if node.is_sequence() {
        return node.items_mut()?.get_mut(at);
    }
    node.as_mapping_mut()?.entries_mut().get_mut(at).map(|entry| &mut entry.value)
}

/// Adds the place of the image of every item of every list of containers below `node`, as positions on the way.
fn find_images(node: &Node, path: &mut Vec<usize>, found: &mut Vec<Vec<usize>>) {
    for (at, item) in node.items().iter().enumerate() {
        path.push(at);
        find_images(item, path, found);
        path.pop();
    }
    for (at, entry) in node.entries().iter().enumerate() {
        path.push(at);
        find_images(&entry.value, path, found);
        if LISTS.contains(&entry.key.text()) {
            for (index, item) in entry.value.items().iter().enumerate() {
                let image = item.as_mapping().and_then(|mapping| mapping.position("image"));
                let image = image.filter(|image| nth(item, *image).is_some_and(|node| !node.is_null()));
                found.extend(image.map(|image| path.iter().copied().chain([index, image]).collect()));
            }
        }
        path.pop();
    }
}

/// What an image with some name looks like: the name is itself a pattern.
#[derive(Debug)]
enum Pattern {
    /// A name in which only a dot stands for something else, which is any character.
    Plain(String),
    /// Any other name.
    Regex(Regex),
}

impl Pattern {
    /// The pattern of `name`. An expression takes one off `room`.
    fn new(name: &str, room: &mut usize) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
        if name.bytes().all(plain) {
            return Ok(Self::Plain(name.to_owned()));
        }
        *room = room
            .checked_sub(1)
            .ok_or_else(|| format!("more than {MOST_PATTERNS} image names are regular expressions"))?;
        Regex::new(&format!("^{name}{SUFFIX}$")).map(Self::Regex).map_err(|error| {
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("the image name is no regular expression: {reason}")
        })
    }

    fn is_match(&self, image: &str) -> bool {
        match self {
            Self::Regex(regex) => regex.is_match(image),
            Self::Plain(name) => {
                let mut rest = image.chars();
                let fits = name.chars().all(|expected| match rest.next() {
                    Some('\n') | None => false,
                    Some(found) => expected == '.' || expected == found,
                });
                fits && is_suffix(rest.as_str())
            }
        }
    }
}

/// Whether `text` is a tag and a digest, of which both may be missing: what [`SUFFIX`] says.
fn is_suffix(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '{' | '}' | '-');
    let rest = text.strip_prefix(':').map_or(text, |tag| tag.trim_start_matches(word));
    rest.is_empty() || rest.strip_prefix("@sha256:").is_some_and(|digest| digest.chars().all(word))
}

/// The new reference; `None` where the image is another one.
fn replace(old: &str, image: &Image, pattern: &Pattern) -> Option<String> {
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
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_plain_name_matches_what_its_expression_matches(
            name in "[a./]{0,3}", image in "[a./\n]{0,3}(:[a.{é]{0,2})?(@sha256:[a}:]{0,2})?",
        ) {
            let expression = Regex::new(&format!("^{name}{SUFFIX}$")).unwrap();
            let plain = Pattern::new(&name, &mut 0).unwrap();
            prop_assert_eq!(plain.is_match(&image), expression.is_match(&image));
        }
    }

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(split("example.com:5000/app"), ("example.com:5000/app", "", ""));
        assert_eq!(split("example.com:5000/app:v1@sha256:1"), ("example.com:5000/app", "v1", "sha256:1"));
    }
}
