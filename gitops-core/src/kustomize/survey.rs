//! A look ahead: every path and every remote source that kustomizations name is asked for before the work begins, so
//! that few answers bring all of them; and which kustomization includes which.
//!
//! Reports nothing but missing paths: what is wrong is told by the render itself, and so is what is remote.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::accumulate::{FILE_NAMES, MAX_DEPTH};
use super::error::RenderError;
use super::files::Found;
use super::kustomization::{Kustomization, KustomizationKind, Text};
use super::remote::{self, RemoteRepository, RemoteSource};
use super::session::Session;
use super::{Cache, Completeness, RenderOptions};
use crate::diagnostic::Location;
use crate::tree::{FileTree, TreePath};

/// What a look at kustomizations has found, without building one.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The kustomizations that can be read, by their directories: those that were asked for, and all that they lead
    /// to.
    pub found: BTreeMap<TreePath, Surveyed>,
    /// What a partial tree lacks, none twice.
    pub missing: Vec<TreePath>,
    /// What the cache did not know.
    pub learned: Cache,
}

/// One kustomization of a [`Survey`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surveyed {
    /// Whether it is a component.
    pub kind: KustomizationKind,
    /// The directories that it names, links being followed: bases, components, and directories of plugins.
    pub includes: BTreeSet<TreePath>,
}

/// Looks at the kustomizations in `directories` and at those that they include.
pub fn survey(tree: &FileTree, directories: &[TreePath], options: &RenderOptions, cache: &Cache) -> Survey {
    let mut session = Session::new(tree, options, Some(cache));
    let (found, _) = walk(&mut session, directories);
    let mut learned = Cache::new_like(cache);
    learned.add_all(session.files.parsed, session.learned);
    Survey { found, missing: session.files.missing.into_iter().collect(), learned }
}

/// Asks for what the kustomization in `directory`, and those that it includes, name.
pub(crate) fn run(session: &mut Session<'_>, directory: &TreePath) -> Result<(), RenderError> {
    if *session.files.completeness() == Completeness::Complete {
        return Ok(());
    }
    walk(session, std::slice::from_ref(directory)).1.map_or(Ok(()), Err)
}

/// The kustomizations that can be read, and the error for the last path that is missing.
fn walk(
    session: &mut Session<'_>,
    directories: &[TreePath],
) -> (BTreeMap<TreePath, Surveyed>, Option<RenderError>) {
    let mut waiting: VecDeque<_> = directories.iter().map(|directory| (directory.clone(), 0)).collect();
    let mut seen: BTreeSet<TreePath> = directories.iter().cloned().collect();
    let mut surveyed = BTreeMap::new();
    let mut missing = None;
    while let Some((directory, depth)) = waiting.pop_front() {
        let mut found = |session: &mut Session<'_>, path: &TreePath| {
            session.files.find(path).unwrap_or_else(|error| {
                if let RenderError::Missing { .. } = error {
                    missing = Some(error);
                }
                Found::Absent
            })
        };
        let mut files = vec![];
        for name in FILE_NAMES {
            if let Ok(path) = directory.join(name)
                && let Found::File(_) = found(session, &path)
            {
                files.push(*name);
            }
        }
        let [name] = files.as_slice() else { continue };
        let Ok(kustomization) = read(session, &directory, name) else { continue };
        let mut includes = BTreeSet::new();
        for entry in named(&kustomization) {
            if remote::is_file_url(&entry.path) {
                let _ = session.files.mounted(RemoteSource::File(entry.path.clone()), &Location::default());
                if !session.files.is_absent_file(&entry.path) {
                    continue;
                }
            }
            let Ok(mut path) = directory.join(&entry.path) else { continue };
            if let Some((repository, below)) = entry.repository() {
                if !remote::is_file_url(&entry.path) && matches!(found(session, &path), Found::File(_)) {
                    continue;
                }
                let mount = session.files.mounted(RemoteSource::Repository(repository), &Location::default());
                let Ok(inside) = mount.map(|mount| mount.join(&below).unwrap_or(mount)) else { continue };
                path = inside;
            }
            if let Found::Directory(sub) = found(session, &path) {
                includes.insert(sub.clone());
                if depth < MAX_DEPTH && seen.insert(sub.clone()) {
                    waiting.push_back((sub, depth + 1));
                }
            }
        }
        surveyed.insert(directory, Surveyed { kind: kustomization.kind, includes });
    }
    (surveyed, missing)
}

/// An entry that names something.
struct Named {
    /// As written.
    path: String,
    /// Whether it may name a kustomization, and so a repository.
    is_base: bool,
}

impl Named {
    /// The repository that it names, and the path in it.
    fn repository(&self) -> Option<(RemoteRepository, String)> {
        let found = RemoteRepository::parse(&self.path).filter(|_| self.is_base);
        found.filter(|(repository, _)| !repository.is_local())
    }
}

/// The kustomization in the file `name` of `directory`.
fn read(
    session: &mut Session<'_>,
    directory: &TreePath,
    name: &str,
) -> Result<Arc<Kustomization>, RenderError> {
    let file = session.files.text(directory, name, &Location::default())?;
    session.files.parsed.kustomization(&file)
}

/// What a kustomization names.
fn named(kustomization: &Kustomization) -> Vec<Named> {
    let Kustomization { sources, generators, transforms, plugins, .. } = kustomization;
    let data = generators.config_maps.iter().chain(&generators.secrets);
    let data = data.flat_map(|arguments| arguments.files.iter().chain(&arguments.envs));
    let data = data.map(|text| text.as_str().split_once('=').map_or(text.as_str(), |(_, path)| path));
    let bases = [
        &sources.resources,
        &sources.components,
        &plugins.generators,
        &plugins.transformers,
        &plugins.validators,
    ];
    let bases = bases.into_iter().flatten().map(|text| (text.as_str(), true));
    let lists = [&sources.crds, &sources.configurations, &transforms.patches_strategic_merge];
    let patches = transforms.patches.iter().chain(&transforms.patches_json6902).map(|patch| &patch.path);
    let texts = lists.into_iter().flatten().chain(patches).chain(&sources.openapi_path).map(Text::as_str);
    let replacements = transforms.replacements.iter().filter_map(|node| node.str_at(&["path"]));
    let is_path = |(text, _): &(&str, bool)| !text.is_empty() && !text.contains(['\n', '{']);
    let others = texts.chain(data).chain(replacements).map(|text| (text, false));
    let named = bases.chain(others).filter(is_path);
    named.map(|(path, is_base)| Named { path: path.to_owned(), is_base }).collect()
}
