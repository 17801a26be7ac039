//! Renders of revisions, remembered by commit and path.

use std::collections::BTreeMap;
use std::sync::Arc;

use gitops_core::kustomize::{RenderOptions, Rendered};
use gitops_core::tree::TreePath;
use gitops_ports::GitRepository;
use gitops_ports::git::CommitId;

use super::DriverError;
use crate::source::{Loading, Progress};

/// How many renders are kept.
const KEPT: usize = 64;

/// A render, or why there is none.
pub(super) type RenderResult = Result<Arc<Rendered>, String>;

/// The renders of one driver.
#[derive(Debug, Default)]
pub(super) struct Renders {
    known: BTreeMap<(CommitId, TreePath), RenderResult>,
    order: std::collections::VecDeque<(CommitId, TreePath)>,
}

impl Renders {
    /// The render of the kustomization at `path` in `commit`. What is wrong with the source is part of the
    /// answer; an error is Git's.
    pub(super) async fn render<G: GitRepository>(
        &mut self,
        git: &G,
        commit: &CommitId,
        path: &str,
    ) -> Result<RenderResult, DriverError> {
        let root = match TreePath::parse(path) {
            Ok(root) => root,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let key = (commit.clone(), root.clone());
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let mut loading = Loading::new(root, RenderOptions::default());
        let result = loop {
            match loading.advance() {
                Progress::Done(result) => break result.map(Arc::new).map_err(|error| error.to_string()),
                Progress::Needs(paths) => {
                    let found = git.read(commit, &paths).await?;
                    loading.fill(&paths, found);
                }
            }
        };
        self.keep(key, result.clone());
        Ok(result)
    }

    fn keep(&mut self, key: (CommitId, TreePath), result: RenderResult) {
        if self.order.len() == KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.known.insert(key, result);
    }
}
