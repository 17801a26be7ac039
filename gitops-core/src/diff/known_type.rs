//! The one way in which the API server writes a value of a Kubernetes type.
//!
//! Argo CD passes both sides of a comparison through Go's structs, so that `2000m` equals `2`, a false
//! `readOnly` equals an absent one, and a list item has its defaults. Here the same knowledge is a table per
//! type. A value that its type refuses stays as it is.

use crate::object::{Object, group_and_version};
use crate::quantity::canonical;
use crate::time::{format_duration, parse_duration};
use crate::yaml::{Mapping, Node, Tag, Value};

/// What is special about the fields of a type.
#[derive(Debug)]
pub(super) struct Type {
    /// Quantities.
    quantities: &'static [&'static str],
    /// Mappings whose values are quantities.
    quantity_maps: &'static [&'static str],
    /// Durations.
    durations: &'static [&'static str],
    /// Fields that are not written when they are false, 0, `""`, `{}` or `[]`.
    omitted: &'static [&'static str],
    /// Fields that the API server fills in.
    defaults: &'static [(&'static str, &'static str)],
    /// Fields that never count.
    removed: &'static [&'static str],
    /// Fields that have a type of their own, or lists of them.
    fields: &'static [(&'static str, &'static Type)],
}

/// Nothing is special.
const PLAIN: Type = Type {
    quantities: &[],
    quantity_maps: &[],
    durations: &[],
    omitted: &[],
    defaults: &[],
    removed: &[],
    fields: &[],
};

static META: Type = Type { omitted: &["labels", "annotations", "finalizers", "ownerReferences"], ..PLAIN };
static RESOURCES: Type = Type { quantity_maps: &["limits", "requests"], omitted: &["claims"], ..PLAIN };
static RESOURCE_FIELD: Type = Type { quantities: &["divisor"], omitted: &["containerName"], ..PLAIN };
static FIELD_REF: Type = Type { defaults: &[("apiVersion", "v1")], ..PLAIN };
static VALUE_FROM: Type =
    Type { fields: &[("resourceFieldRef", &RESOURCE_FIELD), ("fieldRef", &FIELD_REF)], ..PLAIN };
static ENV_VAR: Type = Type { omitted: &["value"], fields: &[("valueFrom", &VALUE_FROM)], ..PLAIN };
static VOLUME_MOUNT: Type = Type { omitted: &["readOnly", "subPath", "subPathExpr"], ..PLAIN };
static PORT: Type =
    Type { omitted: &["hostPort", "name", "hostIP"], defaults: &[("protocol", "TCP")], ..PLAIN };
static PROBE: Type = Type { omitted: &["initialDelaySeconds"], ..PLAIN };
static CONTAINER: Type = Type {
    omitted: &[
        "stdin",
        "stdinOnce",
        "tty",
        "workingDir",
        "args",
        "command",
        "env",
        "envFrom",
        "ports",
        "volumeMounts",
    ],
    fields: &[
        ("env", &ENV_VAR),
        ("livenessProbe", &PROBE),
        ("ports", &PORT),
        ("readinessProbe", &PROBE),
        ("resources", &RESOURCES),
        ("startupProbe", &PROBE),
        ("volumeMounts", &VOLUME_MOUNT),
    ],
    ..PLAIN
};
static EMPTY_DIR: Type = Type { quantities: &["sizeLimit"], omitted: &["medium"], ..PLAIN };
static DOWNWARD_ITEM: Type =
    Type { fields: &[("resourceFieldRef", &RESOURCE_FIELD), ("fieldRef", &FIELD_REF)], ..PLAIN };
static DOWNWARD: Type = Type { fields: &[("items", &DOWNWARD_ITEM)], ..PLAIN };
static ACCOUNT_TOKEN: Type =
    Type { defaults: &[("expirationSeconds", "3600")], omitted: &["audience"], ..PLAIN };
static PROJECTION: Type =
    Type { fields: &[("downwardAPI", &DOWNWARD), ("serviceAccountToken", &ACCOUNT_TOKEN)], ..PLAIN };
static PROJECTED: Type = Type { fields: &[("sources", &PROJECTION)], ..PLAIN };
static READ_ONLY: Type = Type { omitted: &["readOnly"], ..PLAIN };
static CLAIM_SPEC: Type =
    Type { defaults: &[("volumeMode", "Filesystem")], fields: &[("resources", &RESOURCES)], ..PLAIN };
