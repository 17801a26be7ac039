//! A place in a text, in bytes, lines and columns.

/// A cursor over a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    /// Where it stands.
    pub(super) mark: Mark,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// In bytes.
    pub(super) offset: usize,
    /// From 0.
    pub(super) line: usize,
    /// In characters, from 0.
    pub(super) column: usize,
}

/// The characters that end a line in YAML 1.1.
const BREAKS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

impl<'a> Cursor<'a> {
    /// At the start of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, mark: Mark::default() }
    }

    /// The text from the byte `offset` on.
    pub(super) fn text_from(&self, offset: usize) -> &'a str {
        self.text.get(offset..).unwrap_or_default()
    }

    /// The rest of the text.
    pub(super) fn rest(&self) -> &'a str {
        self.text_from(self.mark.offset)
    }

    /// The text from `start` to here.
    pub(super) fn since(&self, start: Mark) -> &'a str {
        self.text.get(start.offset..self.mark.offset).unwrap_or_default()
    }

    /// The next byte.
    pub(super) fn byte(&self) -> Option<u8> {
        self.byte_at(0)
    }

    /// The byte that is `ahead` bytes away.
    pub(super) fn byte_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.mark.offset + ahead).copied()
    }

    /// Whether nothing is left.
    pub(super) fn is_end(&self) -> bool {
        self.mark.offset >= self.text.len()
    }

    /// Whether a space or a tab stands here.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self.byte(), Some(b' ' | b'\t'))
    }

    /// Whether a line break stands here.
    pub(super) fn is_break(&self) -> bool {
        self.is_break_at(0)
    }

    fn is_break_at(&self, ahead: usize) -> bool {
        let follows = |at, bytes: &[u8]| self.byte_at(ahead + at).is_some_and(|byte| bytes.contains(&byte));
        match self.byte_at(ahead) {
            Some(b'\n' | b'\r') => true,
            Some(0xc2) => follows(1, &[0x85]),
            Some(0xe2) => follows(1, &[0x80]) && follows(2, &[0xa8, 0xa9]),
            Some(_) | None => false,
        }
    }

    /// Whether white space or the end stands here.
    pub(super) fn is_space(&self) -> bool {
        self.is_space_at(0)
    }

    /// Whether white space or the end stands `ahead` bytes away.
    pub(super) fn is_space_at(&self, ahead: usize) -> bool {
        match self.byte_at(ahead) {
            None | Some(b' ' | b'\t' | b'\n' | b'\r') => true,
            Some(0xc2 | 0xe2) => self.is_break_at(ahead),
            Some(_) => false,
        }
    }

    /// Whether only blanks stand between the last line break and here.
    pub(super) fn is_after_break(&self) -> bool {
        let before = self.text.get(..self.mark.offset).unwrap_or_default();
        before.trim_end_matches([' ', '\t']).ends_with(BREAKS)
    }

    /// Whether `---` or `...` stands here as a word of its own, at the start of a line.
    pub(super) fn is_document_marker(&self) -> bool {
        self.mark.column == 0 && matches!(self.rest().get(..3), Some("---" | "...")) && self.is_space_at(3)
    }

    /// Goes past one character, which is no line break.
    pub(super) fn skip(&mut self) {
        self.mark.offset += match self.byte() {
            None => return,
            Some(0..=0x7f) => 1,
            Some(_) => self.rest().chars().next().map_or(1, char::len_utf8),
        };
        self.mark.column += 1;
    }

    /// Goes past `count` characters of one byte each.
    pub(super) fn skip_bytes(&mut self, count: usize) {
        self.mark.offset += count;
        self.mark.column += count;
    }

    /// Goes past the characters up to the first byte that `stops`, which is never within a character.
    pub(super) fn skip_until(&mut self, stops: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.bytes().position(stops).unwrap_or(rest.len());
        let passed = rest.get(..length).unwrap_or_default();
        self.mark.offset += passed.len();
        // Every byte of a character but the first is of this form.
        self.mark.column += passed.bytes().filter(|byte| byte & 0xc0 != 0x80).count();
        passed
    }

    /// Goes past spaces and tabs.
    pub(super) fn skip_blanks(&mut self) {
        self.skip_until(|byte| !matches!(byte, b' ' | b'\t'));
    }

    /// Goes to the end of the line, and returns what stands before that.
    pub(super) fn skip_line(&mut self) -> &'a str {
        let start = self.mark;
        while !self.is_end() && !self.is_break() {
            self.skip_until(|byte| matches!(byte, b'\n' | b'\r' | 0xc2 | 0xe2));
            if !self.is_break() {
                self.skip();
            }
        }
        self.since(start)
    }

    /// Goes past a line break, if one stands here. Returns what it means in a scalar.
    pub(super) fn line_break(&mut self) -> &'static str {
        let (length, meaning) = match self.rest().as_bytes() {
            [b'\r', b'\n', ..] | [0xc2, 0x85, ..] => (2, "\n"),
            [b'\r' | b'\n', ..] => (1, "\n"),
            [0xe2, 0x80, 0xa8, ..] => (3, "\u{2028}"),
            [0xe2, 0x80, 0xa9, ..] => (3, "\u{2029}"),
            _ => return "",
        };
        self.mark = Mark { offset: self.mark.offset + length, line: self.mark.line + 1, column: 0 };
        meaning
    }

    /// Goes past white space of any kind.
    pub(super) fn skip_space(&mut self) {
        loop {
            self.skip_blanks();
            if self.line_break().is_empty() {
                return;
            }
        }
    }
}
