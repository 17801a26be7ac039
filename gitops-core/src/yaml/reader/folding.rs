//! What becomes of a folded block scalar (`>`) on its way through kustomize.
//!
//! Kustomize keeps the style of what it has not set itself, and prints a resource before it reads it again: at the
//! end, and where a JSON patch is applied. Go-yaml's folded style does not survive that: next to lines that start
//! with white space it gains or loses line breaks.

use std::borrow::Cow;

use smol_str::SmolStr;

use crate::yaml::node::{Mapping, Node, Value};
use crate::yaml::scalar::Scalar;

impl Node {
    /// Makes of every folded scalar at and below this node what go-yaml v3 makes of it when it prints and reads
    /// it. What is then there is folded no more.
    pub fn refold(&mut self) {
        self.unfold(&|scalar| match refold(scalar.text()) {
            Cow::Owned(text) => Some(text.into()),
            Cow::Borrowed(_) => None,
        });
    }

    /// Forgets which scalars at and below this node were written folded: their texts stay.
    pub fn forget_folding(&mut self) {
        self.unfold(&|scalar| Some(scalar.shared_text()));
    }

    /// Whether a scalar at or below this node was written folded.
    pub fn is_partly_folded(&self) -> bool {
        self.has_folded(&|scalar| Some(scalar.shared_text()))
    }

    /// Puts the text that `change` gives, if any, in the place of folded scalars.
    fn unfold(&mut self, change: &impl Fn(&Scalar) -> Option<SmolStr>) {
        if !self.has_folded(change) {
            return;
        }
        match &mut self.value {
            Value::Scalar(scalar) => {
                if let Some(text) = change(scalar) {
                    *scalar = scalar.unfolded(text);
                }
            }
            Value::Sequence(_) => {
                self.items_mut().into_iter().flatten().for_each(|item| item.unfold(change));
            }
            Value::Mapping(_) => {
                let entries = self.as_mapping_mut().into_iter().flat_map(Mapping::values_mut);
                entries.for_each(|value| value.unfold(change));
            }
        }
    }

    fn has_folded(&self, change: &impl Fn(&Scalar) -> Option<SmolStr>) -> bool {
        match &self.value {
            Value::Scalar(scalar) => scalar.is_folded() && change(scalar).is_some(),
            Value::Sequence(items) => items.iter().any(|item| item.has_folded(change)),
            Value::Mapping(mapping) => mapping.entries().iter().any(|entry| entry.value.has_folded(change)),
        }
    }
}

/// The text of a folded block scalar after go-yaml v3 has printed and read it.
fn refold(text: &str) -> Cow<'_, str> {
    let content = text.trim_start_matches('\n');
    let starts_blank = content.starts_with(BLANK);
    let indented = starts_blank || content.contains("\n ") || content.contains("\n\t");
    if !(indented || text.ends_with("\n\n")) || content.is_empty() || is_double_quoted(text) {
        return text.into();
    }
    let mut out = text.get(..text.len() - content.len()).unwrap_or_default().to_owned();
    let mut rest = content;
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.find('\n').unwrap_or(rest.len()));
        rest = after.trim_start_matches('\n');
        let breaks = after.len() - rest.len();
        let printed = breaks + usize::from(breaks > 0 && !starts_blank && !line.starts_with(BLANK));
        out.push_str(line);
        match breaks {
            0 | 1 if rest.is_empty() => out.extend((breaks == 1).then_some('\n')),
            _ if rest.is_empty() || line.starts_with(BLANK) || rest.starts_with(BLANK) => {
                out.extend(std::iter::repeat_n('\n', printed));
            }
            _ if printed == 1 => out.push(' '),
            _ => out.extend(std::iter::repeat_n('\n', printed - 1)),
        }
    }
    out.into()
}

const BLANK: [char; 2] = [' ', '\t'];

/// Whether go-yaml gives up the style of a block for a text.
pub(super) fn is_double_quoted(text: &str) -> bool {
    let unprintable = |character: char| matches!(character, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{feff}' | '\u{10000}'..);
    text.ends_with(' ') || text.contains(" \n") || text.contains(unprintable)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected texts are kustomize v5.8.1's.
    #[test]
    fn line_breaks_beside_indented_lines_change() {
        for (text, expected) in [
            ("one two\n", "one two\n"),
            ("one\ntwo\n", "one\ntwo\n"),
            ("one\n  more\ntwo\n", "one\n\n  more\ntwo\n"),
            ("one\n\n  more\n\ntwo\n", "one\n\n\n  more\n\ntwo\n"),
            (" x\n\ny z\n\nw\n", " x\n\ny z\nw\n"),
            ("x\n y\n\n\n", "x\n\n y\n\n\n"),
            ("one\n\n\n", "one\n\n\n\n"),
            ("x \n  y\n", "x \n  y\n"),
        ] {
            assert_eq!(refold(text), expected, "{text:?}");
        }
    }
}
