//! The Applications, AppProjects and ApplicationSets that a repository declares, at two revisions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gitops_core::api::app_project::AppProject;
use gitops_core::api::application::{Application, ApplicationSource};
use gitops_core::diagnostic::Location;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::project::normalize_git_url;
use gitops_core::provenance::SourceText;
use gitops_core::tree::TreePath;
use gitops_core::yaml;
use gitops_ports::GitRepository as _;
use gitops_ports::git::GitError;

use crate::batch::Revision;

/// How many files are read at once.
const PORTION: usize = 1_000;

/// One object of Argo CD as a manifest declares it.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The object as written.
    pub object: Object,
    /// The file of the manifest.
    pub file: TreePath,
    /// Its text.
    pub text: Arc<SourceText>,
    /// What it says.
    pub definition: Definition,
    /// The directories of this repository that an Application takes its manifests from, and those of added
    /// components.
    pub directories: Vec<TreePath>,
    /// The URLs of their repositories.
    urls: Vec<String>,
}

/// What a manifest says; why it cannot be understood where it cannot.
#[derive(Debug, Clone)]
pub enum Definition {
    /// An Application.
    Application(Result<Arc<Application>, String>),
    /// An AppProject.
    Project(Result<Arc<AppProject>, String>),
    /// An ApplicationSet, which is not expanded.
    Set,
}

/// What is declared at both revisions.
#[derive(Debug)]
pub struct Declarations {
    before: BTreeMap<ObjectKey, Declared>,
    after: BTreeMap<ObjectKey, Declared>,
}

/// One object as it was and as it is.
pub type Pair<'a> = (Option<&'a Declared>, Option<&'a Declared>);

impl Declarations {
    /// Finds what the YAML and JSON files of both revisions declare.
    pub fn find(base: &Revision<'_>, head: &Revision<'_>) -> Result<Self, GitError> {
        let before = files(base)?;
        let after = files(head)?;
        let mut known = BTreeMap::new();
        let mut before = declared(base, &before, &mut known)?;
        let mut after = declared(head, &after, &mut known)?;
        keep_own(&mut [&mut before, &mut after], &base.repository.remote_urls());
        Ok(Self { before, after })
    }

    /// Each Application, AppProject and ApplicationSet, as it was and as it is.
    pub fn all(&self) -> impl Iterator<Item = Pair<'_>> {
        let keys: BTreeSet<&ObjectKey> = self.before.keys().chain(self.after.keys()).collect();
        keys.into_iter().map(|key| (self.before.get(key), self.after.get(key)))
    }

    /// Each Application, as it was and as it is.
    pub fn applications(&self) -> impl Iterator<Item = Pair<'_>> {
        let is_one = |one: &Declared| matches!(one.definition, Definition::Application(_));
        self.all().filter(move |(was, is)| is.or(*was).is_some_and(is_one))
    }

    /// The AppProjects of the revision before, and of the one after, by name.
    pub fn projects(&self) -> [BTreeMap<&str, &AppProject>; 2] {
        [&self.before, &self.after].map(|side| side.values().filter_map(project).collect())
    }

    /// Every directory that an Application names.
    pub fn directories(&self) -> impl Iterator<Item = TreePath> {
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

/// What one revision declares; a file that is in `known` is not read again.
fn declared(
    revision: &Revision<'_>,
    files: &BTreeMap<TreePath, String>,
    known: &mut BTreeMap<(TreePath, String), Vec<Declared>>,
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
    let found = keys.iter().filter_map(|key| known.get(key)).flatten().cloned();
    Ok(found.map(|one| (one.object.key.clone(), one)).collect())
}

/// An AppProject, with its name.
fn project(one: &Declared) -> Option<(&str, &AppProject)> {
    match &one.definition {
        Definition::Project(Ok(project)) => Some((project.metadata.name.as_str(), project)),
        Definition::Project(Err(_)) | Definition::Application(_) | Definition::Set => None,
    }
}

/// What one file declares; nothing where it cannot be read, which is no trouble of those who ask.
fn read(path: &TreePath, content: &[u8]) -> Vec<Declared> {
    let mentions = |word: &[u8]| content.windows(word.len()).any(|window| window == word);
    if !mentions(b"argoproj.io/") || !(mentions(b"Application") || mentions(b"AppProject")) {
        return vec![];
    }
    let text: Arc<str> = String::from_utf8_lossy(content).into();
    let Ok(documents) = yaml::read(path.as_str(), &text) else { return vec![] };
    let source = Arc::new(SourceText::file(path.as_str(), Arc::clone(&text)));
    let mut found = vec![];
    for document in documents {
        let at = document.root.origin.as_offset().map_or_else(
            || Location::file(path.as_str()),
            |offset| Location::in_text(path.as_str(), &text, offset),
        );
        let object = Object::new(document.root, at);
        let Some(definition) = definition(&object) else { continue };
        let sources = match &definition {
            Definition::Application(Ok(application)) => application.spec.sources.as_slice(),
            Definition::Application(Err(_)) | Definition::Project(_) | Definition::Set => &[],
        };
        found.push(Declared {
            directories: sources.iter().flat_map(directories).collect(),
            urls: sources.iter().map(|source| normalize_git_url(&source.repo_url)).collect(),
            file: path.clone(),
            text: Arc::clone(&source),
            definition,
            object,
        });
    }
    found
}

/// What an object says, where it is one of those that are looked for.
fn definition(object: &Object) -> Option<Definition> {
    if object.key.group != "argoproj.io" || object.key.name.is_empty() {
        return None;
    }
    let (root, at) = (&object.root, &object.at);
    match object.key.kind.as_str() {
        "Application" => {
            let read = Application::from_node(root, at).map(Arc::new);
            Some(Definition::Application(read.map_err(|error| error.to_string())))
        }
        "AppProject" => {
            let read = AppProject::from_node(root, at).map(Arc::new);
            Some(Definition::Project(read.map_err(|error| error.to_string())))
        }
        "ApplicationSet" => Some(Definition::Set),
        _ => None,
    }
}

/// The directories that a source reads: its path, and the components that are added to it.
fn directories(source: &ApplicationSource) -> Vec<TreePath> {
    let Some(path) = directory(source) else { return vec![] };
    let components = source.kustomize.iter().flat_map(|overrides| &overrides.components);
    let components = components.filter_map(|component| path.join(component).ok());
    components.chain([path.clone()]).collect()
}

/// The directory that a source takes its manifests from; `None` for a chart, and for files that are only lent.
pub fn directory(source: &ApplicationSource) -> Option<TreePath> {
    if !source.chart.is_empty() || (!source.reference.is_empty() && source.path.is_empty()) {
        return None;
    }
    TreePath::parse(source.path.trim_start_matches('/')).ok()
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
