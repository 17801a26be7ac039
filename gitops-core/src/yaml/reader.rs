//! Text to nodes.

use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::node::{Entry, Mapping, Node, Origin, Value};
use super::scalar::{Scalar, Tag};
use crate::diagnostic::Location;

/// One document of a YAML file.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its root; null for an empty document.
    pub root: Node,
}

/// Why a text could not be read as YAML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The text breaks YAML's grammar.
    #[error("{at}: {message}")]
    Syntax {
        /// Where.
        at: Location,
        /// What is wrong.
        message: String,
    },
}

/// Reads every document of `text`, which is the content of `path` (used in errors only).
pub fn read(path: &str, text: &str) -> Result<Vec<Document>, ReadError> {
    let mut builder = Builder::default();
    let offsets: Vec<usize> = text.char_indices().map(|(offset, _)| offset).chain([text.len()]).collect();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| ReadError::Syntax {
            at: Location::new(path, index(error.marker().line()), index(error.marker().col() + 1)),
            message: error.info().to_owned(),
        })?;
        builder.event(event, origin(&offsets, span));
    }
    Ok(builder.documents)
}

/// Reads the first document of `text`.
pub fn read_one(path: &str, text: &str) -> Result<Node, ReadError> {
    Ok(read(path, text)?.into_iter().next().map_or_else(Node::null, |document| document.root))
}

fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn origin(offsets: &[usize], span: Span) -> Origin {
    offsets.get(span.start.index()).map_or(Origin::UNKNOWN, |offset| Origin::offset(*offset))
}

#[derive(Debug)]
enum Open {
    Sequence(Vec<Node>, Origin, usize),
    Mapping(Mapping, Option<(Scalar, Origin)>, Origin, usize),
}

#[derive(Debug, Default)]
struct Builder {
    documents: Vec<Document>,
    open: Vec<Open>,
    anchors: std::collections::BTreeMap<usize, Node>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, origin: Origin) {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = match (style, tag) {
                    (ScalarStyle::Plain, None) => Scalar::plain(text.as_ref()),
                    (_, _) => Scalar::tagged(text.as_ref(), Tag::Str),
                };
                self.place(Node::scalar(scalar).with_origin(origin), anchor);
            }
            Event::SequenceStart(anchor, _) => self.open.push(Open::Sequence(vec![], origin, anchor)),
            Event::MappingStart(anchor, _) => {
                self.open.push(Open::Mapping(Mapping::default(), None, origin, anchor));
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned().unwrap_or_else(Node::null);
                self.place(node, 0);
            }
            Event::DocumentEnd => self.anchors.clear(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
    }

    fn close(&mut self) {
        let (value, origin, anchor) = match self.open.pop() {
            Some(Open::Sequence(items, origin, anchor)) => (Value::Sequence(Arc::new(items)), origin, anchor),
            Some(Open::Mapping(mapping, _, origin, anchor)) => {
                (Value::Mapping(Arc::new(mapping)), origin, anchor)
            }
            None => return,
        };
        self.place(Node { value, origin }, anchor);
    }

    fn place(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.documents.push(Document { root: node }),
            Some(Open::Sequence(items, ..)) => items.push(node),
            Some(Open::Mapping(mapping, key, ..)) => match key.take() {
                None => {
                    let scalar = node.as_scalar().cloned().unwrap_or_else(|| Scalar::string(""));
                    *key = Some((scalar, node.origin));
                }
                Some((key, key_origin)) => mapping.entries_mut().push(Entry { key, key_origin, value: node }),
            },
        }
    }
}
