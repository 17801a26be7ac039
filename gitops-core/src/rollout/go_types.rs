//! The fields of the Go types behind a pod template and a canary step, in the order in which Go prints them.
//!
//! One type an entry: its name, then its fields. `name?form` is left out when it is empty, `name^form` when it is
//! not there; `name!form` is always printed, `name~form` as null when it is not there. `[form]` is a list, `{form}`
//! a mapping with sorted keys; a form in upper case is another entry.

/// The table. Kubernetes' types are those of `k8s.io/api/core/v1`, the others those of Argo Rollouts.
pub(super) const TYPES: &str = "
AWSElasticBlockStoreVolumeSource: volumeID!text fsType?text partition?number readOnly?flag
Affinity: nodeAffinity^NodeAffinity podAffinity^PodAffinity podAntiAffinity^PodAntiAffinity
AnalysisRunArgument: name!text value?text valueFrom^ArgumentValueFrom
AnalysisRunMetadata: labels?{text} annotations?{text}
AnalysisTemplateRef: templateName!text clusterScope^flag
AppArmorProfile: type!text localhostProfile^text
ArgumentValueFrom: podTemplateHashValue^text fieldRef^FieldRef
AzureDiskVolumeSource: diskName!text diskURI!text cachingMode^text fsType^text readOnly^flag kind^text
AzureFileVolumeSource: secretName!text shareName!text readOnly?flag
CSIVolumeSource: driver!text readOnly^flag fsType^text volumeAttributes?{text}
  nodePublishSecretRef^LocalObjectReference
CanaryStep: setWeight^number pause^RolloutPause experiment^RolloutExperimentStep analysis^RolloutAnalysis
  setCanaryScale^SetCanaryScale setHeaderRoute^SetHeaderRoute setMirrorRoute^SetMirrorRoute plugin^PluginStep
Capabilities: add?[text] drop?[text]
CephFSVolumeSource: monitors![text] path?text user?text secretFile?text secretRef^LocalObjectReference readOnly?flag
CinderVolumeSource: volumeID!text fsType?text readOnly?flag secretRef^LocalObjectReference
ClusterTrustBundleProjection: name^text signerName^text labelSelector^LabelSelector optional^flag path!text
  user^number
ConfigMapEnvSource: name?text optional^flag
ConfigMapKeySelector: name?text key!text optional^flag
ConfigMapProjection: name?text items?[KeyToPath] optional^flag
ConfigMapVolumeSource: name?text items?[KeyToPath] defaultMode^number optional^flag defaultUser^number
Container: name!text image?text command?[text] args?[text] workingDir?text ports?[ContainerPort]
  envFrom?[EnvFromSource] env?[EnvVar] resources!ResourceRequirements resizePolicy?[ContainerResizePolicy]
  restartPolicy^text restartPolicyRules?[ContainerRestartRule] volumeMounts?[VolumeMount]
  volumeDevices?[VolumeDevice] livenessProbe^Probe readinessProbe^Probe startupProbe^Probe lifecycle^Lifecycle
  terminationMessagePath?text terminationMessagePolicy?text imagePullPolicy?text securityContext^SecurityContext
  stdin?flag stdinOnce?flag tty?flag
ContainerPort: name?text hostPort?number containerPort!number protocol?text hostIP?text
ContainerResizePolicy: resourceName!text restartPolicy!text
ContainerRestartRule: action?text exitCodes^ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes: operator?text values?[number]
DownwardAPIProjection: items?[DownwardAPIVolumeFile]
DownwardAPIVolumeFile: path!text fieldRef^ObjectFieldSelector resourceFieldRef^ResourceFieldSelector mode^number
  user^number
DownwardAPIVolumeSource: items?[DownwardAPIVolumeFile] defaultMode^number defaultUser^number
DryRun: metricName!text
EmptyDirVolumeSource: medium?text sizeLimit^quantity mode^number
EnvFromSource: prefix?text configMapRef^ConfigMapEnvSource secretRef^SecretEnvSource
EnvVar: name!text value?text valueFrom^EnvVarSource
EnvVarSource: fieldRef^ObjectFieldSelector resourceFieldRef^ResourceFieldSelector
  configMapKeyRef^ConfigMapKeySelector secretKeyRef^SecretKeySelector fileKeyRef^FileKeySelector
