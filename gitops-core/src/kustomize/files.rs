//! The files of one render: looks them up in the tree, notes every probe, and keeps what places need.
//!
//! Never reads a disk. Symbolic links are followed inside the tree.

mod parsed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use smol_str::SmolStr;

use super::error::RenderError;
use super::reads::{Probe, Reads};
use super::remote::{self, RemoteAnswer, RemoteSource};
use super::{Cache, Completeness, HelmOptions, LoadRestrictions, RenderOptions, Reorder};
use crate::diagnostic::{Location, mask_credentials};
use crate::patch::SchemaComments;
use crate::provenance::{NodeOrigin, Place, Provenance, SourceText};
use crate::tree::{Entry, File, FileTree, PathError, TreePath};
use crate::yaml::{Origin, ReadError};

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

/// A file as text, or a text that stands in a string of one.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    /// Its index in the provenance table.
    pub(crate) index: u32,
    /// Its path as the user knows it.
    pub(crate) path: SmolStr,
    /// Its content.
    pub(crate) text: Arc<str>,
    /// The same, for places.
    source: Arc<SourceText>,
    /// The schemas that its comments state, read on first use.
    comments: Arc<OnceLock<SchemaComments>>,
}

impl SourceFile {
    /// A file by itself, outside of a render.
    pub(crate) fn alone(path: &str, text: &str) -> Self {
        Self::new(0, SourceText::file(path, text.into()))
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

    /// Whether it stands in a string of a file.
    pub(crate) fn is_inline(&self) -> bool {
        self.source.is_inline()
    }

    /// An error of reading this text, at its place in the file.
    pub(crate) fn relocate(&self, error: ReadError) -> ReadError {
        if !self.source.is_inline() {
            return error;
        }
        let offset = self.source.offset(error.at.line, error.at.column);
        ReadError { at: self.at_offset(offset), ..error }
    }

    /// The byte at a line and a column, both counted from 1.
    pub(crate) fn offset_of(&self, line: usize, column: usize) -> usize {
        let number = |value| u32::try_from(value).unwrap_or(u32::MAX);
        self.source.offset(number(line), number(column))
    }

    /// Line and column of a byte.
    pub(crate) fn at_offset(&self, offset: usize) -> Location {
        self.source.location(offset)
    }

    fn new(index: u32, source: SourceText) -> Self {
        let (path, text) = (source.path().clone(), Arc::clone(source.text()));
        Self { index, path, text, source: Arc::new(source), comments: Arc::default() }
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
    /// Every remote source that was asked for in vain.
    pub(crate) wanted: BTreeSet<RemoteSource>,
    /// Where remote sources stand in the tree, and how places in them are shown.
    mounts: Vec<(TreePath, String)>,
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
            wanted: BTreeSet::new(),
            mounts: remote::mounts(&options.remotes),
        }
    }

