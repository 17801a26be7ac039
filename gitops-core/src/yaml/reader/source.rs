//! Bytes to text, and text to the pieces that kustomize reads one by one.

use std::borrow::Cow;

use crate::yaml::node::Origin;

/// The text of a file, and where in the file each byte of the text stands.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) places: Places,
    /// UTF-16 is never split into documents.
    pub(super) wide: bool,
}

/// From offsets in a text to offsets in the file.
#[derive(Debug)]
pub(crate) enum Places {
    /// The text is the file without its first bytes.
    Shift(usize),
    /// The text is the file without its first bytes and without each `\r` before a `\n`: the offsets in the text
    /// of those `\n`.
    UnixLines(usize, Vec<usize>),
    /// The offset of each byte.
    Table(Vec<usize>),
}

/// The places of a part of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlacesFrom<'a> {
    pub(crate) places: &'a Places,
    /// Where the part starts in the text.
    pub(crate) start: usize,
}

impl PlacesFrom<'_> {
    /// The origin of what stands at `offset` of the part.
    pub(crate) fn origin(self, offset: usize) -> Origin {
        let offset = self.start + offset;
        match self.places {
            Places::Shift(shift) => Origin::offset(shift + offset),
            Places::UnixLines(shift, breaks) => {
                Origin::offset(shift + offset + breaks.partition_point(|at| *at < offset))
            }
            Places::Table(table) => {
                table.get(offset).or(table.last()).map_or(Origin::UNKNOWN, |place| Origin::offset(*place))
            }
        }
    }
}

/// Reads UTF-8, or UTF-16 with a byte order mark. The error is the offset of the first bad byte.
pub(super) fn decode(bytes: &[u8]) -> Result<Source<'_>, usize> {
    let (text, places, wide) = match bytes {
        [0xff, 0xfe, units @ ..] => {
            let (text, table) = decode_wide(units, u16::from_le_bytes)?;
            (Cow::Owned(text), Places::Table(table), true)
        }
        [0xfe, 0xff, units @ ..] => {
            let (text, table) = decode_wide(units, u16::from_be_bytes)?;
            (Cow::Owned(text), Places::Table(table), true)
        }
        _ => {
            let text = str::from_utf8(bytes).map_err(|error| error.valid_up_to())?;
            let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
            let shift = text.len() - plain.len();
            match unix_lines(plain) {
                Some((text, breaks)) => (Cow::Owned(text), Places::UnixLines(shift, breaks), false),
                None => (Cow::Borrowed(plain), Places::Shift(shift), false),
            }
        }
    };
    Ok(Source { text, places, wide })
}

/// The text with `\n` for `\r\n`, and where; nothing if there is none.
fn unix_lines(text: &str) -> Option<(String, Vec<usize>)> {
    let mut pieces = text.split("\r\n");
    let mut out = pieces.next().filter(|first| first.len() < text.len())?.to_owned();
    let mut breaks = vec![];
    for piece in pieces {
        breaks.push(out.len());
        out.push('\n');
        out.push_str(piece);
    }
    Some((out, breaks))
}

fn decode_wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<(String, Vec<usize>), usize> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(bytes.len() + 1);
    }
    let mut text = String::new();
    let mut table = vec![];
    let mut place = 2;
    for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let character = character.map_err(|_| place)?;
        text.push(character);
        table.extend(std::iter::repeat_n(place, character.len_utf8()));
        place += 2 * character.len_utf16();
    }
    table.push(place);
    Ok((text, table))
}

/// The first character that go-yaml's reader refuses, and its offset.
pub(super) fn refused_character(text: &str) -> Option<(usize, char)> {
    // Without branches, so that many bytes are looked at at once.
    let suspicious = |byte: u8| {
        let control = u8::from(byte < b' ') & u8::from(byte != b'\n') & u8::from(byte != b'\t');
        control | u8::from(byte == 0x7f) | u8::from(byte == 0xc2) | u8::from(byte == 0xef)
    };
    if !any_byte(text, suspicious) {
        return None;
    }
    text.char_indices().find(|(_, character)| {
        matches!(character,
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
            | '\u{fffe}' | '\u{ffff}')
    })
}

