// Written by scripts/generate_kind_tables.py from the OpenAPI document of Kubernetes v1.21.2.
// Do not edit: run the script again.

use super::schema::BuiltInNode as Node;

/// The release that the tables describe.
pub const VERSION: &str = "v1.21.2";

/// Which row of [`NODES`] describes a kind, sorted by `apiVersion` and kind.
pub(super) static KINDS: &[(&str, &str, u16)] = &[
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", 0),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", 8),
    ("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration", 9),
    ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", 10),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition", 11),
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", 17),
    ("apiregistration.k8s.io/v1", "APIService", 23),
    ("apiregistration.k8s.io/v1beta1", "APIService", 26),
    ("apps/v1", "ControllerRevision", 28),
    ("apps/v1", "DaemonSet", 30),
    ("apps/v1", "Deployment", 48),
    ("apps/v1", "ReplicaSet", 51),
    ("apps/v1", "StatefulSet", 54),
    ("authentication.k8s.io/v1", "TokenRequest", 60),
    ("authentication.k8s.io/v1", "TokenReview", 61),
    ("authentication.k8s.io/v1beta1", "TokenReview", 62),
    ("authorization.k8s.io/v1", "LocalSubjectAccessReview", 63),
    ("authorization.k8s.io/v1", "SelfSubjectAccessReview", 64),
    ("authorization.k8s.io/v1", "SelfSubjectRulesReview", 65),
    ("authorization.k8s.io/v1", "SubjectAccessReview", 66),
    ("authorization.k8s.io/v1beta1", "LocalSubjectAccessReview", 67),
    ("authorization.k8s.io/v1beta1", "SelfSubjectAccessReview", 68),
    ("authorization.k8s.io/v1beta1", "SelfSubjectRulesReview", 69),
    ("authorization.k8s.io/v1beta1", "SubjectAccessReview", 70),
    ("autoscaling/v1", "HorizontalPodAutoscaler", 71),
    ("autoscaling/v1", "Scale", 72),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", 73),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", 74),
    ("batch/v1", "CronJob", 75),
    ("batch/v1", "Job", 79),
    ("batch/v1beta1", "CronJob", 81),
    ("certificates.k8s.io/v1", "CertificateSigningRequest", 84),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", 85),
    ("coordination.k8s.io/v1", "Lease", 86),
    ("coordination.k8s.io/v1beta1", "Lease", 87),
    ("discovery.k8s.io/v1", "EndpointSlice", 88),
    ("discovery.k8s.io/v1beta1", "EndpointSlice", 89),
    ("events.k8s.io/v1", "Event", 90),
    ("events.k8s.io/v1beta1", "Event", 91),
    ("extensions/v1beta1", "Ingress", 92),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", 93),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "PriorityLevelConfiguration", 94),
    ("kustomize.config.k8s.io/v1beta1", "Kustomization", 95),
    ("networking.k8s.io/v1", "Ingress", 96),
    ("networking.k8s.io/v1", "IngressClass", 97),
    ("networking.k8s.io/v1", "NetworkPolicy", 98),
    ("networking.k8s.io/v1beta1", "Ingress", 99),
    ("networking.k8s.io/v1beta1", "IngressClass", 100),
    ("node.k8s.io/v1", "RuntimeClass", 101),
    ("node.k8s.io/v1beta1", "RuntimeClass", 102),
    ("policy/v1", "PodDisruptionBudget", 103),
    ("policy/v1beta1", "Eviction", 105),
    ("policy/v1beta1", "PodDisruptionBudget", 106),
    ("policy/v1beta1", "PodSecurityPolicy", 108),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", 109),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", 110),
    ("rbac.authorization.k8s.io/v1", "Role", 111),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", 112),
    ("rbac.authorization.k8s.io/v1beta1", "ClusterRole", 113),
    ("rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding", 114),
    ("rbac.authorization.k8s.io/v1beta1", "Role", 115),
    ("rbac.authorization.k8s.io/v1beta1", "RoleBinding", 116),
    ("scheduling.k8s.io/v1", "PriorityClass", 117),
    ("scheduling.k8s.io/v1beta1", "PriorityClass", 118),
    ("storage.k8s.io/v1", "CSIDriver", 119),
    ("storage.k8s.io/v1", "CSINode", 120),
    ("storage.k8s.io/v1", "StorageClass", 122),
    ("storage.k8s.io/v1", "VolumeAttachment", 123),
    ("storage.k8s.io/v1beta1", "CSIDriver", 124),
    ("storage.k8s.io/v1beta1", "CSINode", 125),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity", 127),
    ("storage.k8s.io/v1beta1", "StorageClass", 128),
    ("storage.k8s.io/v1beta1", "VolumeAttachment", 129),
    ("v1", "Binding", 130),
    ("v1", "ComponentStatus", 131),
    ("v1", "ConfigMap", 132),
    ("v1", "Endpoints", 133),
    ("v1", "Event", 134),
    ("v1", "LimitRange", 135),
    ("v1", "Namespace", 136),
    ("v1", "Node", 138),
    ("v1", "PersistentVolume", 141),
    ("v1", "PersistentVolumeClaim", 56),
    ("v1", "Pod", 142),
    ("v1", "PodTemplate", 144),
    ("v1", "ReplicationController", 145),
    ("v1", "ResourceQuota", 148),
    ("v1", "Secret", 149),
    ("v1", "Service", 150),
    ("v1", "ServiceAccount", 154),
];

