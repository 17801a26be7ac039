//! Scalars without quotes, and the white space within scalars.

use super::lexer::Lexer;
use super::token::{Kind, Style, Token};
use crate::yaml::fault::Faulty;

/// White space between two words of a scalar.
#[derive(Debug, Default)]
pub(super) struct Gap<'a> {
    /// The blanks of a gap without line breaks.
    pub(super) blanks: &'a str,
    first_break: &'static str,
    further_breaks: String,
}

impl Gap<'_> {
    pub(super) fn is_broken(&self) -> bool {
        !self.first_break.is_empty()
    }

    pub(super) fn add_break(&mut self, line_break: &'static str) {
        if self.is_broken() {
            self.further_breaks.push_str(line_break);
        } else {
            self.first_break = line_break;
        }
    }

    /// Adds what the gap stands for: one line break is a space, more are one less.
    pub(super) fn append_to(&self, text: &mut String) {
        match (self.first_break, self.further_breaks.as_str()) {
            ("", _) => text.push_str(self.blanks),
            ("\n", "") => text.push(' '),
            ("\n", further) => text.push_str(further),
            (first, further) => text.extend([first, further]),
        }
    }
}

impl<'a> Lexer<'a> {
    /// A scalar without quotes, which goes on over line breaks while it is indented.
    pub(super) fn plain(&mut self) -> Result<(), Faulty> {
        let allowed = self.expect_key()?;
        let start = self.cursor.mark;
        let indent = self.block().map_or(0, |column| column + 1);
        let mut text = String::new();
        let mut end = start.offset;
        let mut gap = Gap::default();
        while !self.cursor.is_document_marker() && self.cursor.byte() != Some(b'#') {
            let word = self.plain_word();
            if !word.is_empty() {
                gap.append_to(&mut text);
                text.push_str(word);
                end = self.cursor.mark.offset;
                gap = Gap::default();
            }
            if !self.cursor.is_space() || self.cursor.is_end() {
                break;
            }
            self.plain_gap(&mut gap, indent)?;
            if !self.is_flow() && self.cursor.mark.column < indent {
                break;
            }
        }
        let kind = Kind::Scalar { text: text.into(), style: Style::Plain };
        self.push_maybe_key(Token { kind, offset: start.offset, end }, start, allowed);
        if gap.is_broken() {
            self.key_allowed = true;
        }
        Ok(())
    }

    fn plain_word(&mut self) -> &'a str {
        let start = self.cursor.mark;
        let flow = self.is_flow();
        let is_sign = |byte| flow && matches!(byte, b',' | b'?' | b'[' | b']' | b'{' | b'}');
        let may_end = |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b':' | 0xc2 | 0xe2);
        loop {
            self.cursor.skip_until(|byte| may_end(byte) || is_sign(byte));
            let ends = match self.cursor.byte() {
                Some(b':') => self.cursor.is_space_at(1),
                Some(0xc2 | 0xe2) => self.cursor.is_break(),
                Some(_) | None => true,
            };
            if ends {
                return self.cursor.since(start);
            }
            self.cursor.skip();
        }
    }

    fn plain_gap(&mut self, gap: &mut Gap<'a>, indent: usize) -> Result<(), Faulty> {
        let start = self.cursor.mark;
        loop {
            if self.cursor.is_break() {
                gap.add_break(self.cursor.line_break());
            } else if !self.cursor.is_blank() {
                break;
            } else if gap.is_broken() && self.cursor.mark.column < indent && self.cursor.byte() == Some(b'\t')
            {
                return self.fault_here("found a tab character that violates indentation");
            } else {
                self.cursor.skip();
            }
        }
        if !gap.is_broken() {
            gap.blanks = self.cursor.since(start);
        }
        Ok(())
    }
}
