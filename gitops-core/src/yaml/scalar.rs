//! Scalars: a text and a type.

use base64::Engine as _;
use smol_str::SmolStr;

use super::number::{format_float, format_general, parse_float, parse_integer};
use super::resolve::{Dialect, boolean, resolve};

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
    quoted: bool,
    /// Whether it was written as a folded block (`>`), which kustomize keeps and prints so on its way.
    folded: bool,
    /// The number of the node that kustomize has here and at other places; 0 for one of its own.
    twin: u32,
}

/// The text of a null that was written as nothing between brackets, which kustomize prints as an empty string.
/// Nothing in block style has the empty text, and is printed as null.
pub(super) const EMPTY_IN_FLOW: &str = " ";

impl Scalar {
    /// A scalar with a given type.
    pub fn tagged(text: impl Into<SmolStr>, tag: Tag) -> Self {
        Self { text: text.into(), tag, quoted: false, folded: false, twin: 0 }
    }

    /// A plain scalar: its type follows from its text by go-yaml v3's rules.
    pub fn plain(text: impl Into<SmolStr>) -> Self {
        let text = text.into();
        if text.is_empty() {
            return Self::null();
        }
        let tag = resolve(&text, Dialect::Resource);
        Self { text, tag, quoted: false, folded: false, twin: 0 }
    }

    /// A string.
    pub fn string(text: impl Into<SmolStr>) -> Self {
        Self::tagged(text, Tag::Str)
    }

    /// A string that was written in quotes or as a block.
    pub fn quoted(text: impl Into<SmolStr>) -> Self {
        Self { quoted: true, ..Self::string(text) }
    }

    /// The same scalar, written as a folded block.
    pub(super) fn folded(self) -> Self {
        Self { folded: true, ..self }
    }

    /// The same scalar with the text `text`, folded no more.
    pub(super) fn unfolded(&self, text: SmolStr) -> Self {
        Self { text, folded: false, ..*self }
    }

    /// Whether it was written as a folded block.
    pub(super) fn is_folded(&self) -> bool {
        self.folded
    }

    /// This scalar as what `other` becomes when its text is set: a folded block stays one.
    #[must_use]
    pub fn folded_as(self, other: &Self) -> Self {
        Self { folded: other.folded, twin: other.twin, ..self }
    }

    /// This scalar in the place of `other`, whose quotes stay where kustomize merges: between them a number,
    /// boolean or date is a string.
    #[must_use]
    pub fn in_place_of(mut self, other: &Self) -> Self {
        if other.quoted && matches!(self.tag, Tag::Bool | Tag::Int | Tag::Float | Tag::Timestamp) {
            self.tag = Tag::Str;
        }
        self.quoted = other.quoted;
        self.folded_as(other)
    }

    /// The number of the node that kustomize has here and at other places of the same resource; 0 for one of its
    /// own. Two scalars are equal whatever it is.
    pub fn twin(&self) -> u32 {
        self.twin
    }

    /// The same scalar as the node with the number `twin`.
    #[must_use]
    pub fn with_twin(self, twin: u32) -> Self {
        Self { twin, ..self }
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

    /// Whether this is a null that was written as nothing: `key:`.
    pub fn is_blank(&self) -> bool {
        self.tag == Tag::Null && self.text.trim_ascii().is_empty()
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

    /// The number, if this is an integer within `u64`.
    pub fn as_u64(&self) -> Option<u64> {
        (self.tag == Tag::Int)
            .then(|| parse_integer(&self.text))
            .flatten()
            .and_then(|number| number.try_into().ok())
    }

    /// The number, if this is an integer or a float.
    pub fn as_f64(&self) -> Option<f64> {
        match self.tag {
            Tag::Int | Tag::Float => parse_integer(&self.text)
                .and_then(|number| number.to_string().parse().ok())
                .or_else(|| parse_float(&self.text)),
            Tag::Null | Tag::Bool | Tag::Str | Tag::Timestamp | Tag::Binary | Tag::Merge => None,
        }
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        (self.tag == Tag::Bool).then(|| boolean(&self.text, Dialect::Resource)).flatten()
    }

    /// The number as kustomize prints it, if this is a finite number: through `int64`, `uint64` or `float64`.
    pub fn canonical_number(&self) -> Option<SmolStr> {
        let integer = if self.tag == Tag::Int { parse_integer(&self.text) } else { None };
        match integer {
            Some(number) => Some(smol_str::format_smolstr!("{number}")),
            None => self.as_f64().filter(|number| number.is_finite()).map(format_float),
        }
    }

    /// The number as go-yaml prints it from a `float64`, if this is a finite number: `1e+06` for 1000000.
    pub fn as_go_float(&self) -> Option<SmolStr> {
        self.as_f64().filter(|number| number.is_finite()).map(format_general)
    }

    /// The text that stands behind the base64 of `!!binary`; a byte that is not UTF-8 becomes U+FFFD, as in
    /// Go's JSON.
    pub fn decoded(&self) -> Option<String> {
        let plain: Vec<u8> = self.text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        let bytes = base64::engine::general_purpose::STANDARD.decode(plain).ok()?;
        let mut text = String::new();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
        }
        Some(text)
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
            // `<<` is a string wherever it is not a key.
            (Tag::Str | Tag::Merge, Tag::Str | Tag::Merge) => self.text == other.text,
            (a, b) => a == b && self.text == other.text,
        }
    }
}