/// Whether a kind lives in a namespace, sorted by `apiVersion` and kind.
pub(super) static SCOPES: &[(&str, &str, bool)] = &[
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", false),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", false),
    ("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration", false),
    ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", false),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition", false),
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", false),
    ("apiregistration.k8s.io/v1", "APIService", false),
    ("apiregistration.k8s.io/v1beta1", "APIService", false),
    ("apps/v1", "ControllerRevision", true),
    ("apps/v1", "DaemonSet", true),
    ("apps/v1", "Deployment", true),
    ("apps/v1", "ReplicaSet", true),
    ("apps/v1", "StatefulSet", true),
    ("autoscaling/v1", "HorizontalPodAutoscaler", true),
    ("autoscaling/v1", "Scale", true),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", true),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", true),
    ("batch/v1", "CronJob", true),
    ("batch/v1", "Job", true),
    ("batch/v1beta1", "CronJob", true),
    ("certificates.k8s.io/v1", "CertificateSigningRequest", false),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", false),
    ("coordination.k8s.io/v1", "Lease", true),
    ("coordination.k8s.io/v1beta1", "Lease", true),
    ("discovery.k8s.io/v1", "EndpointSlice", true),
    ("discovery.k8s.io/v1beta1", "EndpointSlice", true),
    ("events.k8s.io/v1", "Event", true),
    ("events.k8s.io/v1beta1", "Event", true),
    ("extensions/v1beta1", "Ingress", true),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", false),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "PriorityLevelConfiguration", false),
    ("networking.k8s.io/v1", "Ingress", true),
    ("networking.k8s.io/v1", "IngressClass", false),
    ("networking.k8s.io/v1", "NetworkPolicy", true),
    ("networking.k8s.io/v1beta1", "Ingress", true),
    ("networking.k8s.io/v1beta1", "IngressClass", false),
    ("node.k8s.io/v1", "RuntimeClass", false),
    ("node.k8s.io/v1beta1", "RuntimeClass", false),
    ("policy/v1", "PodDisruptionBudget", true),
    ("policy/v1beta1", "PodDisruptionBudget", true),
    ("policy/v1beta1", "PodSecurityPolicy", false),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", false),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", false),
    ("rbac.authorization.k8s.io/v1", "Role", true),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", true),
    ("rbac.authorization.k8s.io/v1beta1", "ClusterRole", false),
    ("rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding", false),
    ("rbac.authorization.k8s.io/v1beta1", "Role", true),
    ("rbac.authorization.k8s.io/v1beta1", "RoleBinding", true),
    ("scheduling.k8s.io/v1", "PriorityClass", false),
    ("scheduling.k8s.io/v1beta1", "PriorityClass", false),
    ("storage.k8s.io/v1", "CSIDriver", false),
    ("storage.k8s.io/v1", "CSINode", false),
    ("storage.k8s.io/v1", "StorageClass", false),
    ("storage.k8s.io/v1", "VolumeAttachment", false),
    ("storage.k8s.io/v1beta1", "CSIDriver", false),
    ("storage.k8s.io/v1beta1", "CSINode", false),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity", true),
    ("storage.k8s.io/v1beta1", "StorageClass", false),
    ("storage.k8s.io/v1beta1", "VolumeAttachment", false),
    ("v1", "ComponentStatus", false),
    ("v1", "ConfigMap", true),
    ("v1", "Endpoints", true),
    ("v1", "Event", true),
    ("v1", "LimitRange", true),
    ("v1", "Namespace", false),
    ("v1", "Node", false),
    ("v1", "NodeProxyOptions", false),
    ("v1", "PersistentVolume", false),
    ("v1", "PersistentVolumeClaim", true),
    ("v1", "Pod", true),
    ("v1", "PodAttachOptions", true),
    ("v1", "PodExecOptions", true),
    ("v1", "PodPortForwardOptions", true),
    ("v1", "PodProxyOptions", true),
    ("v1", "PodTemplate", true),
    ("v1", "ReplicationController", true),
    ("v1", "ResourceQuota", true),
    ("v1", "Secret", true),
    ("v1", "Service", true),
    ("v1", "ServiceAccount", true),
    ("v1", "ServiceProxyOptions", true),
];

