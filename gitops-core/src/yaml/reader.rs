//! Text to nodes.
//!
//! The block subset of YAML that manifests are written in goes through [`super::scanner`]; everything else, and
//! everything that is wrong, goes through the complete grammar of [`super::syntax`]. Nothing here reads a file.

mod builder;
mod folding;
mod limits;
pub(super) mod mapping;
pub(super) mod scalars;
pub(super) mod source;

pub use self::limits::Limits;

use self::builder::Builder;
use self::source::{Places, PlacesFrom, Source};
use super::fault::{Fault, Faulty, ReadError};
use super::node::Node;
use super::resolve::Dialect;
use super::scanner::{self, Request};
use super::syntax::Parser;
use crate::diagnostic::Location;

/// One document of a YAML file.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its root; null for an empty document.
    pub root: Node,
}

/// How documents are read.
#[derive(Clone, Copy, Debug)]
struct Options {
    dialect: Dialect,
    limits: Limits,
    /// Stop after the first document.
    first_only: bool,
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
        None => read_completely(text, places, options),
    }
}

/// The roots of the documents of `text`, by the complete grammar.
fn read_completely(text: &str, places: PlacesFrom<'_>, options: Options) -> Result<Vec<Node>, Faulty> {
    let Options { dialect, limits, first_only } = options;
    let builder = || Builder::new(dialect, limits, places);
    let mut parser = Parser::new(text, dialect, builder());
    let mut roots = vec![];
    while parser.document(roots.is_empty())?.is_some() {
        roots.push(std::mem::replace(&mut parser.receiver, builder()).finish());
        if first_only {
            break;
        }
        if roots.len() > limits.documents {
            let fault = Fault::TooManyDocuments(limits.documents);
            return Err(Faulty { fault, offset: parser.offset()? });
        }
    }
    Ok(roots)
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
    read_completely(text, PlacesFrom { places: &Places::Shift(0), start: 0 }, options).ok()
}

#[cfg(test)]
mod tests;
