//! What becomes of a folded block scalar (`>`) on its way through kustomize.
//!
//! Kustomize keeps the style and prints each resource once before it reads it again. Go-yaml's folded style does
//! not survive that: next to lines that start with white space it gains or loses line breaks.

use std::borrow::Cow;

/// The text of a folded block scalar after go-yaml v3 has printed and read it.
pub(crate) fn refold(text: &str) -> Cow<'_, str> {
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

/// Whether go-yaml gives up the folded style for a text.
fn is_double_quoted(text: &str) -> bool {
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