static CLAIM_TEMPLATE: Type = Type {
    removed: &["status"],
    defaults: &[("apiVersion", "v1"), ("kind", "PersistentVolumeClaim")],
    fields: &[("metadata", &META), ("spec", &CLAIM_SPEC)],
    ..PLAIN
};
static EPHEMERAL: Type = Type { fields: &[("volumeClaimTemplate", &CLAIM_OF_POD)], ..PLAIN };
static CLAIM_OF_POD: Type = Type { fields: &[("metadata", &META), ("spec", &CLAIM_SPEC)], ..PLAIN };
static VOLUME: Type = Type {
    fields: &[
        ("awsElasticBlockStore", &READ_ONLY),
        ("downwardAPI", &DOWNWARD),
        ("emptyDir", &EMPTY_DIR),
        ("ephemeral", &EPHEMERAL),
        ("gcePersistentDisk", &READ_ONLY),
        ("nfs", &READ_ONLY),
        ("persistentVolumeClaim", &READ_ONLY),
        ("projected", &PROJECTED),
    ],
    ..PLAIN
};
static POD_SPEC: Type = Type {
    quantity_maps: &["overhead"],
    omitted: &[
        "hostNetwork",
        "hostPID",
        "hostIPC",
        "nodeName",
        "hostname",
        "subdomain",
        "serviceAccountName",
        "nodeSelector",
        "volumes",
        "initContainers",
        "tolerations",
        "imagePullSecrets",
        "hostAliases",
        "priorityClassName",
        "topologySpreadConstraints",
    ],
    fields: &[
        ("containers", &CONTAINER),
        ("ephemeralContainers", &CONTAINER),
        ("initContainers", &CONTAINER),
        ("resources", &RESOURCES),
        ("volumes", &VOLUME),
    ],
    ..PLAIN
};
static POD_TEMPLATE: Type = Type { fields: &[("metadata", &META), ("spec", &POD_SPEC)], ..PLAIN };
static WORKLOAD_SPEC: Type = Type {
    omitted: &["minReadySeconds", "paused"],
    fields: &[("template", &POD_TEMPLATE), ("volumeClaimTemplates", &CLAIM_TEMPLATE)],
    ..PLAIN
};
static JOB_TEMPLATE: Type = Type { fields: &[("metadata", &META), ("spec", &WORKLOAD_SPEC)], ..PLAIN };
static CRON_JOB_SPEC: Type = Type { fields: &[("jobTemplate", &JOB_TEMPLATE)], ..PLAIN };
static QUOTA_SPEC: Type = Type { quantity_maps: &["hard"], ..PLAIN };
static LIMIT: Type =
    Type { quantity_maps: &["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"], ..PLAIN };
static LIMIT_RANGE_SPEC: Type = Type { fields: &[("limits", &LIMIT)], ..PLAIN };
static VOLUME_SPEC: Type = Type { quantity_maps: &["capacity"], ..PLAIN };
static METRIC_TARGET: Type = Type { quantities: &["value", "averageValue"], ..PLAIN };
static METRIC_SOURCE: Type = Type { fields: &[("target", &METRIC_TARGET)], ..PLAIN };
static METRIC: Type = Type {
    fields: &[
        ("containerResource", &METRIC_SOURCE),
        ("external", &METRIC_SOURCE),
        ("object", &METRIC_SOURCE),
        ("pods", &METRIC_SOURCE),
        ("resource", &METRIC_SOURCE),
    ],
    ..PLAIN
};
static AUTOSCALER_SPEC: Type = Type { fields: &[("metrics", &METRIC)], ..PLAIN };
static POLICY_PORT: Type = Type { defaults: &[("protocol", "TCP")], ..PLAIN };
static POLICY_RULE: Type =
    Type { omitted: &["ports", "from", "to"], fields: &[("ports", &POLICY_PORT)], ..PLAIN };
static POLICY_SPEC: Type = Type {
    omitted: &["ingress", "egress"],
    fields: &[("egress", &POLICY_RULE), ("ingress", &POLICY_RULE)],
    ..PLAIN
};
static SERVICE_PORT: Type =
    Type { omitted: &["nodePort", "name"], defaults: &[("protocol", "TCP")], ..PLAIN };
static SERVICE_SPEC: Type = Type {
    omitted: &[
        "publishNotReadyAddresses",
        "selector",
        "externalIPs",
        "ports",
        "loadBalancerIP",
        "externalName",
    ],
    fields: &[("ports", &SERVICE_PORT)],
    ..PLAIN
};

/// Declares the type of an object from the type of its `spec`.
macro_rules! object_with {
    ($name:ident, $spec:expr) => {
        static $name: Type = Type { fields: &[("metadata", &META), ("spec", $spec)], ..PLAIN };
    };
}

