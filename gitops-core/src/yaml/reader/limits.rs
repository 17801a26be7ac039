//! How much an untrusted text may ask for.

/// Bounds on one file. A text past one of them is an error, never a slow or large result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file: 64 MiB. The API server takes 1.5 MiB an object; bundles of definitions have 5 MiB.
    pub bytes: usize,
    /// Documents of one file: 100,000.
    pub documents: usize,
    /// Collections within collections, aliases expanded: 500. Whoever walks a node may recurse this deep.
    pub depth: usize,
    /// Nodes that aliases and merge keys of one document add: 400,000, which is go-yaml's bound as well. Each 64
    /// bytes of a text count as a node.
    pub alias_nodes: usize,
    /// Lines, commas and opening brackets of one file: 2,000,000. There cannot be many more nodes than that.
    pub values: usize,
}

impl Limits {
    /// The bounds for everything that is read.
    pub const DEFAULT: Self =
        Self { bytes: 64 << 20, documents: 100_000, depth: 500, alias_nodes: 400_000, values: 2_000_000 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
