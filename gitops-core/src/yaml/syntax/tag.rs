//! Anchors, aliases and tags.

use super::cursor::Mark;
use super::fault;
use super::lexer::Lexer;
use super::token::Kind;
use crate::yaml::fault::Faulty;

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_uri(byte: u8) -> bool {
    is_word(byte) || b";/?:@&=+$,.!~*'()[]%".contains(&byte)
}

impl<'a> Lexer<'a> {
    /// The name behind `&` or `*`.
    pub(super) fn name(&mut self) -> Result<&'a str, Faulty> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let name = self.cursor.skip_until(|byte| !is_word(byte));
        let ends = matches!(self.cursor.byte(), Some(b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`'));
        if name.is_empty() || !(ends || self.cursor.is_space()) {
            return fault("the name of an anchor holds letters, digits, `-` and `_` only", start.offset);
        }
        Ok(name)
    }

    /// A tag: `!<uri>`, `!handle!suffix`, `!suffix` or `!`.
    pub(super) fn tag(&mut self) -> Result<Kind<'a>, Faulty> {
        let start = self.cursor.mark;
        let (handle, suffix) = if self.cursor.byte_at(1) == Some(b'<') {
            ("", self.verbatim_tag(start)?)
        } else {
            let handle = self.handle();
            if handle.len() > 1 && handle.ends_with('!') {
                (handle, self.uri("", start)?)
            } else {
                let word = handle.get(1..).unwrap_or_default();
                match self.uri_or_nothing(word, start)? {
                    suffix if suffix.is_empty() => ("", "!".to_owned()),
                    suffix => ("!", suffix),
                }
            }
        };
        if !self.cursor.is_space() {
            return fault("a tag must be followed by white space", start.offset);
        }
        Ok(Kind::Tag { handle, suffix })
    }

    fn verbatim_tag(&mut self, start: Mark) -> Result<String, Faulty> {
        self.cursor.skip_bytes(2);
        let uri = self.uri("", start)?;
        if self.cursor.byte() != Some(b'>') {
            return fault("did not find the `>` of a tag", start.offset);
        }
        self.cursor.skip();
        Ok(uri)
    }

    /// `!`, `!word` or `!word!`.
    pub(super) fn handle(&mut self) -> &'a str {
        let start = self.cursor.mark;
        self.cursor.skip();
        self.cursor.skip_until(|byte| !is_word(byte));
        if self.cursor.byte() == Some(b'!') {
            self.cursor.skip();
        }
        self.cursor.since(start)
    }

    /// A URI that starts with `head` and goes on here, its escapes decoded.
    pub(super) fn uri(&mut self, head: &str, start: Mark) -> Result<String, Faulty> {
        if !self.cursor.byte().is_some_and(is_uri) {
            return fault("did not find the URI of a tag", start.offset);
        }
        self.uri_or_nothing(head, start)
    }

    fn uri_or_nothing(&mut self, head: &str, start: Mark) -> Result<String, Faulty> {
        let mut bytes = head.as_bytes().to_vec();
        let mut rest = self.cursor.skip_until(|byte| !is_uri(byte)).bytes();
        while let Some(byte) = rest.next() {
            if byte != b'%' {
                bytes.push(byte);
                continue;
            }
            let mut digit = || char::from(rest.next().unwrap_or_default()).to_digit(16);
            match digit().zip(digit()).and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
                Some(octet) => bytes.push(octet),
                None => return fault("did not find two hexadecimal digits behind `%`", start.offset),
            }
        }
        String::from_utf8(bytes).or_else(|_| fault("a tag is not UTF-8", start.offset))
    }
}
