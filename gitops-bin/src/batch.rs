//! Many renders of one tree: files are loaded once, what kustomizations share is worked out once, and all cores work.

mod source;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gitops_core::diagnostic::Location;
use gitops_core::kustomize::{
    self, Cache, Completeness, FILE_NAMES, Failed, KustomizationKind, RemoteSource, RenderOptions, Rendered,
    Surveyed,
};
use gitops_core::tree::{Entry, File, FileTree, TreePath};
use gitops_ports::git::GitError;

use crate::fetch::Fetcher;
use crate::parallel;
use crate::source::{Brought, Elsewhere, MOST_LOADED};
use work::{Wanted, Work};

pub use source::{Disk, Revision, Source};

/// How often the kustomizations may ask for more files.
const MOST_QUESTIONS: usize = 1_000;

/// The kustomizations of one tree.
#[derive(Debug)]
pub struct Batch<S> {
    source: S,
    options: RenderOptions,
    tree: FileTree,
    size: u64,
    /// Paths that could not be read, and why.
    unreadable: BTreeMap<TreePath, GitError>,
    elsewhere: Elsewhere,
    cache: Cache,
    /// The kustomizations that were looked at, and what they include.
    surveyed: BTreeMap<TreePath, Surveyed>,
}

/// How one render of a batch ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It was made.
    Rendered(Arc<Rendered>),
    /// It failed.
    Failed(Arc<Failed>),
    /// A file that it needs cannot be read.
    Unreadable(Unreadable),
}

/// A file that a render needs and that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Which.
    pub path: TreePath,
    /// Why.
    pub error: GitError,
}

/// The files that a render was made of.
#[derive(Debug, Clone, Copy)]
pub struct Loaded<'a> {
    /// All of them.
    pub tree: &'a FileTree,
    options: &'a RenderOptions,
}

impl<'a> Loaded<'a> {
    /// The file that a place is in, wherever it was fetched from.
    pub fn file_at(&self, at: &Location) -> Option<&'a File> {
        self.options.tree_path(&at.path).and_then(|path| self.tree.file(&path))
    }
}

impl<S: Source> Batch<S> {
    /// A batch on what `source` holds, with nothing loaded yet. What is in `cache` is not worked out again.
    pub fn new(source: S, mut options: RenderOptions, cache: Cache) -> Self {
        options.completeness = Completeness::Partial { absent: BTreeSet::new() };
        Self {
            source,
            options,
            tree: FileTree::new(),
            size: 0,
            unreadable: BTreeMap::new(),
            elsewhere: Elsewhere::default(),
            cache,
            surveyed: BTreeMap::new(),
        }
    }

    /// The same batch, which fetches what lies elsewhere. Without a fetcher, that is an error of a render.
    #[must_use]
    pub fn fetching(mut self, fetcher: Arc<Fetcher>) -> Self {
        self.elsewhere.fetch_with(fetcher);
        self
    }

    /// Finds the kustomizations in and below `start` that no other one there includes, in the order of their
    /// paths, and loads what they need. Components are none of them; a kustomization that cannot be read is.
    pub fn find_roots(&mut self, start: &TreePath) -> Result<Vec<TreePath>, GitError> {
        let files = self.source.find(start, &|name| FILE_NAMES.contains(&name))?;
        let found: BTreeSet<TreePath> = files.iter().filter_map(TreePath::parent).collect();
        let found: Vec<TreePath> = found.into_iter().collect();
        self.load(&found)?;
        Ok(self.roots_of(&found))
    }

    /// Those of `found` that no other one of them includes.
    fn roots_of(&self, found: &[TreePath]) -> Vec<TreePath> {
        let is_component = |directory: &TreePath| {
            self.surveyed.get(directory).is_some_and(|known| known.kind == KustomizationKind::Component)
        };
        let includes = |directory: &TreePath| self.surveyed.get(directory).map(|known| &known.includes);
        let included: BTreeSet<&TreePath> = found
            .iter()
            .flat_map(|directory| {
                includes(directory).into_iter().flatten().filter(move |other| *other != directory)
            })
            .collect();
        let candidates = || found.iter().filter(|directory| !is_component(directory));
        let mut roots: BTreeSet<&TreePath> =
            candidates().filter(|directory| !included.contains(directory)).collect();
        // What no root leads to goes in circles, and has to be told.
        let mut reached: BTreeSet<&TreePath> = BTreeSet::new();
        let mut open: Vec<&TreePath> = roots.iter().copied().collect();
        while let Some(directory) = open.pop() {
            if reached.insert(directory) {
                open.extend(includes(directory).into_iter().flatten());
            }
        }
        roots.extend(candidates().filter(|directory| !reached.contains(directory)));
        roots.into_iter().cloned().collect()
    }

