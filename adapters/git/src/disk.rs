//! A directory on disk as a file tree, for building without Git.
//!
//! Reads only what is asked for, follows no link and opens regular files alone: a FIFO or a device, which could
//! block, is an entry that says what it is.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gitops_core::tree::{Entry, File, FileTree, TreePath};
use gitops_ports::git::GitError;

use crate::failure::bad_path;
use crate::read::{Budget, Limits};

/// How much of a directory is read when its path is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// The names of its directories and nothing of what is in them, and its own links, submodules and small files.
    /// A file that is large, or no file at all but a FIFO or a device, is left out: it has to be asked for by its
    /// own path.
    Listing,
    /// Everything below it, but `.git`.
    Whole,
}

/// The most bytes of a file that comes with its directory, and of all such files in one answer.
const LISTED_FILE_SIZE: u64 = 1 << 20;
const LISTED_SIZE: u64 = 32 << 20;
/// The most files that come with their directories in one answer.
const LISTED_FILES: usize = 20_000;

/// What is at each of `paths` below the directory `root`: the root path means all of it.
///
/// A path that is not there adds nothing. A link on the way to a path, or at it, adds the link, so that the
/// caller can follow it and ask again; so no file outside `root` is ever read. A directory that holds `.git` and
/// is not `root` is a submodule.
pub fn load(root: &Path, paths: &[TreePath], depth: Depth, limits: &Limits) -> Result<FileTree, GitError> {
    load_with(root, paths, depth, limits, crate::blob_id)
}

/// As [`load`], but files get no blob ids, which take longer than reading them: for a render of which nothing is kept.
pub fn load_without_ids(
    root: &Path,
    paths: &[TreePath],
    depth: Depth,
    limits: &Limits,
) -> Result<FileTree, GitError> {
    load_with(root, paths, depth, limits, |_| String::new())
}

fn load_with(
    root: &Path,
    paths: &[TreePath],
    depth: Depth,
    limits: &Limits,
    name: fn(&[u8]) -> String,
) -> Result<FileTree, GitError> {
    let mut loading = Loading {
        root,
        depth,
        name,
        budget: Budget::new(limits),
        listed: (0, 0),
        walked: BTreeSet::from([TreePath::root()]),
        tree: FileTree::new(),
    };
    for path in paths {
        loading.path(path)?;
    }
    Ok(loading.tree)
}

struct Loading<'a> {
    root: &'a Path,
    depth: Depth,
    /// The blob id of a content.
    name: fn(&[u8]) -> String,
    budget: Budget<'a>,
    /// The bytes and the number of the files that came with their directories.
    listed: (u64, usize),
    /// The directories that paths led through: each is looked at once.
    walked: BTreeSet<TreePath>,
    tree: FileTree,
}

