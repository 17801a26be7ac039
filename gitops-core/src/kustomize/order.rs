//! The order of the output.

use super::error::RenderError;
use super::kustomization::{Gvk, SortOptions};
use super::resource::Resource;

/// The kinds that kustomize's legacy order puts first.
const FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// The kinds that kustomize's legacy order puts last.
const LAST: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Sorts resources as `options` say; the legacy order where there are none.
pub(crate) fn sort(
    resources: &mut [Resource],
    options: Option<&SortOptions>,
    refuse: impl Fn(&SortOptions, &str) -> RenderError,
) -> Result<(), RenderError> {
    let Some(options) = options else {
        sort_legacy(resources, rank);
        return Ok(());
    };
    match (options.order.as_str(), &options.legacy) {
        ("fifo", None) => {}
        ("fifo", Some(_)) => {
            return Err(refuse(options, "`legacySortOptions` needs the order `legacy`"));
        }
        ("legacy", None) => sort_legacy(resources, rank),
        ("legacy", Some((first, last))) => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            let last: Vec<&str> = last.iter().map(AsRef::as_ref).collect();
            sort_legacy(resources, |kind| rank_in(kind, &first, &last));
        }
        _ => return Err(refuse(options, "`sortOptions.order` must be `legacy` or `fifo`")),
    }
    Ok(())
}

fn sort_legacy(resources: &mut [Resource], rank: impl Fn(&str) -> i32) {
    resources.sort_by_cached_key(|resource| {
        let gvk = resource.gvk();
        let rank = rank(&gvk.kind);
        // Of several kinds `Namespace`, the one of the core group comes first. kustomize says so without
        // regard to the rank, which is no order at all where other kinds stand between them.
        let other_namespace = rank != 0 && gvk.kind == "Namespace" && !gvk.group.is_empty();
        let name = format!("{}|{}", or(resource.namespace(), "~X"), or(resource.name(), "~N"));
        let mut text = legacy_text(&gvk).into_bytes();
        if rank != 0 && gvk.kind == "Namespace" && gvk.group.is_empty() {
            // Those of the core group stand in the reverse order of their versions.
            for byte in &mut text {
                *byte = !*byte;
            }
            text.push(u8::MAX);
        }
        (rank, other_namespace, text, name)
    });
}

fn or<'a>(part: &'a str, empty: &'a str) -> &'a str {
    if part.is_empty() { empty } else { part }
}

/// Group, version and kind as the legacy order compares them: what is empty sorts after all others.
pub(crate) fn legacy_text(gvk: &Gvk) -> String {
    format!("{}_{}_{}", or(&gvk.group, "~G"), or(&gvk.version, "~V"), or(&gvk.kind, "~K"))
}

/// Where a kind stands in the legacy order: negative for the first ones, positive for the last ones.
pub(crate) fn rank(kind: &str) -> i32 {
    rank_in(kind, FIRST, LAST)
}

fn rank_in(kind: &str, first: &[&str], last: &[&str]) -> i32 {
    let number = |value: usize| i32::try_from(value).unwrap_or(i32::MAX);
    if let Some(at) = last.iter().rposition(|known| *known == kind) {
        return 1 + number(at);
    }
    first.iter().rposition(|known| *known == kind).map_or(0, |at| number(at) - number(first.len()))
}
