//! Scalars, and how go-yaml v3 (as kustomize embeds it) reads the plain ones.

use smol_str::SmolStr;

/// The type of a scalar, after resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tag {
    /// `!!null`
    Null,
    /// `!!bool`
    Bool,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!str`
    Str,
    /// `!!timestamp`
    Timestamp,
    /// `!!binary`: the text is base64.
    Binary,
    /// `!!merge`: a plain `<<` used as a key.
    Merge,
}

/// A scalar: its text and its type.
///
/// The text of a number stays as it was written (`0x1F`, `1_000`, `1.0`), because kustomize passes it on.
#[derive(Clone, Debug)]
pub struct Scalar {
    text: SmolStr,
    tag: Tag,
}

impl Scalar {
    /// A scalar with a given type.
    pub fn tagged(text: impl Into<SmolStr>, tag: Tag) -> Self {
        Self { text: text.into(), tag }
    }

    /// A plain scalar: its type follows from its text by go-yaml v3's rules.
    pub fn plain(text: impl Into<SmolStr>) -> Self {
        let text = text.into();
        let tag = resolve(&text);
        Self { text, tag }
    }

    /// A string.
    pub fn string(text: impl Into<SmolStr>) -> Self {
        Self::tagged(text, Tag::Str)
    }

    /// An integer.
    pub fn integer(number: i64) -> Self {
        Self::tagged(smol_str::format_smolstr!("{number}"), Tag::Int)
    }

    /// A boolean.
    pub fn boolean(value: bool) -> Self {
        Self::tagged(if value { "true" } else { "false" }, Tag::Bool)
    }

    /// Null.
    pub fn null() -> Self {
        Self::tagged("null", Tag::Null)
    }

    /// The text as it was written, without quotes.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text as a shared string.
    pub fn shared_text(&self) -> SmolStr {
        self.text.clone()
    }

    /// The type.
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// The number, if this is an integer within `i64`.
    pub fn as_i64(&self) -> Option<i64> {
        (self.tag == Tag::Int)
            .then(|| parse_integer(&self.text))
            .flatten()
            .and_then(|number| number.try_into().ok())
    }

    /// The number, if this is an integer or a float.
    pub fn as_f64(&self) -> Option<f64> {
        match self.tag {
            Tag::Int => parse_integer(&self.text)
                .and_then(|number| number.to_string().parse().ok())
                .or_else(|| parse_float(&self.text)),
            Tag::Float => parse_float(&self.text),
            Tag::Null | Tag::Bool | Tag::Str | Tag::Timestamp | Tag::Binary | Tag::Merge => None,
        }
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        (self.tag == Tag::Bool).then(|| self.text.eq_ignore_ascii_case("true"))
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        match (self.tag, other.tag) {
            (Tag::Null, Tag::Null) => true,
            (Tag::Int, Tag::Int) => {
                self.text == other.text
                    || parse_integer(&self.text).is_some()
                        && parse_integer(&self.text) == parse_integer(&other.text)
            }
            (Tag::Int | Tag::Float, Tag::Int | Tag::Float) => self.as_f64() == other.as_f64(),
            (Tag::Bool, Tag::Bool) => self.as_bool() == other.as_bool(),
            (a, b) => a == b && self.text == other.text,
        }
    }
}

/// The type of a plain scalar by go-yaml v3's `resolve`.
fn resolve(text: &str) -> Tag {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Tag::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return Tag::Bool,
        "<<" => return Tag::Merge,
        _ => {}
    }
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return Tag::Str;
    }
    if parse_integer(text).is_some() {
        Tag::Int
    } else if parse_float(text).is_some() {
        Tag::Float
    } else {
        Tag::Str
    }
}

/// Reads an integer in the forms that go-yaml v3 accepts: decimal, `0x`, `0b`, `0o`, leading zero as octal, `_`.
fn parse_integer(text: &str) -> Option<i128> {
    let text: String = text.chars().filter(|c| *c != '_').collect();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (digits.get(2..)?, 16),
        [b'0', b'b' | b'B', ..] => (digits.get(2..)?, 2),
        [b'0', b'o' | b'O', ..] => (digits.get(2..)?, 8),
        [b'0', _, ..] => (digits.get(1..)?, 8),
        _ => (digits, 10),
    };
    if !digits.starts_with(|first: char| first.is_ascii_hexdigit()) {
        return None;
    }
    let number = i128::from(u64::from_str_radix(digits, radix).ok()?);
    Some(if negative { -number } else { number })
}

/// Reads a float in the forms that go-yaml v3 accepts.
fn parse_float(text: &str) -> Option<f64> {
    match text.strip_prefix(['+', '-']).unwrap_or(text) {
        ".inf" | ".Inf" | ".INF" => {
            return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
        }
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        _ => {}
    }
    let text: String = text.chars().filter(|c| *c != '_').collect();
    let looks_numeric = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
    looks_numeric.then(|| text.parse().ok()).flatten().filter(|number: &f64| number.is_finite())
}
