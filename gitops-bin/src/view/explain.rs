//! Why an object is as it is, as plain data.

use serde::{Deserialize, Serialize};

/// Why an object, or a part of one, is as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplanationView {
    /// Always [`super::API_VERSION`].
    pub api_version: String,
    /// `Deployment.apps dev/myapp`.
    pub object: String,
    /// The commit that was built; absent for the files on disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// What dropped the whole object; absent for one that is in the output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped: Option<ExplainedStepView>,
    /// The fields, in the order of the output; then those that were taken away.
    pub fields: Vec<ExplainedFieldView>,
}

/// Why one field is as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedFieldView {
    /// `spec.template.spec.containers[name=app].image`.
    pub path: String,
    /// The value as YAML; absent where it is not to be shown, or not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether the value is kept back: it is a part of a Secret.
    pub hidden: bool,
    /// Whether the field was taken away.
    pub removed: bool,
    /// What happened to it, oldest first.
    pub steps: Vec<ExplainedStepView>,
}

/// One thing that happened to a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedStepView {
    /// `read`, `set` or `removed`.
    pub action: String,
    /// The field of the kustomization that did it: `patches`, `images`; absent for what was read with the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transformer: Option<String>,
    /// Where the value was written; absent where it was computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<PlaceView>,
    /// The entry of the kustomization that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<PlaceView>,
    /// The field of which the value is a copy, or from which it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceFieldView>,
}

/// A line of a file, and who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceView {
    /// The file, from the root of the repository.
    pub path: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// The text of the line; absent where the file holds a Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The commit that last changed the line, where a revision was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<LineCommitView>,
}

/// The commit that last changed a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineCommitView {
    /// The whole id.
    pub id: String,
    /// Who wrote it.
    pub author: String,
    /// When, in RFC 3339.
    pub date: String,
    /// The first line of the message.
    pub subject: String,
}

/// A field of which another one is a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceFieldView {
    /// `ConfigMap dev/settings`; absent where the object is no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Which field of it.
    pub path: String,
    /// Where its value was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<PlaceView>,
}
