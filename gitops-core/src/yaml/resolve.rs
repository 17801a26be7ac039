//! The type of a plain scalar, by each of the two dialects that kustomize reads.

use super::number::{parse_float, parse_integer};
use super::scalar::Tag;
use super::timestamp;

/// Which go-yaml reads a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Dialect {
    /// go-yaml v3 as kyaml embeds it: resources and patches. `yes` is a string, `0o644` an integer.
    #[default]
    Resource,
    /// go-yaml v2 behind `sigs.k8s.io/yaml`: kustomizations, JSON6902 patches and plugin configurations.
    /// `yes`, `on` and `y` are booleans. What is read is what its JSON form holds: keys are strings,
    /// numbers are canonical, the last of two equal keys wins.
    Json,
}

/// The words of YAML 1.1 that only [`Dialect::Json`] takes for booleans.
const OLD_TRUE: &[&str] = &["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"];
const OLD_FALSE: &[&str] = &["n", "N", "no", "No", "NO", "off", "Off", "OFF"];

/// The type of the plain scalar `text`.
pub(super) fn resolve(text: &str, dialect: Dialect) -> Tag {
    let Some(first) = text.bytes().next() else { return Tag::Null };
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' => resolve_number(text),
        b'~' | b'n' | b'N' if matches!(text, "~" | "null" | "Null" | "NULL") => Tag::Null,
        b't' | b'T' | b'f' | b'F' if boolean(text, Dialect::Resource).is_some() => Tag::Bool,
        b'y' | b'Y' | b'n' | b'N' | b'o' | b'O' if boolean(text, dialect).is_some() => Tag::Bool,
        b'<' if text == "<<" => Tag::Merge,
        _ => Tag::Str,
    }
}

fn resolve_number(text: &str) -> Tag {
    if text.starts_with('.') {
        return if parse_float(text).is_some() { Tag::Float } else { Tag::Str };
    }
    if text.as_bytes().get(4) == Some(&b'-') && timestamp::rfc3339(text).is_some() {
        Tag::Timestamp
    } else if parse_integer(text).is_some() {
        Tag::Int
    } else if parse_float(text).is_some() {
        Tag::Float
    } else {
        Tag::Str
    }
}

/// The boolean that `text` stands for.
pub(super) fn boolean(text: &str, dialect: Dialect) -> Option<bool> {
    match (text, dialect) {
        ("true" | "True" | "TRUE", _) => Some(true),
        ("false" | "False" | "FALSE", _) => Some(false),
        (_, Dialect::Resource) => None,
        (word, Dialect::Json) if OLD_TRUE.contains(&word) => Some(true),
        (word, Dialect::Json) => OLD_FALSE.contains(&word).then_some(false),
    }
}

/// Whether the string `text` would be read as something else when it stood without quotes: by go-yaml v2, or
/// by a YAML 1.1 reader that knows numbers in base 60.
pub(super) fn needs_quotes(text: &str) -> bool {
    match resolve(text, Dialect::Json) {
        Tag::Null | Tag::Bool | Tag::Int | Tag::Float | Tag::Timestamp | Tag::Binary => true,
        Tag::Str | Tag::Merge => is_base_60(text),
    }
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
fn is_base_60(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let mut groups = whole.split(':');
    let head = groups.next().unwrap_or_default();
    digits(head)
        && digits(fraction)
        && whole.len() > head.len()
        && groups.all(|group| match group.as_bytes() {
            [low] => low.is_ascii_digit(),
            [high, low] => (b'0'..=b'5').contains(high) && low.is_ascii_digit(),
            _ => false,
        })
}
