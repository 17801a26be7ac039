//! Images in registries, and what an update of them would write.

use serde::{Deserialize, Serialize};

/// A tag of a repository, and what the policy makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageView {
    /// The repository: registry host and path.
    pub repository: String,
    /// The tag.
    pub tag: String,
    /// The digest.
    pub digest: String,
    /// When it was pushed, in RFC 3339.
    pub pushed_at: String,
    /// The Applications that run it.
    pub running_in: Vec<String>,
    /// `chosen`, or why the policy passed it over.
    pub verdict: String,
}

/// What an update wrote, or would write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageUpdateView {
    /// The commit; absent in a dry run and where nothing changes.
    pub commit: Option<String>,
    /// The message of the commit.
    pub message: String,
    /// The files.
    pub files: Vec<UpdatedFileView>,
    /// Images that were left alone, a sentence each.
    pub held: Vec<String>,
}

/// One file of an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdatedFileView {
    /// Its path in the repository.
    pub path: String,
    /// The change as a unified diff.
    pub diff: String,
}
