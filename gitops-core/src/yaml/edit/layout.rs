//! The parts of a YAML text and the bytes that each takes.
//!
//! The grammar is that of the reader of nodes, which tells every sign with its place.

use std::collections::{BTreeMap, BTreeSet};

use super::locate;
use super::style::can_only_be_a_string;
use crate::diagnostic::Location;

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|` or `>` with its lines below.
    Block,
}

/// How a collection is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// By indentation.
    Block,
    /// In brackets or braces.
    Flow,
    /// A single pair without braces inside of brackets: `[a: b]`.
    Bare,
}

/// One node of a text.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The first byte of its anchor or tag, or of its content where it has neither.
    pub start: usize,
    /// The first byte of its content.
    pub content: usize,
    /// The byte after its content, without trailing space and comments.
    pub end: usize,
    /// The number of the anchor that it carries; 0 for none.
    pub anchor: usize,
    /// What it is.
    pub form: Form,
}

/// What a [`Piece`] is.
#[derive(Clone, Debug)]
pub enum Form {
    /// A scalar.
    Scalar {
        /// How it is written.
        style: Style,
        /// What it reads.
        text: String,
        /// Whether it has a tag.
        tagged: bool,
    },
    /// `*name`, with the number of the anchor that it stands for.
    Alias(usize),
    /// A list.
    Sequence(Shape, Vec<Item>),
    /// A list of pairs.
    Mapping(Shape, Vec<Pair>),
}

/// An item of a sequence.
#[derive(Clone, Debug)]
pub struct Item {
    /// Where its dash stands; `None` in brackets.
    pub dash: Option<usize>,
    /// The item.
    pub node: Piece,
}

/// A pair of a mapping.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The first byte: that of the key, or of the `?` before it.
    pub start: usize,
    /// The key.
    pub key: Piece,
    /// Where its colon stands, if it has one.
    pub colon: Option<usize>,
    /// The value; empty and without extent where none is written.
    pub value: Piece,
}

impl Pair {
    /// The byte after the pair.
    pub fn end(&self) -> usize {
        self.colon.map_or(self.key.end, |colon| colon + 1).max(self.value.end)
    }
}

impl Piece {
    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.form {
            Form::Scalar { text, .. } => Some(text),
            Form::Alias(_) | Form::Sequence(..) | Form::Mapping(..) => None,
        }
    }

    /// Whether this is a scalar that every reader takes for a string.
    pub fn is_string(&self) -> bool {
        match &self.form {
            Form::Scalar { style: Style::Plain, text, tagged } => *tagged || can_only_be_a_string(text),
            Form::Scalar { .. } => true,
            Form::Alias(_) | Form::Sequence(..) | Form::Mapping(..) => false,
        }
    }

    /// Whether this is null, written out or left empty.
    pub fn is_null(&self) -> bool {
        match &self.form {
            Form::Scalar { style: Style::Plain, text, tagged: false } => {
                matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            Form::Scalar { .. } | Form::Alias(_) | Form::Sequence(..) | Form::Mapping(..) => false,
        }
    }

    /// The pairs of a mapping; empty for everything else.
    pub fn pairs(&self) -> &[Pair] {
        match &self.form {
            Form::Mapping(_, pairs) => pairs,
            Form::Scalar { .. } | Form::Alias(_) | Form::Sequence(..) => &[],
        }
    }

    /// The items of a sequence; empty for everything else.
    pub fn items(&self) -> &[Item] {
        match &self.form {
            Form::Sequence(_, items) => items,
            Form::Scalar { .. } | Form::Alias(_) | Form::Mapping(..) => &[],
        }
    }

    /// The pair with this key, not counting what a merge key brings in.
    pub fn pair(&self, key: &str) -> Option<&Pair> {
        self.pairs().iter().find(|pair| pair.key.text() == Some(key))
    }
}

/// Why a text has no layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// The text breaks YAML's grammar.
    #[error("{at}: {message}")]
    Syntax {
        /// Where.
        at: Location,
        /// What is wrong.
        message: String,
    },
    /// A key stands twice in one mapping.
    #[error("{at}: key `{key}` stands twice in one mapping")]
    DuplicateKey {
        /// Where the second one is.
        at: Location,
        /// The key.
        key: String,
    },
    /// Collections are nested deeper than anybody writes them.
    #[error("{at}: nested deeper than {limit} levels")]
    TooDeep {
        /// Where.
        at: Location,
        /// The limit.
        limit: usize,
    },
    /// Aliases multiply the document past any use.
    #[error("{path}: aliases expand to more than {limit} nodes")]
    TooManyAliases {
        /// The file.
        path: String,
        /// The limit.
        limit: usize,
    },
}

/// How many nodes a document may have once every alias is followed.
const NODE_LIMIT: usize = 1_000_000;

/// Where every part of a text stands.
#[derive(Clone, Debug)]
pub struct Layout<'t> {
    /// The text.
    pub text: &'t str,
    /// The roots of its documents.
    pub documents: Vec<Piece>,
    /// The byte after the content of the first document: that of its `...`, or the end of the text.
    pub end: usize,
    referenced: BTreeSet<usize>,
}

impl<'t> Layout<'t> {
    /// Finds every part of `text`, which is the content of `path` (used in errors only).
    ///
    /// Keys that stand twice in one mapping are an error, as they are for kustomize.
    pub fn read(path: &str, text: &'t str) -> Result<Self, LayoutError> {
        let (documents, end) = locate::documents(path, text)?;
        let mut layout = Self { text, documents, end, referenced: BTreeSet::new() };
        let mut sizes = BTreeMap::new();
        let mut referenced = BTreeSet::new();
        let mut total = 0_usize;
        for document in &layout.documents {
            unique_keys(path, text, document)?;
            total = total.saturating_add(expanded_size(document, &mut sizes, &mut referenced));
        }
        if total > NODE_LIMIT {
            return Err(LayoutError::TooManyAliases { path: path.to_owned(), limit: NODE_LIMIT });
        }
        layout.referenced = referenced;
        Ok(layout)
    }

    /// Whether an alias somewhere stands for this piece.
    pub fn is_referenced(&self, piece: &Piece) -> bool {
        piece.anchor > 0 && self.referenced.contains(&piece.anchor)
    }

    /// The piece itself, or what it stands for where it is an alias.
    pub fn resolve<'p>(&'p self, piece: &'p Piece) -> &'p Piece {
        match piece.form {
            Form::Alias(anchor) => {
                self.documents.iter().find_map(|root| find_anchor(root, anchor)).unwrap_or(piece)
            }
            Form::Scalar { .. } | Form::Sequence(..) | Form::Mapping(..) => piece,
        }
    }

    /// The value at `key` of a mapping: its own, or else the one that a merge key brings in.
    pub fn lookup<'p>(&'p self, mapping: &'p Piece, key: &str) -> Option<&'p Piece> {
        if let Some(pair) = mapping.pair(key) {
            return Some(self.resolve(&pair.value));
        }
        let merged = self.resolve(&mapping.pair("<<")?.value);
        let sources: Vec<&Piece> = match &merged.form {
            Form::Mapping(..) => vec![merged],
            Form::Sequence(_, items) => items.iter().map(|item| self.resolve(&item.node)).collect(),
            Form::Scalar { .. } | Form::Alias(_) => vec![],
        };
        sources.into_iter().find_map(|source| source.pair(key)).map(|pair| self.resolve(&pair.value))
    }

    /// The place of a byte, for errors.
    pub fn location(&self, path: &str, offset: usize) -> Location {
        Location::in_text(path, self.text, offset)
    }
}

fn find_anchor(piece: &Piece, anchor: usize) -> Option<&Piece> {
    if piece.anchor == anchor {
        return Some(piece);
    }
    match &piece.form {
        Form::Scalar { .. } | Form::Alias(_) => None,
        Form::Sequence(_, items) => items.iter().find_map(|item| find_anchor(&item.node, anchor)),
        Form::Mapping(_, pairs) => pairs
            .iter()
            .find_map(|pair| find_anchor(&pair.key, anchor).or_else(|| find_anchor(&pair.value, anchor))),
    }
}

fn unique_keys(path: &str, text: &str, piece: &Piece) -> Result<(), LayoutError> {
    match &piece.form {
        Form::Scalar { .. } | Form::Alias(_) => Ok(()),
        Form::Sequence(_, items) => items.iter().try_for_each(|item| unique_keys(path, text, &item.node)),
        Form::Mapping(_, pairs) => {
            let mut seen = BTreeSet::new();
            for pair in pairs {
                if let Some(key) = pair.key.text()
                    && !seen.insert(key)
                {
                    let at = Location::in_text(path, text, pair.start);
                    return Err(LayoutError::DuplicateKey { at, key: key.to_owned() });
                }
                unique_keys(path, text, &pair.key)?;
                unique_keys(path, text, &pair.value)?;
            }
            Ok(())
        }
    }
}

fn expanded_size(
    piece: &Piece,
    sizes: &mut BTreeMap<usize, usize>,
    referenced: &mut BTreeSet<usize>,
) -> usize {
    let size = match &piece.form {
        Form::Scalar { .. } => 1,
        Form::Alias(anchor) => {
            referenced.insert(*anchor);
            sizes.get(anchor).copied().unwrap_or(1)
        }
        Form::Sequence(_, items) => items
            .iter()
            .fold(1, |sum: usize, item| sum.saturating_add(expanded_size(&item.node, sizes, referenced))),
        Form::Mapping(_, pairs) => pairs.iter().fold(1, |sum: usize, pair| {
            sum.saturating_add(expanded_size(&pair.key, sizes, referenced)).saturating_add(expanded_size(
                &pair.value,
                sizes,
                referenced,
            ))
        }),
    };
    if piece.anchor > 0 {
        sizes.insert(piece.anchor, size);
    }
    size
}
