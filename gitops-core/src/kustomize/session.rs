//! What one render carries from step to step.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::base::{Base, BaseKey};
use super::configuration::Configuration;
use super::effect::Effects;
use super::effort::{self, Effort};
use super::error::RenderError;
use super::field_spec::PathProblem;
use super::files::{Files, SourceFile};
use super::kustomization::Kustomization;
use super::metadata::{Source, Tracking};
use super::resource_set::ResourceSet;
use super::{Cache, RenderOptions};
use crate::diagnostic::{Diagnostic, Location};
use crate::kind::{BuiltIn, Schemas};
use crate::provenance::{NodeOrigin, Place, Provenance, Record};
use crate::tree::{FileTree, TreePath};
use crate::yaml::{Node, Origin};

/// What one render carries from step to step.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    /// The files.
    pub(crate) files: Files<'a>,
    /// Findings so far.
    pub(crate) warnings: Vec<Diagnostic>,
    /// kustomize's own configuration, made on first use.
    builtin: OnceCell<Arc<Configuration>>,
    /// What lists merge by, and which kinds are cluster-scoped.
    pub(crate) schemas: Schemas,
    /// What becomes of kustomize's own schemas when a kustomization chooses others.
    pub(crate) built_in_schemas: BuiltIn,
    /// Whether a kustomization has chosen the schemas, so that those after it cannot.
    pub(crate) schemas_are_chosen: bool,
    /// Whether the root asks for `buildMetadata`.
    pub(crate) tracks: bool,
    /// What was done so far.
    pub(crate) effort: Effort,
    /// The most kustomizations that have stood above one.
    pub(crate) deepest: usize,
    /// The bases that were accumulated, where a cache is to learn of them.
    pub(crate) learned: BTreeMap<BaseKey, Arc<Base>>,
    /// What the entries did.
    pub(crate) effects: Effects,
}

/// A kustomization on its way: the file, its directory, and those that include it.
#[derive(Debug)]
pub(crate) struct Target<'p> {
    /// The directory.
    pub(crate) directory: TreePath,
    /// The kustomization file.
    pub(crate) file: SourceFile,
    /// The kustomization.
    pub(crate) kustomization: Arc<Kustomization>,
    /// The directory as the entries on the way to it spell it, for `buildMetadata`.
    pub(crate) origin: Source,
    /// The entry that names it, where that is one of a repository.
    pub(crate) repository: Option<String>,
    /// The one that includes it.
    pub(crate) parent: Option<&'p Target<'p>>,
}

impl Target<'_> {
    /// The place of a node of the kustomization file.
    pub(crate) fn place(&self, origin: Origin) -> Place {
        let offset = origin.as_offset().and_then(|offset| u32::try_from(offset).ok()).unwrap_or_default();
        Place { file: self.file.index, offset }
    }

    /// The location of a node of the kustomization file.
    pub(crate) fn at(&self, origin: Origin) -> Location {
        self.file.at(origin)
    }

    /// What stands for a field of this kustomization in `buildMetadata`, under the name of its plugin.
    pub(crate) fn source(&self, plugin: &str) -> Source {
        self.file_source().configuring(["builtin", plugin, "", ""])
    }

    /// What stands for the kustomization file in `buildMetadata`.
    pub(crate) fn file_source(&self) -> Source {
        self.origin.append(self.file.path.rsplit('/').next().unwrap_or_default())
    }

    /// The error that something in the kustomization file is wrong.
    pub(crate) fn invalid(&self, origin: Origin, message: impl Into<String>) -> RenderError {
        RenderError::Invalid { at: self.at(origin), message: message.into() }
    }
}

impl<'a> Session<'a> {
    /// A session on `tree`, which may reuse what is in `cache`.
    pub(crate) fn new(tree: &'a FileTree, options: &'a RenderOptions, cache: Option<&'a Cache>) -> Self {
        Self {
            files: Files::new(tree, options, cache),
            warnings: vec![],
            builtin: cache
                .map(|cache| Arc::clone(cache.builtin()))
                .map_or_else(OnceCell::new, OnceCell::from),
            schemas: Schemas::built_in(),
            built_in_schemas: BuiltIn::Absent,
            schemas_are_chosen: false,
            tracks: false,
            effort: Effort::default(),
            deepest: 0,
            learned: BTreeMap::new(),
            effects: Effects::new(options.notes_effects),
        }
    }
}

impl Session<'_> {
    /// kustomize's own configuration.
    pub(crate) fn builtin(&self) -> &Arc<Configuration> {
        self.builtin.get_or_init(|| Arc::new(Configuration::builtin()))
    }

    /// Notes that a transformer ran on every resource of `set`.
    pub(crate) fn track(&self, set: &mut ResourceSet, source: impl FnOnce() -> Option<Source>) {
        if !self.tracks {
            return;
        }
        if let Some(source) = source().map(Arc::new) {
            for resource in set.contents_mut() {
                Tracking::add(&mut resource.tracking, &source);
            }
        }
    }
}

/// Records what one entry of a kustomization changes.
#[derive(Debug)]
pub(crate) struct Stamp<'a> {
    /// The table.
    pub(crate) provenance: &'a mut Provenance,
    /// The entry.
    pub(crate) cause: Place,
    /// Where the new value is written, if it is.
    pub(crate) place: Option<Place>,
    /// The field of the kustomization.
    pub(crate) transformer: &'static str,
}

impl Stamp<'_> {
    /// Notes that `node`, of an object read from `file`, has a new value; refuses where too much is made.
    pub(crate) fn mark(&mut self, node: &mut Node, file: u32) -> Result<(), PathProblem> {
        self.mark_copy(node, file, None)
    }

    /// Marks `node`, and every node below it of which nothing is known yet, with one record.
    pub(crate) fn mark_rest(&mut self, node: &mut Node) -> Result<(), PathProblem> {
        node.origin = Origin::UNKNOWN;
        self.mark(node, self.cause.file)?;
        let made = node.origin;
        super::manifest::map_origins(node, &mut |origin| {
            if origin == Origin::UNKNOWN { made } else { origin }
        });
        Ok(())
    }

    /// As [`Stamp::mark`], where the value, or a part of it, is a copy of that of `source`.
    pub(crate) fn mark_copy(
        &mut self,
        node: &mut Node,
        file: u32,
        source: Option<NodeOrigin>,
    ) -> Result<(), PathProblem> {
        self.provenance.count_written(node.text().map_or(0, str::len));
        if effort::has_made_too_much(self.provenance) {
            return Err(PathProblem(effort::too_much()));
        }
        let cause = (Some(self.cause), self.place, self.transformer);
        let again = |record: &Record| (record.cause, record.place, record.transformer) == cause;
        if self.provenance.record(node.origin).is_some_and(again) {
            // Two field specs of one entry lead here.
            return Ok(());
        }
        let previous = Some(node.origin).filter(|origin| *origin != Origin::UNKNOWN);
        node.origin = self.provenance.add(Record {
            place: self.place,
            cause: Some(self.cause),
            transformer: self.transformer,
            previous: previous.map(|origin| NodeOrigin { origin, file }),
            source,
        });
        Ok(())
    }
}
