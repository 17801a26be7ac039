//! Scalars in quotes.

use super::cursor::Mark;
use super::fault;
use super::lexer::Lexer;
use super::plain::Gap;
use super::token::{Kind, Style};
use crate::yaml::escape::{Escape, escape};
use crate::yaml::fault::Faulty;

impl<'a> Lexer<'a> {
    /// A scalar in quotes, with them.
    pub(super) fn quoted(&mut self, style: Style) -> Result<Kind<'a>, Faulty> {
        let start = self.cursor.mark;
        let quote = if style == Style::SingleQuoted { b'\'' } else { b'"' };
        self.cursor.skip();
        let mut text = String::new();
        loop {
            if self.cursor.is_document_marker() {
                return fault("found a document marker in quotes", start.offset);
            }
            if self.cursor.is_end() {
                let message = "while scanning a quoted scalar, found unexpected end of stream";
                return fault(message, start.offset);
            }
            let line_is_escaped = self.quoted_words(quote, &mut text, start)?;
            if self.cursor.byte() == Some(quote) {
                break;
            }
            self.quoted_gap(line_is_escaped, &mut text);
        }
        self.cursor.skip();
        Ok(Kind::Scalar { text: text.into(), style })
    }

    /// Text up to white space or the closing quote. Returns whether it ended with an escaped line break.
    fn quoted_words(&mut self, quote: u8, text: &mut String, start: Mark) -> Result<bool, Faulty> {
        let may_end =
            |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\\' | 0xc2 | 0xe2) || byte == quote;
        loop {
            text.push_str(self.cursor.skip_until(may_end));
            if self.cursor.is_space() {
                return Ok(false);
            }
            match self.cursor.byte() {
                Some(b'\'') if quote == b'\'' && self.cursor.byte_at(1) == Some(b'\'') => {
                    text.push('\'');
                    self.cursor.skip_bytes(2);
                }
                Some(byte) if byte == quote => return Ok(false),
                Some(b'\\') if quote == b'"' => {
                    self.cursor.skip();
                    if !self.cursor.line_break().is_empty() {
                        return Ok(true);
                    }
                    text.push(self.escaped(start)?);
                }
                Some(_) | None => {
                    text.extend(self.cursor.rest().chars().next());
                    self.cursor.skip();
                }
            }
        }
    }

    /// White space within quotes. Behind an escaped line break blanks are nothing, and every further one counts.
    fn quoted_gap(&mut self, line_is_escaped: bool, text: &mut String) {
        let start = self.cursor.mark;
        let mut gap = Gap::default();
        loop {
            self.cursor.skip_blanks();
            match self.cursor.line_break() {
                "" => break,
                line_break if line_is_escaped => text.push_str(line_break),
                line_break => gap.add_break(line_break),
            }
        }
        if !line_is_escaped {
            gap.blanks = self.cursor.since(start);
            gap.append_to(text);
        }
    }

    /// The character that an escape stands for; the cursor is behind the backslash.
    fn escaped(&mut self, start: Mark) -> Result<char, Faulty> {
        let letter = self.cursor.rest().chars().next().unwrap_or_default();
        self.cursor.skip();
        match escape(letter) {
            Some(Escape::Character(character)) => Ok(character),
            Some(Escape::Code { digits }) => {
                let written = self.cursor.rest().get(..digits).unwrap_or_default();
                self.cursor.skip_bytes(written.len());
                Escape::decode(written).map_or_else(
                    || fault("an escape needs the hexadecimal number of a character", start.offset),
                    Ok,
                )
            }
            None => fault(format!("found unknown escape character `\\{letter}`"), start.offset),
        }
    }
}
