//! Go's `path.Match`: the globs of `ignoreTags` and of file name patterns.

use std::iter::Peekable;
use std::str::Chars;

/// A pattern that breaks the grammar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid pattern")]
pub struct PatternError(pub String);

/// One part of a pattern.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// `*`: any run of characters but `/`.
    Run,
    /// `?`: one character but `/`.
    Any,
    /// A character that stands for itself.
    Literal(char),
    /// `[a-z]`, `[^a-z]`: one character inside or outside of the ranges.
    Class { negated: bool, ranges: Vec<(char, char)> },
}

/// Whether the whole of `name` matches `pattern`, as Go's `path.Match` has it.
///
/// `*` and `?` do not match `/`, a class does; `\` takes the next character as it is. Runs in time proportional
/// to the product of both lengths at worst.
pub fn path_match(pattern: &str, name: &str) -> Result<bool, PatternError> {
    let parts = parse(pattern).ok_or_else(|| PatternError(pattern.to_owned()))?;
    Ok(matches(&parts, &name.chars().collect::<Vec<_>>()))
}

fn parse(pattern: &str) -> Option<Vec<Part>> {
    let mut parts = vec![];
    let mut rest = pattern.chars().peekable();
    while let Some(next) = rest.next() {
        parts.push(match next {
            '*' => Part::Run,
            '?' => Part::Any,
            '[' => class(&mut rest)?,
            '\\' => Part::Literal(rest.next()?),
            other => Part::Literal(other),
        });
    }
    Some(parts)
}

fn class(rest: &mut Peekable<Chars<'_>>) -> Option<Part> {
    let negated = rest.next_if_eq(&'^').is_some();
    let mut ranges = vec![];
    while ranges.is_empty() || rest.next_if_eq(&']').is_none() {
        let low = class_character(rest)?;
        let high = if rest.next_if_eq(&'-').is_some() { class_character(rest)? } else { low };
        ranges.push((low, high));
    }
    Some(Part::Class { negated, ranges })
}

fn class_character(rest: &mut Peekable<Chars<'_>>) -> Option<char> {
    match rest.next()? {
        '-' | ']' => None,
        '\\' => rest.next(),
        other => Some(other),
    }
}

fn matches(parts: &[Part], name: &[char]) -> bool {
    // After a mismatch only the last `*` needs to take one more character.
    let (mut part, mut at) = (0, 0);
    let mut resume: Option<(usize, usize)> = None;
    loop {
        match (parts.get(part), name.get(at)) {
            (None, None) => return true,
            (Some(Part::Run), _) => {
                resume = Some((part + 1, at));
                part += 1;
                continue;
            }
            (Some(wanted), Some(character)) if fits(wanted, *character) => {
                part += 1;
                at += 1;
                continue;
            }
            (Some(_) | None, _) => {}
        }
        let Some((after_run, taken)) = resume else { return false };
        if name.get(taken).is_none_or(|character| *character == '/') {
            return false;
        }
        resume = Some((after_run, taken + 1));
        part = after_run;
        at = taken + 1;
    }
}

fn fits(part: &Part, character: char) -> bool {
    match part {
        Part::Run => false,
        Part::Any => character != '/',
        Part::Literal(literal) => *literal == character,
        Part::Class { negated, ranges } => {
            ranges.iter().any(|(low, high)| *low <= character && character <= *high) != *negated
        }
    }
}

#[cfg(test)]
mod tests {
    use super::path_match;

    /// The table of the documentation of Go's `path.Match`, and its test's.
    #[test]
    fn names_match_as_in_go() {
        let cases: &[(&str, &str, Option<bool>)] = &[
            ("abc", "abc", Some(true)),
            ("*", "abc", Some(true)),
            ("*c", "abc", Some(true)),
            ("a*", "ab/c", Some(false)),
            ("a*/b", "a/c/b", Some(false)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Some(true)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", Some(false)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Some(true)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Some(false)),
            ("ab[c]", "abc", Some(true)),
            ("ab[^e-g]", "abc", Some(true)),
            ("a\\*b", "a*b", Some(true)),
            ("a\\*b", "ab", Some(false)),
            ("a???b", "a☺☻☹b", Some(true)),
            ("[a-ζ]*", "α", Some(true)),
            ("*[a-ζ]", "A", Some(false)),
            ("a?b", "a/b", Some(false)),
            ("[\\]a]", "]", Some(true)),
            ("[x\\-]", "-", Some(true)),
            ("[]a]", "]", None),
            ("[-]", "-", None),
            ("[x-]", "x", None),
            ("[-x]", "x", None),
            ("[a-b-c]", "a", None),
            ("[", "a", None),
            ("[^bc", "a", None),
            ("a[", "ab", None),
            ("\\", "a", None),
            ("", "", Some(true)),
            ("*x", "xxx", Some(true)),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(path_match(pattern, name).ok(), *expected, "{pattern} {name}");
        }
    }
}
