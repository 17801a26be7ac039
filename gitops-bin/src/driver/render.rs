//! Renders of revisions, remembered by commit, path and what the project permits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use gitops_core::api::app_project::AppProject;
use gitops_core::kustomize::{RenderError, RenderOptions, Rendered};
use gitops_core::project::Project;
use gitops_core::time::Timestamp;
use gitops_core::tree::TreePath;
use gitops_ports::GitRepository;
use gitops_ports::git::CommitId;
use smol_str::SmolStr;

use super::DriverError;
use crate::fetch::{Fetcher, Permits};
use crate::source::{Loading, Progress};

/// How many renders are kept.
const KEPT: usize = 64;

/// After which time a source that could not be fetched is asked for again: Argo CD's interval of reconciliation.
const RETRY: Duration = Duration::from_mins(3);

/// A render, or why there is none.
pub(super) type RenderResult = Result<Arc<Rendered>, String>;

/// What is to be rendered.
pub(super) struct Wanted<'a> {
    pub(super) commit: &'a CommitId,
    /// The directory of the kustomization.
    pub(super) path: &'a str,
    /// The project, which says from where more may be fetched; without one, from nowhere.
    pub(super) project: Option<&'a AppProject>,
}

/// The renders of one driver.
#[derive(Debug, Default)]
pub(super) struct Renders {
    fetcher: Option<Arc<Fetcher>>,
    known: BTreeMap<Key, Known>,
    order: VecDeque<Key>,
}

/// A commit, a path, and the `sourceRepos` of the project.
type Key = (CommitId, TreePath, Vec<SmolStr>);

#[derive(Debug)]
struct Known {
    result: RenderResult,
    /// When it no longer counts.
    until: Option<Timestamp>,
}

impl Renders {
    /// Renders that fetch with `fetcher` what lies elsewhere; without one, nothing is fetched.
    pub(super) fn new(fetcher: Option<Arc<Fetcher>>) -> Self {
        Self { fetcher, ..Self::default() }
    }

    /// The render of a kustomization. What is wrong with the source is part of the answer; an error is Git's.
    pub(super) async fn render<G: GitRepository>(
        &mut self,
        git: &G,
        wanted: Wanted<'_>,
        now: Timestamp,
    ) -> Result<RenderResult, DriverError> {
        let root = match TreePath::parse(wanted.path) {
            Ok(root) => root,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let permitted = wanted.project.map(|project| project.spec.source_repos.clone()).unwrap_or_default();
        let key = (wanted.commit.clone(), root.clone(), permitted);
        if let Some(known) = self.known.get(&key).filter(|known| known.until.is_none_or(|until| now < until))
        {
            return Ok(known.result.clone());
        }
        let mut loading = self.loading(root, wanted.project);
        let result = loop {
            match self.advance(&mut loading) {
                Progress::Done(result) => break *result,
                Progress::Needs(paths) => {
                    let found = git.read(wanted.commit, &paths).await?;
                    loading.fill(&paths, found);
                }
            }
        };
        let is_unreachable = matches!(result, Err(RenderError::Unreachable { .. }));
        let result = result.map(Arc::new).map_err(|error| error.to_string());
        self.keep(key, Known { result: result.clone(), until: is_unreachable.then(|| now.after(RETRY)) });
        Ok(result)
    }

    fn loading(&self, root: TreePath, project: Option<&AppProject>) -> Loading {
        let loading = Loading::new(root, RenderOptions::default());
        let (Some(fetcher), Some(project)) = (&self.fetcher, project) else { return loading };
        let project = project.clone();
        let rule = Permits::new(move |address| Project::new(&project, &[]).permits_source(address));
        loading.fetching(Arc::clone(fetcher)).permitting(rule)
    }

    /// Goes on with a render, which may wait for what it fetches: other tasks go on meanwhile.
    fn advance(&self, loading: &mut Loading) -> Progress {
        match &self.fetcher {
            Some(_) => tokio::task::block_in_place(|| loading.advance()),
            None => loading.advance(),
        }
    }

    fn keep(&mut self, key: Key, known: Known) {
        if self.known.insert(key.clone(), known).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}
