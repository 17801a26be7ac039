//! Bytes of a text as lines and columns, and back, for any number of them.

/// How many bytes lie between two counts of characters.
const BLOCK: usize = 256;

/// Where the lines of a text begin. Made in one pass; each question then costs next to nothing, however long the
/// text and its lines are.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    /// The byte at which each line begins.
    starts: Vec<u32>,
    /// How many characters begin before each block of [`BLOCK`] bytes.
    characters: Vec<u32>,
}

impl LineIndex {
    /// The index of `text`. Every other method wants the same text again. What lies behind 4 GiB is not found.
    pub fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(ends).map_while(|start| u32::try_from(start).ok()).collect();
        let mut before = 0;
        let count = |block: &[u8]| {
            let here = before;
            before += starting(block);
            u32::try_from(here).ok()
        };
        let characters = text.as_bytes().chunks(BLOCK).map_while(count).collect();
        Self { starts, characters }
    }

    /// Line and column of the byte `offset`, both counted from 1; of the end of the text for one behind it.
    pub fn position(&self, text: &str, offset: usize) -> (u32, u32) {
        let offset = offset.min(text.len());
        let line = self.starts.partition_point(|start| usize_of(*start) <= offset);
        let start = line.checked_sub(1).and_then(|at| self.starts.get(at)).copied().map_or(0, usize_of);
        let column = self.characters_before(text, offset) - self.characters_before(text, start) + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }

    /// The byte at `line` and `column`, both counted from 1; the start of the text for line 0, the start of the line
    /// for column 0, and the end of the text where there is no such place.
    pub fn offset(&self, text: &str, line: u32, column: u32) -> usize {
        let Some(line) = line.checked_sub(1) else { return 0 };
        let Some(start) = self.starts.get(usize_of(line)).copied().map(usize_of) else { return text.len() };
        let wanted = self.characters_before(text, start) + usize_of(column.saturating_sub(1));
        let block = self
            .characters
            .partition_point(|count| usize_of(*count) <= wanted)
            .saturating_sub(1)
            .max(start / BLOCK);
        let from = (block * BLOCK).max(start);
        let before = self.characters_before(text, from);
        let bytes = text.as_bytes().get(from..).unwrap_or_default().iter().enumerate();
        let mut begins = bytes.filter(|(_, byte)| is_start(**byte)).map(|(at, _)| from + at);
        begins.nth(wanted - before).unwrap_or(text.len())
    }

    /// The bytes of a line, counted from 1, without its break.
    pub fn line(&self, text: &str, line: u32) -> Option<std::ops::Range<usize>> {
        let at = usize_of(line).checked_sub(1)?;
        let start = usize_of(*self.starts.get(at)?);
        let end = self.starts.get(at + 1).map_or(text.len(), |next| usize_of(*next) - 1);
        Some(start..end)
    }

    /// How many characters begin before the byte `offset`.
    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let block = (offset / BLOCK).min(self.characters.len().saturating_sub(1));
        let before = self.characters.get(block).copied().map_or(0, usize_of);
        before + starting(text.as_bytes().get(block * BLOCK..offset).unwrap_or_default())
    }
}

/// How many characters begin in these bytes.
fn starting(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| is_start(**byte)).count()
}

/// Whether a byte of UTF-8 begins a character.
fn is_start(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

fn usize_of(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Location;

    #[test]
    fn every_byte_has_the_place_that_counting_finds() {
        let long = "é漢x\u{1f600}".repeat(200);
        for text in ["", "a", "\n", "a\nb", "a\r\nb\n", &format!("{long}\n\n{long}b\n{long}")] {
            let index = LineIndex::new(text);
            for offset in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                let counted = Location::in_text("", text, offset);
                let (line, column) = index.position(text, offset);
                assert_eq!((line, column), (counted.line, counted.column), "{offset} of {text:?}");
                assert_eq!(index.offset(text, line, column), offset, "{line}:{column} of {text:?}");
            }
        }
    }

    #[test]
    fn lines_come_without_their_breaks() {
        let text = "a\n\nbc";
        let index = LineIndex::new(text);
        let line = |line| index.line(text, line).and_then(|range| text.get(range));
        assert_eq!(
            [line(0), line(1), line(2), line(3), line(4)],
            [None, Some("a"), Some(""), Some("bc"), None]
        );
        assert_eq!(index.offset(text, 9, 1), 5);
        assert_eq!(index.position(text, 99), (3, 3));
    }
}