impl Loading<'_> {
    /// Walks to a path part by part, so that no link on the way is followed.
    fn path(&mut self, path: &TreePath) -> Result<(), GitError> {
        if self.tree.get(path).is_some() {
            // It came with its directory.
            return Ok(());
        }
        let mut at = TreePath::root();
        let mut parts = path.parts().peekable();
        while let Some(part) = parts.next() {
            at = at.join(part).map_err(|error| bad_path(path.as_str(), error.to_string()))?;
            if part == ".git" {
                // As in a commit: Git's own files are no part of the tree.
                return Ok(());
            }
            if self.walked.contains(&at) {
                continue;
            }
            let Some(metadata) = self.metadata(&at)? else { return Ok(()) };
            if metadata.is_symlink() || (metadata.is_dir() && self.is_submodule(&at)) {
                return self.entry(&at, &metadata);
            }
            if !metadata.is_dir() {
                // A file on the way is no directory, so nothing is below it.
                return if parts.peek().is_none() { self.entry(&at, &metadata) } else { Ok(()) };
            }
            self.walked.insert(at.clone());
        }
        if self.metadata(&at)?.is_some() { self.directory(at) } else { Ok(()) }
    }

    fn directory(&mut self, path: TreePath) -> Result<(), GitError> {
        let mut open = vec![path];
        while let Some(directory) = open.pop() {
            self.tree.add_directory(directory.clone());
            for name in self.names(&directory)? {
                let path = directory.join(&name).map_err(|error| bad_path(&name, error.to_string()))?;
                let Some(metadata) = self.metadata(&path)? else { continue };
                if !metadata.is_dir() || self.is_submodule(&path) {
                    if self.depth == Depth::Whole || self.comes_with_its_directory(&metadata) {
                        self.entry(&path, &metadata)?;
                    }
                } else if self.depth == Depth::Whole {
                    self.budget.take(0)?;
                    open.push(path);
                } else {
                    self.tree.add_directory(path);
                }
            }
        }
        Ok(())
    }

    /// Whether what is found in a listed directory is read although nobody has named it.
    fn comes_with_its_directory(&mut self, metadata: &fs::Metadata) -> bool {
        if metadata.is_symlink() || metadata.is_dir() {
            return true;
        }
        let (size, files) = (self.listed.0.saturating_add(metadata.len()), self.listed.1 + 1);
        let fits = metadata.is_file()
            && metadata.len() <= LISTED_FILE_SIZE
            && size <= LISTED_SIZE
            && files <= LISTED_FILES;
        if fits {
            self.listed = (size, files);
        }
        fits
    }

    /// The names in a directory in byte order, but `.git` and names that no manifest could hold.
    fn names(&self, directory: &TreePath) -> Result<Vec<String>, GitError> {
        let failed = |error: io::Error| failure(directory, &error);
        let mut names = vec![];
        for entry in fs::read_dir(self.place(directory)).map_err(failed)? {
            if let Ok(name) = entry.map_err(failed)?.file_name().into_string()
                && name != ".git"
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn entry(&mut self, path: &TreePath, metadata: &fs::Metadata) -> Result<(), GitError> {
        let entry = if metadata.is_symlink() {
            let target = fs::read_link(self.place(path)).map_err(|error| failure(path, &error))?;
            Entry::Symlink(target.to_string_lossy().into_owned())
        } else if metadata.is_dir() {
            Entry::Submodule
        } else if metadata.is_file() {
            match self.budget.refuse(metadata.len()) {
                Some(refused) => refused,
                None => self.file(metadata, path)?,
            }
        } else {
            Entry::Unreadable(format!("is {}, not a file", kind(metadata)))
        };
        self.tree.insert(path.clone(), entry);
        Ok(())
    }

    fn file(&mut self, metadata: &fs::Metadata, path: &TreePath) -> Result<Entry, GitError> {
        self.budget.take(metadata.len())?;
        Ok(match read(&self.place(path), metadata.len()) {
            Ok(content) => Entry::File(File { blob: (self.name)(&content), content: Arc::from(content) }),
            Err(error) => Entry::Unreadable(format!("cannot be read: {error}")),
        })
    }

    /// What is at a path itself; `None` where nothing is.
    fn metadata(&self, path: &TreePath) -> Result<Option<fs::Metadata>, GitError> {
        match fs::symlink_metadata(self.place(path)) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(failure(path, &error)),
        }
    }

    fn is_submodule(&self, path: &TreePath) -> bool {
        !path.is_root() && self.place(path).join(".git").symlink_metadata().is_ok()
    }

    fn place(&self, path: &TreePath) -> PathBuf {
        if path.is_root() { self.root.to_owned() } else { self.root.join(path.as_str()) }
    }
}

/// The content of a file of `size` bytes.
fn read(place: &Path, size: u64) -> io::Result<Vec<u8>> {
    let file = fs::File::open(place)?;
    // The file may grow while it is read: no more than was accounted for, and one byte to notice. With room for that,
    // it is read at once.
    let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    file.take(size.saturating_add(1)).read_to_end(&mut content)?;
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > size {
        return Err(io::Error::other("the file changed while it was read"));
    }
    Ok(content)
}

#[cfg(unix)]
fn kind(metadata: &fs::Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind(_: &fs::Metadata) -> &'static str {
    "something else"
}