/// The schema graph; children are numbers of rows, and fields are sorted by name.
pub(super) static NODES: &[Node] = &[
    // 0: v1.MutatingWebhookConfiguration
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("webhooks", 7)] },
    // 1: v1.ObjectMeta
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("finalizers", 2), ("managedFields", 5), ("ownerReferences", 6)] },
    // 2
    Node { merges: true, keys: &[], items: None, values: None, fields: &[] },
    // 3: v1.ManagedFieldsEntry
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("fieldsV1", 4)] },
    // 4: v1.FieldsV1
    Node { merges: false, keys: &[], items: None, values: None, fields: &[] },
    // 5
    Node { merges: false, keys: &[], items: Some(3), values: None, fields: &[] },
    // 6
    Node { merges: true, keys: &["uid"], items: None, values: None, fields: &[] },
    // 7
    Node { merges: true, keys: &["name"], items: None, values: None, fields: &[] },
    // 8: v1.ValidatingWebhookConfiguration
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("webhooks", 7)] },
    // 9: v1beta1.MutatingWebhookConfiguration
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("webhooks", 7)] },
    // 10: v1beta1.ValidatingWebhookConfiguration
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("webhooks", 7)] },
    // 11: v1.CustomResourceDefinition
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 12)] },
    // 12: v1.CustomResourceDefinitionSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("versions", 16)] },
    // 13: v1.CustomResourceDefinitionVersion
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("subresources", 14)] },
    // 14: v1.CustomResourceSubresources
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("status", 15)] },
    // 15: v1.CustomResourceSubresourceStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[] },
    // 16
    Node { merges: false, keys: &[], items: Some(13), values: None, fields: &[] },
    // 17: v1beta1.CustomResourceDefinition
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 18)] },
    // 18: v1beta1.CustomResourceDefinitionSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("subresources", 19), ("versions", 22)] },
    // 19: v1beta1.CustomResourceSubresources
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("status", 20)] },
    // 20: v1beta1.CustomResourceSubresourceStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[] },
    // 21: v1beta1.CustomResourceDefinitionVersion
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("subresources", 19)] },
    // 22
    Node { merges: false, keys: &[], items: Some(21), values: None, fields: &[] },
    // 23: v1.APIService
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("status", 24)] },
    // 24: v1.APIServiceStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 25
    Node { merges: true, keys: &["type"], items: None, values: None, fields: &[] },
    // 26: v1beta1.APIService
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("status", 27)] },
    // 27: v1beta1.APIServiceStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 28: v1.ControllerRevision
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("data", 29), ("metadata", 1)] },
    // 29: runtime.RawExtension
    Node { merges: false, keys: &[], items: None, values: None, fields: &[] },
    // 30: v1.DaemonSet
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 31), ("status", 47)] },
    // 31: v1.DaemonSetSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("template", 32)] },
    // 32: v1.PodTemplateSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 33)] },
    // 33: v1.PodSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("containers", 38), ("ephemeralContainers", 40), ("hostAliases", 41), ("imagePullSecrets", 7), ("initContainers", 38), ("topologySpreadConstraints", 42), ("volumes", 46)] },
    // 34: v1.Container
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("env", 7), ("ports", 35), ("volumeDevices", 36), ("volumeMounts", 37)] },
    // 35
    Node { merges: true, keys: &["containerPort", "protocol"], items: None, values: None, fields: &[] },
    // 36
    Node { merges: true, keys: &["devicePath"], items: None, values: None, fields: &[] },
    // 37
    Node { merges: true, keys: &["mountPath"], items: None, values: None, fields: &[] },
    // 38
    Node { merges: true, keys: &["name"], items: Some(34), values: None, fields: &[] },
    // 39: v1.EphemeralContainer
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("env", 7), ("volumeDevices", 36), ("volumeMounts", 37)] },
    // 40
    Node { merges: true, keys: &["name"], items: Some(39), values: None, fields: &[] },
    // 41
    Node { merges: true, keys: &["ip"], items: None, values: None, fields: &[] },
    // 42
    Node { merges: true, keys: &["topologyKey", "whenUnsatisfiable"], items: None, values: None, fields: &[] },
    // 43: v1.Volume
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("ephemeral", 44)] },
    // 44: v1.EphemeralVolumeSource
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("volumeClaimTemplate", 45)] },
    // 45: v1.PersistentVolumeClaimTemplate
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 46
    Node { merges: true, keys: &["name"], items: Some(43), values: None, fields: &[] },
    // 47: v1.DaemonSetStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 48: v1.Deployment
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 49), ("status", 50)] },
    // 49: v1.DeploymentSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("template", 32)] },
    // 50: v1.DeploymentStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 51: v1.ReplicaSet
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 52), ("status", 53)] },
    // 52: v1.ReplicaSetSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("template", 32)] },
    // 53: v1.ReplicaSetStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 54: v1.StatefulSet
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 55), ("status", 59)] },
    // 55: v1.StatefulSetSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("template", 32), ("volumeClaimTemplates", 58)] },
    // 56: v1.PersistentVolumeClaim
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("status", 57)] },
    // 57: v1.PersistentVolumeClaimStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 58
    Node { merges: false, keys: &[], items: Some(56), values: None, fields: &[] },
    // 59: v1.StatefulSetStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 60: v1.TokenRequest
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 61: v1.TokenReview
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 62: v1beta1.TokenReview
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 63: v1.LocalSubjectAccessReview
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 64: v1.SelfSubjectAccessReview
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 65: v1.SelfSubjectRulesReview
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 66: v1.SubjectAccessReview
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 67: v1beta1.LocalSubjectAccessReview
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 68: v1beta1.SelfSubjectAccessReview
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 69: v1beta1.SelfSubjectRulesReview
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 70: v1beta1.SubjectAccessReview
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 71: v1.HorizontalPodAutoscaler
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 72: v1.Scale
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 73: v2beta1.HorizontalPodAutoscaler
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 74: v2beta2.HorizontalPodAutoscaler
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 75: v1.CronJob
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 76)] },
    // 76: v1.CronJobSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("jobTemplate", 77)] },
    // 77: v1.JobTemplateSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 78)] },
    // 78: v1.JobSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("template", 32)] },
    // 79: v1.Job
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 78), ("status", 80)] },
    // 80: v1.JobStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 81: v1beta1.CronJob
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 82)] },
    // 82: v1beta1.CronJobSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("jobTemplate", 83)] },
    // 83: v1beta1.JobTemplateSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 78)] },
    // 84: v1.CertificateSigningRequest
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 85: v1beta1.CertificateSigningRequest
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 86: v1.Lease
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 87: v1beta1.Lease
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 88: v1.EndpointSlice
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 89: v1beta1.EndpointSlice
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 90: v1.Event
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 91: v1beta1.Event
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 92: v1beta1.Ingress
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 93: v1beta1.FlowSchema
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 94: v1beta1.PriorityLevelConfiguration
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 95: v1.Kustomization
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("configMapGenerator", 7), ("secretGenerator", 7)] },
    // 96: v1.Ingress
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 97: v1.IngressClass
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 98: v1.NetworkPolicy
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 99: v1beta1.Ingress
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 100: v1beta1.IngressClass
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 101: v1.RuntimeClass
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 102: v1beta1.RuntimeClass
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 103: v1.PodDisruptionBudget
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("status", 104)] },
    // 104: v1.PodDisruptionBudgetStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 105: v1beta1.Eviction
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 106: v1beta1.PodDisruptionBudget
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("status", 107)] },
    // 107: v1beta1.PodDisruptionBudgetStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 108: v1beta1.PodSecurityPolicy
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 109: v1.ClusterRole
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 110: v1.ClusterRoleBinding
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 111: v1.Role
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 112: v1.RoleBinding
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 113: v1beta1.ClusterRole
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 114: v1beta1.ClusterRoleBinding
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 115: v1beta1.Role
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 116: v1beta1.RoleBinding
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 117: v1.PriorityClass
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 118: v1beta1.PriorityClass
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 119: v1.CSIDriver
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 120: v1.CSINode
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 121)] },
    // 121: v1.CSINodeSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("drivers", 7)] },
    // 122: v1.StorageClass
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 123: v1.VolumeAttachment
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 124: v1beta1.CSIDriver
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 125: v1beta1.CSINode
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 126)] },
    // 126: v1beta1.CSINodeSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("drivers", 7)] },
    // 127: v1beta1.CSIStorageCapacity
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 128: v1beta1.StorageClass
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 129: v1beta1.VolumeAttachment
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 130: v1.Binding
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 131: v1.ComponentStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25), ("metadata", 1)] },
    // 132: v1.ConfigMap
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 133: v1.Endpoints
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 134: v1.Event
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 135: v1.LimitRange
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 136: v1.Namespace
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("status", 137)] },
    // 137: v1.NamespaceStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 138: v1.Node
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 139), ("status", 140)] },
    // 139: v1.NodeSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("podCIDRs", 2)] },
    // 140: v1.NodeStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("addresses", 25), ("conditions", 25)] },
    // 141: v1.PersistentVolume
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 142: v1.Pod
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 33), ("status", 143)] },
    // 143: v1.PodStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25), ("podIPs", 41)] },
    // 144: v1.PodTemplate
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("template", 32)] },
    // 145: v1.ReplicationController
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 146), ("status", 147)] },
    // 146: v1.ReplicationControllerSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("template", 32)] },
    // 147: v1.ReplicationControllerStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 148: v1.ResourceQuota
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 149: v1.Secret
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1)] },
    // 150: v1.Service
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("spec", 151), ("status", 153)] },
    // 151: v1.ServiceSpec
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("ports", 152)] },
    // 152
    Node { merges: true, keys: &["port", "protocol"], items: None, values: None, fields: &[] },
    // 153: v1.ServiceStatus
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("conditions", 25)] },
    // 154: v1.ServiceAccount
    Node { merges: false, keys: &[], items: None, values: None, fields: &[("metadata", 1), ("secrets", 7)] },
];
