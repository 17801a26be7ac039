//! Rendering a kustomization whose files are loaded as they are asked for.
//!
//! The core names the paths that it lacks; the caller loads them, from a disk or from Git, and the render is
//! tried again. A directory is loaded with the files that lie in it, so that a thousand patches of one folder
//! are one question. What lies elsewhere is fetched here, and the caller need not know of it.

mod elsewhere;

use std::collections::BTreeSet;
use std::sync::Arc;

use gitops_core::diagnostic::Location;
use gitops_core::kustomize::{
    self, Completeness, RemoteAnswer, RemoteRepository, RemoteSource, RenderError, RenderOptions, Rendered,
};
use gitops_core::tree::{Entry, File, FileTree, TreePath};

use crate::fetch::{Fetcher, Permits};
pub(crate) use elsewhere::{Brought, Elsewhere};

/// The most bytes that one build loads, and all builds of one directory together.
pub const MOST_LOADED: u64 = 128 << 20;

/// How often a render may ask: a bound on what a hostile repository can make of it.
const MOST_QUESTIONS: usize = 10_000;

/// A render that is under way.
#[derive(Debug)]
pub struct Loading {
    root: TreePath,
    options: RenderOptions,
    tree: FileTree,
    absent: BTreeSet<TreePath>,
    /// The folders that were asked for because of what lies in them.
    folders: BTreeSet<TreePath>,
    questions: usize,
    size: u64,
    elsewhere: Elsewhere,
}

/// What a render answers to one try.
#[derive(Debug)]
pub enum Progress {
    /// It is done.
    Done(Box<Result<Rendered, RenderError>>),
    /// It needs what stands at these paths: call [`Loading::fill`].
    Needs(Vec<TreePath>),
}

impl Loading {
    /// A render of the kustomization in `root`, with nothing loaded yet.
    pub fn new(root: TreePath, options: RenderOptions) -> Self {
        Self {
            root,
            options,
            tree: FileTree::new(),
            absent: BTreeSet::new(),
            folders: BTreeSet::new(),
            questions: 0,
            size: 0,
            elsewhere: Elsewhere::default(),
        }
    }

    /// A render of the kustomization at `path` in a repository elsewhere; why it cannot be had.
    pub fn elsewhere(
        repository: RemoteRepository,
        path: &str,
        options: RenderOptions,
        fetcher: Arc<Fetcher>,
    ) -> Result<Self, RemoteAnswer> {
        let source = RemoteSource::Repository(repository);
        let root = source.mount().join(path).unwrap_or_else(|_| source.mount());
        let mut loading = Self::new(root, options).fetching(fetcher);
        loading.fetch(std::slice::from_ref(&source));
        match loading.options.remotes.remove(&source) {
            Some(answer @ RemoteAnswer::Failed { .. }) => Err(answer),
            answer => {
                loading.options.remotes.insert(source, answer.unwrap_or(RemoteAnswer::Mounted));
                Ok(loading)
            }
        }
    }

    /// The same render, which fetches what lies elsewhere. Without a fetcher, that is an error of the render.
    #[must_use]
    pub fn fetching(mut self, fetcher: Arc<Fetcher>) -> Self {
        self.elsewhere.fetch_with(fetcher);
        self
    }

    /// The same render, which fetches only what is permitted.
    #[must_use]
    pub fn permitting(mut self, permits: Permits) -> Self {
        self.elsewhere.permit(permits);
        self
    }

    /// Tries the render with what is loaded. Waits where something has to be fetched.
    pub fn advance(&mut self) -> Progress {
        loop {
            let progress = self.attempt();
            let needed = match progress {
                Progress::Done(result) => match *result {
                    Err(RenderError::Remote { sources, .. })
                        if self.elsewhere.can_bring(&sources, &self.options.remotes) && self.may_ask() =>
                    {
                        self.fetch(&sources)
                    }
                    result => return Progress::Done(Box::new(result)),
                },
                Progress::Needs(paths) => paths,
            };
            let parted = self.elsewhere.read(needed, &mut self.options.remotes);
            self.fill(&parted.inside, parted.found);
            if !parted.outside.is_empty() {
                return Progress::Needs(parted.outside);
            }
        }
    }

