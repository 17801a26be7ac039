//! Where the nodes of one render came from: a table that [`Origin`] entries index, append-only.
//!
//! A node that was read and never touched holds a byte offset in its object's own file and needs no record. A
//! node that a patch or a transformer set holds the index of a [`Record`]: where its text was written, which
//! entry of which kustomization caused it, and what stood there before. What was taken away leaves a [`Removal`].

mod source;

use std::sync::Arc;

use smol_str::SmolStr;

use crate::diagnostic::Location;
use crate::object::{FieldPath, ObjectKey};
use crate::yaml::{Node, Origin};

pub use source::SourceText;

/// A byte in one of the texts that a render read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Index of the text in the [`Provenance`].
    pub file: u32,
    /// Byte offset in the text.
    pub offset: u32,
}

/// An origin, and the text to which it belongs when it is an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeOrigin {
    /// The origin.
    pub origin: Origin,
    /// Index of the text in the [`Provenance`].
    pub file: u32,
}

/// One change of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where the value, or the part of it that is new, was written; `None` where it was computed (a hash suffix).
    pub place: Option<Place>,
    /// The entry of the kustomization that made the change; `None` where none did (name references).
    pub cause: Option<Place>,
    /// The field of the kustomization that made the change: `patches`, `images`, `namePrefix`.
    pub transformer: &'static str,
    /// What stood there before; `None` where nothing stood there.
    pub previous: Option<NodeOrigin>,
    /// The node of which this is a copy: the source of a replacement, the name of a renamed object.
    pub source: Option<NodeOrigin>,
}

/// A field, an item of a list or a whole object that was taken away, or that something else took the place of.
#[derive(Clone, Debug)]
pub struct Removal {
    /// Which field; the empty path for the whole object.
    pub path: FieldPath,
    /// What stood there.
    pub node: Node,
    /// Who took it away; `previous` is the origin of `node`.
    pub by: Record,
}

/// An object that a patch deleted, or that is left out of the output.
#[derive(Clone, Debug)]
pub struct DroppedObject {
    /// What it was called when it was dropped.
    pub key: ObjectKey,
    /// Its names before, oldest first.
    pub former_names: Vec<SmolStr>,
    /// The index of the text to which offsets in the object belong.
    pub file: u32,
    /// The object as it was, and who dropped it.
    pub removal: Removal,
    /// What was taken away from it before.
    pub removals: Vec<Removal>,
}

/// The table of one render.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    files: Vec<Arc<SourceText>>,
    records: Vec<Record>,
    /// The bytes of the texts that the recorded changes have written.
    written: usize,
    dropped: Vec<DroppedObject>,
}

impl Provenance {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// The index that [`Provenance::add_file`] gives next.
    pub fn next_file(&self) -> u32 {
        u32::try_from(self.files.len()).unwrap_or(u32::MAX)
    }

    /// Adds a text and returns its index. The caller adds each text once.
    pub fn add_file(&mut self, text: Arc<SourceText>) -> u32 {
        let index = self.next_file();
        self.files.push(text);
        index
    }

    /// The text with this index.
    pub fn file(&self, index: u32) -> Option<&Arc<SourceText>> {
        self.files.get(index as usize)
    }

    /// The index of the whole file at `path`; rather of one that was read as a manifest than of data.
    pub fn file_at(&self, path: &str) -> Option<u32> {
        let position = |wanted: fn(&SourceText) -> bool| {
            self.files.iter().position(|file| file.path() == path && wanted(file))
        };
        let found = position(SourceText::is_manifest).or_else(|| position(|file| !file.is_inline()));
        found.and_then(|index| u32::try_from(index).ok())
    }

    /// Adds a record and returns the origin that names it.
    pub fn add(&mut self, record: Record) -> Origin {
        self.records.push(record);
        Origin::entry(self.records.len() - 1)
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records from the one with the index `first` on.
    pub fn records_from(&self, first: usize) -> &[Record] {
        self.records.get(first..).unwrap_or_default()
    }

    /// Counts the bytes of a text that a recorded change has written.
    pub fn count_written(&mut self, bytes: usize) {
        self.written = self.written.saturating_add(bytes);
    }

    /// How many bytes were counted by [`Provenance::count_written`].
    pub fn written(&self) -> usize {
        self.written
    }

    /// About how many bytes the recorded changes have made: their records, a node for each, and the texts that were
    /// counted.
    pub fn made(&self) -> usize {
        self.written.saturating_add(self.records.len().saturating_mul(Self::MADE_BY_RECORD))
    }

    /// About how many bytes there are more for each record.
    pub const MADE_BY_RECORD: usize = 160;

    /// The cause of the latest change that has one.
    pub fn latest_cause(&self) -> Option<Place> {
        self.records.iter().rev().find_map(|record| record.cause)
    }

    /// The record that `origin` names; `None` for an offset.
    pub fn record(&self, origin: Origin) -> Option<&Record> {
        origin.as_entry().and_then(|index| self.records.get(index))
    }

    /// Notes that an object was dropped.
    pub fn drop_object(&mut self, object: DroppedObject) {
        self.dropped.push(object);
    }

    /// The objects that were dropped, in that order.
    pub fn dropped(&self) -> &[DroppedObject] {
        &self.dropped
    }

    /// Where the value of a node was written; where it was computed, the entry that made it so, or else where that
    /// of which it is a copy was written.
    pub fn place(&self, node: NodeOrigin) -> Option<Place> {
        // A record names older ones only, so that this ends.
        self.place_written(node).or_else(|| {
            let record = self.record(node.origin)?;
            record.cause.or_else(|| self.place(record.source?))
        })
    }

    /// Where the value of a node was written; `None` where it was computed.
    pub fn place_written(&self, node: NodeOrigin) -> Option<Place> {
        match node.origin.as_offset() {
            Some(offset) => Some(Place { file: node.file, offset: u32::try_from(offset).ok()? }),
            None => self.record(node.origin)?.place,
        }
    }

    /// File, line and column of a place; the default location for one that is in no text of this table.
    pub fn location(&self, place: Place) -> Location {
        self.file(place.file).map(|file| file.location(place.offset as usize)).unwrap_or_default()
    }

    /// Every change of a node, the newest first. A node that was read and never touched has none.
    pub fn changes(&self, node: NodeOrigin) -> impl Iterator<Item = &Record> {
        let first = self.record(node.origin);
        std::iter::successors(first, |record| record.previous.and_then(|node| self.record(node.origin)))
    }

    /// Where a node was read before anything changed it; `None` where a transformer made it.
    pub fn first_read(&self, node: NodeOrigin) -> Option<Place> {
        let first = self.changes(node).last().map_or(Some(node), |record| record.previous)?;
        first.origin.as_offset().and_then(|_| self.place(first))
    }
}
