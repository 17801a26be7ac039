//! A look ahead in a partial tree: every path that kustomizations name is asked for before the work begins, so
//! that few answers bring all of them.
//!
//! Reports nothing but missing paths: what is wrong is told by the render itself.

use std::collections::{BTreeSet, VecDeque};

use super::Completeness;
use super::accumulate::FILE_NAMES;
use super::error::RenderError;
use super::files::Found;
use super::kustomization::{Kustomization, Text};
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
            let Ok(path) = directory.join(&entry) else { continue };
            if let Found::Directory(sub) = found(session, &path)
                && seen.insert(sub.clone())
            {
                waiting.push_back(sub);
            }
        }
    }
    missing.map_or(Ok(()), Err)
}

/// The paths that the kustomization file `name` in `directory` names.
fn named(session: &mut Session<'_>, directory: &TreePath, name: &str) -> Result<Vec<String>, RenderError> {
    let file = session.files.text(directory, name, &Location::default())?;
    let kustomization = session.files.parsed.kustomization(&file)?;
    let Kustomization { sources, generators, transforms, plugins, .. } = kustomization.as_ref();
    let data = generators.config_maps.iter().chain(&generators.secrets);
    let data = data.flat_map(|arguments| arguments.files.iter().chain(&arguments.envs));
    let data = data.map(|text| text.as_str().split_once('=').map_or(text.as_str(), |(_, path)| path));
    let lists = [
        &sources.resources,
        &sources.components,
        &sources.crds,
        &sources.configurations,
        &transforms.patches_strategic_merge,
        &plugins.generators,
        &plugins.transformers,
        &plugins.validators,
    ];
    let patches = transforms.patches.iter().chain(&transforms.patches_json6902).map(|patch| &patch.path);
    let texts = lists.into_iter().flatten().chain(patches).chain(&sources.openapi_path).map(Text::as_str);
    let replacements = transforms.replacements.iter().filter_map(|node| node.str_at(&["path"]));
    let is_path = |text: &&str| !text.is_empty() && !text.contains(['\n', '{']) && !text.contains("://");
    Ok(texts.chain(data).chain(replacements).filter(is_path).map(str::to_owned).collect())
}
