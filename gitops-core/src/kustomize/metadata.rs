//! `buildMetadata`: where a resource came from and what changed it, as annotations.

/// What the annotations will say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tracking {
    /// The origin.
    pub origin: Option<String>,
    /// The transformations in order.
    pub transformations: Vec<String>,
}

use crate::yaml::{Node, Tag};

/// What kustomize keeps in annotations during a build, and takes out at the end.
const INTERNAL: &[&str] = &[
    "internal.config.kubernetes.io/previousKinds",
    "internal.config.kubernetes.io/previousNames",
    "internal.config.kubernetes.io/prefixes",
    "internal.config.kubernetes.io/suffixes",
    "internal.config.kubernetes.io/previousNamespaces",
    "internal.config.kubernetes.io/allowNameChange",
    "internal.config.kubernetes.io/allowKindChange",
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/generatorBehavior",
    "internal.config.kubernetes.io/needsHashSuffix",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
    "internal.config.kubernetes.io/helm-generated",
];

/// Takes internal annotations out, turns the values of the rest into strings, and drops empty annotations.
pub(crate) fn clean(root: &mut Node) {
    const PATH: &[&str] = &["metadata", "annotations"];
    let Some(annotations) = root.at(PATH) else { return };
    let is_clean = annotations.is_mapping()
        && !annotations.entries().is_empty()
        && annotations.entries().iter().all(|entry| {
            !INTERNAL.contains(&entry.key.text())
                && entry.value.as_scalar().is_some_and(|scalar| scalar.tag() == Tag::Str)
        });
    if is_clean {
        return;
    }
    let kept = annotations.entries().iter().filter(|entry| !INTERNAL.contains(&entry.key.text()));
    let kept: Vec<_> = kept
        .map(|entry| {
            let text = entry.value.text().unwrap_or_default();
            (entry.key.shared_text(), Node::string(text).with_origin(entry.value.origin))
        })
        .collect();
    if kept.is_empty() {
        if let Some(metadata) = root.get_mut("metadata") {
            metadata.remove("annotations");
        }
    } else {
        let origin = annotations.origin;
        root.set_at(PATH, Node::mapping(kept).with_origin(origin));
    }
}
