//! `kustomize build` as a function of a file tree, byte for byte as kustomize v5.8.1 does it.
//!
//! Never reads a disk, an environment variable or a network: what a partial tree does not hold yet is asked for
//! with [`RenderError::Missing`], and what is remote with [`RenderError::Remote`].

mod accumulate;
mod base;
mod cache;
mod configuration;
mod decode;
mod effect;
mod effort;
mod error;
mod faults;
mod field_spec;
mod files;
mod generate;
mod hash;
mod helm;
mod kustomization;
mod manifest;
mod metadata;
mod name_reference;
mod openapi;
mod order;
mod plugin;
mod reads;
mod remote;
mod replacement;
mod resource;
mod resource_set;
mod select;
mod session;
mod suggest;
mod survey;
mod transform;
mod twins;
mod vars;

use std::collections::BTreeSet;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::diagnostic::{Diagnostic, Location};
use crate::object::Object;
use crate::provenance::{Provenance, Removal};
use crate::tree::{FileTree, TreePath};
use crate::yaml;
use accumulate::Accumulator;
use cache::RenderKey;
use files::{Files, ParsedFiles};
use metadata::BuildMetadata;
use session::Session;

pub use accumulate::FILE_NAMES;
pub use cache::{Cache, Failed};
pub use effect::Effect;
pub use error::RenderError;
pub use field_spec::FieldSpec;
pub use helm::{ChartPull, ChartTemplate, HelmOptions};
pub use kustomization::{
    Chart, Charts, GeneratorArguments, GeneratorKind, GeneratorOptions, Generators, Gvk, Image,
    Kustomization, KustomizationKind, Label, Patch, Plugins, Replica, SelectorFields, SortOptions, Sources,
    Text, Transforms,
};
pub use reads::{Probe, Reads};
pub use remote::{RemoteAnswer, RemoteRepository, RemoteSource, Remotes};
pub use resource::{Behavior, PreviousId, Resource, ResourceId};
pub use resource_set::ResourceSet;
pub use survey::{Survey, Surveyed, survey};

/// Which files a kustomization may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LoadRestrictions {
    /// Files in or below its own directory; directories anywhere in the tree.
    #[default]
    RootOnly,
    /// Every file of the tree.
    None,
}

/// Whether a path that is not in the tree is known to be absent.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Completeness {
    /// The tree holds all there is.
    #[default]
    Complete,
    /// The tree holds a part: what is not in it is asked for, unless it is known to be absent.
    Partial {
        /// Paths at which nothing stands.
        absent: BTreeSet<TreePath>,
    },
}

impl Completeness {
    /// Whether nothing is known to stand at `path`, which `tree` does not hold.
    pub(crate) fn knows_absent(&self, tree: &FileTree, path: &TreePath) -> bool {
        match self {
            Self::Complete => true,
            Self::Partial { absent } => {
                let mut at = Some(path.clone());
                while let Some(path) = at {
                    if absent.contains(&path) || tree.file(&path).is_some() {
                        return true;
                    }
                    at = path.parent();
                }
                false
            }
        }
    }
}

/// How to render.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RenderOptions {
    /// Which files a kustomization may name.
    pub load_restrictions: LoadRestrictions,
    /// Whether the tree holds all there is.
    pub completeness: Completeness,
    /// The order of the output where the kustomization has no `sortOptions`: kustomize's `--reorder`.
    pub reorder: Reorder,
    /// Whether to note what each entry of a kustomization did, in [`Rendered::effects`].
    pub notes_effects: bool,
    /// Whether to add the label that says what built the objects: kustomize's `--enable-managedby-label`.
    pub managed_by_label: bool,
    /// What the caller found of the remote sources that were asked for.
    pub remotes: Remotes,
    /// How Helm charts are rendered: kustomize's `--enable-helm`. `None` refuses them.
    pub helm: Option<HelmOptions>,
}

impl RenderOptions {
    /// Where in the tree the file stands that a [`Location`] shows as `path`.
    pub fn tree_path(&self, path: &str) -> Option<TreePath> {
        let fetched = remote::mounts(&self.remotes).into_iter().find_map(|(mount, shown)| {
            match path.strip_prefix(shown.as_str())? {
                "" => Some(mount),
                rest => mount.join(rest.strip_prefix("//")?).ok(),
            }
        });
        fetched.or_else(|| TreePath::parse(path).ok())
    }
}

