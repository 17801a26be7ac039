//! Fields of some kinds, named by paths: where a transformer works.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::kustomization::Gvk;
use crate::yaml::{Entry, Node, Scalar, Tag, Value};

/// A field of some kinds: an entry of a transformer configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSpec {
    /// The kinds; empty parts stand for any.
    pub gvk: Gvk,
    /// The path, its parts joined by `/`; a part that ends in `[]` must hold a list.
    pub path: SmolStr,
    /// Whether the field is made where it is missing.
    pub create: bool,
}

/// One part of a path.
#[derive(Debug, PartialEq, Eq)]
struct Part<'a> {
    name: Cow<'a, str>,
    is_sequence: bool,
}

impl Part<'_> {
    fn is_scalar(&self) -> PathProblem {
        PathProblem(format!("`{}` is looked for in a scalar", self.name))
    }
}

/// What a missing or null field becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Make {
    /// It stays missing.
    Nothing,
    /// An empty string.
    Scalar,
    /// A mapping.
    Mapping,
}

impl FieldSpec {
    /// The field at `path` of the kinds `gvk`.
    pub fn new(gvk: Gvk, path: impl Into<SmolStr>, create: bool) -> Self {
        Self { gvk, path: path.into(), create }
    }

    /// Whether it stands for the same field, `other` being the more general one.
    fn is_covered_by(&self, other: &Self) -> bool {
        let covers = |general: &SmolStr, special: &SmolStr| general.is_empty() || general == special;
        self.path == other.path
            && covers(&other.gvk.group, &self.gvk.group)
            && covers(&other.gvk.version, &self.gvk.version)
            && covers(&other.gvk.kind, &self.gvk.kind)
    }

    /// Whether it counts for resources of `gvk`.
    pub(crate) fn applies_to(&self, gvk: &Gvk) -> bool {
        (self.gvk.kind.is_empty() || self.gvk.kind == gvk.kind)
            && (self.gvk.group.is_empty() || self.gvk.group == gvk.group)
            && (self.gvk.version.is_empty() || self.gvk.version == gvk.version)
    }

    /// Whether there may be something at this path, so that nothing is copied in vain.
    pub(crate) fn is_in(&self, root: &Node) -> bool {
        leads_to_field(root, Some(&self.path))
    }

    /// Refuses a scalar where the path goes on.
    pub(crate) fn check(&self, root: &Node) -> Result<(), PathProblem> {
        check(root, Some(&self.path))
    }

    /// Calls `change` on every node that the path leads to; makes the field where `make` and the spec say so.
    pub(crate) fn visit<E: From<PathProblem>>(
        &self,
        root: &mut Node,
        make: Make,
        change: &mut dyn FnMut(&mut Node) -> Result<(), E>,
    ) -> Result<(), E> {
        let make = if self.create { make } else { Make::Nothing };
        if make == Make::Nothing && !self.is_in(root) {
            return Ok(());
        }
        visit(root, Some(&self.path), make, change)
    }
}

/// Why a path cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct PathProblem(pub(crate) String);

/// The first part of a path, and what follows it; a path is split at `/`, but not at `\/`.
fn split_first(path: &str) -> (Part<'_>, Option<&str>) {
    let is_end = |(at, _): &(usize, &str)| !path.get(..*at).is_some_and(|before| before.ends_with('\\'));
    let (text, rest) = match path.match_indices('/').find(is_end) {
        Some((at, _)) => (path.get(..at).unwrap_or_default(), path.get(at + 1..)),
        None => (path, None),
    };
    let (name, is_sequence) = text.strip_suffix("[]").map_or((text, false), |name| (name, true));
    let name = if name.contains('\\') { Cow::Owned(name.replace("\\/", "/")) } else { Cow::Borrowed(name) };
    (Part { name, is_sequence }, rest)
}

/// Whether a walk along `path` ends at a field, or in an error that has to be told.
fn leads_to_field(node: &Node, path: Option<&str>) -> bool {
    let Some(whole) = path else { return true };
    let (part, rest) = split_first(whole);
    match &node.value {
        Value::Mapping(mapping) => match mapping.get(&part.name) {
            Some(child) if child.is_null() => rest.is_none() || part.is_sequence,
            Some(child) => leads_to_field(child, rest),
            None => part.name.is_empty(),
        },
        Value::Sequence(items) => items.iter().any(|item| leads_to_field(item, path)),
        Value::Scalar(scalar) => scalar.tag() != Tag::Null,
    }
}

fn check(node: &Node, path: Option<&str>) -> Result<(), PathProblem> {
    let Some(whole) = path else { return Ok(()) };
    let (part, rest) = split_first(whole);
    match &node.value {
        Value::Mapping(mapping) => mapping.get(&part.name).map_or(Ok(()), |child| check(child, rest)),
        Value::Sequence(items) => items.iter().try_for_each(|item| check(item, path)),
        Value::Scalar(scalar) if scalar.tag() == Tag::Null => Ok(()),
        Value::Scalar(_) => Err(part.is_scalar()),
    }
}

