//! Literal (`|`) and folded (`>`) scalars.

use super::cursor::Mark;
use super::fault;
use super::lexer::Lexer;
use super::token::{Kind, Style};
use crate::yaml::fault::Faulty;

/// The line with which a block scalar starts.
struct Header {
    /// What becomes of the line breaks at the end: `-` none stays, `+` all do, and else one.
    chomp: Option<u8>,
    /// Columns beyond the block around it, where they are given.
    indent: Option<usize>,
}

impl Lexer<'_> {
    /// A block scalar, with the blank lines behind it.
    pub(super) fn block_scalar(&mut self, style: Style) -> Result<(), Faulty> {
        self.drop_maybe_key()?;
        self.key_allowed = true;
        let start = self.cursor.mark;
        let text = self.block_text(style == Style::Folded)?;
        self.push(Kind::Scalar { text: text.into(), style }, start);
        Ok(())
    }

    fn block_text(&mut self, folded: bool) -> Result<String, Faulty> {
        let header = self.block_header()?;
        let mut indent = header.indent.map(|indent| self.block().unwrap_or_default() + indent);
        let mut text = String::new();
        let mut line_break = "";
        let mut breaks = self.blank_lines(&mut indent)?;
        let mut after_blank = false;
        while Some(self.cursor.mark.column) == indent && !self.cursor.is_end() {
            let blank = self.cursor.is_blank();
            let folds = folded && line_break == "\n" && !after_blank && !blank;
            match (folds, breaks.is_empty()) {
                (true, true) => text.push(' '),
                (true, false) => text.push_str(&breaks),
                (false, _) => text.extend([line_break, &breaks]),
            }
            after_blank = blank;
            text.push_str(self.cursor.skip_line());
            line_break = self.cursor.line_break();
            breaks = self.blank_lines(&mut indent)?;
        }
        if header.chomp != Some(b'-') {
            text.push_str(line_break);
        }
        if header.chomp == Some(b'+') {
            text.push_str(&breaks);
        }
        Ok(text)
    }

    /// The header of a block, with its line break.
    fn block_header(&mut self) -> Result<Header, Faulty> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let mut header = Header { chomp: None, indent: None };
        for _ in 0..2 {
            match self.cursor.byte() {
                Some(sign @ (b'+' | b'-')) if header.chomp.is_none() => header.chomp = Some(sign),
                Some(b'0') if header.indent.is_none() => {
                    return fault("found an indentation indicator equal to 0", start.offset);
                }
                Some(digit @ b'1'..=b'9') if header.indent.is_none() => {
                    header.indent = Some(usize::from(digit - b'0'));
                }
                Some(_) | None => break,
            }
            self.cursor.skip();
        }
        self.end_line("the header of a block", start)?;
        Ok(header)
    }

    /// Goes past blanks, a comment and a line break behind `what`, which starts at `start`.
    pub(super) fn end_line(&mut self, what: &str, start: Mark) -> Result<(), Faulty> {
        self.cursor.skip_blanks();
        if self.cursor.byte() == Some(b'#') {
            self.cursor.skip_line();
        }
        if !self.cursor.is_end() && self.cursor.line_break().is_empty() {
            return fault(format!("did not find a comment or line break behind {what}"), start.offset);
        }
        Ok(())
    }

    /// Goes past blank lines and the indentation of the next; finds out the indentation where none is known.
    fn blank_lines(&mut self, indent: &mut Option<usize>) -> Result<String, Faulty> {
        let mut breaks = String::new();
        let mut widest = 0;
        loop {
            while self.cursor.byte() == Some(b' ')
                && indent.is_none_or(|indent| self.cursor.mark.column < indent)
            {
                self.cursor.skip();
            }
            let column = self.cursor.mark.column;
            widest = widest.max(column);
            if indent.is_none_or(|indent| column < indent) && self.cursor.byte() == Some(b'\t') {
                return self.fault_here("found a tab character where an indentation space is expected");
            }
            match self.cursor.line_break() {
                "" => break,
                line_break => breaks.push_str(line_break),
            }
        }
        let least = self.block().map_or(0, |column| column + 1).max(1);
        indent.get_or_insert(widest.max(least));
        Ok(breaks)
    }
}
