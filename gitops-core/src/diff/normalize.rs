//! What does not count in a comparison, and what is written in two ways.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::known_type;
use crate::object::Object;
use crate::yaml::{Mapping, Node, Value};

/// The annotation in which `kubectl apply` keeps what it applied.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Brings an object into the form in which two of them compare: without nulls and status, with canonical
/// values. `built_in` says that Kubernetes itself has the kind.
pub(super) fn normalize(object: &mut Object, built_in: bool) {
    let is_secret = super::is_secret(&object.key);
    if is_secret {
        keep_empty_data(&mut object.root);
    }
    remove_nulls(&mut object.root);
    // Argo CD ignores the status of every kind since 3.0.
    object.root.remove("status");
    if is_secret {
        fold_string_data(&mut object.root);
    }
    known_type::canonicalize_object(object, built_in);
    if object.key.kind == "Endpoints" && object.key.group.is_empty() {
        sort_endpoints(&mut object.root);
    }
}

/// Null data of a Secret is empty data.
fn keep_empty_data(root: &mut Node) {
    if root.get("data").is_none_or(|data| !data.entries().iter().any(|entry| entry.value.is_null())) {
        return;
    }
    let data = root.get_mut("data").and_then(Node::as_mapping_mut);
    for entry in data.into_iter().flat_map(Mapping::entries_mut).filter(|entry| entry.value.is_null()) {
        entry.value = Node::string("").with_origin(entry.value.origin);
    }
}

/// Removes null fields: Go writes them where a field is empty, and the API server drops them.
fn remove_nulls(node: &mut Node) {
    if !contains_null(node) {
        return;
    }
    if let Some(mapping) = node.as_mapping_mut() {
        mapping.entries_mut().retain(|entry| !entry.value.is_null());
        for entry in mapping.entries_mut() {
            remove_nulls(&mut entry.value);
        }
    }
    for item in node.items_mut().into_iter().flatten() {
        remove_nulls(item);
    }
}

fn contains_null(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => false,
        Value::Sequence(items) => items.iter().any(contains_null),
        Value::Mapping(mapping) => {
            mapping.entries().iter().any(|entry| entry.value.is_null() || contains_null(&entry.value))
        }
    }
}

/// Moves `stringData` of a Secret into `data`, as the API server does.
pub(super) fn fold_string_data(root: &mut Node) {
    let Some(plain) = root.remove("stringData") else { return };
    for entry in plain.entries() {
        let text = entry.value.text().unwrap_or_default();
        let encoded = Node::string(STANDARD.encode(text)).with_origin(entry.value.origin);
        root.set_at(&["data", entry.key.text()], encoded);
    }
}

/// The API server keeps the subsets of Endpoints in no order.
fn sort_endpoints(root: &mut Node) {
    let Some(subsets) = root.get_mut("subsets").and_then(Node::items_mut) else { return };
    for subset in subsets.iter_mut() {
        for list in ["addresses", "notReadyAddresses", "ports"] {
            if let Some(items) = subset.get_mut(list).and_then(Node::items_mut) {
                items.sort_by_cached_key(sort_key);
            }
        }
    }
    subsets.sort_by_cached_key(sort_key);
}

fn sort_key(node: &Node) -> String {
    node.to_json().map(|json| json.to_string()).unwrap_or_default()
}
