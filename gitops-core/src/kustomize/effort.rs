//! Bounds on what one render does, so that a small repository cannot ask for an endless one.
//!
//! Bases that include bases twice double with each step, and so does what they hold.

use std::collections::BTreeSet;

use super::error::RenderError;
use super::files::Files;
use crate::diagnostic::Location;
use crate::provenance::Provenance;
use crate::tree::TreePath;
use crate::yaml::{self, Node};

/// How often kustomizations may be included that were included before.
const MOST_REPEATS: usize = 5_000;
/// The bytes of all manifests, each counted as often as it is included.
const MOST_BYTES: usize = 64 << 20;
/// The lines, commas and opening brackets of all manifests, each counted as often as it is included: there are
/// about as many nodes.
const MOST_VALUES: usize = 3_000_000;
/// The resources of all manifests, each counted as often as it is included.
const MOST_RESOURCES: usize = 200_000;

/// What all copies that replacements make may weigh together, by [`Node::weight`].
const MOST_COPIED: usize = 2_000_000;

/// The bytes that transformers and patches may make, by [`Provenance::made`]: a short text that goes into every
/// resource adds up.
const MOST_MADE: usize = 128 << 20;

/// Refuses a render whose transformers and patches have made too much, at the entry that went too far.
pub(crate) fn refuse_too_much(files: &Files<'_>) -> Result<(), RenderError> {
    if !has_made_too_much(&files.provenance) {
        return Ok(());
    }
    let at = files.provenance.latest_cause().map(|place| files.location(place)).unwrap_or_default();
    Err(RenderError::Invalid { at, message: too_much() })
}

/// Whether transformers and patches have made too much.
pub(crate) fn has_made_too_much(provenance: &Provenance) -> bool {
    provenance.made() > MOST_MADE
}

/// Whether so many more records and written bytes would be too much.
pub(crate) fn would_make_too_much(provenance: &Provenance, records: usize, written: usize) -> bool {
    let more = records.saturating_mul(Provenance::MADE_BY_RECORD).saturating_add(written);
    provenance.made().saturating_add(more) > MOST_MADE
}

/// The words for it.
pub(crate) fn too_much() -> String {
    format!("what is put into the resources adds up to more than {MOST_MADE} bytes")
}

/// What a render has done so far.
#[derive(Debug, Default)]
pub(crate) struct Effort {
    included: BTreeSet<TreePath>,
    /// Every directory that was included, as often as it was.
    inclusions: Vec<TreePath>,
    bytes: usize,
    values: usize,
    resources: usize,
    copied: usize,
}

/// A part of what a render has done: all between two moments, or all up to one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Share {
    /// Every directory that was included, as often as it was.
    pub(crate) inclusions: Vec<TreePath>,
    bytes: usize,
    values: usize,
    resources: usize,
    copied: usize,
}

/// How often one value may still be copied.
#[derive(Debug)]
pub(crate) struct Supply<'a> {
    copied: &'a mut usize,
    /// Nothing for a value that is too much by itself.
    weight: Option<usize>,
}

impl Supply<'_> {
    /// Counts one copy; nothing where it is one too many.
    pub(crate) fn take(&mut self) -> Option<()> {
        *self.copied = self.copied.saturating_add(self.weight?);
        (*self.copied <= MOST_COPIED).then_some(())
    }
}

impl Effort {
    /// Counts that the entry at `at` includes `directory`.
    pub(crate) fn take_inclusion(&mut self, directory: &TreePath, at: &Location) -> Result<(), RenderError> {
        self.included.insert(directory.clone());
        self.inclusions.push(directory.clone());
        refuse(
            self.inclusions.len() - self.included.len(),
            MOST_REPEATS,
            at,
            "kustomizations are included again and again, more than",
            "times",
        )
    }

    /// A mark of this moment for [`Effort::since`]: how many inclusions there were, and what was counted.
    pub(crate) fn mark(&self) -> (usize, Share) {
        let Self { inclusions, bytes, values, resources, copied, .. } = self;
        let (bytes, values, resources, copied) = (*bytes, *values, *resources, *copied);
        (inclusions.len(), Share { inclusions: vec![], bytes, values, resources, copied })
    }

    /// What was done since `mark`.
    pub(crate) fn since(&self, (inclusions, before): &(usize, Share)) -> Share {
        Share {
            inclusions: self.inclusions.get(*inclusions..).unwrap_or_default().to_vec(),
            bytes: self.bytes.saturating_sub(before.bytes),
            values: self.values.saturating_sub(before.values),
            resources: self.resources.saturating_sub(before.resources),
            copied: self.copied.saturating_sub(before.copied),
        }
    }

    /// Counts all of `share` at once; counts nothing of it, and says so, where that would be too much.
    pub(crate) fn take_share(&mut self, share: &Share) -> bool {
        let fresh: BTreeSet<&TreePath> =
            share.inclusions.iter().filter(|directory| !self.included.contains(*directory)).collect();
        let repeats = self.inclusions.len() + share.inclusions.len() - self.included.len() - fresh.len();
        let bytes = self.bytes.saturating_add(share.bytes);
        let values = self.values.saturating_add(share.values);
        let resources = self.resources.saturating_add(share.resources);
        let copied = self.copied.saturating_add(share.copied);
        let is_too_much = repeats > MOST_REPEATS
            || bytes > MOST_BYTES
            || values > MOST_VALUES
            || resources > MOST_RESOURCES
            || copied > MOST_COPIED;
        if is_too_much {
            return false;
        }
        self.included.extend(fresh.into_iter().cloned());
        self.inclusions.extend(share.inclusions.iter().cloned());
        (self.bytes, self.values) = (bytes, values);
        (self.resources, self.copied) = (resources, copied);
        true
    }

    /// Counts bytes that are read for the entry at `at`.
    pub(crate) fn take_bytes(&mut self, bytes: usize, at: &Location) -> Result<(), RenderError> {
        self.bytes = self.bytes.saturating_add(bytes);
        refuse(self.bytes, MOST_BYTES, at, "what is included has more than", "bytes")
    }

    /// Counts a manifest that is read for the entry at `at`.
    pub(crate) fn take_text(&mut self, text: &str, at: &Location) -> Result<(), RenderError> {
        self.take_bytes(text.len(), at)?;
        self.values = self.values.saturating_add(yaml::count_values(text));
        refuse(self.values, MOST_VALUES, at, "what is included has more than", "lines, commas and brackets")
    }

    /// What there is for copies of `value`.
    pub(crate) fn supply(&mut self, value: &Node) -> Supply<'_> {
        Supply { copied: &mut self.copied, weight: value.weight(MOST_COPIED) }
    }

    /// Counts resources that are read for the entry at `at`.
    pub(crate) fn take_resources(&mut self, resources: usize, at: &Location) -> Result<(), RenderError> {
        self.resources = self.resources.saturating_add(resources);
        refuse(self.resources, MOST_RESOURCES, at, "what is included has more than", "resources")
    }
}

fn refuse(count: usize, most: usize, at: &Location, what: &str, unit: &str) -> Result<(), RenderError> {
    if count <= most {
        return Ok(());
    }
    Err(RenderError::Invalid { at: at.clone(), message: format!("{what} {most} {unit}") })
}
