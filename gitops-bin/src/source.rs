//! Rendering a kustomization whose files are loaded as they are asked for.
//!
//! The core names the paths that it lacks; the caller loads them, from a disk or from Git, and the render is
//! tried again. A directory is loaded with the files that lie in it, so that a thousand patches of one folder
//! are one question.

use std::collections::BTreeSet;

use gitops_core::kustomize::{self, Completeness, RenderError, RenderOptions, Rendered};
use gitops_core::tree::{Entry, FileTree, TreePath};

/// How often a render may ask: a bound on what a hostile repository can make of it.
const MOST_QUESTIONS: usize = 10_000;

/// A render that is under way.
#[derive(Debug)]
pub struct Loading {
    root: TreePath,
    options: RenderOptions,
    tree: FileTree,
    absent: BTreeSet<TreePath>,
    questions: usize,
    size: u64,
}

/// What a render answers to one try.
#[derive(Debug)]
pub enum Progress {
    /// It is done.
    Done(Box<Result<Rendered, RenderError>>),
    /// It needs what stands at these paths: call [`Loading::fill`].
    Needs(Vec<TreePath>),
}

impl Loading {
    /// A render of the kustomization in `root`, with nothing loaded yet.
    pub fn new(root: TreePath, options: RenderOptions) -> Self {
        Self { root, options, tree: FileTree::new(), absent: BTreeSet::new(), questions: 0, size: 0 }
    }

    /// Tries the render with what is loaded.
    pub fn advance(&mut self) -> Progress {
        self.options.completeness = Completeness::Partial { absent: std::mem::take(&mut self.absent) };
        let result = kustomize::render(&self.tree, &self.root, &self.options);
        if let Completeness::Partial { absent } = &mut self.options.completeness {
            self.absent = std::mem::take(absent);
        }
        match result {
            Err(RenderError::Missing { paths }) if self.questions < MOST_QUESTIONS => {
                self.questions += 1;
                Progress::Needs(with_parents(&paths, &self.tree))
            }
            result => Progress::Done(Box::new(result)),
        }
    }

    /// Adds what was found at the `asked` paths; what is not in `found` does not exist.
    pub fn fill(&mut self, asked: &[TreePath], found: FileTree) {
        for (path, entry) in found.entries() {
            if let Entry::File(file) = entry
                && self.tree.get(path).is_none()
            {
                self.size = self.size.saturating_add(u64::try_from(file.content.len()).unwrap_or(u64::MAX));
            }
        }
        self.tree.merge(found);
        let absent =
            asked.iter().filter(|path| self.tree.get(path).is_none() && !self.tree.is_directory(path));
        self.absent.extend(absent.cloned());
    }

    /// How many bytes the files have that are loaded.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What is loaded.
    pub fn tree(&self) -> &FileTree {
        &self.tree
    }
}

/// The paths, and the folders of those that look like files: their neighbours will be asked for next.
fn with_parents(paths: &[TreePath], tree: &FileTree) -> Vec<TreePath> {
    let mut wanted: BTreeSet<TreePath> = paths.iter().cloned().collect();
    let folders = paths.iter().filter(|path| path.name().contains('.')).filter_map(TreePath::parent);
    wanted.extend(folders.filter(|folder| !folder.is_root() && tree.get(folder).is_none()));
    wanted.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_render_asks_for_what_it_lacks_and_no_more() {
        let mut whole = FileTree::new();
        whole.add("base/kustomization.yaml", "resources: [a.yaml]\n").unwrap();
        whole.add("base/a.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n").unwrap();
        whole.add("overlay/kustomization.yaml", "resources: [../base]\n").unwrap();
        whole.add("other/secret.yaml", "x").unwrap();
        let mut loading = Loading::new(TreePath::parse("overlay").unwrap(), RenderOptions::default());
        let rendered = loop {
            match loading.advance() {
                Progress::Done(result) => break result.unwrap(),
                Progress::Needs(paths) => {
                    let mut found = FileTree::new();
                    for (path, entry) in whole.entries() {
                        if paths.iter().any(|asked| path == asked || path.parent().as_ref() == Some(asked)) {
                            found.insert(path.clone(), entry.clone());
                        }
                    }
                    loading.fill(&paths, found);
                }
            }
        };
        assert_eq!(rendered.objects.len(), 1);
        assert_eq!(loading.tree().len(), 3);
    }
}
