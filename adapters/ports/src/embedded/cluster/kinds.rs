//! The kinds that the embedded cluster serves: a table, and what stored definitions of custom resources add.

use gitops_core::object::{ObjectKey, group_and_version};
use gitops_core::yaml::Node;
use smol_str::SmolStr;

use super::store::Store;
use crate::cluster::{ClusterError, ServedKind};

const NAMESPACED: u8 = 1;
const STATUS: u8 = 2;
const BOTH: u8 = NAMESPACED | STATUS;

/// Group, version, kind, plural, scope and status subresource. Argo's kinds are served without their
/// `CustomResourceDefinition`; their subresources are those of the upstream definitions.
const BUILT_IN: &[(&str, &str, &str, &str, u8)] = &[
    ("", "v1", "ConfigMap", "configmaps", NAMESPACED),
    ("", "v1", "Endpoints", "endpoints", NAMESPACED),
    ("", "v1", "Event", "events", NAMESPACED),
    ("", "v1", "LimitRange", "limitranges", NAMESPACED),
    ("", "v1", "Namespace", "namespaces", STATUS),
    ("", "v1", "Node", "nodes", STATUS),
    ("", "v1", "PersistentVolume", "persistentvolumes", STATUS),
    ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", BOTH),
    ("", "v1", "Pod", "pods", BOTH),
    ("", "v1", "PodTemplate", "podtemplates", NAMESPACED),
    ("", "v1", "ReplicationController", "replicationcontrollers", BOTH),
    ("", "v1", "ResourceQuota", "resourcequotas", BOTH),
    ("", "v1", "Secret", "secrets", NAMESPACED),
    ("", "v1", "Service", "services", BOTH),
    ("", "v1", "ServiceAccount", "serviceaccounts", NAMESPACED),
    (
        "admissionregistration.k8s.io",
        "v1",
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        0,
    ),
    (
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        0,
    ),
    ("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", STATUS),
    ("apiregistration.k8s.io", "v1", "APIService", "apiservices", STATUS),
    ("apps", "v1", "ControllerRevision", "controllerrevisions", NAMESPACED),
    ("apps", "v1", "DaemonSet", "daemonsets", BOTH),
    ("apps", "v1", "Deployment", "deployments", BOTH),
    ("apps", "v1", "ReplicaSet", "replicasets", BOTH),
    ("apps", "v1", "StatefulSet", "statefulsets", BOTH),
    ("argoproj.io", "v1alpha1", "AnalysisRun", "analysisruns", NAMESPACED),
    ("argoproj.io", "v1alpha1", "AnalysisTemplate", "analysistemplates", NAMESPACED),
    ("argoproj.io", "v1alpha1", "AppProject", "appprojects", NAMESPACED),
    ("argoproj.io", "v1alpha1", "Application", "applications", NAMESPACED),
    ("argoproj.io", "v1alpha1", "ApplicationSet", "applicationsets", BOTH),
    ("argoproj.io", "v1alpha1", "ClusterAnalysisTemplate", "clusteranalysistemplates", 0),
    ("argoproj.io", "v1alpha1", "Experiment", "experiments", BOTH),
    ("argocd-image-updater.argoproj.io", "v1alpha1", "ImageUpdater", "imageupdaters", BOTH),
    ("argoproj.io", "v1alpha1", "Rollout", "rollouts", BOTH),
    ("gitops.dev", "v1alpha1", "SyncApproval", "syncapprovals", NAMESPACED),
    ("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", BOTH),
    ("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", BOTH),
    ("batch", "v1", "CronJob", "cronjobs", BOTH),
    ("batch", "v1", "Job", "jobs", BOTH),
    ("coordination.k8s.io", "v1", "Lease", "leases", NAMESPACED),
    ("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", NAMESPACED),
    ("networking.k8s.io", "v1", "Ingress", "ingresses", BOTH),
    ("networking.k8s.io", "v1", "IngressClass", "ingressclasses", 0),
    ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", NAMESPACED),
    ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", BOTH),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", 0),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", 0),
    ("rbac.authorization.k8s.io", "v1", "Role", "roles", NAMESPACED),
    ("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", NAMESPACED),
    ("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", 0),
    ("storage.k8s.io", "v1", "StorageClass", "storageclasses", 0),
];

/// Every kind that is served now.
pub(super) fn served(store: &Store) -> Vec<ServedKind> {
    let built_in = BUILT_IN.iter().map(|(group, version, kind, plural, flags)| ServedKind {
        group: SmolStr::new_static(group),
        version: SmolStr::new_static(version),
        kind: SmolStr::new_static(kind),
        plural: SmolStr::new_static(plural),
        namespaced: flags & NAMESPACED != 0,
        status_subresource: flags & STATUS != 0,
    });
    let mut kinds: Vec<ServedKind> = built_in.collect();
    let definitions = store.of_kind("apiextensions.k8s.io", "CustomResourceDefinition", "");
    for definition in definitions {
        let known = kinds.len();
        kinds.extend(defined(&definition.root));
        // A definition of a built-in kind replaces the row of the table.
        if let Some(first) = kinds.get(known).map(|kind| (kind.group.clone(), kind.kind.clone())) {
            let mut at = 0;
            kinds.retain(|kind| {
                at += 1;
                at > known || (&kind.group, &kind.kind) != (&first.0, &first.1)
            });
        }
    }
    kinds
}

fn defined(definition: &Node) -> Vec<ServedKind> {
    let text = |path: &[&str]| SmolStr::from(definition.str_at(path).unwrap_or_default());
    let versions = definition.at(&["spec", "versions"]).map(Node::items).unwrap_or_default();
    let served = versions.iter().filter(|version| flag(version, "served"));
    let mut kinds: Vec<(bool, ServedKind)> = served
        .map(|version| {
            let kind = ServedKind {
                group: text(&["spec", "group"]),
                version: version.str_at(&["name"]).unwrap_or_default().into(),
                kind: text(&["spec", "names", "kind"]),
                plural: text(&["spec", "names", "plural"]),
                namespaced: text(&["spec", "scope"]) == "Namespaced",
                status_subresource: version.at(&["subresources", "status"]).is_some(),
            };
            (flag(version, "storage"), kind)
        })
        .collect();
    kinds.sort_by_key(|(storage, _)| !storage);
    kinds.into_iter().map(|(_, kind)| kind).collect()
}

fn flag(node: &Node, name: &str) -> bool {
    node.get(name).and_then(Node::as_bool).unwrap_or_default()
}

/// The served kind of an object that is to be written.
pub(super) fn kind_of(store: &Store, root: &Node) -> Result<ServedKind, ClusterError> {
    let api_version = root.str_at(&["apiVersion"]).unwrap_or_default();
    let kind = root.str_at(&["kind"]).unwrap_or_default();
    let (group, version) = group_and_version(api_version);
    served(store)
        .into_iter()
        .find(|served| served.group == group && served.version == version && served.kind == kind)
        .ok_or_else(|| ClusterError::UnknownKind {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
        })
}

/// The served kind of a key, in its preferred version.
pub(super) fn kind_of_key(store: &Store, key: &ObjectKey) -> Result<ServedKind, ClusterError> {
    served(store).into_iter().find(|served| served.group == key.group && served.kind == key.kind).ok_or_else(
        || ClusterError::UnknownKind { api_version: key.group.to_string(), kind: key.kind.to_string() },
    )
}
