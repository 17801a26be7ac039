//! Text to nodes.
//!
//! The block subset of YAML that manifests are written in goes through [`super::scanner`]; everything else, and
//! everything that is wrong, goes through the events of a complete parser. Nothing here reads a file.

mod builder;
mod events;
mod folding;
mod limits;
pub(super) mod mapping;
pub(super) mod scalars;
pub(super) mod source;

pub use self::limits::Limits;

use self::events::Options;
use self::source::{Places, PlacesFrom, Source};
use super::node::Node;
use super::resolve::Dialect;
use super::scanner::{self, Request};
use crate::diagnostic::Location;

/// One document of a YAML file.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its root; null for an empty document.
    pub root: Node,
}

/// Why a text could not be read as YAML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {fault}")]
pub struct ReadError {
    /// Where.
    pub at: Location,
    /// What is wrong.
    pub fault: Fault,
}

/// What to do about broken grammar, by a part of the parser's message.
const SYNTAX_HINTS: &[(&str, &str)] = &[
    ("tabs disallowed", "indent with spaces"),
    ("quoted scalar", "close the quote that opens here"),
    ("mapping values are not allowed", "put a value that holds `: ` in quotes, or mend the indentation"),
    ("illegal placement of ':'", "mend the indentation: a key stands under the keys of its own mapping"),
    ("simple key expected", "write a `:` after the key, or indent the line as part of what is above"),
    ("flow mapping", "a `{` needs a `,` between its pairs and a `}` at its end"),
    ("flow sequence", "a `[` needs a `,` between its items and a `]` at its end"),
];

impl ReadError {
    /// What the user can do about it, if that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match &self.fault {
            Fault::Encoding => Some("save the file as UTF-8"),
            Fault::Separator => Some("put the document on the line after `---`"),
            Fault::Directive => Some("remove the line: manifests need no directive"),
            Fault::MergeValue => Some("the value of `<<` is a mapping or a list of mappings"),
            Fault::KeyNotScalar | Fault::NullKey => Some("put the key in quotes if it is meant as text"),
            Fault::TwoMerges => Some("give one `<<` a list of mappings"),
            Fault::WrongTag(_) | Fault::NotInJson(_) => {
                Some("put the value in quotes if it is meant as text")
            }
            Fault::Syntax(message) => {
                SYNTAX_HINTS.iter().find(|(part, _)| message.contains(part)).map(|(_, hint)| *hint)
            }
            Fault::Character(_)
            | Fault::RecursiveAlias
            | Fault::TooLarge(_)
            | Fault::TooManyValues(_)
            | Fault::TooManyDocuments(_)
            | Fault::LongFlow(_)
            | Fault::TooDeep(_)
            | Fault::TooManyAliases(_) => None,
        }
    }
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The text breaks YAML's grammar.
    #[error("{0}")]
    Syntax(String),
    /// Neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("the file is not UTF-8 text")]
    Encoding,
    /// A character that YAML does not allow.
    #[error("control character U+{0:04X} is not allowed")]
    Character(u32),
    /// A line of a resource file starts with `---` and goes on.
    #[error("invalid document separator")]
    Separator,
    /// A `%YAML` or `%TAG` line: kustomize reads none in resources.
    #[error("directives are not supported")]
    Directive,
    /// The value of a merge key is not a mapping or a list of mappings.
    #[error("a merge key needs a mapping or a list of mappings")]
    MergeValue,
    /// Two merge keys in one mapping.
    #[error("duplicate merge key")]
    TwoMerges,
    /// A mapping or a list as a key.
    #[error("a mapping key must be a scalar")]
    KeyNotScalar,
    /// Null as a key, where JSON is needed.
    #[error("a mapping key must not be null")]
    NullKey,
    /// A scalar is not of the type that its tag names.
    #[error("the value cannot be read as `!!{0}`")]
    WrongTag(String),
    /// NaN or an infinity, where JSON is needed.
    #[error("`{0}` has no JSON form")]
    NotInJson(String),
    /// An anchor contains itself.
    #[error("an anchor contains an alias of itself")]
    RecursiveAlias,
    /// The file is larger than [`Limits::bytes`].
    #[error("the file has more than {0} bytes")]
    TooLarge(usize),
    /// There are more documents than [`Limits::documents`].
    #[error("the file has more than {0} documents")]
    TooManyDocuments(usize),
    /// Brackets that hold more than [`Limits::flow_bytes`], in a document with an error or with rare YAML.
    #[error(
        "what is in these brackets has more than {0} bytes, and something in the file is wrong or rare YAML"
    )]
    LongFlow(usize),
    /// There are more lines, commas and brackets than [`Limits::values`].
    #[error("the file has more than {0} lines, commas and brackets")]
    TooManyValues(usize),
    /// Collections are nested deeper than [`Limits::depth`].
    #[error("nested deeper than {0} levels")]
    TooDeep(usize),
    /// Aliases add more nodes than [`Limits::alias_nodes`].
    #[error("aliases expand to more than {0} nodes")]
    TooManyAliases(usize),
}

/// A [`Fault`] and its offset in the text.
#[derive(Debug)]
struct Faulty {
    fault: Fault,
    offset: usize,
}

