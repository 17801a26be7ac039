//! `metadata` of an Argo manifest, as far as decisions read it.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::ApiError;
use super::reader::Reader;
use crate::time::Timestamp;

/// `metadata` of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Metadata {
    /// Name.
    pub name: SmolStr,
    /// Namespace; empty where none is given.
    pub namespace: SmolStr,
    /// Annotations.
    pub annotations: BTreeMap<SmolStr, SmolStr>,
    /// Labels.
    pub labels: BTreeMap<SmolStr, SmolStr>,
    /// Finalizers in order.
    pub finalizers: Vec<SmolStr>,
    /// Since when the object is being deleted.
    pub deletion_timestamp: Option<Timestamp>,
    /// The API server's identity of the object; empty for a manifest that was never applied.
    pub uid: SmolStr,
    /// The API server's version of the object; empty for a manifest that was never applied.
    pub resource_version: SmolStr,
    /// The API server's generation of the spec; 0 for a manifest that was never applied.
    pub generation: i64,
}

impl Metadata {
    /// Reads `metadata` of the manifest that `root` stands on; the name is required.
    pub(crate) fn read(root: &Reader<'_>) -> Result<Self, ApiError> {
        let metadata = root.field("metadata")?;
        Ok(Self {
            name: metadata.field("name")?.required_text()?,
            namespace: metadata.field("namespace")?.text_or_empty()?,
            annotations: metadata.field("annotations")?.text_map()?,
            labels: metadata.field("labels")?.text_map()?,
            finalizers: metadata.field("finalizers")?.texts()?,
            deletion_timestamp: metadata.field("deletionTimestamp")?.time()?,
            uid: metadata.field("uid")?.text_or_empty()?,
            resource_version: metadata.field("resourceVersion")?.text_or_empty()?,
            generation: metadata.field("generation")?.integer()?.unwrap_or_default(),
        })
    }
}
