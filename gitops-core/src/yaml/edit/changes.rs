//! A set of replacements of byte ranges, applied at once.

use std::ops::Range;

/// Replacements of ranges of one text. Ranges may touch; they must not overlap.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    list: Vec<(Range<usize>, String)>,
}

impl Changes {
    /// No change.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Puts `text` in the place of `range`.
    pub fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.list.push((range, text.into()));
    }

    /// Puts `text` before the byte `at`; several at one place stay in the order in which they were asked for.
    pub fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at..at, text);
    }

    /// Removes `range`.
    pub fn remove(&mut self, range: Range<usize>) {
        self.replace(range, "");
    }

    /// The text with every change made; `None` where two ranges overlap or one leaves the text.
    pub fn apply(mut self, text: &str) -> Option<String> {
        self.list.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = String::with_capacity(text.len() + 64);
        let mut at = 0;
        for (range, replacement) in &self.list {
            out.push_str(text.get(at..range.start)?);
            out.push_str(replacement);
            at = range.end;
        }
        out.push_str(text.get(at..)?);
        Some(out)
    }
}

/// The first byte of the line in which the byte `at` stands.
pub fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind(['\n', '\r'])).map_or(0, |line_break| line_break + 1)
}

/// Where the line in which the byte `at` stands ends: at its line break, or at the end of the text.
pub fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find(['\n', '\r'])).map_or(text.len(), |line_break| at + line_break)
}

/// The line break at the byte `at`; at the end of the text the one before it, and a plain one where there is none.
pub fn line_break_at(text: &str, at: usize) -> &'static str {
    let rest = text.get(at..).unwrap_or_default();
    let before = text.get(..at).unwrap_or_default();
    if let Some(found) = leading_break(rest) {
        return found;
    }
    match before.rfind(['\n', '\r']) {
        None => "\n",
        Some(last) if before.get(..last).is_some_and(|head| head.ends_with('\r')) => "\r\n",
        Some(last) => before.get(last..).and_then(leading_break).unwrap_or("\n"),
    }
}

fn leading_break(text: &str) -> Option<&'static str> {
    ["\r\n", "\n", "\r"].into_iter().find(|line_break| text.starts_with(line_break))
}

#[cfg(test)]
mod tests {
    use super::{Changes, line_break_at, line_end, line_start};

    #[test]
    fn changes_are_made_in_the_order_of_their_places() {
        let mut changes = Changes::new();
        changes.remove(4..6);
        changes.insert(0, "<");
        changes.replace(1..2, "B");
        changes.insert(4, "1");
        changes.insert(4, "2");
        assert_eq!(changes.apply("abcdef").as_deref(), Some("<aBcd12"));
    }

    #[test]
    fn overlapping_changes_are_refused() {
        let mut changes = Changes::new();
        changes.remove(0..3);
        changes.remove(2..4);
        assert_eq!(changes.apply("abcdef"), None);
    }

    #[test]
    fn lines_end_at_their_breaks() {
        let text = "a\r\nbc\nd";
        assert_eq!((line_start(text, 4), line_end(text, 4)), (3, 5));
        assert_eq!(
            (line_break_at(text, 1), line_break_at(text, 5), line_break_at(text, 7)),
            ("\r\n", "\n", "\n")
        );
        assert_eq!((line_break_at("a", 1), line_break_at("a\r\nb", 4)), ("\n", "\r\n"));
    }
}
