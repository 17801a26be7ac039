//! A commit's files, straight from the object database.

use std::collections::BTreeMap;
use std::sync::Arc;

use git2::{ObjectType, Oid};
use gitops_core::tree::{Entry, File, FileTree, TreePath};
use gitops_ports::git::{CommitId, GitError};

use crate::failure::{bad_path, failed};
use crate::repository::find_commit;

/// How deep directories may nest.
pub(crate) const DEPTH_LIMIT: usize = 128;

/// How much may be read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The size of one file in bytes.
    pub file_size: u64,
    /// The size of all files together in bytes.
    pub total_size: u64,
    /// The number of files.
    pub files: usize,
}

/// 16 MiB a file, 512 MiB and 200,000 files together.
impl Default for Limits {
    fn default() -> Self {
        Self { file_size: 16 << 20, total_size: 512 << 20, files: 200_000 }
    }
}

/// What has been read, measured against the limits.
#[derive(Debug)]
pub(crate) struct Budget<'a> {
    limits: &'a Limits,
    size: u64,
    files: usize,
}

impl<'a> Budget<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self { limits, size: 0, files: 0 }
    }

    /// Takes a file of `size` bytes into account before it is read.
    pub(crate) fn take(&mut self, size: u64) -> Result<(), GitError> {
        self.files += 1;
        self.size = self.size.saturating_add(size);
        if self.files > self.limits.files {
            return Err(GitError::TooManyFiles { path: ".".to_owned(), limit: self.limits.files });
        }
        if self.size > self.limits.total_size {
            let path = ".".to_owned();
            return Err(GitError::TooLarge { path, size: self.size, limit: self.limits.total_size });
        }
        Ok(())
    }

    /// What stands for a file of `size` bytes where that is too large for one.
    pub(crate) fn refuse(&self, size: u64) -> Option<Entry> {
        let limit = self.limits.file_size;
        (size > limit).then(|| Entry::Unreadable(format!("holds {size} bytes, and the limit is {limit}")))
    }
}

/// Reads trees; contents that it has read lately are shared between commits.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    contents: BTreeMap<Oid, Arc<[u8]>>,
    size: usize,
}

/// Beyond so many bytes the shared contents are let go.
const SHARED_SIZE_LIMIT: usize = 128 << 20;

struct Reading<'a> {
    git: &'a git2::Repository,
    odb: git2::Odb<'a>,
    budget: Budget<'a>,
    tree: FileTree,
    /// The directories on the way to the paths: libgit2 keeps none that is large.
    directories: BTreeMap<Oid, git2::Tree<'a>>,
}

impl<'a> Reading<'a> {
    fn directory(&mut self, id: Oid, path: &TreePath) -> Result<git2::Tree<'a>, GitError> {
        if let Some(known) = self.directories.get(&id) {
            return Ok(known.clone());
        }
        let tree = self.git.find_tree(id).map_err(failed(format!("reading `{path}`")))?;
        self.directories.insert(id, tree.clone());
        Ok(tree)
    }
}

impl Reader {
    pub(crate) fn read(
        &mut self,
        git: &git2::Repository,
        limits: &Limits,
        commit: &CommitId,
        paths: &[TreePath],
    ) -> Result<FileTree, GitError> {
        let root = find_commit(git, commit)?.tree().map_err(failed(format!("reading {commit}")))?;
        let odb = git.odb().map_err(failed("opening the object database"))?;
        let mut reading = Reading {
            git,
            odb,
            budget: Budget::new(limits),
            tree: FileTree::new(),
            directories: BTreeMap::new(),
        };
        for path in paths {
            self.path(&mut reading, &root, path)?;
        }
        Ok(reading.tree)
    }