/// The order of the output where the kustomization has no `sortOptions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Reorder {
    /// By kind.
    #[default]
    Legacy,
    /// As the resources were read.
    None,
}

/// The result of a render.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The objects in the order of the output.
    pub objects: Vec<Object>,
    /// Findings that did not stop the render.
    pub warnings: Vec<Diagnostic>,
    /// Everything that the render looked at.
    pub reads: Reads,
    /// Where the nodes of the objects came from.
    pub provenance: Provenance,
    /// What the entries of the kustomizations did, where [`RenderOptions::notes_effects`] asks for it.
    pub effects: Vec<Effect>,
    /// What became of each object on its way, in the order of the objects.
    pub histories: Vec<ObjectHistory>,
}

/// What became of one object on its way through a render.
#[derive(Clone, Debug, Default)]
pub struct ObjectHistory {
    /// The index in the provenance of the text to which offsets in the object belong.
    pub file: u32,
    /// The names that it had before, oldest first; one may stand there twice.
    pub former_names: Vec<SmolStr>,
    /// What was taken away from it, in that order.
    pub removals: Vec<Removal>,
}

/// Renders the kustomization in the directory `root` of `tree`.
///
/// # Errors
/// Everything at which kustomize stops; and [`RenderError::Missing`] where a partial tree has to be completed
/// first.
pub fn render(tree: &FileTree, root: &TreePath, options: &RenderOptions) -> Result<Rendered, RenderError> {
    let mut session = Session::new(tree, options, None);
    let result = build(&mut session, root);
    finish(session, result).0.map_err(|failed| suggest::improve(failed.error, tree))
}

/// Reads one kustomization file, `text` being the content of `path`.
///
/// # Errors
/// Everything that kustomize refuses in the file itself; nothing of what it names is looked at.
pub fn read_kustomization(path: &str, text: &str) -> Result<Kustomization, RenderError> {
    let file = files::SourceFile::alone(path, text);
    let root = yaml::read_one_with(path, text, yaml::Dialect::Json)?;
    Kustomization::read(&root, &file)
}

/// What [`render_with`] answers.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// What [`render`] would answer; a failure comes with what was read before it.
    pub result: Result<Arc<Rendered>, Arc<Failed>>,
    /// What the cache did not know: [`Cache::merge`] adds it.
    pub learned: Cache,
}

impl Attempt {
    /// Everything that the render looked at.
    pub fn reads(&self) -> &Reads {
        match &self.result {
            Ok(rendered) => &rendered.reads,
            Err(failed) => &failed.reads,
        }
    }
}

/// As [`render`], and does nothing again that an earlier render has done with the same files: where all that a
/// render looked at is unchanged, its result is taken; else the bases of which that is true, and the files.
pub fn render_with(tree: &FileTree, root: &TreePath, options: &RenderOptions, cache: &Cache) -> Attempt {
    let key = RenderKey::new(root, options);
    let mut learned = Cache::new_like(cache);
    if let Some(known) = cache.render(&key, tree, &options.completeness) {
        return Attempt { result: with_suggestions(known.clone(), tree), learned };
    }
    let mut session = Session::new(tree, options, Some(cache));
    let result = build(&mut session, root);
    let bases = std::mem::take(&mut session.learned);
    let (result, parsed) = finish(session, result);
    let result = result.map(Arc::new).map_err(Arc::new);
    learned.add_all(parsed, bases);
    // What is missing is no result, and what could not be fetched may be there the next time.
    let is_lasting = result.as_ref().map_or_else(|failed| failed.error.is_lasting(), |_| true);
    if is_lasting {
        learned.add_render(key, result.clone());
    }
    Attempt { result: with_suggestions(result, tree), learned }
}

/// A failure with what the tree suggests, which is no part of what was read.
fn with_suggestions(
    result: Result<Arc<Rendered>, Arc<Failed>>,
    tree: &FileTree,
) -> Result<Arc<Rendered>, Arc<Failed>> {
    result.map_err(|failed| {
        let Failed { error, reads } = Arc::unwrap_or_clone(failed);
        Arc::new(Failed { error: suggest::improve(error, tree), reads })
    })
}

/// Accumulates the kustomization in `directory` for the renders that include it, and returns what to add to the
/// cache. What is wrong with it is told by those renders.
pub fn prepare(tree: &FileTree, directory: &TreePath, options: &RenderOptions, cache: &Cache) -> Cache {
    let mut session = Session::new(tree, options, Some(cache));
    // A failure leaves nothing to be reused.
    let _ = base::accumulate(&mut session, directory, &Location::file(directory.to_string()), None);
    let mut learned = Cache::new_like(cache);
    learned.add_all(session.files.parsed, session.learned);
    learned
}

