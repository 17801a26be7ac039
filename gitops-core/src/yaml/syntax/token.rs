//! The words and signs that a text is cut into.

use smol_str::SmolStr;

/// A token and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    /// The byte at which it starts.
    pub(super) offset: usize,
    /// The byte behind it.
    pub(super) end: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// `%YAML`.
    Version(u8, u8),
    /// `%TAG`.
    TagPrefix {
        handle: &'a str,
        prefix: String,
    },
    DocumentStart,
    DocumentEnd,
    StreamEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    /// `-`.
    BlockEntry,
    /// `,`.
    FlowEntry,
    /// The next node is a key: `?`, or nothing where a colon told so.
    Key {
        written: bool,
    },
    /// `:`.
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    Tag {
        handle: &'a str,
        suffix: String,
    },
    Scalar {
        text: SmolStr,
        style: Style,
    },
}

impl Kind<'_> {
    /// Whether the next node is a key.
    pub(super) fn is_key(&self) -> bool {
        matches!(self, Kind::Key { .. })
    }

    /// Whether a document starts with this that says so.
    pub(super) fn starts_document(&self) -> bool {
        matches!(self, Kind::Version(..) | Kind::TagPrefix { .. } | Kind::DocumentStart)
    }

    /// Whether what stands before this is not in the same document.
    pub(super) fn ends_document(&self) -> bool {
        self.starts_document() || matches!(self, Kind::DocumentEnd | Kind::StreamEnd)
    }
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::yaml) enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|` and the lines below.
    Literal,
    /// `>` and the lines below.
    Folded,
}

impl Style {
    /// Whether it has lines of its own below a header.
    pub(in crate::yaml) fn is_block(self) -> bool {
        matches!(self, Style::Literal | Style::Folded)
    }
}
