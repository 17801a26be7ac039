//! Events of a YAML text to nodes: tags, anchors, merge keys and bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Fault;
use super::limits::Limits;
use super::mapping::finish_mapping;
use super::scalars;
use crate::yaml::node::{Entry, Mapping, Node, Origin, Value};
use crate::yaml::resolve::Dialect;
use crate::yaml::scalar::{Scalar, Tag};

/// Builds one document.
#[derive(Debug)]
pub(super) struct Builder {
    dialect: Dialect,
    limits: Limits,
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

impl Builder {
    pub(super) fn new(dialect: Dialect, limits: Limits) -> Self {
        Self { dialect, limits, open: vec![], anchors: BTreeMap::new(), root: None, nodes: 0, alias_nodes: 0 }
    }

    /// The root of the document; null for an empty one.
    pub(super) fn finish(self) -> Node {
        self.root.unwrap_or_else(Node::null)
    }

    /// Whether the root is there.
    pub(super) fn is_complete(&self) -> bool {
        self.open.is_empty() && self.root.is_some()
    }

    /// Whether the next node stands between brackets.
    pub(super) fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|frame| frame.flow)
    }

    pub(super) fn scalar(&mut self, scalar: Scalar, origin: Origin, anchor: usize) -> Result<(), Fault> {
        let nodes = 1 + scalar.text().len() / 64;
        self.nodes += nodes;
        let node = Node::scalar(scalar).with_origin(origin);
        self.anchor(anchor, Anchored { node: node.clone(), nodes, height: 0 });
        self.place(node, 0)
    }

    pub(super) fn open_sequence(&mut self, origin: Origin, anchor: usize, flow: bool) -> Result<(), Fault> {
        self.open(Items::Sequence(vec![]), origin, anchor, flow)
    }

    pub(super) fn open_mapping(&mut self, origin: Origin, anchor: usize, flow: bool) -> Result<(), Fault> {
        self.open(Items::Mapping { entries: vec![], key: None, merge: None }, origin, anchor, flow)
    }

    fn open(&mut self, items: Items, origin: Origin, anchor: usize, flow: bool) -> Result<(), Fault> {
        if self.open.len() >= self.limits.depth {
            return Err(Fault::TooDeep(self.limits.depth));
        }
        let flow = flow || self.in_flow();
        self.open.push(Frame { items, origin, anchor, flow, nodes_before: self.nodes, height: 1 });
        self.nodes += 1;
        Ok(())
    }

    pub(super) fn close(&mut self) -> Result<(), Fault> {
        let Some(frame) = self.open.pop() else { return Ok(()) };
        let value = match frame.items {
            Items::Sequence(items) => Value::Sequence(Arc::new(items)),
            Items::Mapping { mut entries, merge, .. } => {
                if let Some(sources) = merge {
                    merge_into(&mut entries, &sources)?;
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
    pub(super) fn alias(&mut self, anchor: usize) -> Result<(), Fault> {
        let Anchored { node, nodes, height } =
            self.anchors.get(&anchor).cloned().ok_or(Fault::RecursiveAlias)?;
        self.nodes = self.nodes.saturating_add(nodes);
        self.count_aliased(nodes)?;
        if self.open.len() + height > self.limits.depth {
            return Err(Fault::TooDeep(self.limits.depth));
        }
        self.place(node, height)
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

/// Adds the entries of the merged mappings that are not there: the mapping's own keys win, then the first of
/// the merged ones.
fn merge_into(entries: &mut Vec<Entry>, merged: &Node) -> Result<(), Fault> {
    let mut known: BTreeSet<_> = entries.iter().map(|entry| entry.key.shared_text()).collect();
    for entry in sources(merged)?.into_iter().flat_map(Mapping::entries) {
        if known.insert(entry.key.shared_text()) {
            entries.push(entry.clone());
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