/// Reads the documents of `bytes`, the content of the resource or patch file `path`, as kustomize does.
///
/// The file is split at lines that start with `---`; of each piece the first document counts, and empty ones
/// are left out. Origins are byte offsets in the file. Tags, anchors and merge keys are resolved.
pub fn read_resources(path: &str, bytes: &[u8]) -> Result<Vec<Document>, ReadError> {
    if bytes.len() > Limits::DEFAULT.bytes {
        return Err(ReadError { at: Location::file(path), fault: Fault::TooLarge(Limits::DEFAULT.bytes) });
    }
    let source = decode(path, bytes)?;
    let locate = |faulty: Faulty| error_at(path, &source.text, faulty);
    let pieces = if source.wide { vec![(0, &*source.text)] } else { split(&source.text).map_err(locate)? };
    let mut documents = vec![];
    for (start, piece) in pieces {
        let shift = |faulty: Faulty| locate(Faulty { offset: start + faulty.offset, ..faulty });
        let root = read_piece(piece, start, &source.places).map_err(shift)?;
        documents.extend(root.filter(|root| !root.is_null()).map(|root| Document { root }));
    }
    Ok(documents)
}

/// Reads every document of `text`, which is the content of `path` (used in errors only), in the dialect of
/// resources.
pub fn read(path: &str, text: &str) -> Result<Vec<Document>, ReadError> {
    read_with(path, text, Dialect::Resource)
}

/// Reads the first document of `text`, in the dialect of resources; null where there is none.
pub fn read_one(path: &str, text: &str) -> Result<Node, ReadError> {
    read_one_with(path, text, Dialect::Resource)
}

/// Reads every document of `text` in `dialect`.
pub fn read_with(path: &str, text: &str, dialect: Dialect) -> Result<Vec<Document>, ReadError> {
    let options = Options { dialect, limits: Limits::DEFAULT, first_only: false };
    Ok(read_text(path, text, options)?.into_iter().map(|root| Document { root }).collect())
}

/// Reads the first document of `text` in `dialect` and nothing after it, as kustomize reads a kustomization;
/// null where there is none.
pub fn read_one_with(path: &str, text: &str, dialect: Dialect) -> Result<Node, ReadError> {
    let options = Options { dialect, limits: Limits::DEFAULT, first_only: true };
    Ok(read_text(path, text, options)?.into_iter().next().unwrap_or_else(Node::null))
}

fn read_text(path: &str, text: &str, options: Options) -> Result<Vec<Node>, ReadError> {
    if text.len() > options.limits.bytes {
        return Err(ReadError { at: Location::file(path), fault: Fault::TooLarge(options.limits.bytes) });
    }
    let source = decode(path, text.as_bytes())?;
    read_documents(&source.text, PlacesFrom { places: &source.places, start: 0 }, options)
        .map_err(|faulty| error_at(path, &source.text, faulty))
}

/// The roots of the documents of `text`: by the fast path if that knows all of it.
fn read_documents(text: &str, places: PlacesFrom<'_>, options: Options) -> Result<Vec<Node>, Faulty> {
    let Options { dialect, limits, first_only } = options;
    let request = Request { text, places, dialect, first_only, documents: limits.documents };
    match scanner::read(request) {
        Some(roots) => Ok(roots),
        None => events::read(text, places, options),
    }
}

fn decode<'a>(path: &str, bytes: &'a [u8]) -> Result<Source<'a>, ReadError> {
    let source = source::decode(bytes).map_err(|offset| {
        let before = String::from_utf8_lossy(bytes.get(..offset).unwrap_or_default());
        error_at(path, &before, Faulty { fault: Fault::Encoding, offset: before.len() })
    })?;
    if let Some((offset, character)) = source::refused_character(&source.text) {
        let fault = Fault::Character(character.into());
        return Err(error_at(path, &source.text, Faulty { fault, offset }));
    }
    if source::count_values(&source.text) > Limits::DEFAULT.values {
        return Err(ReadError {
            at: Location::file(path),
            fault: Fault::TooManyValues(Limits::DEFAULT.values),
        });
    }
    Ok(source)
}

fn split(text: &str) -> Result<Vec<source::Piece<'_>>, Faulty> {
    let pieces = source::split(text).map_err(|offset| Faulty { fault: Fault::Separator, offset })?;
    match pieces.get(Limits::DEFAULT.documents) {
        Some((offset, _)) => {
            Err(Faulty { fault: Fault::TooManyDocuments(Limits::DEFAULT.documents), offset: *offset })
        }
        None => Ok(pieces),
    }
}

/// The first document of a piece that starts at `start` of the text; none where there is no document at all.
fn read_piece(piece: &str, start: usize, places: &Places) -> Result<Option<Node>, Faulty> {
    let options = Options { dialect: Dialect::Resource, limits: Limits::DEFAULT, first_only: true };
    let text = piece.strip_prefix('\u{feff}').unwrap_or(piece);
    let skipped = piece.len() - text.len();
    if let Some(offset) = directive(text) {
        return Err(Faulty { fault: Fault::Directive, offset: offset + skipped });
    }
    let places = PlacesFrom { places, start: start + skipped };
    match read_documents(text, places, options) {
        Ok(roots) => Ok(roots.into_iter().next()),
        Err(faulty) => Err(Faulty { offset: faulty.offset + skipped, ..faulty }),
    }
}

/// The offset of a directive before the first document.
fn directive(text: &str) -> Option<usize> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with('%') {
            return Some(offset);
        }
        if !(line.starts_with('#') || line.trim().is_empty()) {
            return None;
        }
        offset += line.len();
    }
    None
}

fn error_at(path: &str, text: &str, faulty: Faulty) -> ReadError {
    ReadError { at: Location::in_text(path, text, faulty.offset), fault: faulty.fault }
}

/// Reads every document by the complete parser alone: the fast path is checked against it.
#[cfg(test)]
pub(super) fn read_slowly(text: &str, dialect: Dialect) -> Option<Vec<Node>> {
    let options = Options { dialect, limits: Limits::DEFAULT, first_only: false };
    events::read(text, PlacesFrom { places: &Places::Shift(0), start: 0 }, options).ok()
}

#[cfg(test)]
mod tests;