object_with!(WORKLOAD, &WORKLOAD_SPEC);
object_with!(POD, &POD_SPEC);
object_with!(CRON_JOB, &CRON_JOB_SPEC);
object_with!(CLAIM, &CLAIM_SPEC);
object_with!(VOLUME_OBJECT, &VOLUME_SPEC);
object_with!(QUOTA, &QUOTA_SPEC);
object_with!(LIMIT_RANGE, &LIMIT_RANGE_SPEC);
object_with!(AUTOSCALER, &AUTOSCALER_SPEC);
object_with!(POLICY, &POLICY_SPEC);
object_with!(SERVICE, &SERVICE_SPEC);
static TEMPLATE_OBJECT: Type = Type { fields: &[("metadata", &META), ("template", &POD_TEMPLATE)], ..PLAIN };
static DATA_OBJECT: Type = Type { omitted: &["data", "binaryData"], fields: &[("metadata", &META)], ..PLAIN };
static BINDING: Type = Type { omitted: &["subjects"], fields: &[("metadata", &META)], ..PLAIN };
static ROLE: Type = Type { omitted: &["rules"], fields: &[("metadata", &META)], ..PLAIN };
static WEBHOOK_RULE: Type = Type { defaults: &[("scope", "*")], ..PLAIN };
static WEBHOOK: Type = Type { fields: &[("rules", &WEBHOOK_RULE)], ..PLAIN };
static WEBHOOKS: Type = Type { fields: &[("metadata", &META), ("webhooks", &WEBHOOK)], ..PLAIN };
static ENDPOINT_SUBSET: Type = Type { fields: &[("ports", &POLICY_PORT)], ..PLAIN };
static ENDPOINTS: Type = Type { fields: &[("metadata", &META), ("subsets", &ENDPOINT_SUBSET)], ..PLAIN };
static BUILT_IN: Type = Type { fields: &[("metadata", &META)], ..PLAIN };
static ROLLOUT_TEMPLATE: Type = Type { fields: &[("spec", &POD_SPEC)], ..PLAIN };
static ROLLOUT_SPEC: Type = Type { fields: &[("template", &ROLLOUT_TEMPLATE)], ..PLAIN };
/// Argo CD knows this field of a Rollout unless it is configured otherwise.
static ROLLOUT: Type = Type { fields: &[("spec", &ROLLOUT_SPEC)], ..PLAIN };

/// The types of kinds, by group and kind.
static KINDS: &[(&str, &str, &Type)] = &[
    ("", "ConfigMap", &DATA_OBJECT),
    ("", "Endpoints", &ENDPOINTS),
    ("", "LimitRange", &LIMIT_RANGE),
    ("", "PersistentVolume", &VOLUME_OBJECT),
    ("", "PersistentVolumeClaim", &CLAIM),
    ("", "Pod", &POD),
    ("", "PodTemplate", &TEMPLATE_OBJECT),
    ("", "ReplicationController", &WORKLOAD),
    ("", "ResourceQuota", &QUOTA),
    ("", "Secret", &DATA_OBJECT),
    ("", "Service", &SERVICE),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration", &WEBHOOKS),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", &WEBHOOKS),
    ("apps", "DaemonSet", &WORKLOAD),
    ("apps", "Deployment", &WORKLOAD),
    ("apps", "ReplicaSet", &WORKLOAD),
    ("apps", "StatefulSet", &WORKLOAD),
    ("argoproj.io", "Rollout", &ROLLOUT),
    ("autoscaling", "HorizontalPodAutoscaler", &AUTOSCALER),
    ("batch", "CronJob", &CRON_JOB),
    ("batch", "Job", &WORKLOAD),
    ("extensions", "Deployment", &WORKLOAD),
    ("networking.k8s.io", "NetworkPolicy", &POLICY),
    ("rbac.authorization.k8s.io", "ClusterRole", &ROLE),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", &BINDING),
    ("rbac.authorization.k8s.io", "Role", &ROLE),
    ("rbac.authorization.k8s.io", "RoleBinding", &BINDING),
];

static QUANTITY_TYPE: Type = Type { quantities: &[""], ..PLAIN };
static DURATION_TYPE: Type = Type { durations: &[""], ..PLAIN };
static RESOURCE_LIST_TYPE: Type = Type { quantity_maps: &[""], ..PLAIN };

