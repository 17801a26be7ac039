//! Where the characters of a scalar's value are written: from offsets in the value to offsets in the text.
//!
//! Reading a scalar changes white space (indentation, folding) and, in double quotes, escapes; every other
//! character is written once and in order. So the two are laid side by side without their white space.

use super::escape::{Escape, escape};

/// Where the characters of the value of one scalar are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScalarPlaces {
    /// Offsets in the value and in the text from which on both run in step.
    runs: Vec<(usize, usize)>,
}

impl ScalarPlaces {
    /// The places of `value`, which was read from the scalar that begins at the byte `start` of `text`.
    ///
    /// What cannot be laid side by side has the place of what stands before it.
    pub fn new(text: &str, start: usize, value: &str) -> Self {
        let mut written = Written::new(text, start);
        let mut runs: Vec<(usize, usize)> = vec![];
        for (offset, character) in value.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            let Some((place, _)) = written.next().filter(|(_, written)| *written == character) else { break };
            if runs.last().is_none_or(|(value, text)| place - text != offset - value) {
                runs.push((offset, place));
            }
        }
        Self { runs }
    }

    /// The offset in the text of what stands at `offset` of the value; `None` where the value is empty.
    pub fn at(&self, offset: usize) -> Option<usize> {
        let run = self.runs.partition_point(|(value, _)| *value <= offset);
        let (value, text) = self.runs.get(run.saturating_sub(1))?;
        Some(text + offset.saturating_sub(*value))
    }
}

/// How a scalar is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Each character stands for itself.
    Bare,
    /// `''` stands for `'`.
    Single,
    /// With escapes.
    Double,
}

/// The characters that a scalar stands for, but white space, with their places.
struct Written<'a> {
    text: &'a str,
    at: usize,
    form: Form,
}

impl<'a> Written<'a> {
    fn new(text: &'a str, start: usize) -> Self {
        let mut at = start;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            match rest.as_bytes().first() {
                // A tag or an anchor stands before the scalar.
                Some(b'!' | b'&') => {
                    let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
                    let blank = rest.get(word..).unwrap_or_default();
                    at += word + (blank.len() - blank.trim_start().len()).max(1);
                }
                Some(b'|' | b'>') => {
                    let line = rest.find('\n').unwrap_or(rest.len());
                    return Self { text, at: at + line, form: Form::Bare };
                }
                Some(b'\'') => return Self { text, at: at + 1, form: Form::Single },
                Some(b'"') => return Self { text, at: at + 1, form: Form::Double },
                Some(_) | None => return Self { text, at, form: Form::Bare },
            }
        }
    }

    fn take(&mut self) -> Option<char> {
        let character = self.text.get(self.at..)?.chars().next()?;
        self.at += character.len_utf8();
        Some(character)
    }

    /// What stands behind a backslash; a blank for an escaped line break.
    fn escaped(&mut self) -> Option<char> {
        let letter = self.take()?;
        match escape(letter) {
            Some(Escape::Character(character)) => Some(character),
            Some(Escape::Code { digits }) => {
                let code = self.text.get(self.at..self.at + digits)?;
                self.at += digits;
                Escape::decode(code)
            }
            None => Some(letter),
        }
    }
}

impl Iterator for Written<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<(usize, char)> {
        loop {
            let place = self.at;
            let character = match (self.take()?, self.form) {
                ('\'', Form::Single) => self.take().filter(|next| *next == '\'')?,
                ('"', Form::Double) => return None,
                ('\\', Form::Double) => self.escaped()?,
                (character, _) => character,
            };
            if !character.is_whitespace() {
                return Some((place, character));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read_one;

    /// Checks that `word` of the value of `a` is found where `marker` first stands in the text.
    #[track_caller]
    fn check(text: &str, word: &str, marker: &str) {
        let root = read_one("a.yaml", text).unwrap();
        let node = root.get("a").unwrap();
        let value = node.text().unwrap();
        let places = ScalarPlaces::new(text, node.origin.as_offset().unwrap(), value);
        assert_eq!(places.at(value.find(word).unwrap()), text.find(marker), "{text}");
    }

    #[test]
    fn a_word_is_found_where_it_is_written() {
        check("a: |-\n    x: 1\n    y:\n      z: 2\n", "z", "z: 2");
        check("a: |2 # z\n\n    x\n  y: Z\n", "Z", "Z\n");
        check("a: >\n  x\n  y\n\n  z\n", "z", "z\n");
        check("a: &b !!str |\r\n  x: 1\r\n  y: 2\r\n", "2", "2\r");
        check("a: 'it''s\n  so: z'\n", "z", "z'");
        check("a: \"\\x41\\n\\u0042: \\\"é\\\" \\\n  z\"\n", "z", "z\"");
        check("a: {b: c, d: z}\na: x\n".split_once('\n').unwrap().1, "x", "x");
        check("a: one\n  two # three\n", "two", "two");
    }

    #[test]
    fn what_does_not_fit_has_the_place_of_what_stands_before() {
        let places = ScalarPlaces::new("a: bcd", 3, "bxd");
        assert_eq!([0, 1, 9].map(|offset| places.at(offset)), [Some(3), Some(4), Some(12)]);
        assert_eq!(ScalarPlaces::new("", 7, "").at(0), None);
    }
}
