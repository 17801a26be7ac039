//! Walks a text along the events of the parser and notes where each token stands.

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::layout::{Form, Item, LayoutError, Pair, Piece, Shape, Style};
use crate::diagnostic::Location;

/// How deep collections may be nested.
const DEPTH_LIMIT: usize = 200;

struct Seen<'t> {
    event: Event<'t>,
    start: usize,
    end: usize,
}

pub(super) struct Locator<'t, 'p> {
    path: String,
    text: &'t str,
    events: std::iter::Peekable<std::vec::IntoIter<Seen<'p>>>,
    at: usize,
}

impl<'t, 'p> Locator<'t, 'p> {
    /// `parsed` is `text` or a copy of the same length that the parser can read.
    pub(super) fn new(path: &str, text: &'t str, parsed: &'p str) -> Result<Self, LayoutError> {
        // The parser counts characters, we count bytes.
        let offsets: Vec<usize> = text.char_indices().map(|(offset, _)| offset).chain([text.len()]).collect();
        let byte = |index: usize| offsets.get(index).copied().unwrap_or(text.len());
        let mut events = vec![];
        for event in Parser::new_from_str(parsed) {
            let (event, span) = event.map_err(|error| LayoutError::Syntax {
                at: Location::in_text(path, text, byte(error.marker().index())),
                message: error.info().to_owned(),
            })?;
            events.push(Seen { event, start: byte(span.start.index()), end: byte(span.end.index()) });
        }
        let events = events.into_iter().peekable();
        Ok(Self { path: path.to_owned(), text, events, at: 0 })
    }

    /// The roots of all documents, and where the first one ends.
    pub(super) fn documents(&mut self) -> Result<(Vec<Piece>, usize), LayoutError> {
        let mut documents = vec![];
        let mut end = None;
        while let Some(seen) = self.events.next() {
            match seen.event {
                Event::DocumentStart(explicit) => {
                    self.at = if explicit { seen.end } else { self.at.max(byte_order_mark(self.text)) };
                    documents.push(self.node(0)?);
                }
                Event::DocumentEnd => {
                    let marker = self.text.get(seen.start..seen.end) == Some("...");
                    end.get_or_insert(if marker { seen.start } else { self.text.len() });
                    self.at = seen.end;
                }
                Event::Nothing
                | Event::StreamStart
                | Event::StreamEnd
                | Event::Alias(_)
                | Event::Scalar(..)
                | Event::SequenceStart(..)
                | Event::SequenceEnd
                | Event::MappingStart(..)
                | Event::MappingEnd => {}
            }
        }
        Ok((documents, end.unwrap_or(self.text.len())))
    }

