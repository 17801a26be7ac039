//! What is explained: a directory or a file, on disk or in a revision.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gitops_core::kustomize::{LoadRestrictions, RenderOptions, Rendered};
use gitops_core::tree::{FileTree, TreePath};
use gitops_ports::git::{Commit, CommitId};

use crate::cli::Failure;
use crate::cli::build::{self, Place};
use crate::cli::revision::LocalRepository;
use crate::fetch::Fetcher;
use crate::source::Loading;

/// The directory of the kustomization that stands for a file with manifests. Nothing is written there.
const STAND_IN: &str = ".gitops-explain";

/// What is explained.
pub(super) struct Source {
    place: Place,
    /// A file with manifests; none for a directory with a kustomization.
    manifests: Option<TreePath>,
    revision: Option<(LocalRepository, CommitId)>,
    fetcher: Arc<Fetcher>,
}

/// The commits that last changed lines, by path and line.
pub(super) type Authors = BTreeMap<(String, u32), Commit>;

impl Source {
    /// The directory or file at `path`, as it is in `revision` if there is one.
    pub(super) fn open(path: &Path, revision: Option<&str>, fetcher: Arc<Fetcher>) -> Result<Self, Failure> {
        let is_manifest = path.is_file() && !build::is_kustomization_file(path);
        let place = Place::of(if is_manifest { build::parent(path) } else { path })?;
        let name = path.file_name().and_then(std::ffi::OsStr::to_str).filter(|_| is_manifest);
        let manifests = name.map(|name| place.path.join(name)).transpose();
        let manifests = manifests.map_err(|error| Failure::usage(error.to_string()))?;
        let revision = revision.map(|revision| -> Result<_, Failure> {
            let repository = LocalRepository::open(&place.root)?;
            let commit = repository.resolve(revision)?;
            Ok((repository, commit))
        });
        let revision = revision.transpose()?;
        Ok(Self { place, manifests, revision, fetcher })
    }

    /// The id of the commit that is built.
    pub(super) fn commit(&self) -> Option<String> {
        self.revision.as_ref().map(|(_, commit)| commit.to_string())
    }

    /// Builds it.
    pub(super) fn render(&self) -> Result<Rendered, Failure> {
        let loading = self.loading()?.fetching(Arc::clone(&self.fetcher));
        match &self.revision {
            Some((repository, commit)) => repository.render(commit, loading),
            None => build::render_loading(&self.place, loading),
        }
    }

    fn loading(&self) -> Result<Loading, Failure> {
        let Some(file) = &self.manifests else {
            return Ok(Loading::new(self.place.path.clone(), RenderOptions::default()));
        };
        let broken = |error: gitops_core::tree::PathError| Failure::usage(error.to_string());
        let root = TreePath::parse(STAND_IN).map_err(broken)?;
        // JSON is YAML, and quotes whatever a file may be called.
        let resources = serde_json::json!({ "resources": [format!("../{file}")] });
        let mut tree = FileTree::new();
        tree.add(&format!("{STAND_IN}/kustomization.yaml"), resources.to_string()).map_err(broken)?;
        let absent = ["kustomization.yml", "Kustomization"];
        let absent: Vec<TreePath> = absent.iter().filter_map(|name| root.join(name).ok()).collect();
        let options = RenderOptions { load_restrictions: LoadRestrictions::None, ..RenderOptions::default() };
        let mut loading = Loading::new(root, options);
        loading.fill(&absent, tree);
        Ok(loading)
    }

    /// Who last changed these lines; nobody where no revision is built.
    pub(super) fn authors(&self, lines: &BTreeMap<String, BTreeSet<u32>>) -> Result<Authors, Failure> {
        match &self.revision {
            Some((repository, commit)) => repository.authors(commit, lines),
            None => Ok(Authors::new()),
        }
    }
}
