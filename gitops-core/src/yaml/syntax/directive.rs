//! Lines that start with `%`.

use super::cursor::Mark;
use super::fault;
use super::lexer::Lexer;
use super::tag::is_word;
use super::token::Kind;
use crate::yaml::fault::Faulty;

impl<'a> Lexer<'a> {
    /// `%YAML` or `%TAG`, with its line.
    pub(super) fn directive(&mut self) -> Result<Kind<'a>, Faulty> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let name = self.cursor.skip_until(|byte| !is_word(byte));
        if !self.cursor.is_space() {
            return fault("found an unexpected character in a directive", start.offset);
        }
        self.cursor.skip_blanks();
        let directive = match name {
            "YAML" => self.version(start)?,
            "TAG" => self.tag_prefix(start)?,
            _ => return fault("found an unknown directive", start.offset),
        };
        self.end_line("a directive", start)?;
        Ok(directive)
    }

    fn version(&mut self, start: Mark) -> Result<Kind<'a>, Faulty> {
        let written = self.cursor.skip_until(|byte| !(byte.is_ascii_digit() || byte == b'.'));
        let number = |text: &str| (1..=2).contains(&text.len()).then(|| text.parse().ok()).flatten();
        let parts = written.split_once('.').and_then(|(major, minor)| number(major).zip(number(minor)));
        match parts {
            Some((major, minor)) => Ok(Kind::Version(major, minor)),
            None => fault("did not find the version of `%YAML`", start.offset),
        }
    }

    fn tag_prefix(&mut self, start: Mark) -> Result<Kind<'a>, Faulty> {
        let handle = if self.cursor.byte() == Some(b'!') { self.handle() } else { "" };
        if !handle.ends_with('!') || !self.cursor.is_blank() {
            return fault("did not find the handle of `%TAG`", start.offset);
        }
        self.cursor.skip_blanks();
        let prefix = self.uri("", start)?;
        if !self.cursor.is_space() {
            return fault("did not find white space behind the prefix of `%TAG`", start.offset);
        }
        Ok(Kind::TagPrefix { handle, prefix })
    }
}
