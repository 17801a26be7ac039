//! One render of a batch, on any thread.

use std::collections::BTreeMap;

use gitops_core::kustomize::{self, Attempt, Cache, RemoteSource, RenderError, RenderOptions};
use gitops_core::tree::{FileTree, TreePath};
use gitops_ports::git::GitError;

use super::{Loaded, Outcome, Unreadable};
use crate::source::Elsewhere;

/// What the threads share.
pub(super) struct Work<'a> {
    pub(super) tree: &'a FileTree,
    pub(super) options: &'a RenderOptions,
    pub(super) cache: &'a Cache,
    pub(super) unreadable: &'a BTreeMap<TreePath, GitError>,
    pub(super) elsewhere: &'a Elsewhere,
    pub(super) keep: bool,
    pub(super) may_ask: bool,
}

impl Work<'_> {
    /// One render; what it lacks where it lacks something that may still be asked for.
    pub(super) fn attempt<T>(
        &self,
        root: &TreePath,
        finish: impl Fn(&TreePath, &Outcome, Loaded<'_>) -> T,
    ) -> (Result<T, Wanted>, Cache) {
        let Attempt { result, learned } = kustomize::render_with(self.tree, root, self.options, self.cache);
        let learned = if self.keep { learned } else { Cache::new_like(self.cache) };
        let outcome = match result {
            Ok(rendered) => Outcome::Rendered(rendered),
            Err(failed) => match self.question(&failed.error) {
                Some(Question::Open(wanted)) => return (Err(wanted), learned),
                Some(Question::Unreadable(why)) => Outcome::Unreadable(why),
                None => Outcome::Failed(failed),
            },
        };
        let loaded = Loaded { tree: self.tree, options: self.options };
        (Ok(finish(root, &outcome, loaded)), learned)
    }

    /// What a render asks for with `error`, if it asks.
    fn question(&self, error: &RenderError) -> Option<Question> {
        if let RenderError::Missing { paths } = error {
            let unreadable = |path: &TreePath| {
                let error = self.unreadable.get(path)?.clone();
                Some(Unreadable { path: path.clone(), error })
            };
            return match paths.iter().find_map(unreadable) {
                Some(why) => Some(Question::Unreadable(why)),
                None => self.may_ask.then(|| Question::Open(Wanted::Paths(paths.clone()))),
            };
        }
        let RenderError::Remote { sources, .. } = error else { return None };
        let may_ask = self.may_ask && self.elsewhere.can_bring(sources, &self.options.remotes);
        may_ask.then(|| Question::Open(Wanted::Sources(sources.clone())))
    }
}

/// What a render asks for.
enum Question {
    /// What may be there.
    Open(Wanted),
    /// A path that cannot be read.
    Unreadable(Unreadable),
}

/// What a render lacks.
pub(super) enum Wanted {
    /// What stands at these paths.
    Paths(Vec<TreePath>),
    /// These sources.
    Sources(Vec<RemoteSource>),
}
