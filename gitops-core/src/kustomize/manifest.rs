//! Manifests in a file or an inline text, as kustomize's reader of resources and patches takes them apart.

use std::sync::Arc;

use super::error::RenderError;
use super::files::SourceFile;
use super::resource::Resource;
use crate::diagnostic::Location;
use crate::provenance::Place;
use crate::yaml::{self, Node, Origin, ReadError, Value};

/// Text that holds manifests, and the file that its places count in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ManifestText<'a> {
    /// The file.
    pub(crate) file: &'a SourceFile,
    /// The text: that of the file, or that of a string in it.
    pub(crate) text: &'a str,
    /// Where the string stands, for one in a file.
    pub(crate) inline: Option<Origin>,
}

impl<'a> ManifestText<'a> {
    /// The whole of `file`.
    pub(crate) fn whole(file: &'a SourceFile) -> Self {
        Self { file, text: &file.text, inline: None }
    }

    /// The string `text` that stands at `origin` of `file`.
    pub(crate) fn inline(file: &'a SourceFile, text: &'a str, origin: Origin) -> Self {
        Self { file, text, inline: Some(origin) }
    }

    fn at(&self, offset: usize) -> Location {
        let offset = self.inline.map_or(offset, |origin| origin.as_offset().unwrap_or_default());
        Location::in_text(self.file.path.clone(), &self.file.text, offset)
    }

    fn place(&self, offset: usize) -> Place {
        let offset = self.inline.map_or(offset, |origin| origin.as_offset().unwrap_or_default());
        Place { file: self.file.index, offset: u32::try_from(offset).unwrap_or(u32::MAX) }
    }

    /// Every manifest, lists taken apart.
    pub(crate) fn resources(&self) -> Result<Vec<Resource>, RenderError> {
        let mut resources = vec![];
        let chunks = self.chunks()?;
        let is_alone = chunks.len() == 1;
        for (start, chunk) in chunks {
            let mut root = self.read_chunk(start, chunk)?;
            if root.is_null() {
                continue;
            }
            self.relocate(&mut root, start);
            self.flatten(root, is_alone, &mut resources)?;
        }
        let mut lists: std::collections::VecDeque<Node> = resources.into();
        let mut flat = vec![];
        while let Some(root) = lists.pop_front() {
            match self.list_items(&root)? {
                Some(items) => {
                    for item in items {
                        self.check(&item)?;
                        lists.push_back(item);
                    }
                }
                None => {
                    let start = root.origin.as_offset().unwrap_or_default();
                    flat.push(Resource::new(root, self.place(start)));
                }
            }
        }
        Ok(flat)
    }

    /// Adds `root`, or the items of a `List` that stands alone in its file.
    fn flatten(&self, root: Node, is_alone: bool, into: &mut Vec<Node>) -> Result<(), RenderError> {
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
    fn list_items(&self, root: &Node) -> Result<Option<Vec<Node>>, RenderError> {
        let kind = root.get("kind").and_then(Node::text).unwrap_or_default();
        match root.get("items") {
            Some(items) if kind.ends_with("List") => match &items.value {
                Value::Sequence(items) => {
                    Ok(Some(items.iter().filter(|item| !is_nil_or_empty(item)).cloned().collect()))
                }
                Value::Scalar(_) if items.is_null() => Ok(Some(vec![])),
                Value::Scalar(_) | Value::Mapping(_) => Err(RenderError::WrongType {
                    at: self.at(items.origin.as_offset().unwrap_or_default()),
                    field: "items".to_owned(),
                    expected: "a list",
                    found: super::decode::type_name(items),
                }),
            },
            Some(_) | None => Ok(None),
        }
    }

    /// Refuses what is no object: kind and name must be there.
    fn check(&self, root: &Node) -> Result<(), RenderError> {
        let at = || self.at(root.origin.as_offset().unwrap_or_default());
        let filled = |path: &[&str]| {
            root.at(path)
                .filter(|node| !node.is_null())
                .and_then(Node::text)
                .is_some_and(|text| !text.is_empty())
        };
        if !root.is_mapping() {
            let message = format!("a resource must be a mapping, not {}", super::decode::type_name(root));
            return Err(RenderError::Invalid { at: at(), message });
        }
        if !filled(&["kind"]) {
            return Err(RenderError::Invalid { at: at(), message: "the resource has no `kind`".to_owned() });
        }
        let kind = root.get("kind").and_then(Node::text).unwrap_or_default();
        if !kind.ends_with("List") && !filled(&["metadata", "name"]) {
            let message = format!("the {kind} has no `metadata.name`");
            return Err(RenderError::Invalid { at: at(), message });
        }
        Ok(())
    }

    /// The text between separator lines, each part with its offset.
    fn chunks(&self) -> Result<Vec<(usize, &'a str)>, RenderError> {
        let mut chunks = vec![];
        let (mut start, mut at) = (0, 0);
        let mut is_first_line = true;
        for line in self.text.split_inclusive('\n') {
            let begin = at;
            at += line.len();
            // A separator at the very start, or right after another, is left to the parser.
            let is_separator = line.starts_with("---") && line.ends_with('\n') && !is_first_line;
            is_first_line = false;
            if !is_separator {
                continue;
            }
            let rest = line.get(3..).unwrap_or_default().trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err(RenderError::Yaml(ReadError::Syntax {
                    at: self.at(begin),
                    message: format!("`{}` does not separate documents", line.trim_end()),
                }));
            }
            chunks.push((start, self.text.get(start..begin).unwrap_or_default()));
            start = at;
            is_first_line = true;
        }
        chunks.push((start, self.text.get(start..).unwrap_or_default()));
        Ok(chunks)
    }

    fn read_chunk(&self, start: usize, chunk: &str) -> Result<Node, RenderError> {
        if chunk.trim().is_empty() {
            return Ok(Node::null());
        }
        yaml::read_one(&self.file.path, chunk).map_err(|error| {
            let base = self.at(start);
            RenderError::Yaml(shift_error(error, &base, self.inline.is_some()))
        })
    }

    /// Makes the origins of a chunk count in the whole file.
    fn relocate(&self, root: &mut Node, start: usize) {
        match self.inline {
            Some(origin) => map_origins(root, &mut |_| origin),
            None if start == 0 => {}
            None => map_origins(root, &mut |origin| match origin.as_offset() {
                Some(offset) => Origin::offset(offset + start),
                None => origin,
            }),
        }
    }
}

/// Moves an error in a chunk to where the chunk begins.
fn shift_error(error: ReadError, base: &Location, inline: bool) -> ReadError {
    match error {
        ReadError::Syntax { at, message } => {
            let moved = if inline {
                base.clone()
            } else {
                Location::new(at.path, at.line + base.line.saturating_sub(1), at.column)
            };
            ReadError::Syntax { at: moved, message }
        }
    }
}

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
