//! Bounds on what one render does, so that a small repository cannot ask for an endless one.
//!
//! Bases that include bases twice double with each step, and so does what they hold.

use std::collections::BTreeSet;

use super::error::RenderError;
use crate::diagnostic::Location;
use crate::tree::TreePath;
use crate::yaml::Node;

/// How often kustomizations may be included that were included before.
const MOST_REPEATS: usize = 5_000;
/// The bytes of all manifests, each counted as often as it is included.
const MOST_BYTES: usize = 64 << 20;
/// The resources of all manifests, each counted as often as it is included.
const MOST_RESOURCES: usize = 200_000;

/// What all copies that replacements make may weigh together, by [`Node::weight`].
const MOST_COPIED: usize = 2_000_000;

/// What a render has done so far.
#[derive(Debug, Default)]
pub(crate) struct Effort {
    included: BTreeSet<TreePath>,
    /// Every directory that was included, as often as it was.
    inclusions: Vec<TreePath>,
    bytes: usize,
    resources: usize,
    copied: usize,
}

/// A part of what a render has done: all between two moments, or all up to one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Share {
    /// Every directory that was included, as often as it was.
    pub(crate) inclusions: Vec<TreePath>,
    bytes: usize,
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
        let Self { inclusions, bytes, resources, copied, .. } = self;
        let share = Share { inclusions: vec![], bytes: *bytes, resources: *resources, copied: *copied };
        (inclusions.len(), share)
    }

    /// What was done since `mark`.
    pub(crate) fn since(&self, (inclusions, before): &(usize, Share)) -> Share {
        Share {
            inclusions: self.inclusions.get(*inclusions..).unwrap_or_default().to_vec(),
            bytes: self.bytes.saturating_sub(before.bytes),
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
        let resources = self.resources.saturating_add(share.resources);
        let copied = self.copied.saturating_add(share.copied);
        if repeats > MOST_REPEATS || bytes > MOST_BYTES || resources > MOST_RESOURCES || copied > MOST_COPIED
        {
            return false;
        }
        self.included.extend(fresh.into_iter().cloned());
        self.inclusions.extend(share.inclusions.iter().cloned());
        (self.bytes, self.resources, self.copied) = (bytes, resources, copied);
        true
    }

    /// Counts bytes that are read for the entry at `at`.
    pub(crate) fn take_bytes(&mut self, bytes: usize, at: &Location) -> Result<(), RenderError> {
        self.bytes = self.bytes.saturating_add(bytes);
        refuse(self.bytes, MOST_BYTES, at, "what is included has more than", "bytes")
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
