//! A directory as it is in a revision, straight from Git's object database.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gitops_core::kustomize::{RenderOptions, Rendered};
use gitops_core::tree::TreePath;
use gitops_git::{Limits, Repository};
use gitops_ports::GitRepository as _;
use gitops_ports::git::{Commit, CommitId};

use super::Failure;
use super::build::{Place, explain};
use crate::batch::Revision;
use crate::fetch::Fetcher;
use crate::range::{self, Range};
use crate::source::{Loading, MOST_LOADED, Progress};

/// Renders `place` as it is in `revision`. Needs no checkout and changes nothing.
pub(super) fn render(
    place: &Place,
    revision: &str,
    options: RenderOptions,
    fetcher: Arc<Fetcher>,
) -> Result<Rendered, Failure> {
    let repository = LocalRepository::open(&place.root)?;
    let commit = repository.resolve(revision)?;
    repository.render(&commit, Loading::new(place.path.clone(), options).fetching(fetcher))
}

/// The repository of the command line, and what waits for it.
#[derive(Debug)]
pub(super) struct LocalRepository {
    /// The repository.
    pub(super) git: Repository,
    runtime: tokio::runtime::Runtime,
}

impl LocalRepository {
    /// Opens the repository whose root is `root`.
    pub(super) fn open(root: &Path) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| Failure::outside(format!("cannot start the runtime: {error}")))?;
        let limits = Limits { total_size: MOST_LOADED, ..Limits::default() };
        let git = Repository::open(root, limits).map_err(|error| Failure::outside(error.to_string()))?;
        Ok(Self { git, runtime })
    }

    /// The commit that `revision` names.
    pub(super) fn resolve(&self, revision: &str) -> Result<CommitId, Failure> {
        let commit = self.runtime.block_on(self.git.resolve(revision));
        commit.map_err(|error| Failure::usage(error.to_string()))
    }

    /// The commits that `range` compares.
    pub(super) fn range(&self, range: &Range) -> Result<(CommitId, CommitId), Failure> {
        range::resolve(range, &self.git, &self.runtime).map_err(|error| Failure::usage(error.to_string()))
    }

    /// The files of `commit`.
    pub(super) fn at(&self, commit: CommitId) -> Revision<'_> {
        Revision { repository: &self.git, commit, runtime: &self.runtime }
    }

    /// Carries `loading` out with the files of `commit`.
    pub(super) fn render(&self, commit: &CommitId, mut loading: Loading) -> Result<Rendered, Failure> {
        loop {
            match loading.advance() {
                Progress::Done(result) => return result.map_err(|error| explain(&error, &loading)),
                Progress::Needs(paths) => {
                    let left = MOST_LOADED.saturating_sub(loading.size());
                    let found = self.git.read_within(commit, &paths, left);
                    loading.fill(&paths, found.map_err(|error| Failure::outside(error.to_string()))?);
                }
            }
        }
    }

    /// The commits that last changed lines of the files of `commit`, by path and line.
    pub(super) fn authors(
        &self,
        commit: &CommitId,
        lines: &BTreeMap<String, BTreeSet<u32>>,
    ) -> Result<BTreeMap<(String, u32), Commit>, Failure> {
        let mut authors = BTreeMap::new();
        for (path, lines) in lines {
            let _sign = super::progress::Progress::start(format!("looking for the authors of {path}"));
            let Ok(tree_path) = TreePath::parse(path) else { continue };
            let found = self.git.blame_lines(commit, &tree_path, lines);
            let found = found.map_err(|error| Failure::outside(error.to_string()))?;
            authors.extend(found.into_iter().map(|(line, commit)| ((path.clone(), line), commit)));
        }
        Ok(authors)
    }
}
