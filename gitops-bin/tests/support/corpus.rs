//! The kustomizations of the conformance data, each built as `gitops build` builds it.

use std::path::{Path, PathBuf};

use gitops_bin::source::{Loading, Progress};
use gitops_core::kustomize::{LoadRestrictions, RenderOptions, Rendered};
use gitops_core::tree::{Entry, FileTree, TreePath};
use gitops_git::Limits;
use gitops_git::disk::{self, Depth};
use serde_json::Value;

/// One kustomization to build.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    /// The folder that stands for the repository.
    pub(crate) root: PathBuf,
    /// The directory in it.
    pub(crate) directory: String,
    /// `--load-restrictor LoadRestrictionsNone`.
    pub(crate) unrestricted: bool,
}

impl Build {
    /// What a `case.json`, or an entry of a `builds.json`, asks for.
    pub(crate) fn of(root: PathBuf, case: &Value) -> Self {
        let mut flags = case.get("flags").and_then(Value::as_array).into_iter().flatten();
        let directory = case.get("dir").and_then(Value::as_str).unwrap_or(".").to_owned();
        Self { root, directory, unrestricted: flags.any(|flag| flag == "LoadRestrictionsNone") }
    }

    /// How it is rendered.
    pub(crate) fn options(&self) -> RenderOptions {
        let load_restrictions =
            if self.unrestricted { LoadRestrictions::None } else { LoadRestrictions::RootOnly };
        RenderOptions { load_restrictions, ..RenderOptions::default() }
    }

    /// The result, and the files that it was made of; an error where these cannot be loaded.
    pub(crate) fn render(&self) -> Result<(Result<Rendered, String>, FileTree), String> {
        let directory = TreePath::parse(&self.directory).map_err(|error| error.to_string())?;
        let mut loading = Loading::new(directory, self.options());
        loop {
            match loading.advance() {
                Progress::Done(result) => {
                    return Ok((result.map_err(|error| error.to_string()), loading.tree().clone()));
                }
                Progress::Needs(paths) => {
                    let found = disk::load(&self.root, &paths, Depth::Listing, &Limits::default());
                    let mut found = found.map_err(|error| error.to_string())?;
                    restore_links(&self.root, &mut found);
                    loading.fill(&paths, found);
                }
            }
        }
    }
}

/// Makes links again of what Git checks out in their place where a disk holds no links (`core.symlinks=false`): a
/// regular file without a line break, the whole content of which is a relative path to something in `root`.
fn restore_links(root: &Path, found: &mut FileTree) {
    let target = |path: &TreePath, entry: &Entry| {
        let Entry::File(file) = entry else { return None };
        let text = std::str::from_utf8(&file.content).ok().filter(|text| !text.is_empty())?;
        if text.len() > LONGEST_LINK || text.contains(['\n', '\0']) || text.starts_with('/') {
            return None;
        }
        let target = path.parent()?.join(text).ok().filter(|target| !target.is_root())?;
        root.join(target.as_str()).exists().then(|| text.to_owned())
    };
    let links = found.entries().filter_map(|(path, entry)| Some((path.clone(), target(path, entry)?)));
    for (path, link) in links.collect::<Vec<_>>() {
        found.insert(path, Entry::Symlink(link));
    }
}

const LONGEST_LINK: usize = 4096;
