//! Tokens to the parts of documents: which node is what, and what belongs together.
//!
//! What is still to come stands in a list, so nesting costs no stack.

mod block;
mod flow;

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::lexer::Lexer;
use super::token::{Kind, Token};
use super::{Properties, Receiver, Style, WrittenScalar, fault};
use crate::yaml::fault::{Fault, Faulty};
use crate::yaml::resolve::Dialect;

/// What the handle `!!` stands for.
pub(in crate::yaml) const CORE: &str = "tag:yaml.org,2002:";

/// Reads documents and tells a receiver what is in them.
#[derive(Debug)]
pub(in crate::yaml) struct Parser<'a, R> {
    tokens: Lexer<'a>,
    /// Who is told.
    pub(in crate::yaml) receiver: R,
    dialect: Dialect,
    /// What the handles of tags stand for.
    prefixes: BTreeMap<String, String>,
    /// The number of the node that bears an anchor's name by now.
    anchors: BTreeMap<&'a str, usize>,
    last_anchor: usize,
    open: Vec<Next>,
}

/// What comes next, the innermost last.
#[derive(Clone, Copy, Debug)]
enum Next {
    Node(Allowed),
    /// A value that is not there.
    Nothing,
    BlockItem {
        indentless: bool,
    },
    BlockKey,
    BlockValue,
    FlowItem {
        first: bool,
    },
    FlowKey {
        first: bool,
    },
    FlowValue {
        in_sequence: bool,
    },
    /// The end of a mapping of one pair, which has no braces.
    PairEnd,
}

/// What may stand where a node is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Allowed {
    /// Anything in a block.
    Block,
    /// Anything in a block, and the items of a list that are indented no more than their key.
    BlockOrItems,
    /// What is in brackets.
    Flow,
}

impl<'a, R: Receiver> Parser<'a, R> {
    /// At the start of `text`.
    pub(in crate::yaml) fn new(text: &'a str, dialect: Dialect, receiver: R) -> Self {
        let ahead = match dialect {
            Dialect::Resource => 2,
            Dialect::Json => 0,
        };
        Self {
            tokens: Lexer::new(text, ahead),
            receiver,
            dialect,
            prefixes: BTreeMap::new(),
            anchors: BTreeMap::new(),
            last_anchor: 0,
            open: vec![],
        }
    }

    /// The byte at which the next token starts.
    pub(in crate::yaml) fn offset(&mut self) -> Result<usize, Faulty> {
        Ok(self.tokens.peek()?.offset)
    }

    /// Reads the next document; `first` is whether it may start without `---`. Returns where it ends: at its `...`,
    /// or at what follows it. `None` where there is no further document.
    pub(in crate::yaml) fn document(&mut self, first: bool) -> Result<Option<usize>, Faulty> {
        while !first && *self.kind()? == Kind::DocumentEnd {
            self.tokens.take()?;
        }
        let prefixes = [("", ""), ("!", "!"), ("!!", CORE)];
        self.prefixes = prefixes.map(|(handle, prefix)| (handle.to_owned(), prefix.to_owned())).into();
        if *self.kind()? == Kind::StreamEnd {
            return Ok(None);
        }
        if first && !self.kind()?.starts_document() {
            self.root()?;
        } else {
            self.explicit_document()?;
        }
        let end = self.offset()?;
        if *self.kind()? == Kind::DocumentEnd {
            self.tokens.take()?;
        }
        self.anchors.clear();
        Ok(Some(end))
    }

    fn explicit_document(&mut self) -> Result<(), Faulty> {
        self.directives()?;
        if *self.kind()? != Kind::DocumentStart {
            return self.fault("did not find the `---` of a document");
        }
        let start = self.tokens.take()?.offset;
        if self.kind()?.ends_document() { self.nothing(start) } else { self.root() }
    }

    fn directives(&mut self) -> Result<(), Faulty> {
        let mut versions = 0;
        let mut handles = vec![];
        loop {
            let kind = &self.tokens.peek()?.kind;
            if let Kind::Version(major, minor) = kind {
                // Kustomize reads 1.1 only, and in resources no directive at all.
                let known = *major == 1 && (*minor == 1 || self.dialect == Dialect::Resource);
                versions += 1;
                if versions > 1 || !known {
                    return self.fault("`%YAML` must stand there once, and say 1.1");
                }
            } else if let Kind::TagPrefix { handle, prefix } = kind {
                if handles.contains(handle) {
                    return self.fault("a handle of `%TAG` is there twice");
                }
                handles.push(handle);
                self.prefixes.insert((*handle).to_owned(), prefix.clone());
            } else {
                return Ok(());
            }
            self.tokens.take()?;
        }
    }

    /// The root of a document, and everything in it.
    fn root(&mut self) -> Result<(), Faulty> {
        self.open.push(Next::Node(Allowed::Block));
        while let Some(next) = self.open.pop() {
            self.step(next)?;
        }
        Ok(())
    }

