//! The line of a file that something is about, as far as it may be shown.

use gitops_core::diagnostic::{LineIndex, Location};

/// The line of a file that a failure is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SourceLine {
    /// There is none, or the file is not at hand.
    #[default]
    Absent,
    /// Not for eyes: the file holds a Secret.
    Hidden,
    /// Its text.
    Text(String),
    /// What is around the place, of a line that is very long.
    Part(Box<LinePart>),
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePart {
    /// Its text.
    pub text: String,
    /// The column of its first character, counted from 1.
    pub column: u32,
}

impl SourceLine {
    /// The line that `at` names in the file with this content.
    pub fn of(content: &[u8], at: &Location) -> Self {
        SourceLines::of(content).map_or(Self::Absent, |lines| lines.line(at))
    }
}

/// The lines of a file that several places are in: it is looked through once.
#[derive(Debug)]
pub(super) struct SourceLines<'c> {
    text: &'c str,
    index: LineIndex,
    holds_secret: bool,
}

/// How many bytes of a long line are shown before a place and behind it, and at most as many again: what is shown
/// begins and ends between words, so that no credential of a URL is parted from what marks it as one.
const WINDOW: usize = 2_000;

impl<'c> SourceLines<'c> {
    /// The lines of the file with this content; `None` where it is no text.
    pub(super) fn of(content: &'c [u8]) -> Option<Self> {
        let text = str::from_utf8(content).ok()?;
        Some(Self { text, index: LineIndex::new(text), holds_secret: holds_secret(content) })
    }

    /// The line that `at` names.
    pub(super) fn line(&self, at: &Location) -> SourceLine {
        if self.holds_secret && self.text_at(at.line).is_some() {
            SourceLine::Hidden
        } else {
            self.any_line(at)
        }
    }

    /// The line that `at` names, even of a file that holds a Secret.
    pub(super) fn any_line(&self, at: &Location) -> SourceLine {
        match self.text_at(at.line) {
            None => SourceLine::Absent,
            Some(line) if line.len() <= 2 * WINDOW => SourceLine::Text(line.to_owned()),
            Some(line) => self.part(line, at).unwrap_or_default(),
        }
    }

    /// Whether the file holds a Secret.
    pub(super) fn holds_secret(&self) -> bool {
        self.holds_secret
    }

    fn text_at(&self, line: u32) -> Option<&'c str> {
        Some(self.text.get(self.index.line(self.text, line)?)?.trim_end_matches('\r'))
    }

    /// What is around a place in a long line.
    fn part(&self, line: &str, at: &Location) -> Option<SourceLine> {
        let start = self.index.offset(self.text, at.line, 0);
        let place = self.index.offset(self.text, at.line, at.column).checked_sub(start)?.min(line.len());
        let from = match place.checked_sub(2 * WINDOW) {
            None => 0,
            Some(least) => {
                least
                    + line.as_bytes().get(least..place - WINDOW)?.iter().rposition(|byte| is_gap(*byte))?
                    + 1
            }
        };
        let to = match place + WINDOW {
            least if least >= line.len() => line.len(),
            least => {
                let most = (least + WINDOW).min(line.len());
                least + line.as_bytes().get(least..most)?.iter().position(|byte| is_gap(*byte))?
            }
        };
        let (_, column) = self.index.position(self.text, start + from);
        Some(SourceLine::Part(Box::new(LinePart { text: line.get(from..to)?.to_owned(), column })))
    }
}

/// Whether a byte stands between words.
fn is_gap(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>')
}

/// Whether a file has the words of a Secret, of a generator or of a patch of one. It need not be valid YAML.
fn holds_secret(content: &[u8]) -> bool {
    const WORDS: &[&str] = &["kind:secret", "secretgenerator", "stringdata", "/data/"];
    // The NULs are those of UTF-16.
    let plain = |byte: &u8| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b'\0');
    let text: Vec<u8> = content.iter().filter(|byte| plain(byte)).map(u8::to_ascii_lowercase).collect();
    let text = String::from_utf8_lossy(&text);
    // Kinds like SealedSecret too. White space is gone: what follows on the next line may belong to the word.
    let is_secret = |rest: &str| {
        rest.split(|c: char| !c.is_ascii_alphanumeric()).next().is_some_and(|kind| kind.contains("secret"))
    };
    WORDS.iter().any(|word| text.contains(word)) || text.split("kind:").skip(1).any(is_secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str, line: u32, expected: &SourceLine) {
        let at = Location::new("a.yaml", line, 1);
        assert_eq!(SourceLine::of(content.as_bytes(), &at), *expected, "{content}");
    }

    #[test]
    fn of_a_long_line_is_shown_what_is_around_the_place() {
        let check = |line: &str, column, expected: Option<(usize, u32)>| {
            let found =
                SourceLine::of(format!("a: 1\n{line}\n").as_bytes(), &Location::new("a.yaml", 2, column));
            let found = match found {
                SourceLine::Part(part) => Some((part.text.chars().count(), part.column)),
                SourceLine::Text(_) | SourceLine::Hidden | SourceLine::Absent => None,
            };
            assert_eq!(found, expected, "{column}");
        };
        let words = "é23456789 ".repeat(10_000);
        check(&words, 1, Some((1_819, 1)));
        check(&words, 50_001, Some((3_639, 48_181)));
        check(&words, 99_999, Some((1_820, 98_181)));
        check(&"x".repeat(10_000), 5_000, None);
        // Where a URL would be cut, nothing is shown.
        check(&format!("{} https://u:{}@h/ x", "y ".repeat(3_000), "p".repeat(9_000)), 6_010, None);
    }

    #[test]
    fn a_line_is_shown_unless_its_file_holds_a_secret() {
        check("a: 1\r\nb: 2\n", 1, &SourceLine::Text("a: 1".to_owned()));
        check("a: 1\n", 0, &SourceLine::Absent);
        check("a: 1\n", 7, &SourceLine::Absent);
        for secret in [
            "data: {x: y}\nkind: Secret\n",
            "{\"kind\" : \"Secret\", \"data\": [",
            "- kind: 'Secret'\n",
            "secretGenerator:\n- literals: [a=b]\n",
            "- op: replace\n  path: /data/password\n",
        ] {
            check(secret, 1, &SourceLine::Hidden);
        }
        let reference = "kind: Deployment\nx: {secretKeyRef: {name: a}}\n";
        check(reference, 1, &SourceLine::Text("kind: Deployment".to_owned()));
    }
}
