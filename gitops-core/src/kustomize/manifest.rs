//! Manifests in a file or an inline text, as kustomize's reader of resources and patches takes them apart.

use std::sync::Arc;

use super::error::RenderError;
use super::files::SourceFile;
use super::resource::Resource;
use crate::diagnostic::Location;
use crate::provenance::Place;
use crate::yaml::{self, Mapping, Node, Origin, Value};

/// What to do about a document that is no manifest.
const NEEDED: &str =
    "a manifest needs `apiVersion`, `kind` and `metadata.name`; a file that is none belongs elsewhere";

/// A text that holds manifests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ManifestText<'a>(pub(crate) &'a SourceFile);

impl ManifestText<'_> {
    fn at(self, origin: Origin) -> Location {
        self.0.at_offset(origin.as_offset().unwrap_or_default())
    }

    fn place(self, origin: Origin) -> Place {
        let offset = origin.as_offset().unwrap_or_default();
        Place { file: self.0.index, offset: u32::try_from(offset).unwrap_or(u32::MAX) }
    }

    /// Every manifest, lists taken apart.
    pub(crate) fn resources(self) -> Result<Vec<Resource>, RenderError> {
        let documents = yaml::read_resources(&self.0.path, self.0.text.as_bytes())
            .map_err(|error| RenderError::Yaml(self.0.relocate(error)))?;
        let is_alone = documents.len() == 1;
        let mut resources = vec![];
        for document in documents {
            self.flatten(document.root, is_alone, &mut resources)?;
        }
        let mut lists: std::collections::VecDeque<Node> = resources.into();
        let mut flat = vec![];
        while let Some(root) = lists.pop_front() {
            match self.list_items(&root)? {
                Some(items) => {
                    for mut item in items {
                        self.check(&item)?;
                        item.forget_folding();
                        lists.push_back(item);
                    }
                }
                None => {
                    let place = self.place(root.origin);
                    flat.push(Resource::new(with_settled_annotations(root), place));
                }
            }
        }
        Ok(flat)
    }

    /// Adds `root`, or the items of a `List` that stands alone in its file.
    fn flatten(self, root: Node, is_alone: bool, into: &mut Vec<Node>) -> Result<(), RenderError> {
        let kind = root.get("kind").and_then(Node::text).unwrap_or_default();
        if is_alone && matches!(kind, "List" | "ResourceList") {
            if let Some(items) = root.get("items") {
                for item in items.items().iter().filter(|item| !is_nil_or_empty(item)) {
                    self.check(item)?;
                    into.push(item.clone());
                }
                return Ok(());
            }
            if root.get("functionConfig").is_some() {
                return Ok(());
            }
        }
        if !is_nil_or_empty(&root) {
            self.check(&root)?;
            into.push(root);
        }
        Ok(())
    }

    /// The items of a list of objects; `None` for everything else.
    fn list_items(self, root: &Node) -> Result<Option<Vec<Node>>, RenderError> {
        let kind = root.get("kind").and_then(Node::text).unwrap_or_default();
        match root.get("items") {
            Some(items) if kind.ends_with("List") => match &items.value {
                Value::Sequence(items) => {
                    Ok(Some(items.iter().filter(|item| !is_nil_or_empty(item)).cloned().collect()))
                }
                Value::Scalar(_) if items.is_null() => Ok(Some(vec![])),
                Value::Scalar(_) | Value::Mapping(_) => Err(RenderError::WrongType {
                    at: self.at(items.origin),
                    field: "items".to_owned(),
                    expected: "a list",
                    found: super::decode::type_name(items),
                }),
            },
            Some(_) | None => Ok(None),
        }
    }

    /// Refuses what is no object: kind and name must be there.
    fn check(self, root: &Node) -> Result<(), RenderError> {
        let at = || self.at(root.origin);
        let filled = |path: &[&str]| {
            root.at(path)
                .filter(|node| !node.is_null())
                .and_then(Node::text)
                .is_some_and(|text| !text.is_empty())
        };
        if !root.is_mapping() {
            let message = format!("a resource must be a mapping, not {}", super::decode::type_name(root));
            return Err(RenderError::Invalid { at: at(), message }.advise(NEEDED));
        }
        if !filled(&["kind"]) {
            let message = "the resource has no `kind`".to_owned();
            return Err(RenderError::Invalid { at: at(), message }.advise(NEEDED));
        }
        let kind = root.get("kind").and_then(Node::text).unwrap_or_default();
        if !kind.ends_with("List") && !filled(&["metadata", "name"]) {
            let message = format!("the {kind} has no `metadata.name`");
            return Err(RenderError::Invalid { at: at(), message }.advise(NEEDED));
        }
        Ok(())
    }
}

/// Of two equal annotations, and of two `annotations`, the last counts: kustomize writes them anew, the first of
/// them being gone. Anything else that is there twice is an error on output.
fn with_settled_annotations(mut root: Node) -> Node {
    let Some(metadata) = root.get("metadata") else { return root };
    let found = metadata.entries().iter().filter(|entry| entry.key.text() == ANNOTATIONS);
    let found: Vec<&Node> = found.map(|entry| &entry.value).collect();
    let Some(last) = found.last().filter(|node| !node.entries().is_empty()) else { return root };
    let (twice, several) = (found.len() == 2, last.entries().len() > 1);
    if twice {
        root.get_mut("metadata").and_then(|metadata| metadata.remove(ANNOTATIONS));
    }
    if several && let Some(annotations) = root.at_mut(&["metadata", ANNOTATIONS]) {
        annotations.as_mapping_mut().into_iter().for_each(Mapping::keep_last);
    }
    root
}

const ANNOTATIONS: &str = "annotations";

/// Replaces every origin below and in `node`.
pub(crate) fn map_origins(node: &mut Node, map: &mut impl FnMut(Origin) -> Origin) {
    node.origin = map(node.origin);
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => Arc::make_mut(items).iter_mut().for_each(|item| map_origins(item, map)),
        Value::Mapping(mapping) => {
            for entry in Arc::make_mut(mapping).entries_mut() {
                entry.key_origin = map(entry.key_origin);
                map_origins(&mut entry.value, map);
            }
        }
    }
}

/// Whether a node is null, or an empty mapping or list.
pub(crate) fn is_nil_or_empty(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => node.is_null(),
        Value::Sequence(items) => items.is_empty(),
        Value::Mapping(mapping) => mapping.is_empty(),
    }
}