    fn step(&mut self, next: Next) -> Result<(), Faulty> {
        match next {
            Next::Node(allowed) => self.node(allowed),
            Next::Nothing => self.nothing_here(),
            Next::BlockItem { indentless } => self.block_item(indentless),
            Next::BlockKey => self.block_key(),
            Next::BlockValue => self.block_value(),
            Next::FlowItem { first } => self.flow_item(first),
            Next::FlowKey { first } => self.flow_key(first),
            Next::FlowValue { in_sequence } => self.flow_value(in_sequence),
            Next::PairEnd => self.close_here(),
        }
    }

    fn node(&mut self, allowed: Allowed) -> Result<(), Faulty> {
        if matches!(self.kind()?, Kind::Alias(_)) {
            return self.alias();
        }
        let properties = self.properties()?;
        let in_block = allowed != Allowed::Flow;
        match (self.kind()?, in_block) {
            (Kind::Scalar { .. }, _) => self.written_scalar(properties),
            (Kind::BlockEntry, _) if allowed == Allowed::BlockOrItems => {
                self.block_sequence(properties, true)
            }
            (Kind::BlockSequenceStart, true) => self.block_sequence(properties, false),
            (Kind::BlockMappingStart, true) => self.block_mapping(properties),
            (Kind::FlowSequenceStart, _) => self.flow_sequence(properties),
            (Kind::FlowMappingStart, _) => self.flow_mapping(properties),
            _ => match properties.place.as_ref().map(|place| place.start) {
                Some(start) => self.empty(start, properties),
                None => self.fault("did not find a value where one is expected"),
            },
        }
    }

    fn alias(&mut self) -> Result<(), Faulty> {
        let Token { kind, offset, end } = self.tokens.take()?;
        let Kind::Alias(name) = kind else { return Ok(()) };
        match self.anchors.get(name) {
            Some(anchor) => at(offset, self.receiver.alias(*anchor, offset..end)),
            // Its name may be a password that nobody put in quotes.
            None => fault("this alias names an anchor that is not defined", offset),
        }
    }

    /// An anchor and a tag, in any order.
    fn properties(&mut self) -> Result<Properties, Faulty> {
        let mut properties = Properties::default();
        loop {
            let Token { kind, offset, end } = self.tokens.peek()?;
            let (offset, end) = (*offset, *end);
            if let Kind::Anchor(name) = kind
                && properties.anchor == 0
            {
                self.last_anchor += 1;
                properties.anchor = self.last_anchor;
                self.anchors.insert(name, properties.anchor);
            } else if let Kind::Tag { handle, suffix } = kind
                && properties.tag.is_none()
            {
                let Some(prefix) = self.prefixes.get(*handle) else {
                    return fault("this tag has a handle that is not defined", offset);
                };
                properties.tag = Some(format!("{prefix}{suffix}"));
            } else {
                return Ok(properties);
            }
            properties.place.get_or_insert(offset..end).end = end;
            self.tokens.take()?;
        }
    }

    fn written_scalar(&mut self, properties: Properties) -> Result<(), Faulty> {
        let Token { kind, offset, end } = self.tokens.take()?;
        let Kind::Scalar { text, style } = kind else { return Ok(()) };
        let ends_at_comment = style.is_block() && text.ends_with("\n\n") && self.only_comments_follow()?;
        self.scalar(WrittenScalar { text, style, properties, offset, end, ends_at_comment })
    }

    fn only_comments_follow(&mut self) -> Result<bool, Faulty> {
        if self.dialect == Dialect::Json {
            return Ok(false);
        }
        self.tokens.peek()?;
        Ok(self.tokens.only_comments_follow())
    }

    fn scalar(&mut self, scalar: WrittenScalar) -> Result<(), Faulty> {
        let tagged = scalar.properties.place.as_ref().filter(|_| scalar.properties.tag.is_some());
        at(tagged.map_or(scalar.offset, |place| place.start), self.receiver.scalar(scalar))
    }

    /// A value that is not there, before the next token.
    fn nothing_here(&mut self) -> Result<(), Faulty> {
        let offset = self.offset()?;
        self.nothing(offset)
    }

    /// A value that is not there.
    fn nothing(&mut self, offset: usize) -> Result<(), Faulty> {
        self.empty(offset, Properties::default())
    }

    fn empty(&mut self, offset: usize, properties: Properties) -> Result<(), Faulty> {
        self.scalar(WrittenScalar {
            text: SmolStr::default(),
            style: Style::Plain,
            properties,
            offset,
            end: offset,
            ends_at_comment: false,
        })
    }

    /// Closes a collection before the next token.
    fn close_here(&mut self) -> Result<(), Faulty> {
        let offset = self.offset()?;
        at(offset, self.receiver.close(None))
    }

    /// What the next token is.
    fn kind(&mut self) -> Result<&Kind<'a>, Faulty> {
        Ok(&self.tokens.peek()?.kind)
    }

    /// The error that the next token is wrong.
    fn fault<T>(&mut self, message: &str) -> Result<T, Faulty> {
        fault(message, self.offset()?)
    }
}

/// Says where a fault is.
fn at<T>(offset: usize, result: Result<T, Fault>) -> Result<T, Faulty> {
    result.map_err(|fault| Faulty { fault, offset })
}
