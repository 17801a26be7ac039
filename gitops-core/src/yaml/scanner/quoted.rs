//! Scalars in quotes.

use smol_str::SmolStr;

use super::Scanner;
use super::block::fold;
use crate::yaml::escape::{Escape, escape};

impl Scanner<'_> {
    /// The text of a quoted scalar; the cursor goes behind the closing quote.
    pub(super) fn quoted(&mut self) -> Option<SmolStr> {
        let quote = self.peek()?;
        self.at += 1;
        let start = self.at;
        let rest = self.bytes.get(start..)?;
        let length = rest.iter().position(|byte| *byte == quote || matches!(byte, b'\\' | b'\n'))?;
        let stop = rest.get(length);
        let doubled = quote == b'\'' && rest.get(length + 1) == Some(&quote);
        if stop == Some(&quote) && !doubled {
            self.at = start + length + 1;
            return Some(SmolStr::new(self.slice(start, start + length)?));
        }
        self.quoted_in_pieces(quote).map(SmolStr::from)
    }

    fn quoted_in_pieces(&mut self, quote: u8) -> Option<String> {
        let mut text = String::new();
        // White space before this length was escaped, and stays before a line break.
        let mut fixed = 0;
        loop {
            let rest = self.bytes.get(self.at..)?;
            let escapes = quote == b'"';
            let length =
                rest.iter().position(|byte| *byte == quote || *byte == b'\n' || escapes && *byte == b'\\')?;
            text.push_str(self.slice(self.at, self.at + length)?);
            self.at += length;
            match self.peek()? {
                b'\n' => {
                    let kept = text.trim_end_matches([' ', '\t']).len().max(fixed);
                    text.truncate(kept);
                    let breaks = self.line_breaks()?;
                    fold(&mut text, breaks);
                }
                b'\\' if self.peek_at(1) == Some(b'\n') => {
                    self.at += 1;
                    let breaks = self.line_breaks()?;
                    text.extend(std::iter::repeat_n('\n', breaks - 1));
                    fixed = text.len();
                }
                b'\\' => {
                    self.at += 1;
                    text.push(self.escape()?);
                    fixed = text.len();
                }
                _ if quote == b'\'' && self.peek_at(1) == Some(b'\'') => {
                    text.push('\'');
                    self.at += 2;
                }
                _ => {
                    self.at += 1;
                    return Some(text);
                }
            }
        }
    }

    /// Goes past line breaks and the white space around them, and counts them.
    fn line_breaks(&mut self) -> Option<usize> {
        let mut breaks = 0;
        loop {
            match self.peek()? {
                b'\n' => {
                    breaks += 1;
                    self.at += 1;
                    self.line = self.at;
                    if self.at_marker() {
                        return None;
                    }
                }
                b' ' | b'\t' => self.at += 1,
                _ => return Some(breaks),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let letter = self.slice(self.at, self.at + 1)?.chars().next()?;
        self.at += 1;
        match escape(letter)? {
            Escape::Character(character) => Some(character),
            Escape::Code { digits } => {
                let code = self.slice(self.at, self.at + digits)?;
                self.at += digits;
                Escape::decode(code)
            }
        }
    }
}
