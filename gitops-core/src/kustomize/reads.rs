//! What a render looked at: the key under which its result may be reused.

use std::collections::BTreeMap;

use super::Completeness;
use crate::tree::{Entry, FileTree, TreePath};

/// What a render found at a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Probe {
    /// A file, with the id of its blob (empty where the tree knows none).
    File(String),
    /// A symbolic link, with its target.
    Symlink(String),
    /// A directory.
    Directory,
    /// Nothing.
    Absent,
}

/// Every path that a render looked at, and what it found there. An unchanged set makes the same result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    probes: BTreeMap<TreePath, Probe>,
}

impl Reads {
    /// Notes that `probe` was found at `path`.
    pub fn note(&mut self, path: TreePath, probe: Probe) {
        self.probes.insert(path, probe);
    }

    /// Notes everything that is in `other`.
    pub fn extend(&mut self, other: &Self) {
        for (path, probe) in &other.probes {
            self.note(path.clone(), probe.clone());
        }
    }

    /// Whether a render of `tree` would find the same at each path. A file without the id of its blob counts as
    /// another one.
    pub fn hold_in(&self, tree: &FileTree, completeness: &Completeness) -> bool {
        self.probes.iter().all(|(path, probe)| match (probe, tree.get(path)) {
            (Probe::File(blob), Some(Entry::File(file))) => !blob.is_empty() && *blob == file.blob,
            (Probe::Symlink(target), Some(Entry::Symlink(now))) => target == now,
            (Probe::Directory, None) => tree.is_directory(path),
            (Probe::Absent, Some(Entry::Submodule)) => true,
            (Probe::Absent, None) => {
                !tree.is_directory(path)
                    && !is_below_link(tree, path)
                    && completeness.knows_absent(tree, path)
            }
            (Probe::File(_) | Probe::Symlink(_) | Probe::Directory | Probe::Absent, _) => false,
        })
    }

    /// Every probe in the order of its path.
    pub fn probes(&self) -> impl Iterator<Item = (&TreePath, &Probe)> {
        self.probes.iter()
    }

    /// What was found at `path`, if it was looked at.
    pub fn get(&self, path: &TreePath) -> Option<&Probe> {
        self.probes.get(path)
    }

    /// Whether a change of `path` may change the result.
    pub fn is_affected_by(&self, path: &TreePath) -> bool {
        self.probes.contains_key(path)
    }
}

/// Whether a link stands on the way to `path`: what is at the path is then found elsewhere.
fn is_below_link(tree: &FileTree, path: &TreePath) -> bool {
    let mut at = path.parent().filter(|_| tree.has_links());
    while let Some(directory) = at {
        if matches!(tree.get(&directory), Some(Entry::Symlink(_))) {
            return true;
        }
        at = directory.parent();
    }
    false
}
