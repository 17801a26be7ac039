//! The files of one render: looks them up in the tree, notes every probe, and keeps what places need.
//!
//! Never reads a disk. Symbolic links are followed inside the tree.

mod parsed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use smol_str::SmolStr;

use super::error::RenderError;
use super::reads::{Probe, Reads};
use super::{Cache, Completeness, LoadRestrictions, RenderOptions, Reorder};
use crate::diagnostic::{Location, mask_credentials};
use crate::patch::SchemaComments;
use crate::provenance::{Place, Provenance};
use crate::tree::{Entry, File, FileTree, PathError, TreePath};
use crate::yaml::Origin;

pub(crate) use parsed::{ParsedFile, ParsedFiles};

/// How many symbolic links one path may go through.
const MAX_LINKS: usize = 40;

/// What stands at a path after links were followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A file, at its real path.
    File(TreePath),
    /// A directory, at its real path.
    Directory(TreePath),
    /// Nothing.
    Absent,
}

/// A file as text.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    /// Its index in the provenance table.
    pub(crate) index: u32,
    /// Its path as the user knows it.
    pub(crate) path: SmolStr,
    /// Its content.
    pub(crate) text: Arc<str>,
    /// The offset of each line's first byte, made on first use.
    lines: Arc<OnceLock<Vec<usize>>>,
    /// The schemas that its comments state, read on first use.
    comments: Arc<OnceLock<SchemaComments>>,
}

impl SourceFile {
    /// A file by itself, outside of a render.
    pub(crate) fn alone(path: &str, text: &str) -> Self {
        let (lines, comments) = (Arc::default(), Arc::default());
        Self { index: 0, path: path.into(), text: text.into(), lines, comments }
    }

    /// Line and column of what was read at `origin` of this file.
    pub(crate) fn at(&self, origin: Origin) -> Location {
        match origin.as_offset() {
            Some(offset) => self.at_offset(offset),
            None => Location::file(self.path.clone()),
        }
    }

    /// The schemas that its comments state.
    pub(crate) fn schema_comments(&self) -> &SchemaComments {
        self.comments.get_or_init(|| SchemaComments::read(&self.text))
    }

    /// Line and column of a byte.
    pub(crate) fn at_offset(&self, offset: usize) -> Location {
        let lines = self.lines.get_or_init(|| line_starts(&self.text));
        let line = lines.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|at| lines.get(at)).copied().unwrap_or_default();
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count() + 1);
        Location::new(self.path.clone(), number(line), number(column))
    }
}

/// The files of one render.
#[derive(Debug)]
pub(crate) struct Files<'a> {
    tree: &'a FileTree,
    options: &'a RenderOptions,
    /// What was probed so far.
    pub(crate) reads: Reads,
    /// The places that nodes came from.
    pub(crate) provenance: Provenance,
    known: Vec<SourceFile>,
    by_path: BTreeMap<SmolStr, u32>,
    /// What the known files hold.
    pub(crate) parsed: ParsedFiles<'a>,
    /// The index of each file that was asked for, as often as it was.
    pub(crate) asked: Vec<u32>,
    /// Every path that was asked for in vain.
    pub(crate) missing: BTreeSet<TreePath>,
}

impl<'a> Files<'a> {
    /// The files of `tree`, of which some may have been parsed before.
    pub(crate) fn new(tree: &'a FileTree, options: &'a RenderOptions, cache: Option<&'a Cache>) -> Self {
        Self {
            tree,
            options,
            reads: Reads::default(),
            provenance: Provenance::new(),
            known: vec![],
            by_path: BTreeMap::new(),
            parsed: ParsedFiles::new(cache),
            asked: vec![],
            missing: BTreeSet::new(),
        }
    }

    /// Looks `path` up and follows links.
    pub(crate) fn find(&mut self, path: &TreePath) -> Result<Found, RenderError> {
        if !self.tree.has_links() {
            return self.look_at(path.clone());
        }
        let mut real = TreePath::root();
        let mut left: Vec<String> = path.parts().rev().map(str::to_owned).collect();
        let mut links = 0;
        while let Some(part) = left.pop() {
            if part == ".." {
                let Some(parent) = real.parent() else { return Ok(Found::Absent) };
                real = parent;
                continue;
            }
            let Ok(next) = real.join(&part) else { return Ok(Found::Absent) };
            let Some(Entry::Symlink(target)) = self.tree.get(&next) else {
                real = next;
                continue;
            };
            self.reads.note(next, Probe::Symlink(target.clone()));
            links += 1;
            if links > MAX_LINKS || target.starts_with('/') {
                return Ok(Found::Absent);
            }
            left.extend(target.split('/').rev().filter(|part| !matches!(*part, "" | ".")).map(str::to_owned));
        }
        self.look_at(real)
    }

