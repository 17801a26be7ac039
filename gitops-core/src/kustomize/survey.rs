//! A look ahead in a partial tree: every path and every remote source that kustomizations name is asked for
//! before the work begins, so that few answers bring all of them.
//!
//! Reports nothing but missing paths: what is wrong is told by the render itself, and so is what is remote.

use std::collections::{BTreeSet, VecDeque};

use super::Completeness;
use super::accumulate::FILE_NAMES;
use super::error::RenderError;
use super::files::Found;
use super::kustomization::{Kustomization, Text};
use super::remote::{self, RemoteRepository, RemoteSource};
use super::session::Session;
use crate::diagnostic::Location;
use crate::tree::TreePath;

/// Asks for what the kustomization in `directory`, and those that it includes, name.
pub(crate) fn run(session: &mut Session<'_>, directory: &TreePath) -> Result<(), RenderError> {
    if *session.files.completeness() == Completeness::Complete {
        return Ok(());
    }
    let mut waiting = VecDeque::from([directory.clone()]);
    let mut seen = BTreeSet::from([directory.clone()]);
    let mut missing = None;
    while let Some(directory) = waiting.pop_front() {
        let mut found = |session: &mut Session<'_>, path: &TreePath| match session.files.find(path) {
            Ok(found) => found,
            Err(error) => {
                missing = Some(error);
                Found::Absent
            }
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
        for entry in named(session, &directory, name).unwrap_or_default() {
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
            if let Found::Directory(sub) = found(session, &path)
                && seen.insert(sub.clone())
            {
                waiting.push_back(sub);
            }
        }
    }
    missing.map_or(Ok(()), Err)
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

/// What the kustomization file `name` in `directory` names.
fn named(session: &mut Session<'_>, directory: &TreePath, name: &str) -> Result<Vec<Named>, RenderError> {
    let file = session.files.text(directory, name, &Location::default())?;
    let kustomization = session.files.parsed.kustomization(&file)?;
    let Kustomization { sources, generators, transforms, plugins, .. } = kustomization.as_ref();
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
    Ok(named.map(|(path, is_base)| Named { path: path.to_owned(), is_base }).collect())
}
