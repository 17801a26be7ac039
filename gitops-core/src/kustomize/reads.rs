//! What a render looked at: the key under which its result may be reused.

use std::collections::BTreeMap;

use crate::tree::TreePath;

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

    /// Every probe in the order of its path.
    pub fn probes(&self) -> impl Iterator<Item = (&TreePath, &Probe)> {
        self.probes.iter()
    }

    /// Whether a change of `path` may change the result.
    pub fn is_affected_by(&self, path: &TreePath) -> bool {
        self.probes.contains_key(path)
    }
}