    /// Loads what the kustomizations in `directories` name, and those that they include.
    pub fn load(&mut self, directories: &[TreePath]) -> Result<(), GitError> {
        for _ in 0..MOST_QUESTIONS {
            let survey = kustomize::survey(&self.tree, directories, &self.options, &self.cache);
            self.cache.merge(survey.learned);
            self.surveyed = survey.found;
            let unreadable = &self.unreadable;
            let missing: Vec<TreePath> =
                survey.missing.into_iter().filter(|path| !unreadable.contains_key(path)).collect();
            if missing.is_empty() {
                break;
            }
            self.fill(missing)?;
        }
        Ok(())
    }

    /// Renders each of `roots`, and returns what `finish` makes of each, in their order. `finish` runs on all cores.
    ///
    /// The cache learns of what is shared; of whole renders only with `keep`.
    pub fn render<T: Send>(
        &mut self,
        roots: &[TreePath],
        keep: bool,
        finish: impl Fn(&TreePath, &Outcome, Loaded<'_>) -> T + Sync,
    ) -> Result<Vec<T>, GitError> {
        self.load(roots)?;
        if !self.options.notes_effects {
            self.prepare(roots);
        }
        let mut done: Vec<Option<T>> = roots.iter().map(|_| None).collect();
        let mut waiting: Vec<usize> = (0..roots.len()).collect();
        for question in 0.. {
            let work = Work {
                tree: &self.tree,
                options: &self.options,
                cache: &self.cache,
                unreadable: &self.unreadable,
                elsewhere: &self.elsewhere,
                keep,
                may_ask: question < MOST_QUESTIONS,
            };
            let attempts = parallel::map(&waiting, |at| Some(work.attempt(roots.get(*at)?, &finish)));
            let (mut missing, mut sources) = (BTreeSet::new(), BTreeSet::new());
            let mut left = vec![];
            for (at, attempt) in std::mem::take(&mut waiting).into_iter().zip(attempts.into_iter().flatten())
            {
                let (answer, learned) = attempt;
                self.cache.merge(learned);
                match answer {
                    Ok(result) => done.get_mut(at).map(|place| *place = Some(result)).unwrap_or_default(),
                    Err(wanted) => {
                        match wanted {
                            Wanted::Paths(paths) => missing.extend(paths),
                            Wanted::Sources(wanted) => sources.extend(wanted),
                        }
                        left.push(at);
                    }
                }
            }
            if left.is_empty() {
                break;
            }
            missing.retain(|path| !self.elsewhere.is_whole(path));
            self.fill(missing.into_iter().collect())?;
            self.fetch(&sources.into_iter().collect::<Vec<_>>())?;
            waiting = left;
        }
        Ok(done.into_iter().flatten().collect())
    }

    /// Accumulates the bases that several kustomizations include, those that hold no others first.
    fn prepare(&mut self, roots: &[TreePath]) {
        let mut includers: BTreeMap<&TreePath, usize> = BTreeMap::new();
        for known in self.surveyed.values() {
            for included in &known.includes {
                *includers.entry(included).or_default() += 1;
            }
        }
        let roots: BTreeSet<&TreePath> = roots.iter().collect();
        let shared = |directory: &TreePath| {
            includers.get(directory).is_some_and(|count| *count > 1)
                && !roots.contains(directory)
                && self
                    .surveyed
                    .get(directory)
                    .is_some_and(|known| known.kind == KustomizationKind::Kustomization)
        };
        let mut levels: BTreeMap<usize, Vec<TreePath>> = BTreeMap::new();
        let mut heights = BTreeMap::new();
        for directory in self.surveyed.keys().filter(|directory| shared(directory)) {
            let height = self.height(directory, &mut heights);
            levels.entry(height).or_default().push(directory.clone());
        }
        for level in levels.into_values() {
            let work =
                |directory: &TreePath| kustomize::prepare(&self.tree, directory, &self.options, &self.cache);
            for learned in parallel::map(&level, work) {
                self.cache.merge(learned);
            }
        }
    }

    /// How many kustomizations stand below `directory`, one in the other.
    fn height<'a>(&'a self, directory: &'a TreePath, known: &mut BTreeMap<&'a TreePath, usize>) -> usize {
        if let Some(height) = known.get(directory) {
            return *height;
        }
        // Counts for a circle, until it is known.
        known.insert(directory, 0);
        let includes = self.surveyed.get(directory).into_iter().flat_map(|found| &found.includes);
        let height = includes.map(|other| self.height(other, known) + 1).max().unwrap_or_default();
        known.insert(directory, height);
        height
    }

