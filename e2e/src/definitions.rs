//! Definitions of the kinds that the engine reads beside those of Kubernetes: open ones, without a schema.
//!
//! Group, kind, plural and subresources are those of the upstream definitions; a cluster with Argo CD has the real
//! ones.

use gitops_core::diagnostic::Location;
use gitops_core::object::Object;
use gitops_core::yaml;

/// Group, kind, plural, whether it lives in namespaces, whether it has a status subresource.
const KINDS: &[(&str, &str, &str, bool, bool)] = &[
    ("argoproj.io", "AnalysisRun", "analysisruns", true, false),
    ("argoproj.io", "AnalysisTemplate", "analysistemplates", true, false),
    ("argoproj.io", "AppProject", "appprojects", true, false),
    ("argoproj.io", "Application", "applications", true, false),
    ("argoproj.io", "ClusterAnalysisTemplate", "clusteranalysistemplates", false, false),
    ("argoproj.io", "Rollout", "rollouts", true, true),
    ("argocd-image-updater.argoproj.io", "ImageUpdater", "imageupdaters", true, true),
    ("gitops.dev", "SyncApproval", "syncapprovals", true, false),
];

/// The definitions, one object a kind.
pub fn definitions() -> Vec<Object> {
    KINDS.iter().filter_map(|(group, kind, plural, namespaced, status)| {
        let scope = if *namespaced { "Namespaced" } else { "Cluster" };
        let subresources = if *status { "{status: {}}" } else { "{}" };
        let singular = kind.to_lowercase();
        let text = format!(
            "{{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {{name: {plural}.{group}}}, \
             spec: {{group: {group}, scope: {scope}, names: {{kind: {kind}, plural: {plural}, singular: {singular}}}, \
             versions: [{{name: v1alpha1, served: true, storage: true, subresources: {subresources}, schema: {{openAPIV3Schema: \
             {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}}}]}}}}"
        );
        yaml::read_one(kind, &text).ok().map(|root| Object::new(root, Location::default()))
    }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_defined() {
        assert_eq!(definitions().len(), KINDS.len());
    }
}
