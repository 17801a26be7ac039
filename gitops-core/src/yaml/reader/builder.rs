//! The parts of a YAML text to nodes: tags, anchors, merge keys and bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::folding::is_double_quoted;
use super::limits::Limits;
use super::mapping::finish_mapping;
use super::scalars;
use super::source::PlacesFrom;
use crate::yaml::fault::Fault;
use crate::yaml::node::{Entry, Mapping, Node, Origin, Value};
use crate::yaml::resolve::Dialect;
use crate::yaml::scalar::{Scalar, Tag};
use crate::yaml::syntax::{Collection, Indicator, Layout, Opening, Receiver, Style, WrittenScalar};

/// Builds one document.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    dialect: Dialect,
    limits: Limits,
    places: PlacesFrom<'a>,
    open: Vec<Frame>,
    anchors: BTreeMap<usize, Anchored>,
    root: Option<Node>,
    /// Nodes of the document so far, with aliases expanded; each 64 bytes of a text count as one.
    nodes: usize,
    /// Those of them that an alias added.
    alias_nodes: usize,
}

/// A collection that is not closed yet.
#[derive(Debug)]
struct Frame {
    items: Items,
    origin: Origin,
    anchor: usize,
    flow: bool,
    nodes_before: usize,
    height: usize,
}

#[derive(Debug)]
enum Items {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, key: Option<(Scalar, Origin)>, merge: Option<Node> },
}

/// What an alias stands for, and what it costs.
#[derive(Debug, Clone)]
struct Anchored {
    node: Node,
    nodes: usize,
    height: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(dialect: Dialect, limits: Limits, places: PlacesFrom<'a>) -> Self {
        Self {
            dialect,
            limits,
            places,
            open: vec![],
            anchors: BTreeMap::new(),
            root: None,
            nodes: 0,
            alias_nodes: 0,
        }
    }

    /// The root of the document; null for an empty one.
    pub(super) fn finish(self) -> Node {
        self.root.unwrap_or_else(Node::null)
    }

    /// Whether the next node stands between brackets.
    fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|frame| frame.flow)
    }

    /// The scalar that a written one stands for.
    fn resolve(&self, written: WrittenScalar) -> Result<Scalar, Fault> {
        let WrittenScalar { mut text, style, properties, ends_at_comment, .. } = written;
        let resource = self.dialect == Dialect::Resource;
        if ends_at_comment && !is_double_quoted(&text) {
            // Kustomize prints a blank line before the comment, and reads it again.
            text = format!("{text}\n").into();
        }
        // To go-yaml v3 the tag `!` says nothing; to v2 it says that this is a string.
        let tag = properties.tag.filter(|tag| tag != "!" || !resource);
        let scalar = match (tag, style) {
            (Some(tag), _) => scalars::tagged(text, &tag, self.dialect)?,
            (None, Style::Plain) => scalars::plain(text, self.dialect, self.in_flow())?,
            (None, _)
                if style.is_block() && resource && text.starts_with('\t') && !is_double_quoted(&text) =>
            {
                let message = "kustomize cannot print a block that starts with a tab";
                return Err(Fault::Syntax(message.to_owned()));
            }
            (None, _) => Scalar::quoted(text),
        };
        Ok(if style == Style::Folded && resource { scalar.folded() } else { scalar })
    }

    fn count_aliased(&mut self, nodes: usize) -> Result<(), Fault> {
        self.alias_nodes = self.alias_nodes.saturating_add(nodes);
        if self.alias_nodes > self.limits.alias_nodes {
            return Err(Fault::TooManyAliases(self.limits.alias_nodes));
        }
        Ok(())
    }

    fn anchor(&mut self, anchor: usize, target: Anchored) {
        if anchor > 0 {
            self.anchors.insert(anchor, target);
        }
    }

    fn place(&mut self, node: Node, height: usize) -> Result<(), Fault> {
        let Some(frame) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return Ok(());
        };
        frame.height = frame.height.max(height + 1);
        match &mut frame.items {
            Items::Sequence(items) => items.push(node),
            Items::Mapping { entries, key, merge } => match key.take() {
                None => {
                    let origin = node.origin;
                    let scalar = node.as_scalar().cloned().ok_or(Fault::KeyNotScalar)?;
                    *key = Some((scalars::key(scalar, self.dialect)?, origin));
                }
                Some((key, _)) if key.tag() == Tag::Merge => {
                    if self.dialect == Dialect::Json {
                        for entry in sources(&node)?.iter().rev().flat_map(|source| source.entries()) {
                            entries.push(entry.clone());
                        }
                    } else if merge.replace(node).is_some() {
                        return Err(Fault::TwoMerges);
                    }
                }
                // Kyaml clears the field `<<` of each mapping, whether it was a merge key or a string.
                Some((key, _)) if key.text() == "<<" && self.dialect == Dialect::Resource => {}
                Some((key, key_origin)) => entries.push(Entry { key, key_origin, value: node }),
            },
        }
        Ok(())
    }
}

