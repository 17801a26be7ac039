//! What kustomizations name elsewhere, fetched once for all renders of one tree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gitops_core::kustomize::{RemoteRepository, RemoteSource, Remotes};
use gitops_core::tree::{FileTree, TreePath};
use gitops_git::remote::Checkout;

use crate::fetch::{Fetcher, Permits};

/// What was fetched, and what fetches more.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    /// Without one, what lies elsewhere is an error of the render.
    fetcher: Option<Arc<Fetcher>>,
    permits: Option<Permits>,
    /// The repositories that were fetched, by their place in the tree.
    checkouts: BTreeMap<TreePath, (RemoteRepository, Checkout)>,
    /// The directories of charts that were asked for.
    charts: BTreeSet<TreePath>,
}

/// What a step towards a render brings.
#[derive(Debug)]
pub(crate) enum Brought {
    /// These files.
    Files(FileTree),
    /// Nothing before what stands at these paths is loaded: the directories of charts.
    Needs(Vec<TreePath>),
}

/// What was asked for, parted by where it lies.
#[derive(Debug)]
pub(crate) struct Parted {
    /// The paths in repositories that were fetched.
    pub(crate) inside: Vec<TreePath>,
    /// What stands at them.
    pub(crate) found: FileTree,
    /// The other paths.
    pub(crate) outside: Vec<TreePath>,
}

impl Elsewhere {
    /// Fetches with `fetcher` from now on.
    pub(crate) fn fetch_with(&mut self, fetcher: Arc<Fetcher>) {
        self.fetcher = Some(fetcher);
    }

    /// Fetches only what is permitted from now on.
    pub(crate) fn permit(&mut self, permits: Permits) {
        self.permits = Some(permits);
    }

    /// Whether one of `sources` can be fetched, and was not.
    pub(crate) fn can_bring(&self, sources: &[RemoteSource], remotes: &Remotes) -> bool {
        self.fetcher.is_some() && sources.iter().any(|source| !remotes.contains_key(source))
    }

    /// Fetches `sources`, and writes down in `remotes` what came of each. Waits for the network. A chart of `tree`
    /// has to be there as a whole first.
    pub(crate) fn fetch(
        &mut self,
        sources: &[RemoteSource],
        tree: &FileTree,
        remotes: &mut Remotes,
    ) -> Brought {
        let mut brought = FileTree::new();
        let Some(fetcher) = self.fetcher.clone() else { return Brought::Files(brought) };
        let charts = self.charts_to_load(sources, tree);
        if !charts.is_empty() {
            return Brought::Needs(charts);
        }
        for fetched in fetcher.fetch(sources, tree, self.permits.as_ref()) {
            brought.merge(fetched.files);
            if let (RemoteSource::Repository(repository), Some(checkout)) =
                (&fetched.source, fetched.checkout)
            {
                self.checkouts.insert(fetched.source.mount(), (repository.clone(), checkout));
            }
            remotes.insert(fetched.source, fetched.answer);
        }
        Brought::Files(brought)
    }

    /// The directories of the charts that are to be rendered and were not loaded whole yet, each once. A directory
    /// of a disk comes with the names of those in it, which are asked for in turn.
    fn charts_to_load(&mut self, sources: &[RemoteSource], tree: &FileTree) -> Vec<TreePath> {
        let charts: Vec<&TreePath> = sources
            .iter()
            .filter_map(|source| {
                if let RemoteSource::Template(template) = source { Some(&template.chart) } else { None }
            })
            .collect();
        let below = tree.directories().filter(|path| charts.iter().any(|chart| path.is_within(chart)));
        let new: Vec<TreePath> = below.filter(|path| !self.charts.contains(*path)).cloned().collect();
        self.charts.extend(new.iter().cloned());
        new
    }

    /// Whether `path` is all of a repository that was fetched, which no render needs.
    pub(crate) fn is_whole(&self, path: &TreePath) -> bool {
        self.checkouts.contains_key(path)
    }

    /// Reads those of `paths` that lie in repositories that were fetched.
    pub(crate) fn read(&self, paths: Vec<TreePath>, remotes: &mut Remotes) -> Parted {
        let mut parted = Parted { inside: vec![], found: FileTree::new(), outside: paths };
        for (mount, (repository, checkout)) in &self.checkouts {
            let (inside, outside): (Vec<_>, _) =
                parted.outside.into_iter().partition(|path| path.is_within(mount));
            parted.outside = outside;
            let Some(fetcher) = self.fetcher.as_ref().filter(|_| !inside.is_empty()) else { continue };
            let below: Vec<TreePath> = inside.iter().filter_map(|path| below(path, mount)).collect();
            match fetcher.read(repository, checkout, &below) {
                Ok(found) => parted.found.merge(moved(&found, mount)),
                Err(answer) => {
                    remotes.insert(RemoteSource::Repository(repository.clone()), answer);
                }
            }
            parted.inside.extend(inside);
        }
        parted
    }
}

/// A path relative to the mount that it lies in.
fn below(path: &TreePath, mount: &TreePath) -> Option<TreePath> {
    let rest = path.as_str().strip_prefix(mount.as_str())?;
    TreePath::parse(rest.trim_start_matches('/')).ok()
}

/// A tree with everything below `mount`.
fn moved(tree: &FileTree, mount: &TreePath) -> FileTree {
    let mut moved = FileTree::new();
    for (path, entry) in tree.entries() {
        if let Ok(path) = mount.join(path.as_str()) {
            moved.insert(path, entry.clone());
        }
    }
    moved
}
