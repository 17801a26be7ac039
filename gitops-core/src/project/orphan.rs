//! Which live objects without an owner are not reported as orphans.

use crate::api::app_project::ClusterResource;
use crate::glob::glob_match;
use crate::object::ObjectKey;

/// Whether an object that no application owns is left out of the orphans: what Kubernetes itself makes in every
/// namespace, and what an item of `orphanedResources.ignore` matches.
///
/// In an item an empty kind or name matches everything, an empty group only the core group.
pub fn is_exempt_orphan(object: &ObjectKey, ignore: &[ClusterResource]) -> bool {
    is_made_by_kubernetes(object) || ignore.iter().any(|item| matches(item, object))
}

fn is_made_by_kubernetes(object: &ObjectKey) -> bool {
    let named =
        |kind: &str, name: &str| object.group.is_empty() && object.kind == kind && object.name == name;
    named("ServiceAccount", "default")
        || named("ConfigMap", "kube-root-ca.crt")
        || (named("Service", "kubernetes") && object.namespace == "default")
}

fn matches(item: &ClusterResource, object: &ObjectKey) -> bool {
    let any_or = |pattern: &str, text: &str| pattern.is_empty() || glob_match(pattern, text, &[]);
    any_or(&item.kind, &object.kind)
        && glob_match(&item.group, &object.group, &[])
        && any_or(&item.name, &object.name)
}