    fn node(&mut self, depth: usize) -> Result<Piece, LayoutError> {
        if depth > DEPTH_LIMIT {
            let at = Location::in_text(self.path.as_str(), self.text, self.at);
            return Err(LayoutError::TooDeep { at, limit: DEPTH_LIMIT });
        }
        let Some(seen) = self.events.next() else { return Err(self.lost()) };
        let written = self.text.get(seen.start..seen.end).unwrap_or_default();
        match seen.event {
            Event::Alias(anchor) => self.alias(anchor),
            Event::Scalar(text, style, anchor, tag) => {
                let tagged = tag.is_some();
                let start = self.properties(anchor > 0 || tagged);
                let (content, end, style) = self.scalar(&text, style, seen.end)?;
                let form = Form::Scalar { style, text: text.into_owned(), tagged };
                Ok(Piece { start: start.unwrap_or(content), content, end, anchor, form })
            }
            Event::SequenceStart(anchor, tag) => {
                let start = self.properties(anchor > 0 || tag.is_some());
                let shape = if written.trim_end().ends_with('[') { Shape::Flow } else { Shape::Block };
                let piece = self.sequence(shape, depth)?;
                Ok(Piece { start: start.unwrap_or(piece.start), anchor, ..piece })
            }
            Event::MappingStart(anchor, tag) => {
                let start = self.properties(anchor > 0 || tag.is_some());
                let shape = if written.trim_end().ends_with('{') { Shape::Flow } else { Shape::Block };
                let piece = self.mapping(shape, depth)?;
                Ok(Piece { start: start.unwrap_or(piece.start), anchor, ..piece })
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => Err(self.lost()),
        }
    }

    fn alias(&mut self, anchor: usize) -> Result<Piece, LayoutError> {
        self.skip_blank();
        let start = self.at;
        self.expect(b'*')?;
        self.skip_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b',' | b']' | b'}'));
        Ok(Piece { start, content: start, end: self.at, anchor: 0, form: Form::Alias(anchor) })
    }

    fn sequence(&mut self, shape: Shape, depth: usize) -> Result<Piece, LayoutError> {
        self.skip_blank();
        let start = self.at;
        let flow = shape == Shape::Flow;
        if flow {
            self.expect(b'[')?;
        }
        let mut items = vec![];
        while !self.next_is(|event| matches!(event, Event::SequenceEnd)) {
            self.skip_blank();
            let mut dash = None;
            if !flow {
                dash = Some(self.at);
                self.expect(b'-')?;
            } else if self.peek() == Some(b',') {
                self.at += 1;
            }
            let mut node = self.node(depth + 1)?;
            if flow && let Form::Mapping(shape @ Shape::Block, _) = &mut node.form {
                *shape = Shape::Bare;
            }
            items.push(Item { dash, node });
        }
        self.events.next();
        let end = if flow { self.close(b']')? } else { self.at };
        Ok(Piece { start, content: start, end, anchor: 0, form: Form::Sequence(shape, items) })
    }

    fn mapping(&mut self, shape: Shape, depth: usize) -> Result<Piece, LayoutError> {
        self.skip_blank();
        let start = self.at;
        let flow = shape == Shape::Flow;
        if flow {
            self.expect(b'{')?;
        }
        let mut pairs = vec![];
        while !self.next_is(|event| matches!(event, Event::MappingEnd)) {
            self.skip_blank();
            if flow && self.peek() == Some(b',') {
                self.at += 1;
                self.skip_blank();
            }
            pairs.push(self.pair(depth)?);
        }
        self.events.next();
        let end = if flow { self.close(b'}')? } else { self.at };
        Ok(Piece { start, content: start, end, anchor: 0, form: Form::Mapping(shape, pairs) })
    }

    fn pair(&mut self, depth: usize) -> Result<Pair, LayoutError> {
        let start = self.at;
        let explicit =
            self.peek() == Some(b'?') && self.byte(self.at + 1).is_none_or(|byte| byte.is_ascii_whitespace());
        if explicit {
            self.at += 1;
        }
        let key = self.node(depth + 1)?;
        let after_key = self.at;
        self.skip_blank();
        let colon = (self.peek() == Some(b':')).then_some(self.at);
        self.at = colon.map_or(after_key, |colon| colon + 1);
        let value = self.node(depth + 1)?;
        Ok(Pair { start, key, colon, value })
    }

    /// The first and last byte of a scalar, after its anchor and tag.
    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        end: usize,
    ) -> Result<(usize, usize, Style), LayoutError> {
        if style == ScalarStyle::Plain && text.is_empty() {
            return Ok((self.at, self.at, Style::Plain));
        }
        self.skip_blank();
        let start = self.at;
        let style = match style {
            ScalarStyle::Plain => {
                self.at = start + self.trimmed(start, end);
                Style::Plain
            }
            ScalarStyle::SingleQuoted => {
                self.quoted(b'\'')?;
                Style::SingleQuoted
            }
            ScalarStyle::DoubleQuoted => {
                self.quoted(b'"')?;
                Style::DoubleQuoted
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                if !matches!(self.peek(), Some(b'|' | b'>')) {
                    return Err(self.lost());
                }
                self.at = start + self.trimmed(start, end);
                Style::Block
            }
        };
        Ok((start, self.at, style))
    }

    /// The length of `start..end` without the space at its end.
    fn trimmed(&self, start: usize, end: usize) -> usize {
        self.text.get(start..end).unwrap_or_default().trim_end_matches([' ', '\t', '\r', '\n']).len()
    }

    fn quoted(&mut self, quote: u8) -> Result<(), LayoutError> {
        self.expect(quote)?;
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte == b'\\' && quote == b'"' {
                self.at += 1;
            } else if byte == quote {
                if quote == b'"' || self.peek() != Some(quote) {
                    return Ok(());
                }
                self.at += 1;
            }
        }
        Err(self.lost())
    }

    /// Passes over anchor and tag, and returns where they begin.
    fn properties(&mut self, any: bool) -> Option<usize> {
        if !any {
            return None;
        }
        self.skip_blank();
        let start = self.at;
        while matches!(self.peek(), Some(b'&' | b'!')) {
            let verbatim = self.text.get(self.at..).is_some_and(|rest| rest.starts_with("!<"));
            self.skip_while(|byte| {
                !byte.is_ascii_whitespace() && (verbatim || !matches!(byte, b',' | b']' | b'}' | b'[' | b'{'))
            });
            let after = self.at;
            self.skip_blank();
            if !matches!(self.peek(), Some(b'&' | b'!')) {
                self.at = after;
                break;
            }
        }
        Some(start)
    }

    fn close(&mut self, bracket: u8) -> Result<usize, LayoutError> {
        self.skip_blank();
        if self.peek() == Some(b',') {
            self.at += 1;
            self.skip_blank();
        }
        self.expect(bracket)?;
        Ok(self.at)
    }

    /// Passes over space, line breaks and comments.
    fn skip_blank(&mut self) {
        loop {
            self.skip_while(|byte| byte.is_ascii_whitespace());
            let after_space = self
                .at
                .checked_sub(1)
                .and_then(|at| self.byte(at))
                .is_none_or(|byte| byte.is_ascii_whitespace());
            if self.peek() != Some(b'#') || !after_space {
                return;
            }
            self.skip_while(|byte| !matches!(byte, b'\n' | b'\r'));
        }
    }

    fn skip_while(&mut self, pass: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&pass) {
            self.at += 1;
        }
    }

    fn next_is(&mut self, test: impl Fn(&Event<'p>) -> bool) -> bool {
        self.events.peek().is_none_or(|seen| test(&seen.event))
    }

    fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), LayoutError> {
        if self.peek() != Some(byte) {
            return Err(self.lost());
        }
        self.at += 1;
        Ok(())
    }

    fn lost(&self) -> LayoutError {
        LayoutError::Syntax {
            at: Location::in_text(self.path.as_str(), self.text, self.at),
            message: "this YAML cannot be edited in place".to_owned(),
        }
    }
}

fn byte_order_mark(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}