    fn may_ask(&mut self) -> bool {
        self.questions += 1;
        self.questions < MOST_QUESTIONS
    }

    /// Fetches `sources`; the paths that have to be loaded before.
    fn fetch(&mut self, sources: &[RemoteSource]) -> Vec<TreePath> {
        match self.elsewhere.fetch(sources, &self.tree, &mut self.options.remotes) {
            Brought::Needs(paths) => paths,
            Brought::Files(files) => {
                self.fill(&[], files);
                vec![]
            }
        }
    }

    fn attempt(&mut self) -> Progress {
        self.options.completeness = Completeness::Partial { absent: std::mem::take(&mut self.absent) };
        let result = kustomize::render(&self.tree, &self.root, &self.options);
        if let Completeness::Partial { absent } = &mut self.options.completeness {
            self.absent = std::mem::take(absent);
        }
        match result {
            Err(RenderError::Missing { paths }) if self.questions < MOST_QUESTIONS => {
                self.questions += 1;
                let mut wanted = self.with_folders(&paths);
                // Nobody has asked for all of a repository.
                wanted.retain(|path| !self.elsewhere.is_whole(path));
                Progress::Needs(wanted)
            }
            result => Progress::Done(Box::new(result)),
        }
    }

    /// Adds what was found at the `asked` paths; what is not in `found` does not exist.
    pub fn fill(&mut self, asked: &[TreePath], found: FileTree) {
        for (path, entry) in found.entries() {
            if let Entry::File(file) = entry
                && self.tree.get(path).is_none()
            {
                self.size = self.size.saturating_add(u64::try_from(file.content.len()).unwrap_or(u64::MAX));
            }
        }
        self.tree.merge(found);
        let absent =
            asked.iter().filter(|path| self.tree.get(path).is_none() && !self.tree.is_directory(path));
        self.absent.extend(absent.cloned());
    }

    /// The paths, and the folders of those that look like files: their neighbours will be asked for next. What is
    /// not in a folder that was asked for before is large or not there, and has to be asked for by itself.
    fn with_folders(&mut self, paths: &[TreePath]) -> Vec<TreePath> {
        let mut wanted: BTreeSet<TreePath> = paths.iter().cloned().collect();
        for folder in paths.iter().filter(|path| path.name().contains('.')).filter_map(TreePath::parent) {
            let is_new = !folder.is_root() && self.tree.get(&folder).is_none();
            if is_new && self.folders.insert(folder.clone()) {
                wanted.insert(folder);
            }
        }
        self.folders.extend(paths.iter().cloned());
        wanted.into_iter().collect()
    }

    /// How many bytes the files have that are loaded.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What is loaded.
    pub fn tree(&self) -> &FileTree {
        &self.tree
    }

    /// The file that a place of this render is in.
    pub fn file_at(&self, at: &Location) -> Option<&File> {
        self.options.tree_path(&at.path).and_then(|path| self.tree.file(&path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_render_asks_for_what_it_lacks_and_no_more() {
        let mut whole = FileTree::new();
        whole.add("base/kustomization.yaml", "resources: [a.yaml]\n").unwrap();
        whole.add("base/a.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n").unwrap();
        whole.add("overlay/kustomization.yaml", "resources: [../base]\n").unwrap();
        whole.add("other/secret.yaml", "x").unwrap();
        let mut loading = Loading::new(TreePath::parse("overlay").unwrap(), RenderOptions::default());
        let rendered = loop {
            match loading.advance() {
                Progress::Done(result) => break result.unwrap(),
                Progress::Needs(paths) => {
                    let mut found = FileTree::new();
                    for (path, entry) in whole.entries() {
                        if paths.iter().any(|asked| path == asked || path.parent().as_ref() == Some(asked)) {
                            found.insert(path.clone(), entry.clone());
                        }
                    }
                    loading.fill(&paths, found);
                }
            }
        };
        assert_eq!(rendered.objects.len(), 1);
        assert_eq!(loading.tree().len(), 3);
    }
}