    fn look_at(&mut self, real: TreePath) -> Result<Found, RenderError> {
        match self.tree.get(&real) {
            Some(Entry::File(file)) => {
                self.reads.note(real.clone(), Probe::File(file.blob.clone()));
                Ok(Found::File(real))
            }
            Some(Entry::Symlink(_)) => Ok(Found::Absent),
            Some(Entry::Submodule) => {
                self.reads.note(real, Probe::Absent);
                Ok(Found::Absent)
            }
            None if self.tree.is_directory(&real) => {
                self.reads.note(real.clone(), Probe::Directory);
                Ok(Found::Directory(real))
            }
            None if self.options.completeness.knows_absent(self.tree, &real) => {
                self.reads.note(real, Probe::Absent);
                Ok(Found::Absent)
            }
            None => {
                self.missing.insert(real.clone());
                Err(RenderError::Missing { paths: vec![real] })
            }
        }
    }

    /// The directory `entry`, relative to `base`.
    pub(crate) fn directory(
        &mut self,
        base: &TreePath,
        entry: &str,
        at: &Location,
    ) -> Result<TreePath, RenderError> {
        match self.find(&join(base, entry, at)?)? {
            Found::Directory(path) => Ok(path),
            Found::File(_) => Err(RenderError::WrongEntry {
                at: at.clone(),
                entry: entry.to_owned(),
                expected: "directory",
            }),
            Found::Absent => Err(absent(entry, at)),
        }
    }

    /// The bytes of the file `entry`, relative to `base`, and the path that the user knows it by.
    pub(crate) fn bytes(
        &mut self,
        base: &TreePath,
        entry: &str,
        at: &Location,
    ) -> Result<(TreePath, Arc<[u8]>), RenderError> {
        self.file(base, entry, at).map(|(path, file)| (path, Arc::clone(&file.content)))
    }

    fn file(
        &mut self,
        base: &TreePath,
        entry: &str,
        at: &Location,
    ) -> Result<(TreePath, &'a File), RenderError> {
        let path = join(base, entry, at)?;
        let real = match self.find(&path)? {
            Found::File(real) => real,
            Found::Directory(_) => {
                return Err(RenderError::WrongEntry {
                    at: at.clone(),
                    entry: entry.to_owned(),
                    expected: "file",
                });
            }
            Found::Absent => return Err(absent(entry, at)),
        };
        let restricted = match self.options.load_restrictions {
            LoadRestrictions::RootOnly => !real.is_within(base),
            LoadRestrictions::None => false,
        };
        if restricted {
            return Err(RenderError::Restricted {
                at: at.clone(),
                entry: entry.to_owned(),
                root: base.clone(),
            });
        }
        match self.tree.file(&real) {
            Some(file) => Ok((path, file)),
            None => Err(RenderError::NotFound { at: at.clone(), entry: entry.to_owned() }),
        }
    }

    /// The text of the file `entry`, relative to `base`.
    pub(crate) fn text(
        &mut self,
        base: &TreePath,
        entry: &str,
        at: &Location,
    ) -> Result<SourceFile, RenderError> {
        let (path, file) = self.file(base, entry, at)?;
        if let Some(known) = self.by_path.get(path.as_str()).and_then(|index| self.source(*index)) {
            self.asked.push(known.index);
            return Ok(known);
        }
        let parsed = match self.parsed.recall(path.as_str(), &file.blob) {
            Some(parsed) => parsed,
            None => {
                let text = decode_text(&file.content)
                    .ok_or_else(|| RenderError::NotText { at: Location::file(path.as_str()) })?;
                let source = SourceFile {
                    index: 0,
                    path: path.as_str().into(),
                    text,
                    lines: Arc::default(),
                    comments: Arc::default(),
                };
                ParsedFile::new(source, file.blob.as_str())
            }
        };
        Ok(self.open(parsed))
    }

