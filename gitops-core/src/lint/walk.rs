//! Walks over rendered objects.

use crate::object::Object;
use crate::yaml::{Entry, Node};

/// Calls `visit` for every mapping of `node` and below, with its entries.
pub(super) fn mappings<'n>(node: &'n Node, visit: &mut impl FnMut(&'n [Entry])) {
    if node.is_mapping() {
        visit(node.entries());
    }
    for entry in node.entries() {
        mappings(&entry.value, visit);
    }
    for item in node.items() {
        mappings(item, visit);
    }
}

/// Calls `visit` for every scalar of `node` and below.
pub(super) fn scalars<'n>(node: &'n Node, visit: &mut impl FnMut(&'n Node)) {
    if node.as_scalar().is_some() {
        visit(node);
    }
    for entry in node.entries() {
        scalars(&entry.value, visit);
    }
    for item in node.items() {
        scalars(item, visit);
    }
}

/// The pod templates of a workload: the mapping with `metadata` and `spec`. A Pod is its own template.
pub(super) fn pod_template(object: &Object) -> Option<&Node> {
    let path: &[&str] = match (object.key.group.as_str(), object.key.kind.as_str()) {
        ("", "Pod") => &[],
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | ("batch", "Job")
        | ("", "ReplicationController")
        | ("argoproj.io", "Rollout") => &["spec", "template"],
        ("batch", "CronJob") => &["spec", "jobTemplate", "spec", "template"],
        _ => return None,
    };
    object.root.at(path).filter(|template| template.is_mapping())
}

/// The lists of containers of a pod.
pub(super) const CONTAINER_LISTS: &[&str] = &["initContainers", "containers"];

/// Every container of a pod template.
pub(super) fn containers(template: &Node) -> impl Iterator<Item = &Node> {
    let spec = template.get("spec");
    CONTAINER_LISTS.iter().filter_map(move |list| spec.and_then(|spec| spec.get(list))).flat_map(Node::items)
}

/// The namespace under which an object is filed: `default` where none is given.
pub(super) fn namespace(object: &Object) -> &str {
    if object.key.namespace.is_empty() { "default" } else { &object.key.namespace }
}
