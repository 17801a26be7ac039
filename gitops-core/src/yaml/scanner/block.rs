//! Block mappings, block sequences and plain scalars.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{MAX_KEY, Scanner};
use crate::yaml::node::{Entry, Node, Origin, Value};
use crate::yaml::reader::{mapping::finish_mapping, scalars};
use crate::yaml::scalar::Scalar;

/// A mapping key and where it starts.
type Key = (Scalar, Origin);

/// What a line starts with.
enum Start<T> {
    Key(T),
    Other,
}

impl<'a> Scanner<'a> {
    /// The node that starts a line at `column`. Its parent stands at the column `parent`.
    pub(super) fn block_node(&mut self, parent: Option<usize>, column: usize) -> Option<Node> {
        if self.at_dash() {
            return self.deeper(|scanner| scanner.sequence(column));
        }
        match self.key()? {
            Start::Key(key) => self.deeper(|scanner| scanner.mapping(column, key)),
            Start::Other => self.inline_value(parent),
        }
    }

    fn at_dash(&self) -> bool {
        self.peek() == Some(b'-') && matches!(self.peek_at(1), None | Some(b' ' | b'\n'))
    }

    /// A mapping at `column`, with the cursor behind the colon of its first key.
    fn mapping(&mut self, column: usize, mut key: Key) -> Option<Node> {
        let origin = key.1;
        let mut entries = vec![];
        loop {
            let value = self.value_of_key(column)?;
            entries.push(Entry { key: key.0, key_origin: key.1, value });
            match self.next {
                Some(next) if next == column && !self.at_dash() => {
                    let Start::Key(next) = self.key()? else { return None };
                    key = next;
                }
                Some(next) if next >= column => return None,
                Some(_) | None => break,
            }
        }
        let mapping = finish_mapping(entries, self.dialect);
        Some(Node { value: Value::Mapping(Arc::new(mapping)), origin })
    }

    fn value_of_key(&mut self, column: usize) -> Option<Node> {
        let colon = self.at;
        self.skip_spaces();
        if !matches!(self.peek(), None | Some(b'\n' | b'#')) {
            return self.inline_value(Some(column));
        }
        self.at = colon;
        self.end_line()?;
        match self.next {
            Some(next) if next > column => self.block_node(Some(column), next),
            Some(next) if next == column && self.at_dash() => self.deeper(|scanner| scanner.sequence(column)),
            Some(_) | None => self.nothing(colon),
        }
    }

    /// A sequence at `column`, with the cursor at its first dash.
    fn sequence(&mut self, column: usize) -> Option<Node> {
        let origin = self.origin(self.at);
        let mut items = vec![];
        while self.next == Some(column) && self.at_dash() {
            self.at += 1;
            items.push(self.item(column)?);
        }
        if self.next.is_some_and(|next| next > column) {
            return None;
        }
        Some(Node { value: Value::Sequence(Arc::new(items)), origin })
    }

    fn item(&mut self, column: usize) -> Option<Node> {
        let dash = self.at;
        self.skip_spaces();
        if !matches!(self.peek(), None | Some(b'\n' | b'#')) {
            let inner = self.at - self.line;
            self.next = Some(inner);
            return self.block_node(Some(column), inner);
        }
        self.at = dash;
        self.end_line()?;
        match self.next {
            Some(next) if next > column => self.block_node(Some(column), next),
            Some(_) | None => self.nothing(dash),
        }
    }

    /// A value that is not there.
    pub(super) fn nothing(&self, at: usize) -> Option<Node> {
        let scalar = scalars::plain(SmolStr::default(), self.dialect, false).ok()?;
        Some(Node::scalar(scalar).with_origin(self.origin(at)))
    }

    /// A value that is no block collection, with what is behind it on its last line.
    pub(super) fn inline_value(&mut self, parent: Option<usize>) -> Option<Node> {
        let origin = self.origin(self.at);
        let node = match self.peek()? {
            b'|' | b'>' => return Some(Node::scalar(self.block_scalar(parent?)?).with_origin(origin)),
            b'"' | b'\'' => Node::scalar(Scalar::quoted(self.quoted()?)).with_origin(origin),
            b'[' | b'{' => self.flow_collection()?,
            _ => return Some(Node::scalar(self.plain(parent)?).with_origin(origin)),
        };
        self.end_line()?;
        Some(node)
    }