    /// Looks `path` up and follows links.
    pub(crate) fn find(&mut self, path: &TreePath) -> Result<Found, RenderError> {
        if !self.tree.has_links() {
            return self.look_at(path.clone());
        }
        let mount = remote::mount_of(path);
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
        // No link leads out of what was fetched, or into it.
        if remote::mount_of(&real) == mount { self.look_at(real) } else { Ok(Found::Absent) }
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
            Some(Entry::Unreadable(why)) => {
                self.reads.note(real.clone(), Probe::File(String::new()));
                let at = Location::file(real.as_str());
                Err(RenderError::Unreadable { at, path: real, why: why.clone() })
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
        match self.find(&join(base, entry, at)?).map_err(|error| error.named_at(at))? {
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
        let fetched = self.remote_file(entry, at)?;
        let path = fetched.clone().map_or_else(|| join(base, entry, at), Ok)?;
        let real = match self.find(&path).map_err(|error| error.named_at(at))? {
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
            _ if fetched.is_some() => false,
            LoadRestrictions::None if remote::mount_of(base).is_none() => false,
            LoadRestrictions::RootOnly | LoadRestrictions::None => !real.is_within(base),
        };
        if restricted {
            return Err(RenderError::Restricted {
                at: at.clone(),
                entry: entry.to_owned(),
                root: self.shown(base),
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
        self.open_file(&path, file)
    }

    /// The text of what was fetched or made and stands at `path`.
    pub(crate) fn text_at(&mut self, path: &TreePath, at: &Location) -> Result<SourceFile, RenderError> {
        let missing = || RenderError::NotFound { at: at.clone(), entry: path.to_string() };
        let file = self.tree.file(path).ok_or_else(missing)?;
        self.reads.note(path.clone(), Probe::File(file.blob.clone()));
        self.open_file(path, file)
    }

    fn open_file(&mut self, path: &TreePath, file: &File) -> Result<SourceFile, RenderError> {
        let path: SmolStr = self.shown(path).into();
        if let Some(known) = self.by_path.get(&path).and_then(|index| self.source(*index)) {
            self.asked.push(known.index);
            return Ok(known);
        }
        let parsed = match self.parsed.recall(&path, &file.blob) {
            Some(parsed) => parsed,
            None => {
                let text = decode_text(&file.content)
                    .ok_or_else(|| RenderError::NotText { at: Location::file(path.clone()) })?;
                let source = SourceFile::new(0, SourceText::file(path, text));
                ParsedFile::new(source, file.blob.as_str())
            }
        };
        Ok(self.open(parsed))
    }

    /// The file that `parsed` is of, with a place in the provenance table from now on.
    pub(crate) fn open(&mut self, parsed: ParsedFile) -> SourceFile {
        let is_manifest = parsed.source.source.is_manifest();
        let path = parsed.source.path.clone();
        let known = self.by_path.get(&path).filter(|_| is_manifest).and_then(|index| self.source(*index));
        let file = known.unwrap_or_else(|| {
            let index = self.provenance.add_file(Arc::clone(&parsed.source.source));
            let file = SourceFile { index, ..parsed.source.clone() };
            self.known.push(file.clone());
            if is_manifest {
                self.by_path.insert(path, index);
            }
            self.parsed.add(parsed);
            file
        });
        self.asked.push(file.index);
        file
    }

    /// The string `text` that stands at `origin` of `outer`, as a file of its own. It is not known until it is
    /// registered, which has to come before any other file.
    pub(crate) fn inline(&self, outer: &SourceFile, text: &str, origin: Origin) -> SourceFile {
        let start = origin.as_offset().unwrap_or_default();
        let source = SourceText::within(Arc::clone(&outer.source), start, text.into());
        SourceFile::new(self.provenance.next_file(), source)
    }

    /// Makes places in an inline text known.
    pub(crate) fn register(&mut self, inline: &SourceFile) {
        self.open(ParsedFile::new(inline.clone(), ""));
    }

    /// Registers a data file, which is no manifest and so is not found by its path. Without its text, no places in
    /// it are told apart.
    pub(crate) fn add_data(&mut self, path: &TreePath, text: &str) -> u32 {
        let source = SourceFile::new(0, SourceText::data(path.as_str(), text.into()));
        self.open(ParsedFile::new(source, "")).index
    }

    /// The file with this index.
    pub(crate) fn source(&self, index: u32) -> Option<SourceFile> {
        self.known.get(index as usize).cloned()
    }

    /// Line and column of a byte.
    pub(crate) fn location(&self, place: Place) -> Location {
        self.provenance.location(place)
    }

    /// Line and column of a node that was read from the file with index `file`, or that a record names.
    pub(crate) fn locate(&self, file: u32, origin: Origin) -> Location {
        match self.provenance.place(NodeOrigin { origin, file }) {
            Some(place) => self.location(place),
            None => self
                .known
                .get(file as usize)
                .map_or_else(Location::default, |known| Location::file(known.path.clone())),
        }
    }

    /// Where the file stands that `entry` names by its URL; `None` for an entry that is no URL of a file.
    fn remote_file(&mut self, entry: &str, at: &Location) -> Result<Option<TreePath>, RenderError> {
        if !remote::is_file_url(entry) {
            return Ok(None);
        }
        self.mounted(RemoteSource::File(entry.to_owned()), at).map(Some)
    }

    /// Where a remote source stands in the tree.
    pub(crate) fn mounted(&mut self, source: RemoteSource, at: &Location) -> Result<TreePath, RenderError> {
        let unreachable = |message: &str, hint: Option<String>| RenderError::Unreachable {
            at: at.clone(),
            url: source.to_string(),
            message: message.to_owned(),
            hint,
        };
        match self.options.remotes.get(&source) {
            Some(RemoteAnswer::Mounted) => Ok(source.mount()),
            Some(RemoteAnswer::Absent(message)) => {
                self.reads.note(source.mount(), Probe::Absent);
                Err(unreachable(message, None))
            }
            Some(RemoteAnswer::Failed { message, hint }) => Err(unreachable(message, hint.clone())),
            None => {
                self.wanted.insert(source.clone());
                Err(RenderError::Remote { at: at.clone(), sources: vec![source] })
            }
        }
    }

    /// How Helm charts are rendered, if they are.
    pub(crate) fn helm(&self) -> Option<&'a HelmOptions> {
        self.options.helm.as_ref()
    }

    /// Notes everything at and below a directory as read.
    pub(crate) fn note_below(&mut self, directory: &TreePath) {
        for (path, entry) in self.tree.entries().filter(|(path, _)| path.is_within(directory)) {
            self.reads.note(
                path.clone(),
                match entry {
                    Entry::File(file) => Probe::File(file.blob.clone()),
                    Entry::Symlink(target) => Probe::Symlink(target.clone()),
                    Entry::Submodule | Entry::Unreadable(_) => Probe::Absent,
                },
            );
        }
    }

    /// Whether a server has said that it has no such file.
    pub(crate) fn is_absent_file(&mut self, url: &str) -> bool {
        let source = RemoteSource::File(url.to_owned());
        let is_absent = matches!(self.options.remotes.get(&source), Some(RemoteAnswer::Absent(_)));
        if is_absent {
            self.reads.note(source.mount(), Probe::Absent);
        }
        is_absent
    }

    /// A path as the user knows it.
    pub(crate) fn shown(&self, path: &TreePath) -> String {
        let mount = remote::mount_of(path);
        let known = self.mounts.iter().find(|(known, _)| mount.as_ref() == Some(known));
        match known {
            Some((mount, shown)) if mount == path => shown.clone(),
            Some((mount, shown)) => {
                let rest = path.as_str().get(mount.as_str().len() + 1..).unwrap_or_default();
                format!("{shown}//{rest}")
            }
            None => path.to_string(),
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
    let path = base.join(entry).map_err(|error| match error {
        _ if is_remote(entry) => absent(entry, at),
        PathError::Leaves(entry) => RenderError::Leaves { at: at.clone(), entry },
        PathError::Absolute(entry) => RenderError::Absolute { at: at.clone(), entry },
        PathError::Nul(entry) => RenderError::NotFound { at: at.clone(), entry },
        PathError::TooLong => RenderError::Invalid { at: at.clone(), message: error.to_string() },
    })?;
    match (remote::mount_of(base), remote::mount_of(&path)) {
        (base, path) if base == path => {}
        (Some(_), _) => return Err(RenderError::Leaves { at: at.clone(), entry: entry.to_owned() }),
        (None, _) => return Err(absent(entry, at)),
    }
    Ok(path)
}

/// The error for an entry at which nothing stands: it may name what is not in the tree at all.
pub(crate) fn absent(entry: &str, at: &Location) -> RenderError {
    if is_remote(entry) {
        RenderError::NoTransport { at: at.clone(), url: mask_credentials(entry) }
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
