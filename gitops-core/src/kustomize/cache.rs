//! What renders have worked out so far, for the next ones: files parsed, bases accumulated, whole renders.
//!
//! A value like any other. Nothing in it changes behind a shared reference, so that any number of threads may
//! render with the same one; a render returns what to add.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::base::{Base, BaseKey};
use super::configuration::Configuration;
use super::error::RenderError;
use super::files::{ParsedFile, ParsedFiles};
use super::reads::Reads;
use super::{Completeness, HelmOptions, LoadRestrictions, RenderOptions, Rendered, Reorder};
use crate::tree::{FileTree, TreePath};

/// How many versions are kept of one file, base or render: the newest ones.
const VERSIONS: usize = 4;

/// What renders have worked out so far. Everything in it stands under the content that it was made of, so that it
/// is right for every tree, and whatever it holds or lacks, a render has the same result.
///
/// Of each file, base and render it keeps the four newest versions; start anew with an empty one to let go of
/// directories that are gone. A clone copies the tables, and shares what is in them.
#[derive(Clone, Debug)]
pub struct Cache {
    builtin: Arc<Configuration>,
    files: Versions<SmolStr, Arc<ParsedFile>>,
    bases: Versions<BaseKey, Arc<Base>>,
    renders: Versions<RenderKey, Outcome>,
}

/// The result of a render, shared.
type Outcome = Result<Arc<Rendered>, Arc<Failed>>;

/// The newest versions of what stands under each key, the newest last.
type Versions<K, V> = BTreeMap<K, Vec<V>>;

/// A render that failed, and everything that it looked at before.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Why.
    pub error: RenderError,
    /// Everything that the render looked at. Another content of one of these paths may mend it.
    pub reads: Reads,
}

/// What decides about a render beside the tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RenderKey {
    root: TreePath,
    load_restrictions: LoadRestrictions,
    reorder: Reorder,
    managed_by_label: bool,
    helm: Option<HelmOptions>,
    notes_effects: bool,
    /// A look ahead in a partial tree orders the files of the provenance in another way.
    is_partial: bool,
}

impl RenderKey {
    /// The key of a render of `root`.
    pub(crate) fn new(root: &TreePath, options: &RenderOptions) -> Self {
        Self {
            root: root.clone(),
            load_restrictions: options.load_restrictions,
            reorder: options.reorder,
            managed_by_label: options.managed_by_label,
            helm: options.helm.clone(),
            notes_effects: options.notes_effects,
            is_partial: options.completeness != Completeness::Complete,
        }
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self::with(Arc::new(Configuration::builtin()))
    }
}

impl Cache {
    /// A cache that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A cache that knows nothing, for what is to be added to `other`: made in no time.
    pub fn new_like(other: &Self) -> Self {
        Self::with(Arc::clone(&other.builtin))
    }

    /// A cache that knows nothing but kustomize's own configuration.
    fn with(builtin: Arc<Configuration>) -> Self {
        Self { builtin, files: BTreeMap::new(), bases: BTreeMap::new(), renders: BTreeMap::new() }
    }

    /// Adds what a render has learned. The order of several such additions changes no later result.
    pub fn merge(&mut self, learned: Self) {
        for file in learned.files.into_values().flatten() {
            self.add_file(file);
        }
        for (key, bases) in learned.bases {
            for base in bases {
                self.add_base(key.clone(), base);
            }
        }
        for (key, renders) in learned.renders {
            for render in renders {
                self.add_render(key.clone(), render);
            }
        }
    }

    /// Lets go of whole renders, and keeps what other renders can share.
    #[must_use]
    pub fn without_renders(mut self) -> Self {
        self.renders.clear();
        self
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.bases.is_empty() && self.renders.is_empty()
    }

    /// kustomize's own configuration.
    pub(crate) fn builtin(&self) -> &Arc<Configuration> {
        &self.builtin
    }

    /// What the file at `path` is known to hold when its blob is `blob`.
    pub(crate) fn file(&self, path: &str, blob: &str) -> Option<&ParsedFile> {
        let versions = self.files.get(path)?;
        versions.iter().find(|file| file.blob == blob && !blob.is_empty()).map(Arc::as_ref)
    }

    /// The accumulated bases under `key`, the newest first.
    pub(crate) fn bases(&self, key: &BaseKey) -> impl Iterator<Item = &Arc<Base>> {
        self.bases.get(key).into_iter().flatten().rev()
    }

    /// The render under `key` that `tree` has the files of.
    pub(crate) fn render(
        &self,
        key: &RenderKey,
        tree: &FileTree,
        completeness: &Completeness,
    ) -> Option<&Outcome> {
        self.renders.get(key)?.iter().rev().find(|outcome| {
            let reads = match outcome {
                Ok(rendered) => &rendered.reads,
                Err(failed) => &failed.reads,
            };
            reads.hold_in(tree, completeness)
        })
    }

    /// Adds what a file holds, unless its content has no name.
    fn add_file(&mut self, file: Arc<ParsedFile>) {
        if file.blob.is_empty() {
            return;
        }
        let versions = self.files.entry(file.source.path.clone()).or_default();
        match versions.iter_mut().find(|known| known.blob == file.blob) {
            Some(known) => Arc::make_mut(known).complete(Arc::unwrap_or_clone(file)),
            None => push(versions, file, Arc::ptr_eq),
        }
    }

    /// Adds what a session has parsed and accumulated.
    pub(crate) fn add_all(&mut self, files: ParsedFiles<'_>, bases: BTreeMap<BaseKey, Arc<Base>>) {
        for file in files.into_learned() {
            self.add_file(Arc::new(file));
        }
        for (key, base) in bases {
            self.add_base(key, base);
        }
    }

    fn add_base(&mut self, key: BaseKey, base: Arc<Base>) {
        push(self.bases.entry(key).or_default(), base, Arc::ptr_eq);
    }

    /// Adds a render.
    pub(crate) fn add_render(&mut self, key: RenderKey, outcome: Outcome) {
        push(self.renders.entry(key).or_default(), outcome, |a, b| match (a, b) {
            (Ok(a), Ok(b)) => Arc::ptr_eq(a, b),
            (Err(a), Err(b)) => Arc::ptr_eq(a, b),
            (Ok(_) | Err(_), _) => false,
        });
    }
}

/// Adds a version, unless it is there, and lets go of the oldest where they are too many.
fn push<V>(versions: &mut Vec<V>, value: V, is_same: impl Fn(&V, &V) -> bool) {
    if versions.iter().any(|known| is_same(known, &value)) {
        return;
    }
    if versions.len() == VERSIONS {
        versions.remove(0);
    }
    versions.push(value);
}
