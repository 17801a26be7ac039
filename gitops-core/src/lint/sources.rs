//! The files that a render read, and the places in them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use smol_str::SmolStr;

use super::suppress::Marks;
use crate::diagnostic::{LineIndex, Location};
use crate::kustomize::{FILE_NAMES, Kustomization, Probe, Reads, read_kustomization};
use crate::object::Object;
use crate::provenance::Provenance;
use crate::tree::{FileTree, TreePath};
use crate::yaml::{self, Dialect, Node, Origin};

/// The files that a render read.
pub(super) struct Sources<'a> {
    tree: &'a FileTree,
    /// Every file that was read.
    pub(super) files: Vec<TreePath>,
    /// Every kustomization that was read and can be read by itself.
    pub(super) kustomizations: Vec<KustomizationFile<'a>>,
    lines: RefCell<BTreeMap<SmolStr, Rc<Lines<'a>>>>,
}

/// A kustomization file.
pub(super) struct KustomizationFile<'a> {
    /// Its path.
    pub(super) path: TreePath,
    /// The directory in which it stands.
    pub(super) directory: TreePath,
    /// Its text.
    pub(super) text: &'a str,
    /// Its first document.
    pub(super) root: Node,
    /// What it says; nothing where kustomize refuses it.
    pub(super) typed: Option<Kustomization>,
}

/// A text, where its lines begin, and the codes that its comments take back.
struct Lines<'a> {
    text: &'a str,
    index: LineIndex,
    marks: Marks<'a>,
}

impl<'a> Sources<'a> {
    /// The files that `reads` names, as they are in `tree`.
    pub(super) fn new(tree: &'a FileTree, reads: &Reads) -> Self {
        let is_file = |probe: &Probe| matches!(probe, Probe::File(_));
        let files: Vec<TreePath> =
            reads.probes().filter(|(_, probe)| is_file(probe)).map(|(path, _)| path.clone()).collect();
        let kustomizations = files.iter().filter(|path| FILE_NAMES.contains(&path.name()));
        let kustomizations = kustomizations.filter_map(|path| read(tree, path)).collect();
        Self { tree, files, kustomizations, lines: RefCell::default() }
    }

    /// The text of a file.
    pub(super) fn text(&self, path: &str) -> Option<&'a str> {
        text(self.tree, &TreePath::parse(path).ok()?)
    }

    fn lines(&self, path: &SmolStr) -> Option<Rc<Lines<'a>>> {
        if let Some(lines) = self.lines.borrow().get(path) {
            return Some(Rc::clone(lines));
        }
        let text = self.text(path)?;
        let lines = Rc::new(Lines { text, index: LineIndex::new(text), marks: Marks::of(text) });
        self.lines.borrow_mut().insert(path.clone(), Rc::clone(&lines));
        Some(lines)
    }

    /// Line and column of a byte of a file.
    pub(super) fn location(&self, path: &SmolStr, offset: usize) -> Location {
        let Some(lines) = self.lines(path) else { return Location::file(path.clone()) };
        let (line, column) = lines.index.position(lines.text, offset);
        Location::new(path.clone(), line, column)
    }

    /// The text of a line, counted from 1.
    pub(super) fn line(&self, path: &SmolStr, line: u32) -> Option<&'a str> {
        let lines = self.lines(path)?;
        lines.text.get(lines.index.line(lines.text, line)?)
    }

    /// What `ask` makes of the comments of a file that take findings back; `false` where there is no such file.
    pub(super) fn with_marks(&self, path: &SmolStr, ask: impl FnOnce(&Marks<'a>) -> bool) -> bool {
        self.lines(path).is_some_and(|lines| ask(&lines.marks))
    }

    /// The file and the byte at which what stands at `origin` of `object` was written.
    pub(super) fn place(
        provenance: &Provenance,
        object: &Object,
        origin: Origin,
    ) -> Option<(SmolStr, usize)> {
        if let Some(offset) = origin.as_offset() {
            return Some((object.at.path.clone(), offset));
        }
        let record = provenance.record(origin)?;
        let place = record.place.or(record.cause)?;
        let (file, offset) = provenance.file(place.file)?.in_file(place.offset as usize);
        Some((file.path().clone(), offset))
    }

    /// The location of what stands at `origin` of `object`; that of the object where it is not known.
    pub(super) fn locate(&self, provenance: &Provenance, object: &Object, origin: Origin) -> Location {
        match Self::place(provenance, object, origin) {
            Some((path, offset)) => self.location(&path, offset),
            None => object.at.clone(),
        }
    }
}

impl KustomizationFile<'_> {
    /// Its path as text.
    pub(super) fn name(&self) -> SmolStr {
        self.path.as_str().into()
    }
}

fn text<'a>(tree: &'a FileTree, path: &TreePath) -> Option<&'a str> {
    tree.file(path).and_then(|file| std::str::from_utf8(&file.content).ok())
}

fn read<'a>(tree: &'a FileTree, path: &TreePath) -> Option<KustomizationFile<'a>> {
    let text = text(tree, path)?;
    let root = yaml::read_one_with(path.as_str(), text, Dialect::Json);
    // What has no JSON form may still be read for what is wrong with it.
    let root = root.or_else(|_| yaml::read_one(path.as_str(), text)).ok()?;
    let typed = read_kustomization(path.as_str(), text).ok();
    let directory = path.parent()?;
    Some(KustomizationFile { path: path.clone(), directory, text, root, typed })
}
