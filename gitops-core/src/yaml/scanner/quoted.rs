//! Scalars in quotes.

use smol_str::SmolStr;

use super::Scanner;
use super::block::fold;

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
        let letter = self.peek()?;
        self.at += 1;
        let character = match letter {
            b'0' => '\0',
            b'a' => '\u{7}',
            b'b' => '\u{8}',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\u{b}',
            b'f' => '\u{c}',
            b'r' => '\r',
            b'e' => '\u{1b}',
            b' ' => ' ',
            b'"' => '"',
            b'\'' => '\'',
            b'\\' => '\\',
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b'x' => self.code(2)?,
            b'u' => self.code(4)?,
            b'U' => self.code(8)?,
            _ => return None,
        };
        Some(character)
    }

    fn code(&mut self, digits: usize) -> Option<char> {
        let text = self.slice(self.at, self.at + digits)?;
        self.at += digits;
        let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        char::from_u32(u32::from_str_radix(text, 16).ok().filter(|_| hexadecimal)?)
    }
}
