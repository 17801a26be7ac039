//! The Applications that a repository declares, at two revisions.

use std::collections::{BTreeMap, BTreeSet};

use gitops_core::api::application::{Application, ApplicationSource};
use gitops_core::diagnostic::Location;
use gitops_core::object::ObjectKey;
use gitops_core::project::normalize_git_url;
use gitops_core::tree::TreePath;
use gitops_core::yaml::{self, Node};
use gitops_ports::GitRepository as _;
use gitops_ports::git::GitError;

use crate::batch::Revision;

/// How many files are read at once.
const PORTION: usize = 1_000;

/// An Application as a manifest declares it.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    /// Namespace as written; empty where there is none.
    pub(super) namespace: String,
    /// Name.
    pub(super) name: String,
    /// The file of the manifest.
    pub(super) file: TreePath,
    /// `spec`.
    pub(super) spec: Node,
    /// The directories of this repository that it takes its manifests from, and those of added components.
    pub(super) directories: Vec<TreePath>,
    /// The URLs of their repositories.
    urls: Vec<String>,
}

/// The Applications of both revisions.
#[derive(Debug)]
pub(super) struct Applications {
    before: BTreeMap<ObjectKey, Declared>,
    after: BTreeMap<ObjectKey, Declared>,
}

impl Applications {
    /// Finds the Applications in the YAML and JSON files of both revisions.
    pub(super) fn find(base: &Revision<'_>, head: &Revision<'_>) -> Result<Self, GitError> {
        let before = files(base)?;
        let after = files(head)?;
        let mut known = BTreeMap::new();
        let mut before = declared(base, &before, &mut known)?;
        let mut after = declared(head, &after, &mut known)?;
        keep_own(&mut [&mut before, &mut after], &base.repository.remote_urls());
        Ok(Self { before, after })
    }

    /// Each Application, as it was and as it is.
    pub(super) fn all(&self) -> impl Iterator<Item = (Option<&Declared>, Option<&Declared>)> {
        let keys: BTreeSet<&ObjectKey> = self.before.keys().chain(self.after.keys()).collect();
        keys.into_iter().map(|key| (self.before.get(key), self.after.get(key)))
    }

    /// Every directory that one of them names.
    pub(super) fn directories(&self) -> impl Iterator<Item = TreePath> {
        self.before.values().chain(self.after.values()).flat_map(|one| one.directories.iter().cloned())
    }
}

/// The files that may hold manifests, with the ids of their blobs.
fn files(revision: &Revision<'_>) -> Result<BTreeMap<TreePath, String>, GitError> {
    let wanted = |name: &str| {
        name.rsplit_once('.').is_some_and(|(_, extension)| matches!(extension, "yaml" | "yml" | "json"))
    };
    revision.repository.find(&revision.commit, &TreePath::root(), &wanted)
}

/// The Applications of one revision; a file that is in `known` is not read again.
fn declared(
    revision: &Revision<'_>,
    files: &BTreeMap<TreePath, String>,
    known: &mut BTreeMap<(TreePath, String), Vec<(ObjectKey, Declared)>>,
) -> Result<BTreeMap<ObjectKey, Declared>, GitError> {
    let keys: Vec<(TreePath, String)> =
        files.iter().map(|(path, blob)| (path.clone(), blob.clone())).collect();
    let unread: Vec<TreePath> =
        keys.iter().filter(|key| !known.contains_key(*key)).map(|(path, _)| path.clone()).collect();
    for portion in unread.chunks(PORTION) {
        let tree = revision.runtime.block_on(revision.repository.read(&revision.commit, portion))?;
        for path in portion {
            let Some(file) = tree.file(path) else { continue };
            known.insert((path.clone(), file.blob.clone()), read(path, &file.content));
        }
    }
    Ok(keys.iter().filter_map(|key| known.get(key)).flatten().cloned().collect())
}

/// The Applications in one file; none where it cannot be read, which is no trouble of this verb.
fn read(path: &TreePath, content: &[u8]) -> Vec<(ObjectKey, Declared)> {
    let mentions = |word: &[u8]| content.windows(word.len()).any(|window| window == word);
    if !mentions(b"argoproj.io/") || !mentions(b"Application") {
        return vec![];
    }
    let Ok(documents) = yaml::read(path.as_str(), &String::from_utf8_lossy(content)) else { return vec![] };
    let mut found = vec![];
    for document in documents {
        let key = ObjectKey::of(&document.root);
        if key.kind != "Application" || key.group != "argoproj.io" {
            continue;
        }
        let application = Application::from_node(&document.root, &Location::file(path.as_str()));
        let sources = application.map(|application| application.spec.sources).unwrap_or_default();
        let declared = Declared {
            namespace: key.namespace.to_string(),
            name: key.name.to_string(),
            file: path.clone(),
            spec: document.root.get("spec").cloned().unwrap_or_else(Node::null),
            directories: sources.iter().flat_map(directories).collect(),
            urls: sources.iter().map(|source| normalize_git_url(&source.repo_url)).collect(),
        };
        found.push((key, declared));
    }
    found
}

/// The directories that a source reads: its path, and the components that are added to it.
fn directories(source: &ApplicationSource) -> Vec<TreePath> {
    if !source.chart.is_empty() {
        return vec![];
    }
    let Ok(path) = TreePath::parse(source.path.trim_start_matches('/')) else { return vec![] };
    let components = source.kustomize.iter().flat_map(|overrides| &overrides.components);
    let components = components.filter_map(|component| path.join(component).ok());
    components.chain([path.clone()]).collect()
}

/// Takes the directories from Applications of other repositories. Which those are is known only where one names a
/// remote of this repository; else all count as its own, so that a copy under another URL misses nothing.
fn keep_own(revisions: &mut [&mut BTreeMap<ObjectKey, Declared>], remotes: &[String]) {
    let remotes: BTreeSet<String> = remotes.iter().map(|url| normalize_git_url(url)).collect();
    let is_own = |declared: &Declared| declared.urls.iter().any(|url| remotes.contains(url));
    if !revisions.iter().any(|revision| revision.values().any(is_own)) {
        return;
    }
    for declared in revisions.iter_mut().flat_map(|revision| revision.values_mut()) {
        if !is_own(declared) {
            declared.directories.clear();
        }
    }
}