    /// Reads what is at and below `path`.
    fn path(
        &mut self,
        reading: &mut Reading<'_>,
        root: &git2::Tree<'_>,
        path: &TreePath,
    ) -> Result<(), GitError> {
        let mut directory = root.clone();
        let mut at = TreePath::root();
        let mut parts = path.parts().peekable();
        while let Some(part) = parts.next() {
            at = at.join(part).map_err(|error| bad_path(path.as_str(), error.to_string()))?;
            let entry = directory.get_name(part).map(|entry| (entry.id(), entry.kind(), entry.filemode()));
            let Some((id, kind, mode)) = entry else { return Ok(()) };
            if kind != Some(ObjectType::Tree) {
                let is_link = matches!(mode, 0o120_000 | 0o160_000);
                // A file on the way is no directory, so nothing is below it.
                return if parts.peek().is_none() || is_link {
                    self.leaf(reading, &at, id, mode)
                } else {
                    Ok(())
                };
            }
            directory = reading.directory(id, &at)?;
        }
        self.directory(reading, at, directory.id())
    }

    /// Reads everything in a directory and below it.
    fn directory(&mut self, reading: &mut Reading<'_>, path: TreePath, id: Oid) -> Result<(), GitError> {
        let mut open = vec![(path, id)];
        while let Some((directory, id)) = open.pop() {
            if directory.parts().count() > DEPTH_LIMIT {
                return Err(bad_path(directory.as_str(), "directories nest too deeply"));
            }
            let tree = reading.git.find_tree(id).map_err(failed(format!("reading `{directory}`")))?;
            reading.tree.add_directory(directory.clone());
            for entry in &tree {
                // No manifest can name a file whose name is not UTF-8.
                let Ok(name) = entry.name() else { continue };
                let path = child(&directory, name)?;
                if entry.kind() == Some(ObjectType::Tree) {
                    // One tree may stand in many places.
                    reading.budget.take(0)?;
                    open.push((path, entry.id()));
                } else {
                    self.leaf(reading, &path, entry.id(), entry.filemode())?;
                }
            }
        }
        Ok(())
    }

    /// Puts a file, link or submodule into the tree.
    fn leaf(
        &mut self,
        reading: &mut Reading<'_>,
        path: &TreePath,
        id: Oid,
        mode: i32,
    ) -> Result<(), GitError> {
        if reading.tree.get(path).is_some() {
            return Ok(());
        }
        let is_submodule = mode == 0o160_000;
        let size = if is_submodule { 0 } else { size(reading, path, id)? };
        let entry = match (reading.budget.refuse(size), mode) {
            (Some(refused), _) => refused,
            (None, 0o160_000) => Entry::Submodule,
            (None, 0o120_000) => {
                let target = self.content(reading, path, id)?;
                Entry::Symlink(String::from_utf8_lossy(&target).into_owned())
            }
            (None, _) => {
                Entry::File(File { blob: id.to_string(), content: self.content(reading, path, id)? })
            }
        };
        reading.tree.insert(path.clone(), entry);
        Ok(())
    }

    fn content(
        &mut self,
        reading: &mut Reading<'_>,
        path: &TreePath,
        id: Oid,
    ) -> Result<Arc<[u8]>, GitError> {
        if let Some(bytes) = self.contents.get(&id) {
            reading.budget.take(u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
            return Ok(Arc::clone(bytes));
        }
        reading.budget.take(size(reading, path, id)?)?;
        let blob = reading.odb.read(id).map_err(failed(format!("reading `{path}`")))?;
        let bytes: Arc<[u8]> = Arc::from(blob.data());
        self.size = self.size.saturating_add(bytes.len());
        if self.size > SHARED_SIZE_LIMIT {
            self.contents.clear();
            self.size = bytes.len();
        }
        self.contents.insert(id, Arc::clone(&bytes));
        Ok(bytes)
    }
}

/// The size of a blob, without reading it.
fn size(reading: &Reading<'_>, path: &TreePath, id: Oid) -> Result<u64, GitError> {
    let (size, _) = reading.odb.read_header(id).map_err(failed(format!("reading `{path}`")))?;
    Ok(u64::try_from(size).unwrap_or(u64::MAX))
}

/// The path of an entry called `name`, which must be one plain part.
fn child(directory: &TreePath, name: &str) -> Result<TreePath, GitError> {
    if name.is_empty() || name == "." || name == ".." || name.contains('/') {
        return Err(bad_path(format!("{directory}/{name}"), "an entry must be one plain name"));
    }
    directory.join(name).map_err(|error| bad_path(name, error.to_string()))
}