EphemeralContainer: name!text image?text command?[text] args?[text] workingDir?text ports?[ContainerPort]
  envFrom?[EnvFromSource] env?[EnvVar] resources!ResourceRequirements resizePolicy?[ContainerResizePolicy]
  restartPolicy^text restartPolicyRules?[ContainerRestartRule] volumeMounts?[VolumeMount]
  volumeDevices?[VolumeDevice] livenessProbe^Probe readinessProbe^Probe startupProbe^Probe lifecycle^Lifecycle
  terminationMessagePath?text terminationMessagePolicy?text imagePullPolicy?text securityContext^SecurityContext
  stdin?flag stdinOnce?flag tty?flag targetContainerName?text
EphemeralVolumeSource: volumeClaimTemplate^PersistentVolumeClaimTemplate
EvictionResponder: name!text priority~number
ExecAction: command?[text]
FCVolumeSource: targetWWNs?[text] lun^number fsType?text readOnly?flag wwids?[text]
FieldRef: fieldPath!text
FileKeySelector: volumeName!text path!text key!text optional^flag
FlexVolumeSource: driver!text fsType?text secretRef^LocalObjectReference readOnly?flag options?{text}
FlockerVolumeSource: datasetName?text datasetUUID?text
GCEPersistentDiskVolumeSource: pdName!text fsType?text partition?number readOnly?flag
GRPCAction: port!number service~text mode^text
GitRepoVolumeSource: repository!text revision?text directory?text
GlusterfsVolumeSource: endpoints!text path!text readOnly?flag
HTTPGetAction: path?text port!either host?text scheme?text httpHeaders?[HTTPHeader] protocol^text
HTTPHeader: name!text value!text
HeaderRoutingMatch: headerName!text headerValue~StringMatch
HostAlias: ip!text hostnames?[text]
HostPathVolumeSource: path!text type^text
ISCSIVolumeSource: targetPortal!text iqn!text lun!number iscsiInterface?text fsType?text readOnly?flag
  portals?[text] chapAuthDiscovery?flag chapAuthSession?flag secretRef^LocalObjectReference initiatorName^text
ImageVolumeSource: reference?text pullPolicy?text
KeyToPath: key!text path!text mode^number user^number
LabelSelector: matchLabels?{text} matchExpressions?[LabelSelectorRequirement]
LabelSelectorRequirement: key!text operator!text values?[text]
Lifecycle: postStart^LifecycleHandler preStop^LifecycleHandler stopSignal^text
LifecycleHandler: exec^ExecAction httpGet^HTTPGetAction tcpSocket^TCPSocketAction sleep^SleepAction
LocalObjectReference: name?text
MeasurementRetention: metricName!text limit!number
NFSVolumeSource: server!text path!text readOnly?flag
NodeAffinity: requiredDuringSchedulingIgnoredDuringExecution^NodeSelector
  preferredDuringSchedulingIgnoredDuringExecution?[PreferredSchedulingTerm]
NodeSelector: nodeSelectorTerms![NodeSelectorTerm]
NodeSelectorRequirement: key!text operator!text values?[text]
NodeSelectorTerm: matchExpressions?[NodeSelectorRequirement] matchFields?[NodeSelectorRequirement]
ObjectFieldSelector: apiVersion?text fieldPath!text
ObjectMeta: name?text generateName?text namespace?text selfLink?text uid?text resourceVersion?text generation?number
  creationTimestamp^time deletionTimestamp^time deletionGracePeriodSeconds^number labels?{text} annotations?{text}
  ownerReferences?[OwnerReference] finalizers?[text]
OwnerReference: apiVersion!text kind!text name!text uid!text controller^flag blockOwnerDeletion^flag
PersistentVolumeClaimSpec: accessModes?[text] selector^LabelSelector resources!VolumeResourceRequirements
  volumeName?text storageClassName^text volumeMode^text dataSource^TypedLocalObjectReference
  dataSourceRef^TypedObjectReference volumeAttributesClassName^text
PersistentVolumeClaimTemplate: metadata!ObjectMeta spec!PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource: claimName!text readOnly?flag
PhotonPersistentDiskVolumeSource: pdID!text fsType?text
PluginStep: name!text config?raw
PodAffinity: requiredDuringSchedulingIgnoredDuringExecution?[PodAffinityTerm]
  preferredDuringSchedulingIgnoredDuringExecution?[WeightedPodAffinityTerm]
PodAffinityTerm: labelSelector^LabelSelector namespaces?[text] topologyKey!text namespaceSelector^LabelSelector
  matchLabelKeys?[text] mismatchLabelKeys?[text]