    /// A key and its colon. The cursor stays where there is none.
    fn key(&mut self) -> Option<Start<Key>> {
        let start = self.at;
        let origin = self.origin(start);
        let scalar = match self.peek()? {
            b'"' | b'\'' => {
                let line = self.line;
                let text = self.quoted()?;
                self.skip_spaces();
                if self.line != line || self.peek() != Some(b':') || !self.blank_at(1) {
                    (self.at, self.line) = (start, line);
                    return Some(Start::Other);
                }
                self.at += 1;
                Scalar::string(text)
            }
            b'[' | b'{' | b'|' | b'>' => return Some(Start::Other),
            _ => match self.plain_key()? {
                Start::Key(text) => scalars::plain(text.into(), self.dialect, false).ok()?,
                Start::Other => return Some(Start::Other),
            },
        };
        if self.at - start > MAX_KEY || scalar.text() == "<<" {
            return None;
        }
        Some(Start::Key((scalars::key(scalar, self.dialect).ok()?, origin)))
    }

    fn plain_key(&mut self) -> Option<Start<&'a str>> {
        self.plain_start()?;
        let start = self.at;
        let rest = self.bytes.get(start..)?;
        let mut before = b' ';
        for (at, byte) in rest.iter().enumerate() {
            match byte {
                b'\n' => break,
                b':' if matches!(rest.get(at + 1), None | Some(b' ' | b'\t' | b'\n')) => {
                    self.at = start + at + 1;
                    let text = self.slice(start, start + at)?.trim_end_matches(' ');
                    return (!text.contains('\t')).then_some(Start::Key(text));
                }
                b'#' if before == b' ' => break,
                _ => before = *byte,
            }
        }
        Some(Start::Other)
    }

    /// Gives up where no plain scalar can start.
    fn plain_start(&self) -> Option<()> {
        match self.peek()? {
            b'-' | b'?' | b':' if self.blank_at(1) => None,
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"'
            | b'%' | b'@' | b'`' => None,
            _ => Some(()),
        }
    }

    /// A plain scalar, which may go on in lines that are indented more than `parent`.
    fn plain(&mut self, parent: Option<usize>) -> Option<Scalar> {
        self.plain_start()?;
        let first = self.plain_line()?;
        let mut end = self.at;
        self.end_line()?;
        if !self.continues(parent) {
            return scalars::plain(first.into(), self.dialect, false).ok();
        }
        let mut text = first.to_owned();
        while self.continues(parent) {
            if self.comment {
                return None;
            }
            let breaks = self.slice(end, self.at)?.matches('\n').count();
            fold(&mut text, breaks);
            text.push_str(self.plain_line()?);
            end = self.at;
            self.end_line()?;
        }
        scalars::plain(SmolStr::from(text), self.dialect, false).ok()
    }

    fn continues(&self, parent: Option<usize>) -> bool {
        self.next.is_some_and(|next| parent.is_none_or(|parent| next > parent))
    }

    /// The rest of a line up to white space and a comment. The cursor goes behind the text.
    fn plain_line(&mut self) -> Option<&'a str> {
        let start = self.at;
        let rest = self.bytes.get(start..)?;
        let mut end = rest.len();
        let mut before = b'x';
        for (at, byte) in rest.iter().enumerate() {
            match byte {
                b':' if matches!(rest.get(at + 1), None | Some(b' ' | b'\n')) => return None,
                b'\t' => return None,
                b'#' if before != b' ' => before = b'#',
                b'\n' | b'#' => {
                    end = at;
                    break;
                }
                _ => before = *byte,
            }
        }
        let text = self.slice(start, start + end)?.trim_end_matches(' ');
        self.at = start + text.len();
        Some(text)
    }
}

/// A line break within a scalar is a space; more of them are one less.
pub(super) fn fold(text: &mut String, breaks: usize) {
    match breaks {
        0 => {}
        1 => text.push(' '),
        more => text.extend(std::iter::repeat_n('\n', more - 1)),
    }
}