/// Whether `wanted` is not 0 for some byte of `text`.
pub(crate) fn any_byte(text: &str, wanted: impl Fn(u8) -> u8) -> bool {
    let (chunks, rest) = text.as_bytes().as_chunks::<64>();
    chunks.iter().any(|chunk| chunk.iter().fold(0, |found, byte| found | wanted(*byte)) != 0)
        || rest.iter().any(|byte| wanted(*byte) != 0)
}

/// How many lines, commas and opening brackets there are: about as many as there are nodes, or more.
pub(crate) fn count_values(text: &str) -> usize {
    let marks = |byte: u8| {
        u8::from(byte == b'\n') + u8::from(byte == b',') + u8::from(byte == b'[') + u8::from(byte == b'{')
    };
    let (chunks, rest) = text.as_bytes().as_chunks::<64>();
    let whole = |chunk: &[u8; 64]| usize::from(chunk.iter().fold(0, |count, byte| count + marks(*byte)));
    chunks.iter().map(whole).sum::<usize>() + rest.iter().map(|byte| usize::from(marks(*byte))).sum::<usize>()
}

/// One piece of a file: where it starts in the text, and its text.
pub(super) type Piece<'a> = (usize, &'a str);

/// Splits a text as kyaml does: at each line after the first that starts with `---`. Such a line may hold
/// white space and a comment besides; else the error is its offset.
pub(super) fn split(text: &str) -> Result<Vec<Piece<'_>>, usize> {
    let mut pieces = vec![];
    let mut start = 0;
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("\n---")) {
        let line = from + found + 1;
        let Some((marker, _)) = text.get(line..).and_then(|rest| rest.split_once('\n')) else { break };
        let comment = marker.get(3..).unwrap_or_default().trim();
        if !comment.is_empty() && !comment.starts_with('#') {
            return Err(line);
        }
        pieces.push((start, text.get(start..line).unwrap_or_default()));
        start = line + marker.len() + 1;
        from = start;
    }
    pieces.push((start, text.get(start..).unwrap_or_default()));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_separator_lines_split() {
        for (text, expected) in [
            ("---\na: 1\n---\nb: 2\n", vec!["---\na: 1\n", "b: 2\n"]),
            ("a\n--- # comment\n---\nb\n---", vec!["a\n", "---\nb\n---"]),
            ("a\r\n---  \r\nb\r\n", vec!["a\r\n", "b\r\n"]),
            ("", vec![""]),
        ] {
            let pieces: Vec<&str> = split(text).expect(text).into_iter().map(|(_, piece)| piece).collect();
            assert_eq!(pieces, expected);
        }
        assert_eq!(split("a\n--- {b: 1}\n"), Err(2));
        assert_eq!(split("a\n-----\n"), Err(2));
    }

    #[test]
    fn wide_text_keeps_its_places() {
        let bytes: Vec<u8> = "a🚀b".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let bytes = [&[0xff, 0xfe], bytes.as_slice()].concat();
        let source = decode(&bytes).expect("UTF-16");
        assert_eq!(source.text, "a🚀b");
        assert_eq!(PlacesFrom { places: &source.places, start: 0 }.origin(5).as_offset(), Some(8));
    }

    #[test]
    fn lines_of_windows_keep_their_places() {
        let source = decode(b"\xef\xbb\xbfa\r\nb\nc\r\nd").expect("UTF-8");
        assert_eq!(source.text, "a\nb\nc\nd");
        let places = PlacesFrom { places: &source.places, start: 2 };
        let offsets = [0, 2, 4].map(|offset| places.origin(offset).as_offset());
        assert_eq!(offsets, [Some(6), Some(8), Some(11)]);
    }
}
