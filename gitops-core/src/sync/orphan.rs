//! Live objects that no application owns.

use super::compare::LiveState;
use crate::api::app_project::{ClusterResource, OrphanedResources};
use crate::glob::wildcard_match;
use crate::object::{Object, ObjectKey};
use crate::yaml::Node;

/// The objects of a destination namespace that no application owns: neither wanted (`managed`), nor made by
/// another object, nor there by default, nor ignored by the project. `is_permitted` tells whether the project
/// permits the kind: what it does not permit is not reported.
pub fn orphans<'a>(
    live: &'a LiveState,
    watch: &OrphanedResources,
    managed: impl Fn(&ObjectKey) -> bool,
    is_permitted: impl Fn(&Object) -> bool,
) -> Vec<&'a ObjectKey> {
    live.objects()
        .filter(|object| !object.key.namespace.is_empty() && !managed(&object.key))
        .filter(|object| {
            object.root.at(&["metadata", "ownerReferences"]).is_none_or(|of| Node::items(of).is_empty())
        })
        .filter(|object| !is_default_object(&object.key) && !is_orphan_ignored(&object.key, &watch.ignore))
        .filter(|object| is_permitted(object))
        .map(|object| &object.key)
        .collect()
}

/// Whether Kubernetes makes the object by itself in every namespace, or in `default`.
pub fn is_default_object(key: &ObjectKey) -> bool {
    if !key.group.is_empty() {
        return false;
    }
    match (key.kind.as_str(), key.name.as_str()) {
        ("ServiceAccount", "default") | ("ConfigMap", "kube-root-ca.crt") => true,
        ("Service", "kubernetes") => key.namespace == "default",
        _ => false,
    }
}

/// Whether an entry of `orphanedResources.ignore` speaks of the object. An empty group means the core group
/// alone; an empty kind or name means every one.
pub fn is_orphan_ignored(key: &ObjectKey, ignore: &[ClusterResource]) -> bool {
    ignore.iter().any(|entry| {
        wildcard_match(&entry.group, &key.group)
            && (entry.kind.is_empty() || wildcard_match(&entry.kind, &key.kind))
            && (entry.name.is_empty() || wildcard_match(&entry.name, &key.name))
    })
}