fn visit<E: From<PathProblem>>(
    node: &mut Node,
    path: Option<&str>,
    make: Make,
    change: &mut dyn FnMut(&mut Node) -> Result<(), E>,
) -> Result<(), E> {
    let Some(whole) = path else { return change(node) };
    let (part, rest) = split_first(whole);
    if node.is_null() {
        return Ok(());
    }
    if let Some(items) = node.items_mut() {
        return items.iter_mut().try_for_each(|item| visit(item, path, make, change));
    }
    let Some(mapping) = node.as_mapping_mut() else {
        return Err(part.is_scalar().into());
    };
    if part.name.is_empty() {
        return Err(PathProblem("a field path has an empty part".to_owned()).into());
    }
    let blank = match (make, part.is_sequence, rest.is_none()) {
        (_, true, _) => Some(Node::sequence([])),
        (Make::Nothing, false, _) => None,
        (Make::Scalar, false, true) => Some(Node::string("")),
        (Make::Mapping, false, true) | (Make::Scalar | Make::Mapping, false, false) => {
            Some(Node::new(Value::Mapping(std::sync::Arc::default())))
        }
    };
    let creates = make != Make::Nothing && !part.is_sequence;
    match (mapping.get_mut(&part.name), blank) {
        (None, Some(mut blank)) if creates => {
            visit(&mut blank, rest, make, change)?;
            mapping.push(Entry {
                key: Scalar::plain(SmolStr::from(part.name)),
                key_origin: blank.origin,
                value: blank,
            });
            Ok(())
        }
        (None, _) => Ok(()),
        (Some(child), Some(blank)) if child.is_null() => {
            child.value = blank.value;
            visit(child, rest, make, change)
        }
        (Some(child), _) => visit(child, rest, make, change),
    }
}

/// Puts a string in the place of a scalar.
pub(crate) fn set_string(node: &mut Node, text: &str) -> Result<(), PathProblem> {
    set_scalar(node, Scalar::string(text))
}

/// Puts text in the place of a scalar: where that was no string, the text is read anew (`1` before `23` is 123).
pub(crate) fn set_text(node: &mut Node, text: &str) -> Result<(), PathProblem> {
    let is_string = node.as_scalar().is_none_or(|scalar| scalar.tag() == Tag::Str);
    set_scalar(node, if is_string { Scalar::string(text) } else { Scalar::plain(text) })
}

/// Puts a scalar in the place of a scalar.
pub(crate) fn set_scalar(node: &mut Node, scalar: Scalar) -> Result<(), PathProblem> {
    match &mut node.value {
        Value::Scalar(place) => {
            *place = scalar.folded_as(place);
            Ok(())
        }
        Value::Sequence(_) | Value::Mapping(_) => {
            Err(PathProblem(format!("the field must be a scalar, not {}", super::decode::type_name(node))))
        }
    }
}

/// A list of fields to which others can be added.
pub(crate) trait FieldSpecs {
    /// Adds `spec`, unless a more special one is there; `Err` where the two disagree about `create`.
    fn merge_one(&mut self, spec: &FieldSpec) -> Result<(), PathProblem>;

    /// Adds every one of `specs`.
    fn merge_all(&mut self, specs: &[FieldSpec]) -> Result<(), PathProblem>;
}

impl FieldSpecs for Vec<FieldSpec> {
    fn merge_one(&mut self, spec: &FieldSpec) -> Result<(), PathProblem> {
        match self.iter().find(|known| known.is_covered_by(spec)) {
            Some(known) if known.create == spec.create => Ok(()),
            Some(_) => Err(PathProblem(format!(
                "the field `{}` is configured twice, once with `create` and once without",
                spec.path
            ))),
            None => {
                self.push(spec.clone());
                Ok(())
            }
        }
    }

    fn merge_all(&mut self, specs: &[FieldSpec]) -> Result<(), PathProblem> {
        specs.iter().try_for_each(|spec| self.merge_one(spec))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &[&str]) {
        let mut names = vec![];
        let mut rest = Some(path);
        while let Some(text) = rest {
            let (part, next) = split_first(text);
            names.push(part.name);
            rest = next;
        }
        assert_eq!(names, expected, "{path}");
    }

    #[test]
    fn an_escaped_slash_belongs_to_the_name() {
        check("metadata/annotations/a.io\\/b", &["metadata", "annotations", "a.io/b"]);
        check("spec/containers[]/image", &["spec", "containers", "image"]);
        check("a\\/b\\/c/d\\", &["a/b/c", "d\\"]);
        check("", &[""]);
        check("a//b/", &["a", "", "b", ""]);
    }
}