fn failure(path: &TreePath, error: &io::Error) -> GitError {
    GitError::Repository { context: format!("reading `{path}`"), message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(root: &Path, asked: &[&str], depth: Depth, expected: &[&str]) {
        check_limited(root, asked, (depth, &Limits::default()), expected);
    }

    fn check_limited(root: &Path, asked: &[&str], (depth, limits): (Depth, &Limits), expected: &[&str]) {
        let paths: Vec<TreePath> = asked.iter().map(|path| TreePath::parse(path).unwrap()).collect();
        let tree = load(root, &paths, depth, limits).unwrap();
        let found: Vec<String> = tree
            .entries()
            .map(|(path, entry)| match entry {
                Entry::File(file) => format!("{path}={}", String::from_utf8_lossy(&file.content)),
                Entry::Symlink(target) => format!("{path}->{target}"),
                Entry::Submodule => format!("{path} submodule"),
                Entry::Unreadable(why) => format!("{path} {why}"),
            })
            .collect();
        assert_eq!(found, expected, "{asked:?}");
    }

    #[cfg(unix)]
    fn example() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in
            [("base/x.yaml", "x"), ("base/deep/y.yaml", "y"), ("top.yaml", "top"), (".git/config", "secret")]
        {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        fs::create_dir_all(root.path().join("module/.git")).unwrap();
        fs::write(root.path().join("module/inside.yaml"), "inside").unwrap();
        std::os::unix::fs::symlink("/etc", root.path().join("out")).unwrap();
        std::os::unix::fs::symlink("base", root.path().join("in")).unwrap();
        root
    }

    #[cfg(unix)]
    #[test]
    fn only_what_is_asked_for_is_read_and_no_link_is_followed() {
        let root = example();
        let root = root.path();
        check(root, &["top.yaml"], Depth::Whole, &["top.yaml=top"]);
        check(root, &["base"], Depth::Whole, &["base/deep/y.yaml=y", "base/x.yaml=x"]);
        check(root, &["base"], Depth::Listing, &["base/x.yaml=x"]);
        check(root, &["out/passwd", "out"], Depth::Whole, &["out->/etc"]);
        check(root, &["in/x.yaml"], Depth::Whole, &["in->base"]);
        check(root, &["module/inside.yaml"], Depth::Whole, &["module submodule"]);
        check(root, &["missing", "top.yaml/below"], Depth::Whole, &[]);
        let all = [
            "base/deep/y.yaml=y",
            "base/x.yaml=x",
            "in->base",
            "module submodule",
            "out->/etc",
            "top.yaml=top",
        ];
        check(root, &[""], Depth::Whole, &all);
    }

    #[cfg(unix)]
    #[test]
    fn a_fifo_is_no_file_and_is_not_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let fifo = root.path().join("kustomization.yaml");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        for asked in ["", "kustomization.yaml"] {
            check(root.path(), &[asked], Depth::Whole, &["kustomization.yaml is a FIFO, not a file"]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_beside_the_files_that_are_asked_for_does_no_harm() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        fs::create_dir(root.join("base")).unwrap();
        fs::write(root.join("base/a.yaml"), "a").unwrap();
        fs::File::create(root.join("base/film.mp4")).unwrap().set_len(1 << 40).unwrap();
        let fifo = root.join("base/pipe");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        check(root, &["base"], Depth::Listing, &["base/a.yaml=a"]);
        let film = "base/film.mp4 holds 1099511627776 bytes, and the limit is 16777216";
        check(root, &["base/film.mp4"], Depth::Listing, &[film]);
        check(root, &["base/pipe"], Depth::Listing, &["base/pipe is a FIFO, not a file"]);
    }

    #[test]
    fn what_git_keeps_for_itself_is_no_part_of_the_tree() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(".git")).unwrap();
        fs::write(root.path().join(".git/config"), "token").unwrap();
        check(root.path(), &[".git/config", ".git", ""], Depth::Whole, &[]);
        check(root.path(), &[&"a".repeat(300)], Depth::Whole, &[]);
    }

    #[test]
    fn limits_hold() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            fs::write(root.path().join(name), "12345").unwrap();
        }
        let load = |limits: Limits| {
            load(root.path(), &[TreePath::root()], Depth::Whole, &limits).map(|tree| tree.len())
        };
        let limits = Limits { file_size: 5, total_size: 15, files: 3 };
        assert_eq!(load(limits), Ok(3));
        let small = Limits { file_size: 4, ..limits };
        let expected = ["a holds 5 bytes, and the limit is 4"];
        check_limited(root.path(), &["a"], (Depth::Whole, &small), &expected);
        let total = Err(GitError::TooLarge { path: ".".to_owned(), size: 15, limit: 14 });
        assert_eq!(load(Limits { total_size: 14, ..limits }), total);
        assert_eq!(
            load(Limits { files: 2, ..limits }),
            Err(GitError::TooManyFiles { path: ".".to_owned(), limit: 2 })
        );
    }

    #[test]
    fn a_blob_has_the_id_that_git_gives_it() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("x"), "x: 1\n").unwrap();
        let paths = [TreePath::parse("x").unwrap()];
        let tree = load(root.path(), &paths, Depth::Listing, &Limits::default()).unwrap();
        assert_eq!(tree.file(&paths[0]).unwrap().blob, "d508cf756344aaf9123c531122a9d2d410c4ecfa");
    }
}
