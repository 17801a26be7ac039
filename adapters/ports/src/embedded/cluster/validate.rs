//! The checks of the API server that a wrong rendering runs into: names, selectors, containers.

use gitops_core::object::ObjectKey;
use gitops_core::yaml::Node;

use crate::cluster::ClusterError;

/// Kinds whose selector must select what their template makes.
const SELECTING: &[&str] = &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"];

/// Checks an object of a served kind.
pub(super) fn check(key: &ObjectKey, root: &Node) -> Result<(), ClusterError> {
    let problem =
        name_problem(key).or_else(|| template_problem(key, root)).or_else(|| metadata_problem(root));
    problem.map_or(Ok(()), |message| Err(ClusterError::Invalid { key: key.clone(), message }))
}

/// Names are DNS subdomains, but for RBAC, where any path segment will do.
fn name_problem(key: &ObjectKey) -> Option<String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let name = key.name.as_str();
    let valid = if key.group == "rbac.authorization.k8s.io" {
        !name.contains(['/', '%']) && name != "." && name != ".."
    } else {
        name.chars().all(|c| plain(c) || c == '-' || c == '.')
            && name.split('.').all(|part| part.starts_with(plain) && part.ends_with(plain))
    };
    (!valid || name.len() > 253).then(|| format!("metadata.name `{name}` is no DNS-1123 subdomain"))
}

/// Labels and annotations hold strings.
fn metadata_problem(root: &Node) -> Option<String> {
    let fields = ["labels", "annotations"];
    fields.iter().find_map(|field| {
        let entries = root.at(&["metadata", field]).map(Node::entries).unwrap_or_default();
        let wrong = entries.iter().find(|entry| entry.value.as_str().is_none())?;
        Some(format!("metadata.{field}: the value of `{}` must be a string", wrong.key.text()))
    })
}

fn template_problem(key: &ObjectKey, root: &Node) -> Option<String> {
    if key.group != "apps" || !SELECTING.contains(&key.kind.as_str()) {
        return None;
    }
    let Some(selector) = root.at(&["spec", "selector"]) else {
        return Some("spec.selector is required".to_owned());
    };
    let labels = root.at(&["spec", "template", "metadata", "labels"]);
    let wanted = selector.get("matchLabels").map(Node::entries).unwrap_or_default();
    let selected = wanted.iter().all(|entry| {
        labels.and_then(|labels| labels.get(entry.key.text())).is_some_and(|value| *value == entry.value)
    });
    if !selected {
        return Some("spec.template.metadata.labels: `selector` does not match template `labels`".to_owned());
    }
    let containers =
        root.at(&["spec", "template", "spec", "containers"]).map(Node::items).unwrap_or_default();
    if containers.is_empty() {
        return Some("spec.template.spec.containers is required".to_owned());
    }
    let nameless = containers.iter().position(|container| container.str_at(&["name"]).is_none());
    nameless.map(|at| format!("spec.template.spec.containers[{at}].name is required"))
}