    /// Fetches `sources`, after what has to be there before.
    fn fetch(&mut self, sources: &[RemoteSource]) -> Result<(), GitError> {
        if sources.is_empty() {
            return Ok(());
        }
        match self.elsewhere.fetch(sources, &self.tree, &mut self.options.remotes) {
            Brought::Files(files) => self.add(&[], files),
            Brought::Needs(paths) => self.fill(paths)?,
        }
        Ok(())
    }

    /// Adds what stands at `paths`. Where all together cannot be read, each is read for itself, so that one that is
    /// broken is the trouble of those alone that need it.
    fn fill(&mut self, paths: Vec<TreePath>) -> Result<(), GitError> {
        let parted = self.elsewhere.read(paths, &mut self.options.remotes);
        self.add(&parted.inside, parted.found);
        let paths = parted.outside;
        match self.source.load(&paths, MOST_LOADED.saturating_sub(self.size)) {
            Ok(found) => self.add(&paths, found),
            Err(error) if error.is_transient() => return Err(error),
            Err(_) => {
                for path in paths {
                    let one = std::slice::from_ref(&path);
                    match self.source.load(one, MOST_LOADED.saturating_sub(self.size)) {
                        Ok(found) => self.add(one, found),
                        Err(error) => drop(self.unreadable.insert(path, error)),
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, asked: &[TreePath], found: FileTree) {
        for (path, entry) in found.entries() {
            if let (Entry::File(file), None) = (entry, self.tree.get(path)) {
                self.size = self.size.saturating_add(u64::try_from(file.content.len()).unwrap_or(u64::MAX));
            }
        }
        self.tree.merge(found);
        let is_there = |path: &TreePath| self.tree.get(path).is_some() || self.tree.is_directory(path);
        let nowhere: Vec<TreePath> = asked.iter().filter(|path| !is_there(path)).cloned().collect();
        if let Completeness::Partial { absent } = &mut self.options.completeness {
            absent.extend(nowhere);
        }
    }

    /// Those of `directories` that hold a kustomization file.
    pub fn those_that_exist<'a>(
        &mut self,
        directories: impl Iterator<Item = &'a TreePath>,
    ) -> Result<Vec<TreePath>, GitError> {
        let directories: Vec<TreePath> = directories.cloned().collect();
        self.load(&directories)?;
        let file = |directory: &TreePath, name| {
            directory.join(name).ok().filter(|path| self.tree.get(path).is_some())
        };
        let has_file = |directory: &TreePath| FILE_NAMES.iter().any(|name| file(directory, name).is_some());
        Ok(directories.into_iter().filter(has_file).collect())
    }

    /// Adds what another batch has worked out.
    pub fn learn(&mut self, cache: Cache) {
        self.cache.merge(cache);
    }

    /// What was worked out so far.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// What was worked out, for another batch.
    pub fn into_cache(self) -> Cache {
        self.cache
    }

    /// What is loaded.
    pub fn tree(&self) -> &FileTree {
        &self.tree
    }

    /// How the renders are made; what is known to be absent is part of it.
    pub fn options(&self) -> &RenderOptions {
        &self.options
    }

    /// Where files come from.
    pub fn source(&self) -> &S {
        &self.source
    }
}
