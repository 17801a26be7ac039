//! The fast path: the block subset of YAML that manifests are written in, straight from bytes to nodes.
//!
//! It never reports an error: whatever it does not know for sure (tags, anchors, aliases, merge keys, directives,
//! explicit keys, tabs between tokens, anything wrong) makes it give up, and the complete parser decides. What it
//! accepts it reads as go-yaml does; in particular it takes the places where go-yaml is more lenient than YAML
//! 1.2, such as the indentation of quoted text that spans lines.

mod block;
mod block_scalar;
mod flow;
mod quoted;

use super::node::{Node, Origin};
use super::reader::Limits;
use super::reader::source::{PlacesFrom, any_byte};
use super::resolve::Dialect;

/// Collections within collections that the fast path follows; it is recursive.
const MAX_DEPTH: usize = Limits::DEFAULT.depth;

/// Keys longer than this are left to the complete parser, which knows how far go-yaml looks ahead.
const MAX_KEY: usize = 1000;

/// What is read, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub(super) text: &'a str,
    /// Where it stands in its file.
    pub(super) places: PlacesFrom<'a>,
    pub(super) dialect: Dialect,
    /// Stop after the first document.
    pub(super) first_only: bool,
    /// How many documents there may be.
    pub(super) documents: usize,
}

/// The roots of the documents of a text, or `None` if it is not in the subset.
pub(super) fn read(request: Request<'_>) -> Option<Vec<Node>> {
    if !is_ordinary(request.text) {
        return None;
    }
    let mut scanner = Scanner::new(request);
    let mut roots = vec![];
    scanner.next_content()?;
    loop {
        let marked = scanner.document_start()?;
        if scanner.next.is_none() && !marked {
            break;
        }
        roots.push(scanner.root()?);
        if request.first_only || scanner.at_end() {
            break;
        }
        if roots.len() >= request.documents {
            return None;
        }
    }
    Some(roots)
}

/// Whether there is none of the characters that YAML 1.1 takes for a line break, nor a byte order mark.
fn is_ordinary(text: &str) -> bool {
    let suspicious = |byte: u8| {
        u8::from(byte == b'\r') | u8::from(byte == 0xc2) | u8::from(byte == 0xe2) | u8::from(byte == 0xef)
    };
    if !any_byte(text, suspicious) {
        return true;
    }
    let odd =
        |window: &[u8; 3]| matches!(window, [0xc2, 0x85, _] | [0xe2, 0x80, 0xa8 | 0xa9] | [0xef, 0xbb, 0xbf]);
    let bytes = text.as_bytes();
    !bytes.contains(&b'\r') && !bytes.array_windows().any(odd) && !bytes.ends_with(&[0xc2, 0x85])
}

/// A cursor over a text. Between tokens it stands at the first byte of a line's content.
#[derive(Debug)]
struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    places: PlacesFrom<'a>,
    dialect: Dialect,
    /// The next byte.
    at: usize,
    /// The first byte of the line.
    line: usize,
    /// The column of the content that the cursor stands at; none at the end of the document.
    next: Option<usize>,
    /// Whether a comment was passed on the way here.
    comment: bool,
    depth: usize,
}

impl<'a> Scanner<'a> {
    fn new(request: Request<'a>) -> Self {
        Self {
            text: request.text,
            bytes: request.text.as_bytes(),
            places: request.places,
            dialect: request.dialect,
            at: 0,
            line: 0,
            next: None,
            comment: false,
            depth: 0,
        }
    }

    /// Goes past `---`. Returns whether there was one.
    fn document_start(&mut self) -> Option<bool> {
        match self.peek() {
            Some(b'-') if self.next.is_none() => {
                self.at += 3;
                self.end_line()?;
                Some(true)
            }
            Some(b'%') if self.at == self.line => None,
            // The end marker `...`.
            Some(b'.') if self.next.is_none() => None,
            _ => Some(false),
        }
    }

    /// The root of a document; null for an empty one.
    fn root(&mut self) -> Option<Node> {
        let root = match self.next {
            Some(column) => self.block_node(None, column)?,
            None => self.nothing(self.at)?,
        };
        self.next.is_none().then_some(root)
    }

    fn at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn slice(&self, from: usize, to: usize) -> Option<&'a str> {
        self.text.get(from..to)
    }

    fn origin(&self, at: usize) -> Origin {
        self.places.origin(at)
    }

    fn skip_spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// The offset of the next line break, or the end.
    fn line_end(&self) -> usize {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at + rest.find('\n').unwrap_or(rest.len())
    }

    /// Goes past white space and a comment behind a token, and on to the next content.
    fn end_line(&mut self) -> Option<()> {
        self.comment = false;
        match self.peek() {
            None | Some(b'\n') => {}
            Some(b' ') => {
                self.skip_spaces();
                match self.peek() {
                    None | Some(b'\n') => {}
                    Some(b'#') => {
                        self.comment = true;
                        self.at = self.line_end();
                    }
                    Some(_) => return None,
                }
            }
            Some(_) => return None,
        }
        self.at = (self.at + 1).min(self.bytes.len());
        self.next_content()
    }

    /// From the start of a line to the first content on it or on a line after it.
    fn next_content(&mut self) -> Option<()> {
        loop {
            self.line = self.at;
            self.skip_spaces();
            match self.peek() {
                None => {
                    self.next = None;
                    return Some(());
                }
                Some(b'\n') => self.at += 1,
                Some(b'#') => {
                    self.comment = true;
                    self.at = (self.line_end() + 1).min(self.bytes.len());
                }
                Some(b'\t') => return None,
                Some(_) => {
                    let column = self.at - self.line;
                    self.next = (column > 0 || !self.at_marker()).then_some(column);
                    return Some(());
                }
            }
        }
    }

    /// Whether `---` or `...` stands here as a word of its own.
    fn at_marker(&self) -> bool {
        match self.bytes.get(self.at..) {
            Some([b'-', b'-', b'-', rest @ ..] | [b'.', b'.', b'.', rest @ ..]) => {
                matches!(rest, [] | [b' ' | b'\t' | b'\n', ..])
            }
            Some(_) | None => false,
        }
    }

    /// Whether white space or the end stands `ahead` of the cursor. A tab is given up on elsewhere.
    fn blank_at(&self, ahead: usize) -> bool {
        matches!(self.peek_at(ahead), None | Some(b' ' | b'\n' | b'\t'))
    }

    /// Runs `read` one level deeper.
    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Option<Node>) -> Option<Node> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }
}

#[cfg(test)]
mod tests;
