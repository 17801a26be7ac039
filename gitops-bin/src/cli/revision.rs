//! Rendering a directory as it is in a revision, straight from Git's object database.

use std::sync::Arc;

use gitops_core::kustomize::{RenderOptions, Rendered};
use gitops_git::{Limits, Repository};
use gitops_ports::GitRepository as _;

use super::Failure;
use super::build::{Place, explain};
use crate::fetch::Fetcher;
use crate::source::{Loading, Progress};

/// Renders `place` as it is in `revision`. Needs no checkout and changes nothing.
pub(super) fn render(
    place: &Place,
    revision: &str,
    options: RenderOptions,
    fetcher: Arc<Fetcher>,
) -> Result<Rendered, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::outside(format!("cannot start the runtime: {error}")))?;
    runtime.block_on(async {
        let repository = Repository::open(&place.root, Limits::default())
            .map_err(|error| Failure::outside(error.to_string()))?;
        let commit = repository.resolve(revision).await.map_err(|error| Failure::usage(error.to_string()))?;
        let mut loading = Loading::new(place.path.clone(), options).fetching(fetcher);
        loop {
            match loading.advance() {
                Progress::Done(result) => return result.map_err(|error| explain(&error, &loading)),
                Progress::Needs(paths) => {
                    let found = repository.read(&commit, &paths).await;
                    loading.fill(&paths, found.map_err(|error| Failure::outside(error.to_string()))?);
                }
            }
        }
    })
}