impl Receiver for Builder<'_> {
    fn scalar(&mut self, written: WrittenScalar) -> Result<(), Fault> {
        let origin = self.places.origin(written.offset);
        let anchor = written.properties.anchor;
        let scalar = self.resolve(written)?;
        let nodes = 1 + scalar.text().len() / 64;
        self.nodes += nodes;
        let node = Node::scalar(scalar).with_origin(origin);
        self.anchor(anchor, Anchored { node: node.clone(), nodes, height: 0 });
        self.place(node, 0)
    }

    fn open(&mut self, opening: Opening) -> Result<(), Fault> {
        if self.open.len() >= self.limits.depth {
            return Err(Fault::TooDeep(self.limits.depth));
        }
        self.open.push(Frame {
            items: match opening.collection {
                Collection::Sequence => Items::Sequence(vec![]),
                Collection::Mapping => Items::Mapping { entries: vec![], key: None, merge: None },
            },
            origin: self.places.origin(opening.offset),
            anchor: opening.properties.anchor,
            flow: opening.layout != Layout::Block || self.in_flow(),
            nodes_before: self.nodes,
            height: 1,
        });
        self.nodes += 1;
        Ok(())
    }

    fn close(&mut self, _bracket: Option<usize>) -> Result<(), Fault> {
        let Some(frame) = self.open.pop() else { return Ok(()) };
        let value = match frame.items {
            Items::Sequence(items) => Value::Sequence(Arc::new(items)),
            Items::Mapping { mut entries, merge, .. } => {
                if let Some(sources) = merge {
                    merge_into(&mut entries, &sources, frame.flow)?;
                }
                Value::Mapping(Arc::new(finish_mapping(entries, self.dialect)))
            }
        };
        let node = Node { value, origin: frame.origin };
        let nodes = self.nodes - frame.nodes_before;
        self.anchor(frame.anchor, Anchored { node: node.clone(), nodes, height: frame.height });
        self.place(node, frame.height)
    }

    /// Puts what `anchor` stands for here. It must be complete: nothing contains itself.
    fn alias(&mut self, anchor: usize, _place: Range<usize>) -> Result<(), Fault> {
        let Anchored { node, nodes, height } =
            self.anchors.get(&anchor).cloned().ok_or(Fault::RecursiveAlias)?;
        self.nodes = self.nodes.saturating_add(nodes);
        self.count_aliased(nodes)?;
        if self.open.len() + height > self.limits.depth {
            return Err(Fault::TooDeep(self.limits.depth));
        }
        self.place(node, height)
    }

    fn indicator(&mut self, _: Indicator, _: usize) {}
}

/// Adds the entries of the merged mappings that are not there: the mapping's own keys win, then the first of
/// the merged ones.
fn merge_into(entries: &mut Vec<Entry>, merged: &Node, into_flow: bool) -> Result<(), Fault> {
    let mut known: BTreeSet<_> = entries.iter().map(|entry| entry.key.shared_text()).collect();
    for entry in sources(merged)?.into_iter().flat_map(Mapping::entries) {
        if known.insert(entry.key.shared_text()) {
            let mut entry = entry.clone();
            // Nothing between brackets is nothing in a block once it is merged there.
            if !into_flow && entry.value.as_scalar().is_some_and(Scalar::is_blank) {
                entry.value = Node::null().with_origin(entry.value.origin);
            }
            entries.push(entry);
        }
    }
    Ok(())
}

/// The mappings that a merge key names.
fn sources(value: &Node) -> Result<Vec<&Mapping>, Fault> {
    match &value.value {
        Value::Mapping(mapping) => Ok(vec![mapping]),
        Value::Sequence(items) => {
            items.iter().map(|item| item.as_mapping().ok_or(Fault::MergeValue)).collect()
        }
        Value::Scalar(_) => Err(Fault::MergeValue),
    }
}
