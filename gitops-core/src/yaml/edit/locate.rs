//! Notes where each part of a text stands, as the grammar tells them.

use std::ops::Range;

use super::layout::{Form, Item, LayoutError, Pair, Piece, Shape, Style};
use crate::diagnostic::Location;
use crate::yaml::fault::{Fault, Faulty};
use crate::yaml::resolve::Dialect;
use crate::yaml::syntax::{
    self, Collection, Indicator, Opening, Parser, Properties, Receiver, WrittenScalar,
};

/// How deep collections may be nested.
const DEPTH_LIMIT: usize = 200;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The roots of all documents of `text`, and the byte after the content of the first one.
pub(super) fn documents(path: &str, text: &str) -> Result<(Vec<Piece>, usize), LayoutError> {
    let (mark, content) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(content) => (BYTE_ORDER_MARK.len(), content),
        None => (0, text),
    };
    // Behind the mark, so that the parts of the content count from the start of the text.
    let receiver = Sketch { text, mark, at: mark, open: vec![], root: None };
    let mut parser = Parser::new(content, Dialect::Resource, receiver);
    let mut roots = vec![];
    let mut first_end = text.len();
    let located = |faulty: Faulty| locate(path, text, mark, faulty);
    while let Some(end) = parser.document(roots.is_empty()).map_err(located)? {
        let end = end + mark;
        if roots.is_empty() && text.get(end..).is_some_and(|rest| rest.starts_with("...")) {
            first_end = end;
        }
        roots.extend(parser.receiver.root.take());
    }
    Ok((roots, first_end))
}

fn locate(path: &str, text: &str, mark: usize, Faulty { fault, offset }: Faulty) -> LayoutError {
    let at = Location::in_text(path, text, offset + mark);
    if let Fault::TooDeep(limit) = fault {
        LayoutError::TooDeep { at, limit }
    } else {
        LayoutError::Syntax { at, message: fault.to_string() }
    }
}

/// The pieces of a document as far as it is read.
struct Sketch<'t> {
    text: &'t str,
    /// What the offsets of the grammar lack.
    mark: usize,
    /// The byte after the last part.
    at: usize,
    open: Vec<Frame>,
    root: Option<Piece>,
}

/// A collection that is not closed yet.
struct Frame {
    start: usize,
    content: usize,
    anchor: usize,
    shape: Shape,
    parts: Parts,
    /// Where the dash or the `?` of the next part stands.
    sign: Option<usize>,
}

enum Parts {
    Items(Vec<Item>),
    Pairs { pairs: Vec<Pair>, key: Option<(usize, Piece)>, colon: Option<usize> },
}

impl Sketch<'_> {
    /// Where the properties of a node start; nothing if it has none.
    fn properties(&mut self, properties: &Properties) -> Option<usize> {
        let place = properties.place.as_ref()?;
        self.at = place.end + self.mark;
        Some(place.start + self.mark)
    }

    fn place(&mut self, piece: Piece) {
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(piece);
            return;
        };
        let sign = frame.sign.take();
        match &mut frame.parts {
            Parts::Items(items) => items.push(Item { dash: sign, node: piece }),
            Parts::Pairs { pairs, key, colon } => match key.take() {
                None => *key = Some((sign.unwrap_or(piece.start), piece)),
                Some((start, key)) => pairs.push(Pair { start, key, colon: colon.take(), value: piece }),
            },
        }
    }

    /// The end of what starts at `start` and ends before `end`, without the white space there.
    fn trimmed(&self, start: usize, end: usize) -> usize {
        let text = self.text.get(start..end).unwrap_or_default();
        start + text.trim_end_matches([' ', '\t', '\r', '\n']).len()
    }
}

impl Receiver for Sketch<'_> {
    fn scalar(&mut self, scalar: WrittenScalar) -> Result<(), Fault> {
        let WrittenScalar { text, style, properties, offset, end, .. } = scalar;
        let start = self.properties(&properties);
        let style = match style {
            syntax::Style::Plain => Style::Plain,
            syntax::Style::SingleQuoted => Style::SingleQuoted,
            syntax::Style::DoubleQuoted => Style::DoubleQuoted,
            syntax::Style::Literal | syntax::Style::Folded => Style::Block,
        };
        // One that is not there stands behind what is before it.
        let content = if style == Style::Plain && text.is_empty() { self.at } else { offset + self.mark };
        self.at = self.trimmed(content, (end + self.mark).max(content));
        let form = Form::Scalar { style, text: text.into(), tagged: properties.tag.is_some() };
        let start = start.unwrap_or(content);
        self.place(Piece { start, content, end: self.at, anchor: properties.anchor, form });
        Ok(())
    }

    fn open(&mut self, opening: Opening) -> Result<(), Fault> {
        if self.open.len() > DEPTH_LIMIT {
            return Err(Fault::TooDeep(DEPTH_LIMIT));
        }
        let content = opening.offset + self.mark;
        let start = self.properties(&opening.properties).unwrap_or(content);
        self.open.push(Frame {
            start,
            content,
            anchor: opening.properties.anchor,
            shape: match opening.layout {
                syntax::Layout::Block => Shape::Block,
                syntax::Layout::Flow => Shape::Flow,
                syntax::Layout::Bare => Shape::Bare,
            },
            parts: match opening.collection {
                Collection::Sequence => Parts::Items(vec![]),
                Collection::Mapping => Parts::Pairs { pairs: vec![], key: None, colon: None },
            },
            sign: None,
        });
        Ok(())
    }

    fn close(&mut self, bracket: Option<usize>) -> Result<(), Fault> {
        let Some(Frame { start, content, anchor, shape, parts, .. }) = self.open.pop() else { return Ok(()) };
        self.at = bracket.map_or(self.at, |bracket| bracket + self.mark);
        let form = match parts {
            Parts::Items(items) => Form::Sequence(shape, items),
            Parts::Pairs { pairs, .. } => Form::Mapping(shape, pairs),
        };
        self.place(Piece { start, content, end: self.at, anchor, form });
        Ok(())
    }

    fn alias(&mut self, anchor: usize, place: Range<usize>) -> Result<(), Fault> {
        let start = place.start + self.mark;
        self.at = place.end + self.mark;
        self.place(Piece { start, content: start, end: self.at, anchor: 0, form: Form::Alias(anchor) });
        Ok(())
    }

    fn indicator(&mut self, indicator: Indicator, offset: usize) {
        let offset = offset + self.mark;
        self.at = offset + 1;
        let Some(frame) = self.open.last_mut() else { return };
        match (indicator, &mut frame.parts) {
            (Indicator::Dash | Indicator::Question, _) => frame.sign = Some(offset),
            (Indicator::Colon, Parts::Pairs { colon, .. }) => *colon = Some(offset),
            (Indicator::Colon, Parts::Items(_)) => {}
        }
    }
}