/// The types that `knownTypeFields` may name, as far as they differ from what is written.
static NAMED: &[(&str, &Type)] = &[
    ("core/Quantity", &QUANTITY_TYPE),
    ("core/v1/Container", &CONTAINER),
    ("core/v1/ContainerPort", &PORT),
    ("core/v1/EmptyDirVolumeSource", &EMPTY_DIR),
    ("core/v1/EnvVar", &ENV_VAR),
    ("core/v1/LimitRangeSpec", &LIMIT_RANGE_SPEC),
    ("core/v1/PersistentVolumeClaim", &CLAIM),
    ("core/v1/PersistentVolumeClaimSpec", &CLAIM_SPEC),
    ("core/v1/PersistentVolumeSpec", &VOLUME_SPEC),
    ("core/v1/Pod", &POD),
    ("core/v1/PodSpec", &POD_SPEC),
    ("core/v1/PodTemplateSpec", &POD_TEMPLATE),
    ("core/v1/Probe", &PROBE),
    ("core/v1/ResourceFieldSelector", &RESOURCE_FIELD),
    ("core/v1/ResourceList", &RESOURCE_LIST_TYPE),
    ("core/v1/ResourceQuotaSpec", &QUOTA_SPEC),
    ("core/v1/ResourceRequirements", &RESOURCES),
    ("core/v1/ServicePort", &SERVICE_PORT),
    ("core/v1/ServiceSpec", &SERVICE_SPEC),
    ("core/v1/Volume", &VOLUME),
    ("core/v1/VolumeMount", &VOLUME_MOUNT),
    ("core/v1/VolumeResourceRequirements", &RESOURCES),
    ("meta/v1/Duration", &DURATION_TYPE),
];

/// The type that `knownTypeFields` calls `name`.
pub(super) fn named(name: &str) -> Option<&'static Type> {
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, found)| *found)
}

/// Writes every value of an object as its type writes it. `built_in` says that Kubernetes itself has the kind.
pub(super) fn canonicalize_object(object: &mut Object, built_in: bool) {
    let group = group_and_version(object.api_version()).0;
    let known = KINDS.iter().find(|(of, kind, _)| *of == group && *kind == object.key.kind);
    match known {
        Some((_, _, of)) => canonicalize(&mut object.root, of),
        None if built_in => canonicalize(&mut object.root, &BUILT_IN),
        None => {}
    }
}

/// Writes every value of `node` as its type writes it; lists are walked.
pub(super) fn canonicalize(node: &mut Node, of: &Type) {
    if let Value::Sequence(_) = node.value {
        for item in node.items_mut().into_iter().flatten() {
            canonicalize(item, of);
        }
        return;
    }
    for name in of.quantities {
        at(node, name, rewrite_quantity);
    }
    for name in of.quantity_maps {
        at(node, name, |map| {
            for entry in map.as_mapping_mut().into_iter().flat_map(Mapping::entries_mut) {
                rewrite_quantity(&mut entry.value);
            }
        });
    }
    for name in of.durations {
        at(node, name, rewrite_duration);
    }
    for (name, of) in of.fields {
        at(node, name, |field| canonicalize(field, of));
    }
    for name in of.omitted {
        if node.get(name).is_some_and(is_zero) {
            node.remove(name);
        }
    }
    for name in of.removed {
        node.remove(name);
    }
    for (name, value) in of.defaults {
        if node.is_mapping() && node.get(name).is_none() {
            node.set(*name, Node::scalar(crate::yaml::Scalar::plain(*value)));
        }
    }
}

/// Calls `change` on the field `name` of a mapping; the empty name is the node itself.
fn at(node: &mut Node, name: &str, change: impl FnOnce(&mut Node)) {
    if name.is_empty() {
        change(node);
    } else if node.get(name).is_some()
        && let Some(field) = node.get_mut(name)
    {
        change(field);
    }
}

fn rewrite_quantity(node: &mut Node) {
    let Some(scalar) = node.as_scalar() else { return };
    match scalar.tag() {
        Tag::Str | Tag::Int | Tag::Float => {
            *node = Node::string(canonical(scalar.text())).with_origin(node.origin);
        }
        Tag::Null | Tag::Bool | Tag::Timestamp | Tag::Binary | Tag::Merge => {}
    }
}

fn rewrite_duration(node: &mut Node) {
    if let Some(duration) = node.as_str().and_then(|text| parse_duration(text).ok()) {
        *node = Node::string(format_duration(duration)).with_origin(node.origin);
    }
}

fn is_zero(node: &Node) -> bool {
    match &node.value {
        Value::Sequence(items) => items.is_empty(),
        Value::Mapping(mapping) => mapping.is_empty(),
        Value::Scalar(scalar) => match scalar.tag() {
            Tag::Null => true,
            Tag::Bool => scalar.as_bool() == Some(false),
            Tag::Int | Tag::Float => scalar.as_i64() == Some(0),
            Tag::Str | Tag::Timestamp | Tag::Binary | Tag::Merge => scalar.text().is_empty(),
        },
    }
}