/// The result of a session, and the files that it has parsed.
fn finish(
    mut session: Session<'_>,
    result: Result<(Vec<Object>, Vec<ObjectHistory>), RenderError>,
) -> (Result<Rendered, Failed>, ParsedFiles<'_>) {
    let effects = std::mem::take(&mut session.effects).finish(&session.files);
    let Files { reads, provenance, missing, wanted, parsed, .. } = session.files;
    let result = match result {
        Ok((objects, histories)) => {
            Ok(Rendered { objects, warnings: session.warnings, reads, provenance, effects, histories })
        }
        // The first path that is missing stops the work, but the look ahead has found more of them.
        Err(RenderError::Missing { .. }) => {
            Err(Failed { error: RenderError::Missing { paths: missing.into_iter().collect() }, reads })
        }
        Err(RenderError::Remote { at, .. }) => {
            Err(Failed { error: RenderError::Remote { at, sources: wanted.into_iter().collect() }, reads })
        }
        Err(error) => Err(Failed { error, reads }),
    };
    (result, parsed)
}

fn build(
    session: &mut Session<'_>,
    root: &TreePath,
) -> Result<(Vec<Object>, Vec<ObjectHistory>), RenderError> {
    let at = Location::file(root.to_string());
    let directory = session.files.directory(root, "", &at)?;
    survey::run(session, &directory)?;
    let target = accumulate::load(session, &directory, &at, None)?;
    session.tracks = !target.kustomization.build_metadata.is_empty();
    let Accumulator { mut set, configuration, vars } =
        accumulate::accumulate(session, &target, Accumulator::default())?;
    let configuration = configuration.unwrap_or_else(|| Arc::clone(session.builtin()));
    add_hashes(session, &mut set)?;
    name_reference::run(session, &mut set, &configuration)?;
    vars::resolve(session, &vars, &mut set, &configuration)?;
    accumulate::drop_local(set.resources_mut(), &mut session.files.provenance);
    let sort_options = target.kustomization.sort_options.as_ref();
    let keeps_order = match session.files.reorder() {
        Reorder::Legacy => sort_options.is_some_and(|options| options.order.as_str() == "fifo"),
        Reorder::None => sort_options.is_none_or(|options| options.order.as_str() == "fifo"),
    };
    if sort_options.is_some() || !keeps_order {
        order::sort(set.resources_mut(), sort_options, |options, message| {
            target.invalid(options.order.origin, message)
        })?;
    }
    if !keeps_order {
        set.refuse_duplicates(&session.files)?;
    }
    let build_metadata =
        BuildMetadata::new(&target.kustomization.build_metadata, session.files.adds_managed_by_label());
    let cause = target.kustomization.build_metadata.first().map(|option| target.place(option.origin));
    let objects = set.into_resources().into_iter().map(|mut resource| {
        build_metadata.finish(&mut resource, cause, &mut session.files.provenance);
        let history = ObjectHistory {
            file: resource.place.file,
            former_names: resource.former_names(),
            removals: resource.removals,
        };
        (Object::new(resource.root, session.files.provenance.location(resource.place)), history)
    });
    Ok(objects.unzip())
}

/// Adds the hash of its content to the name of every generated resource that wants one.
fn add_hashes(session: &mut Session<'_>, set: &mut ResourceSet) -> Result<(), RenderError> {
    if !set.resources().iter().any(|resource| resource.needs_hash) {
        return Ok(());
    }
    for resource in set.resources_mut().iter_mut().filter(|resource| resource.needs_hash) {
        let hash = hash::hash(resource).map_err(|error| RenderError::Invalid {
            at: session.files.location(resource.place),
            message: error.to_string(),
        })?;
        resource.store_previous_id();
        let name = format!("{}-{hash}", resource.name());
        let mut stamp = session::Stamp {
            provenance: &mut session.files.provenance,
            cause: resource.place,
            place: None,
            transformer: "hash",
        };
        if let Some(node) = resource.root.at_mut(&["metadata", "name"]) {
            node.value = yaml::Node::string(name).value;
            let marked = stamp.mark(node, resource.place.file);
            marked.map_err(|problem| transform::refuse(&session.files, resource, &problem))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