    /// The file that `parsed` is of, with a place in the provenance table from now on.
    pub(crate) fn open(&mut self, parsed: ParsedFile) -> SourceFile {
        let known = self.by_path.get(&parsed.source.path).and_then(|index| self.source(*index));
        let file = known.unwrap_or_else(|| {
            let index = self.provenance.add_file(parsed.source.path.clone());
            let file = SourceFile { index, ..parsed.source.clone() };
            self.known.push(file.clone());
            self.by_path.insert(file.path.clone(), index);
            self.parsed.add(parsed);
            file
        });
        self.asked.push(file.index);
        file
    }

    /// The file with this index.
    pub(crate) fn source(&self, index: u32) -> Option<SourceFile> {
        self.known.get(index as usize).cloned()
    }

    /// Line and column of a byte.
    pub(crate) fn location(&self, place: Place) -> Location {
        let file = self.known.get(place.file as usize);
        file.map_or_else(Location::default, |file| file.at_offset(place.offset as usize))
    }

    /// Line and column of a node that was read from the file with index `file`, or that a record names.
    pub(crate) fn locate(&self, file: u32, origin: Origin) -> Location {
        let place = match origin.as_offset() {
            Some(offset) => Some(Place { file, offset: number(offset) }),
            None => self.provenance.record(origin).and_then(|record| record.place.or(record.cause)),
        };
        match place {
            Some(place) => self.location(place),
            None => self
                .known
                .get(file as usize)
                .map_or_else(Location::default, |known| Location::file(known.path.clone())),
        }
    }

    /// The order of the output where the kustomization has no `sortOptions`.
    pub(crate) fn reorder(&self) -> Reorder {
        self.options.reorder
    }

    /// Whether to add the label that says what built the objects.
    pub(crate) fn adds_managed_by_label(&self) -> bool {
        self.options.managed_by_label
    }

    /// The tree.
    pub(crate) fn tree(&self) -> &'a FileTree {
        self.tree
    }

    /// Which files a kustomization may name.
    pub(crate) fn load_restrictions(&self) -> LoadRestrictions {
        self.options.load_restrictions
    }

    /// Whether the tree holds all there is.
    pub(crate) fn completeness(&self) -> &'a Completeness {
        &self.options.completeness
    }
}

/// `entry` relative to `base`; an absolute path cannot be in the tree.
pub(crate) fn join(base: &TreePath, entry: &str, at: &Location) -> Result<TreePath, RenderError> {
    base.join(entry).map_err(|error| match error {
        _ if is_remote(entry) => absent(entry, at),
        PathError::Leaves(entry) => RenderError::Leaves { at: at.clone(), entry },
        PathError::Absolute(entry) => RenderError::Absolute { at: at.clone(), entry },
        PathError::Nul(entry) => RenderError::NotFound { at: at.clone(), entry },
        PathError::TooLong => RenderError::Invalid { at: at.clone(), message: error.to_string() },
    })
}

/// The error for an entry at which nothing stands: it may name what is not in the tree at all.
pub(crate) fn absent(entry: &str, at: &Location) -> RenderError {
    if is_remote(entry) {
        RenderError::Remote { at: at.clone(), url: mask_credentials(entry) }
    } else {
        RenderError::NotFound { at: at.clone(), entry: entry.to_owned() }
    }
}

/// Whether an entry names a repository or a file elsewhere, as go-getter and Git spell it.
fn is_remote(entry: &str) -> bool {
    let (before, after) = entry.split_once(':').unwrap_or((entry, ""));
    let is_host = before.contains('@') && !before.contains('/');
    after.starts_with("//")
        || after.starts_with(':') && before.bytes().all(|byte| byte.is_ascii_alphanumeric())
        || is_host && !after.is_empty()
        || ["github.com/", "gitlab.com/", "bitbucket.org/"].iter().any(|host| entry.starts_with(host))
        || entry.contains("?ref=")
}

/// UTF-8, or UTF-16 with a byte order mark; a byte order mark in UTF-8 stays, for the reader to skip.
fn decode_text(content: &[u8]) -> Option<Arc<str>> {
    let units = |convert: fn([u8; 2]) -> u16, bytes: &[u8]| -> Option<Arc<str>> {
        let units: Vec<u16> =
            bytes.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).ok().map(convert)).collect::<Option<_>>()?;
        String::from_utf16(&units).ok().map(Into::into)
    };
    match content {
        [0xFF, 0xFE, rest @ ..] => units(u16::from_le_bytes, rest),
        [0xFE, 0xFF, rest @ ..] => units(u16::from_be_bytes, rest),
        bytes => std::str::from_utf8(bytes).ok().map(Into::into),
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1))
        .collect()
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