PodAntiAffinity: requiredDuringSchedulingIgnoredDuringExecution?[PodAffinityTerm]
  preferredDuringSchedulingIgnoredDuringExecution?[WeightedPodAffinityTerm]
PodCertificateProjection: signerName?text keyType?text maxExpirationSeconds^number credentialBundlePath?text
  keyPath?text certificateChainPath?text userAnnotations?{text} user^number
PodDNSConfig: nameservers?[text] searches?[text] options?[PodDNSConfigOption]
PodDNSConfigOption: name?text value^text
PodOS: name!text
PodReadinessGate: conditionType!text
PodResourceClaim: name!text resourceClaimName^text resourceClaimTemplateName^text
PodSchedulingGate: name!text
PodSchedulingGroup: podGroupName^text
PodSecurityContext: seLinuxOptions^SELinuxOptions windowsOptions^WindowsSecurityContextOptions runAsUser^number
  runAsGroup^number runAsNonRoot^flag supplementalGroups?[number] supplementalGroupsPolicy^text fsGroup^number
  sysctls?[Sysctl] fsGroupChangePolicy^text seccompProfile^SeccompProfile appArmorProfile^AppArmorProfile
  seLinuxChangePolicy^text
PodSpec: volumes?[Volume] initContainers?[Container] containers![Container] ephemeralContainers?[EphemeralContainer]
  restartPolicy?text terminationGracePeriodSeconds^number activeDeadlineSeconds^number dnsPolicy?text
  nodeSelector?{text} serviceAccountName?text serviceAccount?text automountServiceAccountToken^flag nodeName?text
  hostNetwork?flag hostPID?flag hostIPC?flag shareProcessNamespace^flag securityContext^PodSecurityContext
  imagePullSecrets?[LocalObjectReference] hostname?text subdomain?text affinity^Affinity schedulerName?text
  tolerations?[Toleration] hostAliases?[HostAlias] priorityClassName?text priority^number dnsConfig^PodDNSConfig
  readinessGates?[PodReadinessGate] runtimeClassName^text enableServiceLinks^flag preemptionPolicy^text
  overhead?{quantity} topologySpreadConstraints?[TopologySpreadConstraint] setHostnameAsFQDN^flag os^PodOS
  hostUsers^flag schedulingGates?[PodSchedulingGate] resourceClaims?[PodResourceClaim]
  resources^ResourceRequirements hostnameOverride^text schedulingGroup^PodSchedulingGroup
  evictionResponders?[EvictionResponder]
PodTemplateMetadata: labels?{text} annotations?{text}
PodTemplateSpec: metadata!ObjectMeta spec!PodSpec
PortworxVolumeSource: volumeID!text fsType?text readOnly?flag
PreferredSchedulingTerm: weight!number preference!NodeSelectorTerm
Probe: exec^ExecAction httpGet^HTTPGetAction tcpSocket^TCPSocketAction grpc^GRPCAction initialDelaySeconds?number
  timeoutSeconds?number periodSeconds?number successThreshold?number failureThreshold?number
  terminationGracePeriodSeconds^number
ProjectedVolumeSource: sources![VolumeProjection] defaultMode^number defaultUser^number
QuobyteVolumeSource: registry!text volume!text readOnly?flag user?text group?text tenant?text
RBDVolumeSource: monitors![text] image!text fsType?text pool?text user?text keyring?text
  secretRef^LocalObjectReference readOnly?flag
ResourceClaim: name!text request?text
ResourceFieldSelector: containerName?text resource!text divisor!quantity
ResourceRequirements: limits?{quantity} requests?{quantity} claims?[ResourceClaim]
RolloutAnalysis: templates?[AnalysisTemplateRef] args?[AnalysisRunArgument] dryRun?[DryRun]
  measurementRetention?[MeasurementRetention] analysisRunMetadata^AnalysisRunMetadata
RolloutExperimentStep: templates![RolloutExperimentTemplate] duration?text
  analyses?[RolloutExperimentStepAnalysisTemplateRef] dryRun?[DryRun] analysisRunMetadata!AnalysisRunMetadata
  scaleDownDelaySeconds^number
RolloutExperimentStepAnalysisTemplateRef: name!text templateName!text clusterScope^flag args?[AnalysisRunArgument]
  requiredForCompletion?flag
RolloutExperimentTemplate: name!text specRef!text replicas^number metadata!PodTemplateMetadata
  selector^LabelSelector weight^number service^raw
