//! Objects to and from the JSON of the API.

use gitops_core::diagnostic::Location;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::Node;
use gitops_ports::cluster::{ClusterError, ServedKind};
use serde_json::Value;

/// The JSON of a manifest.
pub(crate) fn to_json(key: &ObjectKey, root: &Node) -> Result<Value, ClusterError> {
    root.to_json().map_err(|error| ClusterError::Invalid { key: key.clone(), message: error.to_string() })
}

/// The object of an answer.
pub(crate) fn from_json(json: &Value) -> Object {
    Object::new(Node::from_json(json), Location::default())
}

/// The object of a list's item: items say neither their kind nor their version.
pub(crate) fn of_item(kind: &ServedKind, mut item: Value) -> Object {
    if let Some(fields) = item.as_object_mut() {
        fields.entry("apiVersion").or_insert_with(|| api_version(kind).into());
        fields.entry("kind").or_insert_with(|| kind.kind.as_str().into());
    }
    from_json(&item)
}

/// The `apiVersion` of a kind.
pub(crate) fn api_version(kind: &ServedKind) -> String {
    if kind.group.is_empty() { kind.version.to_string() } else { format!("{}/{}", kind.group, kind.version) }
}
