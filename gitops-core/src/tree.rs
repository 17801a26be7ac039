//! One commit's files in memory, under paths that cannot leave it.
//!
//! Never touches a disk: an adapter fills the tree.

mod path;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use path::{PathError, TreePath};

/// What stands at a path of a [`FileTree`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A regular file.
    File(File),
    /// A symbolic link with its target as written.
    Symlink(String),
    /// A submodule: its files are not part of the tree.
    Submodule,
    /// What cannot be read, and why, as a sentence about the path: `is a FIFO, not a file`.
    Unreadable(String),
}

/// A file: its content, shared, and the id of its blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Git's object id of the content in hexadecimal, or any other name that is equal only for equal content;
    /// empty where none is known: then nothing that is made of the file is reused.
    pub blob: String,
    /// The bytes.
    pub content: Arc<[u8]>,
}

impl File {
    /// A file with this content, named by the SHA-256 of it.
    pub fn new(content: impl Into<Arc<[u8]>>) -> Self {
        use std::fmt::Write as _;
        let content = content.into();
        let mut blob = "sha256:".to_owned();
        for byte in <sha2::Sha256 as sha2::Digest>::digest(&content) {
            // Writing to a string cannot fail.
            let _ = write!(blob, "{byte:02x}");
        }
        Self { blob, content }
    }
}

/// The files of one commit, or of one directory, in memory.
///
/// Directories exist through the files below them, and by themselves where [`FileTree::add_directory`] says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTree {
    entries: BTreeMap<TreePath, Entry>,
    directories: std::collections::BTreeSet<TreePath>,
    /// How many entries are symbolic links.
    links: usize,
}

impl FileTree {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts `entry` at `path`; what stood there is replaced and returned.
    pub fn insert(&mut self, path: TreePath, entry: Entry) -> Option<Entry> {
        if let Some(parent) = path.parent() {
            self.add_directory(parent);
        }
        self.put(path, entry)
    }

    /// Puts a file with `content` at `path`, for tests and examples: `tree.add("a/b.yaml", "x: 1")?`.
    pub fn add(&mut self, path: &str, content: impl AsRef<[u8]>) -> Result<(), PathError> {
        self.insert(TreePath::parse(path)?, Entry::File(File::new(content.as_ref())));
        Ok(())
    }

    /// Adds all of `other`; where both have an entry, that of `other` stays.
    pub fn merge(&mut self, other: Self) {
        for (path, entry) in other.entries {
            self.put(path, entry);
        }
        self.directories.extend(other.directories);
    }

    fn put(&mut self, path: TreePath, entry: Entry) -> Option<Entry> {
        self.links += usize::from(is_link(&entry));
        let old = self.entries.insert(path, entry);
        self.links -= usize::from(old.as_ref().is_some_and(is_link));
        old
    }

    /// Says that the directory `path` exists, even without files, and so do those that it is in.
    pub fn add_directory(&mut self, path: TreePath) {
        let mut next = Some(path);
        while let Some(directory) = next {
            next = directory.parent();
            // Where a directory is known, those that it is in are too.
            if !self.directories.insert(directory) {
                break;
            }
        }
    }

    /// Removes what stands at `path` and returns it.
    pub fn remove(&mut self, path: &TreePath) -> Option<Entry> {
        let old = self.entries.remove(path);
        self.links -= usize::from(old.as_ref().is_some_and(is_link));
        old
    }

    /// What stands at `path`; links are not followed.
    pub fn get(&self, path: &TreePath) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// The file at `path`, if a regular file stands there; links are not followed.
    pub fn file(&self, path: &TreePath) -> Option<&File> {
        match self.entries.get(path) {
            Some(Entry::File(file)) => Some(file),
            Some(Entry::Symlink(_) | Entry::Submodule | Entry::Unreadable(_)) | None => None,
        }
    }

    /// Whether `path` is a directory. The root always is one.
    pub fn is_directory(&self, path: &TreePath) -> bool {
        path.is_root() || self.directories.contains(path)
    }

    /// Whether there is a symbolic link anywhere.
    pub fn has_links(&self) -> bool {
        self.links > 0
    }

    /// Every directory that is known, in the byte order of its path.
    pub fn directories(&self) -> impl Iterator<Item = &TreePath> {
        self.directories.iter()
    }

    /// Every entry in the byte order of its path.
    pub fn entries(&self) -> impl Iterator<Item = (&TreePath, &Entry)> {
        self.entries.iter()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn is_link(entry: &Entry) -> bool {
    matches!(entry, Entry::Symlink(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_counted() {
        let path = TreePath::parse("a/l").unwrap();
        let mut tree = FileTree::new();
        tree.insert(path.clone(), Entry::Symlink("x".to_owned()));
        let mut other = FileTree::new();
        other.insert(path.clone(), Entry::Symlink("y".to_owned()));
        tree.merge(other);
        assert!(tree.has_links());
        tree.insert(path.clone(), Entry::File(File::new(*b"x")));
        assert!(!tree.has_links());
        tree.insert(path.clone(), Entry::Symlink("x".to_owned()));
        tree.remove(&path);
        assert!(!tree.has_links());
    }

    #[test]
    fn a_file_is_named_by_its_content() {
        assert_eq!(File::new(*b"a").blob, File::new(*b"a").blob);
        assert_ne!(File::new(*b"a").blob, File::new(*b"b").blob);
    }

    #[test]
    fn a_directory_is_in_directories() {
        let path = |text: &str| TreePath::parse(text).unwrap();
        let mut tree = FileTree::new();
        tree.add_directory(path("a/b/c"));
        tree.add("a/b/c/x.yaml", "").unwrap();
        tree.add("d/e/y.yaml", "").unwrap();
        let directories = ["a", "a/b", "a/b/c", "d", "d/e"].map(|text| tree.is_directory(&path(text)));
        assert_eq!(directories, [true; 5]);
        assert!(!tree.is_directory(&path("a/b/c/x.yaml")));
    }
}
