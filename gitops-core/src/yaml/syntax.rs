//! The grammar of YAML as go-yaml understands it: from a text to what stands in it, in order.
//!
//! Where go-yaml and YAML 1.2 part, this is go-yaml's side: tabs, the line breaks of YAML 1.1, what may be a key,
//! how far a reader looks ahead. Whatever is nested is kept in lists, never on the stack, and each byte is looked at
//! a bounded number of times. What becomes of the parts is the business of a [`Receiver`].

mod block_scalar;
mod cursor;
mod directive;
mod lexer;
mod parser;
mod plain;
mod queue;
mod quoted;
mod tag;
mod token;
mod trivia;

pub(super) use self::parser::{CORE, Parser};
pub(super) use self::token::Style;
use super::fault::{Fault, Faulty};

/// What stands before a node.
#[derive(Debug, Default)]
pub(super) struct Properties {
    /// The number of the node's anchor; 0 if it has none.
    pub(super) anchor: usize,
    /// The tag in full.
    pub(super) tag: Option<String>,
    /// Where they stand, if there are any.
    pub(super) place: Option<std::ops::Range<usize>>,
}

/// A scalar, and how it is written.
#[derive(Debug)]
pub(super) struct WrittenScalar {
    pub(super) text: smol_str::SmolStr,
    pub(super) style: Style,
    pub(super) properties: Properties,
    /// The byte at which it starts, without its properties.
    pub(super) offset: usize,
    /// The byte behind it, and behind the blank lines that a block ends with.
    pub(super) end: usize,
    /// Whether a comment is all that follows it in the document. Known of blocks that end with blank lines only.
    pub(super) ends_at_comment: bool,
}

/// What a collection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Collection {
    Sequence,
    Mapping,
}

/// How a collection is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// By indentation.
    Block,
    /// In brackets or braces.
    Flow,
    /// A mapping of one pair without braces, in brackets.
    Bare,
}

/// The start of a collection.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) collection: Collection,
    pub(super) layout: Layout,
    pub(super) properties: Properties,
    /// The byte at which it starts, without its properties.
    pub(super) offset: usize,
}

/// A sign between nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Indicator {
    /// `-` before an item.
    Dash,
    /// `?` before a key.
    Question,
    /// `:` before a value.
    Colon,
}

/// Who is told the parts of a document, in the order of the text.
pub(super) trait Receiver {
    /// A scalar; one that is not there is plain and empty.
    fn scalar(&mut self, scalar: WrittenScalar) -> Result<(), Fault>;
    /// A sequence or mapping starts. Of a mapping, keys and values follow in turn.
    fn open(&mut self, opening: Opening) -> Result<(), Fault>;
    /// The innermost collection ends; `bracket` is the byte behind the bracket that closes it, if one does.
    fn close(&mut self, bracket: Option<usize>) -> Result<(), Fault>;
    /// An alias of the node with the number `anchor`.
    fn alias(&mut self, anchor: usize, place: std::ops::Range<usize>) -> Result<(), Fault>;
    /// A sign at `offset`.
    fn indicator(&mut self, indicator: Indicator, offset: usize);
}

fn fault<T>(message: impl Into<String>, offset: usize) -> Result<T, Faulty> {
    Err(Faulty { fault: Fault::Syntax(message.into()), offset })
}
