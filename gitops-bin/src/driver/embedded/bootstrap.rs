//! The first hour of an embedded world: a bare copy of the repository, its Argo manifests applied, its images in
//! the registry. Each step does nothing where it was done before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gitops_core::diagnostic::Location;
use gitops_core::image::Reference;
use gitops_core::object::Object;
use gitops_core::tree::{Entry, TreePath};
use gitops_core::yaml::{self, Node};
use gitops_ports::cluster::{ApplyOptions, ClusterError, WriteOptions};
use gitops_ports::git::{FileChange, NewCommit, Signature};
use gitops_ports::{Clock, Cluster as _, GitRepository as _, Registry as _};

use super::World;
use crate::driver::objects::{self, CONTROL_NAMESPACE, FIELD_MANAGER};
use crate::driver::overlay::Overlay;
use crate::driver::{DriverError, Outside as _};

/// The folder whose manifests are applied once.
const MANIFESTS: &str = "argocd";

/// The kinds of it that the engine reads.
const KINDS: [&str; 3] = ["AppProject", "Application", "ImageUpdater"];

/// The branch that Applications of the copy follow.
const BRANCH: &str = "main";

/// What the manifests say.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// The repositories that the Applications of the projects' own sources name.
    pub(super) repository_urls: Vec<String>,
}

/// Makes the bare repository at `copy` from the HEAD of the repository at `original`, with the history that leads
/// to it. An existing copy is left as it is: it holds what the engine has committed since.
pub fn copy_head(original: &Path, copy: &Path) -> Result<(), DriverError> {
    if copy.join("HEAD").exists() {
        return Ok(());
    }
    let parent = copy.parent().unwrap_or(Path::new("."));
    let draft = parent.join("repository.draft");
    let failed = |error: std::io::Error| DriverError::Outside(format!("cannot copy the repository: {error}"));
    match std::fs::remove_dir_all(&draft) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        Ok(()) | Err(_) => {}
    }
    gitops_git::copy_head(original, &draft, BRANCH)?;
    std::fs::rename(&draft, copy).map_err(failed)
}

/// Applies the manifests below `argocd/` that are not in the cluster yet.
pub(super) async fn apply_manifests<C: Clock + Clone + 'static>(
    world: &World<C>,
) -> Result<Applied, DriverError> {
    let namespace = namespace(CONTROL_NAMESPACE);
    let options = ApplyOptions { field_manager: FIELD_MANAGER.into(), force: true, dry_run: false };
    world.cluster().apply(&namespace, &options).await?;
    let mut urls = BTreeSet::new();
    for object in manifests(world).await? {
        if object.key.kind == "Application" {
            urls.extend(object.root.str_at(&["spec", "source", "repoURL"]).map(str::to_owned));
        }
        match world.cluster().create(&object, &WriteOptions::new(FIELD_MANAGER)).await {
            Ok(_) | Err(ClusterError::AlreadyExists { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Applied { repository_urls: urls.into_iter().collect() })
}

/// The manifests of the kinds that the engine reads, found by kind and not by folder.
async fn manifests<C: Clock + Clone + 'static>(world: &World<C>) -> Result<Vec<Object>, DriverError> {
    let head = world.git().resolve("HEAD").await?;
    let root = TreePath::parse(MANIFESTS).map_err(|error| DriverError::usage(error.to_string()))?;
    let tree = world.git().read(&head, &[root]).await?;
    let mut objects = vec![];
    for (path, entry) in tree.entries() {
        let Entry::File(file) = entry else { continue };
        if !path.name().rsplit_once('.').is_some_and(|(_, extension)| matches!(extension, "yaml" | "yml")) {
            continue;
        }
        let text = String::from_utf8_lossy(&file.content);
        let documents =
            yaml::read(path.as_str(), &text).map_err(|error| DriverError::usage(error.to_string()))?;
        for document in documents {
            let object = Object::new(document.root, Location::file(path.as_str()));
            if KINDS.contains(&object.key.kind.as_str()) {
                objects.push(in_control_namespace(object));
            }
        }
    }
    if objects.is_empty() {
        return Err(DriverError::Usage {
            message: format!("`{MANIFESTS}/` holds no AppProject and no Application at HEAD"),
            hint: Some("run on a repository that has them, such as this engine's own"),
        });
    }
    Ok(objects)
}

fn in_control_namespace(mut object: Object) -> Object {
    object.root.set_at(&["metadata", "namespace"], Node::string(CONTROL_NAMESPACE));
    object.key.namespace = CONTROL_NAMESPACE.into();
    object
}

fn namespace(name: &str) -> Object {
    let metadata = Node::mapping([("name", Node::string(name))]);
    let root = Node::mapping([
        ("apiVersion", Node::string("v1")),
        ("kind", Node::string("Namespace")),
        ("metadata", metadata),
    ]);
    Object::new(root, Location::default())
}

/// Puts the images that the overlays name into the repositories that are still empty: they were pushed before the
/// world began. A repository that has an image is left alone, or a tag that somebody wrote by hand would become the
/// newest one at the next start.
pub(super) async fn seed_registry<C: Clock + Clone + 'static>(world: &World<C>) -> Result<(), DriverError> {
    let head = world.git().resolve("HEAD").await?;
    let mut empty: BTreeMap<String, bool> = BTreeMap::new();
    for (_, app) in objects::applications(world.cluster()).await? {
        let Some(source) = app.spec.sources.first() else { continue };
        let Ok(overlay) = Overlay::read(world.git(), &head, &source.path).await else { continue };
        for entry in overlay.images() {
            let name = if entry.new_name.is_empty() { &entry.name } else { &entry.new_name };
            if Reference::parse(name).is_err() || entry.tag.is_empty() {
                continue;
            }
            let known = world.registry().images(name).await.unwrap_or_default();
            let was_empty = *empty.entry(name.clone()).or_insert(known.is_empty());
            if was_empty && !known.iter().any(|image| image.tags.iter().any(|tag| *tag == entry.tag)) {
                world.embedded_registry().push(name, &entry.tag, world.clock().now())?;
            }
        }
    }
    Ok(())
}

/// A commit of one file on the branch that Applications follow, by a person: what the demo's people do.
pub async fn commit_as<C: Clock + Clone + 'static>(
    world: &World<C>,
    person: &str,
    message: &str,
    changes: Vec<(TreePath, FileChange)>,
) -> Result<String, DriverError> {
    let branch = format!("refs/heads/{BRANCH}");
    let head = world.git().resolve(&branch).await?;
    let who = Signature {
        name: person.to_owned(),
        email: format!("{person}@example.com"),
        at: world.clock().now(),
    };
    let commit = NewCommit {
        parent: Some(head.clone()),
        changes: changes.into_iter().collect(),
        author: who,
        message: message.to_owned(),
    };
    let id = world.git().commit(&commit).await?;
    world.git().push(BRANCH, &id, Some(&head)).await?;
    Ok(id.to_string())
}
