//! Where the nodes of one render came from: a table that [`Origin`] entries index, append-only.
//!
//! A node that was read and never touched holds a byte offset in its object's own file and needs no record. A
//! node that a patch or a transformer set holds the index of a [`Record`]: where its text was written, which
//! entry of which kustomization caused it, and what stood there before.

use smol_str::SmolStr;

use crate::yaml::Origin;

/// A byte in one of the files that a render read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Index of the file in the [`Provenance`].
    pub file: u32,
    /// Byte offset in the file.
    pub offset: u32,
}

/// One change of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where the value was written; `None` where it was computed (a hash suffix).
    pub place: Option<Place>,
    /// The entry of the kustomization that made the change; `None` for a value that was read with its object.
    pub cause: Option<Place>,
    /// The field of the kustomization that made the change: `patches`, `images`, `namePrefix`.
    pub transformer: &'static str,
    /// The origin of what stood there before; `None` where nothing stood there.
    pub previous: Option<Origin>,
    /// The file to which `previous` belongs when it is an offset.
    pub previous_file: u32,
}

/// The table of one render.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    files: Vec<SmolStr>,
    records: Vec<Record>,
    /// The bytes of the texts that the recorded changes have written.
    written: usize,
}

impl Provenance {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the file at `path` and returns its index. The caller adds each file once.
    pub fn add_file(&mut self, path: impl Into<SmolStr>) -> u32 {
        let index = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push(path.into());
        index
    }

    /// The path of the file with this index.
    pub fn file(&self, index: u32) -> Option<&SmolStr> {
        self.files.get(index as usize)
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
}