RolloutPause: duration^either
RouteMatch: method^StringMatch path^StringMatch headers?{StringMatch}
SELinuxOptions: user?text role?text type?text level?text
ScaleIOVolumeSource: gateway!text system!text secretRef~LocalObjectReference sslEnabled?flag protectionDomain?text
  storagePool?text storageMode?text volumeName?text fsType?text readOnly?flag
SeccompProfile: type!text localhostProfile^text
SecretEnvSource: name?text optional^flag
SecretKeySelector: name?text key!text optional^flag
SecretProjection: name?text items?[KeyToPath] optional^flag
SecretVolumeSource: secretName?text items?[KeyToPath] defaultMode^number optional^flag defaultUser^number
SecurityContext: capabilities^Capabilities privileged^flag seLinuxOptions^SELinuxOptions
  windowsOptions^WindowsSecurityContextOptions runAsUser^number runAsGroup^number runAsNonRoot^flag
  readOnlyRootFilesystem^flag allowPrivilegeEscalation^flag procMount^text seccompProfile^SeccompProfile
  appArmorProfile^AppArmorProfile
ServiceAccountTokenProjection: audience?text expirationSeconds^number path!text user^number
SetCanaryScale: weight^number replicas^number matchTrafficWeight?flag
SetHeaderRoute: name?text match?[HeaderRoutingMatch]
SetMirrorRoute: name!text match?[RouteMatch] percentage^number
SleepAction: seconds!number
StorageOSVolumeSource: volumeName?text volumeNamespace?text fsType?text readOnly?flag secretRef^LocalObjectReference
StringMatch: exact?text prefix?text regex?text
Sysctl: name!text value!text
TCPSocketAction: port!either host?text
Toleration: key?text operator?text value?text effect?text tolerationSeconds^number
TopologySpreadConstraint: maxSkew!number topologyKey!text whenUnsatisfiable!text labelSelector^LabelSelector
  minDomains^number nodeAffinityPolicy^text nodeTaintsPolicy^text matchLabelKeys?[text]
TypedLocalObjectReference: apiGroup~text kind!text name!text
TypedObjectReference: apiGroup~text kind!text name!text namespace^text
Volume: name!text hostPath^HostPathVolumeSource emptyDir^EmptyDirVolumeSource
  gcePersistentDisk^GCEPersistentDiskVolumeSource awsElasticBlockStore^AWSElasticBlockStoreVolumeSource
  gitRepo^GitRepoVolumeSource secret^SecretVolumeSource nfs^NFSVolumeSource iscsi^ISCSIVolumeSource
  glusterfs^GlusterfsVolumeSource persistentVolumeClaim^PersistentVolumeClaimVolumeSource rbd^RBDVolumeSource
  flexVolume^FlexVolumeSource cinder^CinderVolumeSource cephfs^CephFSVolumeSource flocker^FlockerVolumeSource
  downwardAPI^DownwardAPIVolumeSource fc^FCVolumeSource azureFile^AzureFileVolumeSource
  configMap^ConfigMapVolumeSource vsphereVolume^VsphereVirtualDiskVolumeSource quobyte^QuobyteVolumeSource
  azureDisk^AzureDiskVolumeSource photonPersistentDisk^PhotonPersistentDiskVolumeSource
  projected^ProjectedVolumeSource portworxVolume^PortworxVolumeSource scaleIO^ScaleIOVolumeSource
  storageos^StorageOSVolumeSource csi^CSIVolumeSource ephemeral^EphemeralVolumeSource image^ImageVolumeSource
VolumeDevice: name!text devicePath!text
VolumeMount: name!text readOnly?flag recursiveReadOnly^text mountPath!text subPath?text mountPropagation^text
  subPathExpr?text bindMountOptions?[text]
VolumeProjection: secret^SecretProjection downwardAPI^DownwardAPIProjection configMap^ConfigMapProjection
  serviceAccountToken^ServiceAccountTokenProjection clusterTrustBundle^ClusterTrustBundleProjection
  podCertificate^PodCertificateProjection
VolumeResourceRequirements: limits?{quantity} requests?{quantity}
VsphereVirtualDiskVolumeSource: volumePath!text fsType?text storagePolicyName?text storagePolicyID?text
WeightedPodAffinityTerm: weight!number podAffinityTerm!PodAffinityTerm
WindowsSecurityContextOptions: gmsaCredentialSpecName^text gmsaCredentialSpec^text runAsUserName^text
  hostProcess^flag
";
