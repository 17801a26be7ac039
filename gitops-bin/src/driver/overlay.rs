//! The kustomization file of an environment: which tags it has, and had.

use gitops_core::image::history::TagCommit;
use gitops_core::tree::{FileTree, TreePath};
use gitops_core::yaml::{self, Node};
use gitops_ports::GitRepository;
use gitops_ports::git::CommitId;

use super::DriverError;

/// The names under which kustomize looks for the file.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// How many commits of the file are looked back: a hold older than that is forgotten.
const HISTORY: usize = 200;

/// A kustomization file at one commit.
#[derive(Debug, Clone)]
pub(super) struct Overlay {
    /// Its path.
    pub(super) path: TreePath,
    /// Its bytes.
    pub(super) content: std::sync::Arc<[u8]>,
}

/// One entry of `images:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImageEntry {
    /// The name that it matches.
    pub(super) name: String,
    /// The name that it puts instead; empty where it keeps the name.
    pub(super) new_name: String,
    /// The tag; empty where there is none.
    pub(super) tag: String,
    /// The digest; empty where there is none.
    pub(super) digest: String,
}

impl Overlay {
    /// The kustomization file in `directory` at `commit`.
    pub(super) async fn read<G: GitRepository>(
        git: &G,
        commit: &CommitId,
        directory: &str,
    ) -> Result<Self, DriverError> {
        let root = TreePath::parse(directory.trim_start_matches('/'))
            .map_err(|error| DriverError::usage(error.to_string()))?;
        let paths: Vec<TreePath> = NAMES.iter().filter_map(|name| root.join(name).ok()).collect();
        let tree = git.read(commit, &paths).await?;
        Self::find(&tree, &paths).ok_or_else(|| {
            DriverError::usage(format!("`{root}` has no kustomization file at {}", commit.short()))
        })
    }

    fn find(tree: &FileTree, paths: &[TreePath]) -> Option<Self> {
        paths.iter().find_map(|path| {
            Some(Self { path: path.clone(), content: std::sync::Arc::clone(&tree.file(path)?.content) })
        })
    }

    /// Its `images:`; none where it cannot be read.
    pub(super) fn images(&self) -> Vec<ImageEntry> {
        images(&self.path, &self.content)
    }

    /// The entry for `name`.
    pub(super) fn image(&self, name: &str) -> Option<ImageEntry> {
        self.images().into_iter().find(|entry| entry.name == name)
    }

    /// The commits that changed the file up to `commit`, the oldest first, with the tag that each left for `image`.
    pub(super) async fn history<G: GitRepository>(
        &self,
        git: &G,
        commit: &CommitId,
        image: &str,
    ) -> Result<Vec<TagCommit>, DriverError> {
        let mut history = vec![];
        for found in git.log(commit, &self.path, HISTORY).await? {
            let tree = git.read(&found.id, std::slice::from_ref(&self.path)).await?;
            let entries =
                tree.file(&self.path).map(|file| images(&self.path, &file.content)).unwrap_or_default();
            let tag = entries.into_iter().find(|entry| entry.name == image).map(|entry| entry.tag);
            history.push(TagCommit {
                id: found.id.as_str().into(),
                author: found.author.name.as_str().into(),
                at: found.committer.at,
                message: found.message.clone(),
                tag: tag.filter(|tag| !tag.is_empty()).map(Into::into),
            });
        }
        history.reverse();
        Ok(history)
    }
}

fn images(path: &TreePath, content: &[u8]) -> Vec<ImageEntry> {
    let Ok(text) = std::str::from_utf8(content) else { return vec![] };
    let Ok(root) = yaml::read_one(path.as_str(), text) else { return vec![] };
    let entries = root.get("images").map_or(&[][..], Node::items);
    let text = |entry: &Node, key: &str| entry.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    entries
        .iter()
        .map(|entry| ImageEntry {
            name: text(entry, "name"),
            new_name: text(entry, "newName"),
            tag: text(entry, "newTag"),
            digest: text(entry, "digest"),
        })
        .collect()
}
