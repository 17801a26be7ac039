//! What a change of a repository touches, as it is shown and serialised.

use serde::{Deserialize, Serialize};

use super::API_VERSION;

/// What a change of a repository touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedView {
    /// Always [`API_VERSION`].
    pub api_version: String,
    /// The commit before.
    pub base: String,
    /// The commit after.
    pub head: String,
    /// The kustomizations that no other one includes, in the order of their paths.
    pub kustomizations: Vec<AffectedKustomizationView>,
    /// The Applications, in the order of their namespaces and names.
    pub applications: Vec<AffectedApplicationView>,
}

impl AffectedView {
    /// What is touched between the commits `base` and `head`.
    pub fn new(
        (base, head): (&str, &str),
        kustomizations: Vec<AffectedKustomizationView>,
        applications: Vec<AffectedApplicationView>,
    ) -> Self {
        let (base, head) = (base.to_owned(), head.to_owned());
        Self { api_version: API_VERSION.to_owned(), base, head, kustomizations, applications }
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeView {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Something that it reads has changed.
    Modified,
    /// It rendered before, and fails now.
    Broken,
    /// It failed before, and renders now.
    Mended,
}

/// A kustomization that is touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedKustomizationView {
    /// Its directory, from the root of the repository on.
    pub path: String,
    /// What became of it.
    pub change: ChangeView,
    /// The changed files that it reads, or would.
    pub files: Vec<String>,
    /// Why it does not render now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// An Application that is touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedApplicationView {
    /// Its namespace as its manifest has it; empty where it has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What became of it, or of what it deploys.
    pub change: ChangeView,
    /// The changed files: its manifest, and what its kustomizations read.
    pub files: Vec<String>,
    /// Why what it deploys does not render now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
