//! Collections in brackets, JSON among them.

use std::sync::Arc;

use super::{MAX_KEY, Scanner};
use crate::yaml::node::{Entry, Node, Value};
use crate::yaml::reader::{mapping::finish_mapping, scalars};
use crate::yaml::scalar::Scalar;

impl Scanner<'_> {
    /// A mapping or sequence in brackets; the cursor goes behind the closing one.
    pub(super) fn flow_collection(&mut self) -> Option<Node> {
        let origin = self.origin(self.at);
        let node = match self.peek()? {
            b'[' => self.deeper(Self::flow_sequence)?,
            _ => self.deeper(Self::flow_mapping)?,
        };
        Some(node.with_origin(origin))
    }

    fn flow_sequence(&mut self) -> Option<Node> {
        let mut items = vec![];
        self.at += 1;
        self.flow_space()?;
        while self.peek()? != b']' {
            items.push(self.flow_node()?);
            self.flow_delimiter(b']')?;
        }
        self.at += 1;
        Some(Node::new(Value::Sequence(Arc::new(items))))
    }

    fn flow_mapping(&mut self) -> Option<Node> {
        let mut entries = vec![];
        self.at += 1;
        self.flow_space()?;
        while self.peek()? != b'}' {
            entries.push(self.flow_entry()?);
            self.flow_delimiter(b'}')?;
        }
        self.at += 1;
        Some(Node::new(Value::Mapping(Arc::new(finish_mapping(entries, self.dialect)))))
    }

    fn flow_entry(&mut self) -> Option<Entry> {
        let (start, line) = (self.at, self.line);
        let key = self.flow_scalar()?;
        self.skip_spaces();
        let too_long = self.at - start > MAX_KEY || self.line != line;
        if too_long || self.peek()? != b':' || key.text() == "<<" {
            return None;
        }
        self.at += 1;
        self.flow_space()?;
        let value = self.flow_node()?;
        Some(Entry { key: scalars::key(key, self.dialect).ok()?, key_origin: self.origin(start), value })
    }

    /// Goes past a comma, or to the bracket `close`.
    fn flow_delimiter(&mut self, close: u8) -> Option<()> {
        self.flow_space()?;
        match self.peek()? {
            b',' => {
                self.at += 1;
                self.flow_space()?;
                // A comma before the bracket is rare enough to be looked at twice.
                (self.peek()? != close).then_some(())
            }
            byte => (byte == close).then_some(()),
        }
    }

    fn flow_node(&mut self) -> Option<Node> {
        match self.peek()? {
            b'[' | b'{' => self.flow_collection(),
            _ => {
                let origin = self.origin(self.at);
                Some(Node::scalar(self.flow_scalar()?).with_origin(origin))
            }
        }
    }

    fn flow_scalar(&mut self) -> Option<Scalar> {
        if matches!(self.peek()?, b'"' | b'\'') {
            return self.quoted().map(Scalar::quoted);
        }
        let start = self.at;
        let rest = self.bytes.get(start..)?;
        let length = rest.iter().position(|byte| b",[]{}\n\t?#:&*!|>'\"%@`\\".contains(byte))?;
        // A colon ends a key; anything else that is unusual is left to the complete parser.
        let ends = match rest.get(length..)? {
            [b',' | b']' | b'}' | b'\n', ..] => true,
            [b':', next, ..] => matches!(next, b' ' | b'\n'),
            _ => false,
        };
        let text = self.slice(start, start + length)?.trim_end_matches(' ');
        if !ends
            || text.is_empty()
            || text.starts_with('-') && !text.as_bytes().get(1)?.is_ascii_alphanumeric()
        {
            return None;
        }
        self.at = start + text.len();
        scalars::plain(text.into(), self.dialect, true).ok()
    }

    /// Spaces and line breaks. Comments and document markers are left to the complete parser.
    fn flow_space(&mut self) -> Option<()> {
        loop {
            match self.peek()? {
                b' ' => self.at += 1,
                b'\n' => {
                    self.at += 1;
                    self.line = self.at;
                    if self.at_marker() {
                        return None;
                    }
                }
                b'#' | b'\t' => return None,
                _ => return Some(()),
            }
        }
    }
}
