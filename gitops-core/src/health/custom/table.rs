//! What the controllers of other projects write, and what it means.

use super::Step::{Conditions, Field, Function, Observed};
use super::{D, H, M, P, Row, S, U, functions, gateway, numaproj, others, promoter};

/// Every row; an exact kind goes before a pattern.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    Row { kinds: &["argoproj.io/EventBus", "argoproj.io/EventSource", "argoproj.io/Sensor"], otherwise: (P, "Waiting for the controller of Argo Events"), steps: &[
        Conditions(&[("*", "False", "*", D, "{message}")]),
        Conditions(&[("*", "Unknown", "*", P, "{message}")]),
        Conditions(&[("Deployed", "True", "*", H, "{message}")])] },
    Row { kinds: &["camel.apache.org/Integration"], otherwise: (P, "Waiting for Integration"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "False", "*", D, "{message}")])] },
    Row { kinds: &["cert-manager.io/ClusterIssuer"], otherwise: (P, "Initializing ClusterIssuer"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "False", "*", D, "{message}")])] },
    Row { kinds: &["cert-manager.io/Issuer", "certmanager.k8s.io/Issuer"], otherwise: (P, "Initializing issuer"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "False", "*", D, "{message}")])] },
    Row { kinds: &["certmanager.k8s.io/Certificate"], otherwise: (P, "Waiting for certificate"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "False", "*", D, "{message}")])] },
    Row { kinds: &["external-secrets.io/ClusterSecretStore"], otherwise: (P, "Waiting for ClusterSecretStore"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "False", "*", D, "{message}")])] },
    Row { kinds: &["external-secrets.io/ExternalSecret"], otherwise: (P, "Waiting for ExternalSecret"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "False", "*", D, "{message}")])] },
    Row { kinds: &["external-secrets.io/PushSecret"], otherwise: (P, "Waiting for PushSecret"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "False", "*", D, "{message}")])] },
    Row { kinds: &["external-secrets.io/SecretStore"], otherwise: (P, "Waiting for SecretStore"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "False", "*", D, "{message}")])] },
    Row { kinds: &["karpenter.sh/NodePool"], otherwise: (P, "Waiting for NodePool to be ready"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "False", "*", D, "{message}")])] },
    Row { kinds: &["onepassword.com/OnePasswordItem"], otherwise: (P, "Waiting for controller to report status"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "False", "*", D, "{message}")])] },
    Row { kinds: &["cert-manager.io/Certificate"], otherwise: (P, "Waiting for certificate"), steps: &[
        Conditions(&[("Issuing", "True", "*", P, "{message}")]),
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "False", "*", D, "{message}")])] },
    Row { kinds: &["karpenter.k8s.aws/EC2NodeClass"], otherwise: (P, "Waiting for EC2NodeClass to be ready"), steps: &[
        Conditions(&[("Ready", "False", "*", D, "{message}"), ("Ready", "True", "*", H, "EC2NodeClass is ready")])] },
    Row { kinds: &["grafana-org-operator.kubitus-project.gitlab.io/*"], otherwise: (P, "Waiting ..."), steps: &[
        Conditions(&[("Ready", "False", "*", D, "{message}"), ("Ready", "True", "*", H, "{message}"), ("Ready", "*", "*", P, "{message}")])] },
    Row { kinds: &["bitnami.com/SealedSecret"], otherwise: (P, "Waiting for Sealed Secret to be decrypted"), steps: &[
        Conditions(&[("Synced", "False", "*", D, "{message}"), ("Synced", "True", "*", H, "{message}")])] },
    Row { kinds: &["coralogix.com/Alert", "coralogix.com/RecordingRuleGroupSet"], otherwise: (P, "Waiting for status to be updated"), steps: &[
        Conditions(&[("RemoteSynced", "True", "*", H, "Resource is ready"), ("RemoteSynced", "False", "*", D, "{message}")])] },
    Row { kinds: &["addons.cluster.x-k8s.io/ClusterResourceSet"], otherwise: (P, "Initializing cluster resource set"), steps: &[
        Conditions(&[("ResourcesApplied", "True", "*", H, "cluster resource set is applied"), ("ResourcesApplied", "False", "*", D, "{message}")])] },
    Row { kinds: &["*.services.k8s.aws/*"], otherwise: (P, "Waiting for resource to be ready"), steps: &[
        Conditions(&[("ACK.Terminal", "True", "*", D, "{message}"), ("Ready", "False", "*", P, "{message}"), ("Ready", "True", "*", H, "")])] },
    Row { kinds: &["*.cnrm.cloud.google.com/*"], otherwise: (P, "Update in progress"), steps: &[
        Function(functions::config_connector),
        Conditions(&[("*", "True", "UpToDate", H, "{message}"), ("*", "*", "UpdateFailed", D, "{message}"), ("*", "*", "DependencyNotFound", D, "{message}"), ("*", "*", "DependencyNotReady", S, "{message}")])] },
    Row { kinds: &["*.crossplane.io/*"], otherwise: (P, "Provisioning ..."), steps: &[
        Function(functions::crossplane)] },
    Row { kinds: &["*.upbound.io/*"], otherwise: (P, "Provisioning ..."), steps: &[
        Function(functions::crossplane)] },
    Row { kinds: &["cloudfront.aws.crossplane.io/Distribution"], otherwise: (P, "Waiting for distribution to be created"), steps: &[
        Function(|object| functions::synced_and_ready(object, "Waiting for distribution to be available"))] },
    Row { kinds: &["iam.aws.crossplane.io/Policy"], otherwise: (P, "Waiting for Policy to be created"), steps: &[
        Function(|object| functions::synced_and_ready(object, "Waiting for Policy to be available"))] },
    Row { kinds: &["iam.aws.crossplane.io/Role"], otherwise: (P, "Waiting for Role to be created"), steps: &[
        Function(|object| functions::synced_and_ready(object, "Waiting for Role to be available"))] },
    Row { kinds: &["iam.aws.crossplane.io/RolePolicyAttachment"], otherwise: (P, "Waiting for RolePolicyAttachment to be created"), steps: &[
        Function(|object| functions::synced_and_ready(object, "Waiting for RolePolicyAttachment to be available"))] },
    Row { kinds: &["rds.aws.crossplane.io/DBCluster"], otherwise: (P, "Waiting for DBCluster to be created"), steps: &[
        Function(|object| functions::synced_and_ready(object, "Waiting for DBCluster to be available"))] },
    Row { kinds: &["rds.aws.crossplane.io/DBInstance"], otherwise: (P, "Waiting for DBInstance to be created"), steps: &[
        Function(|object| functions::synced_and_ready(object, "Waiting for DBInstance to be available"))] },
    Row { kinds: &["route53.aws.crossplane.io/ResourceRecordSet"], otherwise: (P, "Waiting for resourcrecordset to be created"), steps: &[
        Function(|object| functions::synced_and_ready(object, "Waiting for resourcrecordset to be available"))] },
    Row { kinds: &["s3.aws.crossplane.io/Bucket"], otherwise: (P, "Waiting for Bucket to be created"), steps: &[
        Function(|object| functions::synced_and_ready(object, "Waiting for Bucket to be available"))] },
    Row { kinds: &["acid.zalan.do/postgresql"], otherwise: (P, "Waiting for postgres cluster status..."), steps: &[
        Field("status.PostgresClusterStatus", &[("Running", H, "{status.PostgresClusterStatus}"), ("Creating", P, "{status.PostgresClusterStatus}"), ("Updating", P, "{status.PostgresClusterStatus}"), ("*", D, "{status.PostgresClusterStatus}")])] },
    Row { kinds: &["capabilities.3scale.net/ActiveDoc"], otherwise: (P, "Waiting for 3scale ActiveDoc status..."), steps: &[
        Conditions(&[("Ready", "True", "*", H, "3scale ActiveDoc is ready"), ("Invalid", "True", "*", D, "{message|3scale ActiveDoc configuration is invalid}"), ("Orphan", "True", "*", D, "{message|3scale ActiveDoc references non-existing resources}"), ("Failed", "True", "*", D, "{message|3scale ActiveDoc synchronization failed}")])] },
    Row { kinds: &["capabilities.3scale.net/ApplicationAuth"], otherwise: (P, "Waiting for 3scale ApplicationAuth status..."), steps: &[
        Conditions(&[("Ready", "True", "*", H, "3scale ApplicationAuth is ready"), ("Failed", "True", "*", D, "{message|3scale ApplicationAuth failed}")])] },
    Row { kinds: &["capabilities.3scale.net/Backend"], otherwise: (P, "Waiting for 3scale Backend status..."), steps: &[
        Conditions(&[("Synced", "True", "*", H, "3scale Backend is synced"), ("Invalid", "True", "*", D, "{message|3scale Backend configuration is invalid}"), ("Failed", "True", "*", D, "{message|3scale Backend synchronization failed}")])] },
    Row { kinds: &["capabilities.3scale.net/CustomPolicyDefinition"], otherwise: (P, "Waiting for 3scale CustomPolicyDefinition status..."), steps: &[
        Conditions(&[("Ready", "True", "*", H, "3scale CustomPolicyDefinition is ready"), ("Invalid", "True", "*", D, "{message|3scale CustomPolicyDefinition configuration is invalid}"), ("Failed", "True", "*", D, "{message|3scale CustomPolicyDefinition synchronization failed}")])] },
    Row { kinds: &["capabilities.3scale.net/DeveloperAccount"], otherwise: (P, "Waiting for 3scale DeveloperAccount status..."), steps: &[
        Conditions(&[("Ready", "True", "*", H, "3scale DeveloperAccount is ready"), ("Invalid", "True", "*", D, "{message|3scale DeveloperAccount configuration is invalid}"), ("Failed", "True", "*", D, "{message|3scale DeveloperAccount synchronization failed}"), ("Waiting", "True", "*", S, "{message|3scale DeveloperAccount is waiting for approval}")])] },
    Row { kinds: &["capabilities.3scale.net/DeveloperUser"], otherwise: (P, "Waiting for 3scale DeveloperUser status..."), steps: &[
        Field("status.developerUserState", &[("suspended", S, "3scale Developer user is waiting for admin approval")]),
        Conditions(&[("Ready", "True", "*", H, "3scale DeveloperUser is ready"), ("Invalid", "True", "*", D, "{message|3scale DeveloperUser configuration is invalid}"), ("Orphan", "True", "*", D, "{message|3scale DeveloperUser references non-existing resources}"), ("Failed", "True", "*", D, "{message|3scale DeveloperUser synchronization failed}")])] },
    Row { kinds: &["capabilities.3scale.net/OpenAPI"], otherwise: (P, "Waiting for 3scale OpenAPI status..."), steps: &[
        Conditions(&[("Ready", "True", "*", H, "3scale OpenAPI is ready"), ("Invalid", "True", "*", D, "{message|3scale OpenAPI configuration is invalid}"), ("Failed", "True", "*", D, "{message|3scale OpenAPI reconciliation failed}")])] },
    Row { kinds: &["capabilities.3scale.net/Product"], otherwise: (P, "Waiting for 3scale Product status..."), steps: &[
        Conditions(&[("Synced", "True", "*", H, "3scale Product is synced"), ("Invalid", "True", "*", D, "{message|3scale Product configuration is invalid}"), ("Orphan", "True", "*", D, "{message|3scale Product references non-existing resources}"), ("Failed", "True", "*", D, "{message|3scale Product synchronization failed}")])] },
    Row { kinds: &["capabilities.3scale.net/ProxyConfigPromote"], otherwise: (P, "Waiting for 3scale ProxyConfigPromote status..."), steps: &[
        Conditions(&[("Ready", "True", "*", H, "3scale ProxyConfigPromote is ready"), ("In-progress", "True", "*", P, "{message|3scale ProxyConfigPromote is in progress}"), ("Failed", "True", "*", D, "{message|3cale ProxyConfigPromote failed}")])] },
    Row { kinds: &["capabilities.3scale.net/Application"], otherwise: (P, "Waiting for 3scale Application status..."), steps: &[
        Field("status.state", &[("suspended", S, "3scale Application is suspended")]),
        Function(functions::three_scale_application)] },
    Row { kinds: &["capabilities.3scale.net/Tenant"], otherwise: (P, "Waiting for 3scale Tenant status..."), steps: &[
        Function(functions::three_scale_tenant)] },
    Row { kinds: &["apps.3scale.net/APIManager"], otherwise: (P, "Waiting for 3scale APIManager status..."), steps: &[
        Function(functions::api_manager),
        Conditions(&[("Available", "True", "*", H, "3scale APIManager is available"), ("Available", "*", "!", D, "3scale APIManager is degraded: {reason}")])] },
    Row { kinds: &["astra.netapp.io/AppVault"], otherwise: (P, "No status available"), steps: &[
        Field("status.state", &[("available", H, "{kind} Available"), ("Available", H, "{kind} Available"), ("failed", D, "{kind} Failed"), ("Failed", D, "{kind} Failed")])] },
    Row { kinds: &["astra.netapp.io/Backup", "astra.netapp.io/ExecHooksRun", "astra.netapp.io/ResourceBackup", "astra.netapp.io/ResticVolumeBackup", "astra.netapp.io/Snapshot"], otherwise: (P, "No status available"), steps: &[
        Field("status.state", &[("Completed", H, "{kind} Completed"), ("Running", P, "{kind} Running"), ("*", D, "{status.state}")])] },
    Row { kinds: &["astra.netapp.io/ExecHook"], otherwise: (P, "No status available"), steps: &[
        Field("spec.enabled", &[("true", H, "{kind} enabled"), ("false", S, "{kind} disabled")])] },
    Row { kinds: &["astra.netapp.io/Schedule"], otherwise: (H, "Protection policy not yet executed"), steps: &[
        Field("status.lastScheduleTime", &[("*", H, "Protection policy lastScheduleTime: {status.lastScheduleTime}")])] },
    Row { kinds: &["astra.netapp.io/Application"], otherwise: (P, "No status available"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "Astra Application Ready, protectionState: {status.protectionState}"), ("Ready", "False", "*", D, "Astra Application Degraded, message: {message}")])] },
    Row { kinds: &["apps.kruise.io/BroadcastJob"], otherwise: (P, "BroadcastJob is still running"), steps: &[
        Function(functions::broadcast_job)] },
    Row { kinds: &["apps.kruise.io/AdvancedCronJob"], otherwise: (P, "AdvancedCronJobs has active jobs"), steps: &[
        Function(functions::advanced_cron_job)] },
    Row { kinds: &["apps.kruise.io/CloneSet"], otherwise: (P, "Waiting for initialization"), steps: &[
        Function(functions::clone_set)] },
    Row { kinds: &["apps.kruise.io/StatefulSet"], otherwise: (P, "Waiting for initialization"), steps: &[
        Function(functions::kruise_stateful_set)] },
    Row { kinds: &["apps.kruise.io/DaemonSet"], otherwise: (P, "Waiting for initialization"), steps: &[
        Function(functions::kruise_daemon_set)] },
    Row { kinds: &["apps.openshift.io/DeploymentConfig"], otherwise: (P, "replication controller is waiting for pods to run"), steps: &[
        Function(functions::deployment_config)] },
    Row { kinds: &["beat.k8s.elastic.co/Beat"], otherwise: (U, "Elastic Beat status is unknown. Ensure your ArgoCD is current and then check for/file a bug report: https://github.com/argoproj/argo-cd/issues"), steps: &[
        Function(functions::beat)] },
    Row { kinds: &["elasticsearch.k8s.elastic.co/Elasticsearch"], otherwise: (U, "Elasticsearch Cluster status is unknown. Ensure your ArgoCD is current and then check for/file a bug report: https://github.com/argoproj/argo-cd/issues"), steps: &[
        Function(functions::elasticsearch)] },
    Row { kinds: &["logstash.k8s.elastic.co/Logstash"], otherwise: (P, "Waiting for Logstash"), steps: &[
        Field("status.health", &[("green", H, "Logstash status is Green"), ("yellow", P, "Logstash status is Yellow"), ("red", D, "Logstash status is Red")])] },
    Row { kinds: &["ceph.rook.io/CephCluster"], otherwise: (P, "Waiting for status to be reported"), steps: &[
        Function(functions::ceph_cluster)] },
    Row { kinds: &["ceph.rook.io/CephObjectStore"], otherwise: (P, "Waiting for status to be reported"), steps: &[
        Function(functions::ceph_object_store)] },
    Row { kinds: &["cassandra.rook.io/Cluster"], otherwise: (P, "Waiting for Cassandra Cluster"), steps: &[
        Function(functions::cassandra)] },
    Row { kinds: &["cdi.kubevirt.io/DataVolume"], otherwise: (P, "No status available"), steps: &[
        Conditions(&[("Running", "False", "Error", D, "{message}")]),
        Field("status.phase", &[("Succeeded", H, "{status.phase}"), ("Failed", D, "{status.phase}"), ("Unknown", D, "{status.phase}"), ("Paused", S, "{status.phase}"), ("*", P, "{status.phase}")])] },
    Row { kinds: &["clickhouse-keeper.altinity.com/ClickHouseKeeperInstallation"], otherwise: (P, "ClickHouseKeeper status not yet available"), steps: &[
        Field("status.status", &[("Completed", H, "ClickHouseKeeper installation completed successfully"), ("InProgress", P, "ClickHouseKeeper installation in progress"), ("*", D, "ClickHouseKeeper status: {status.status}")])] },
    Row { kinds: &["clickhouse.altinity.com/ClickHouseInstallation"], otherwise: (P, "ClickHouse status not yet available"), steps: &[
        Field("status.status", &[("Completed", H, "ClickHouse installation completed successfully"), ("InProgress", P, "ClickHouse installation in progress"), ("*", D, "ClickHouse status: {status.status}")])] },
    Row { kinds: &["cluster.x-k8s.io/Cluster"], otherwise: (P, "Waiting for clusters"), steps: &[
        Function(functions::cluster)] },
    Row { kinds: &["cluster.x-k8s.io/Machine"], otherwise: (P, "Condition is unknown"), steps: &[
        Field("status.phase", &[("Running", H, "Machine is running")]),
        Function(functions::machine)] },
    Row { kinds: &["cluster.x-k8s.io/MachineDeployment"], otherwise: (P, "Waiting for machines"), steps: &[
        Field("spec.paused", &[("true", S, "MachineDeployment is paused")]),
        Field("status.phase", &[("Running", H, "Machines are running under this deployment"), ("ScalingUp", P, "Cluster is spawning machines"), ("ScalingDown", P, "Cluster is stopping machines"), ("Failed", D, "MachineDeployment is failed")])] },
    Row { kinds: &["cluster.x-k8s.io/MachineHealthCheck"], otherwise: (P, ""), steps: &[
        Function(functions::machine_health_check)] },
    Row { kinds: &["cluster.x-k8s.io/MachinePool"], otherwise: (P, ""), steps: &[
        Function(functions::machine_pool)] },
    Row { kinds: &["controlplane.cluster.x-k8s.io/AWSManagedControlPlane"], otherwise: (P, "Provisioning..."), steps: &[
        Observed("Waiting for the control plane spec to be reconciled"),
        Field("status.failureMessage", &[("!", D, "{status.failureMessage}")]),
        Function(functions::aws_control_plane)] },
    Row { kinds: &["core.gardener.cloud/Shoot"], otherwise: (P, "Update in progress"), steps: &[
        Function(functions::shoot)] },
    Row { kinds: &["core.humio.com/HumioAction", "core.humio.com/HumioAlert", "core.humio.com/HumioIngestToken", "core.humio.com/HumioParser", "core.humio.com/HumioRepository", "core.humio.com/HumioView", "core.humio.com/*"], otherwise: (P, "Update in progress"), steps: &[
        Field("status.state", &[("Exists", H, "Component state: Exists."), ("NotFound", M, "Component state: NotFound."), ("ConfigError", D, "Component state: ConfigError."), ("Unknown", U, "Component state: Unknown.")])] },
    Row { kinds: &["core.humio.com/HumioCluster"], otherwise: (P, "Update in progress"), steps: &[
        Field("status.state", &[("Running", H, "{status.message|Cluster is in a healthy running state}"), ("Restarting", P, "{status.message|Cluster pods are being restarted}"), ("Upgrading", P, "{status.message|Cluster pods are being upgraded}"), ("ConfigError", D, "{status.message|User-provided cluster specification resulted in a configuration error}"), ("Pending", P, "{status.message|Cluster is waiting on resources to be provisioned}"), ("Unknown", U, "{status.message|Component state: Unknown.}")])] },
    Row { kinds: &["core.spinkube.dev/SpinApp"], otherwise: (P, "Waiting for status to be available"), steps: &[
        Function(functions::spin_app)] },
    Row { kinds: &["datadoghq.com/DatadogMetric"], otherwise: (H, "DatadogMetric is healthy"), steps: &[
        Conditions(&[("Error", "True", "", D, "{message|DatadogMetric reported an error}"), ("Error", "True", "*", D, "{reason}: {message|DatadogMetric reported an error}")]),
        Conditions(&[("Valid", "False", "*", D, "{message|DatadogMetric is not valid}")])] },
    Row { kinds: &["db.atlasgo.io/AtlasMigration"], otherwise: (P, "Waiting for Atlas Operator"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{reason}"), ("Ready", "*", "Reconciling", P, "{reason}"), ("Ready", "*", "*", D, "{reason}")])] },
    Row { kinds: &["db.atlasgo.io/AtlasSchema"], otherwise: (P, "Waiting for Atlas Operator"), steps: &[
        Function(functions::atlas_schema)] },
    Row { kinds: &["external-secrets.io/ClusterExternalSecret"], otherwise: (P, "Waiting for ClusterExternalSecret"), steps: &[
        Function(functions::cluster_external_secret)] },
    Row { kinds: &["flagger.app/Canary"], otherwise: (U, "No status"), steps: &[
        Function(functions::canary)] },
    Row { kinds: &["flink.apache.org/FlinkDeployment"], otherwise: (P, "Waiting for Flink operator"), steps: &[
        Field("status.reconciliationStatus.success", &[("true", H, "")]),
        Field("status.reconciliationStatus.state", &[("DEPLOYED", H, "")]),
        Field("status.jobManagerDeploymentStatus", &[("DEPLOYED_NOT_READY", P, "Waiting for deploying"), ("DEPLOYING", P, "Waiting for deploying"), ("ERROR", D, "{status.reconciliationStatus.error}")])] },
    Row { kinds: &["gateway.networking.k8s.io/BackendTLSPolicy"], otherwise: (P, "Waiting for BackendTLSPolicy status"), steps: &[
        Function(|object| gateway::policy(object, false))] },
    Row { kinds: &["gateway.networking.k8s.io/GRPCRoute", "gateway.networking.k8s.io/TCPRoute", "gateway.networking.k8s.io/TLSRoute", "gateway.networking.k8s.io/UDPRoute"], otherwise: (P, "Waiting for {kind} status"), steps: &[
        Function(|object| gateway::route(object, false))] },
    Row { kinds: &["gateway.networking.k8s.io/HTTPRoute"], otherwise: (P, "Waiting for HTTPRoute status"), steps: &[
        Function(|object| gateway::route(object, true))] },
    Row { kinds: &["gateway.networking.k8s.io/Gateway"], otherwise: (P, "Waiting for Gateway status"), steps: &[
        Function(gateway::gateway)] },
    Row { kinds: &["gateway.networking.k8s.io/GatewayClass"], otherwise: (P, "Waiting for GatewayClass status"), steps: &[
        Function(gateway::gateway_class)] },
    Row { kinds: &["microgateway.airlock.com/*"], otherwise: (P, "Waiting for {kind} status"), steps: &[
        Function(gateway::airlock)] },
    Row { kinds: &["*.solo.io/*"], otherwise: (P, "Update in progress"), steps: &[
        Function(gateway::solo)] },
    Row { kinds: &["grafana.integreatly.org/Grafana"], otherwise: (P, "Waiting for Grafana status info"), steps: &[
        Function(functions::grafana)] },
    Row { kinds: &["grafana.integreatly.org/GrafanaDashboard", "grafana.integreatly.org/GrafanaFolder"], otherwise: (P, ""), steps: &[
        Function(functions::grafana_content)] },
    Row { kinds: &["grafana.integreatly.org/GrafanaDatasource"], otherwise: (P, ""), steps: &[
        Function(functions::grafana_source)] },
    Row { kinds: &["helm.toolkit.fluxcd.io/HelmRelease"], otherwise: (P, "Status unknown"), steps: &[
        Field("spec.suspend", &[("true", S, "{kind} is suspended")]),
        Function(|object| functions::flux(object, 2, &["Released", "TestSuccess"], "Unknown"))] },
    Row { kinds: &["image.toolkit.fluxcd.io/ImagePolicy", "image.toolkit.fluxcd.io/ImageRepository"], otherwise: (P, "Status unknown"), steps: &[
        Field("spec.suspend", &[("true", S, "{kind} is suspended")]),
        Function(functions::flux_image)] },
    Row { kinds: &["image.toolkit.fluxcd.io/ImageUpdateAutomation", "kustomize.toolkit.fluxcd.io/Kustomization"], otherwise: (P, "Status unknown"), steps: &[
        Field("spec.suspend", &[("true", S, "{kind} is suspended")]),
        Function(|object| functions::flux(object, 1, &[], "Unknown"))] },
    Row { kinds: &["notification.toolkit.fluxcd.io/Receiver"], otherwise: (P, "Status unknown"), steps: &[
        Field("spec.suspend", &[("true", S, "{kind} is suspended")]),
        Function(|object| functions::flux(object, 1, &[], ""))] },
    Row { kinds: &["source.toolkit.fluxcd.io/Bucket", "source.toolkit.fluxcd.io/GitRepository", "source.toolkit.fluxcd.io/HelmChart", "source.toolkit.fluxcd.io/HelmRepository", "source.toolkit.fluxcd.io/OCIRepository"], otherwise: (P, "Status unknown"), steps: &[
        Field("spec.suspend", &[("true", S, "{kind} is suspended")]),
        Field("spec.type", &[("oci", H, "Helm repositories of type 'oci' do not contain any information in the status.")]),
        Function(|object| functions::flux(object, 2, &["ArtifactInStorage"], "Unknown"))] },
    Row { kinds: &["iammanager.keikoproj.io/Iamrole"], otherwise: (P, "Waiting for Iamrole to be reconciled"), steps: &[
        Function(functions::iam_role)] },
    Row { kinds: &["install.istio.io/IstioOperator"], otherwise: (P, "Waiting for Istio Control Plane"), steps: &[
        Field("status.status", &[("0", U, "Component is not present."), ("NONE", U, "Component is not present."), ("1", P, "Component is being updated to a different version."), ("UPDATING", P, "Component is being updated to a different version."), ("2", P, "Controller has started but not yet completed reconciliation loop for the component."), ("RECONCILING", P, "Controller has started but not yet completed reconciliation loop for the component."), ("3", H, "Component is healthy."), ("HEALTHY", H, "Component is healthy."), ("4", D, "Component is in an error state."), ("ERROR", D, "Component is in an error state.")])] },
    Row { kinds: &["jaegertracing.io/Jaeger"], otherwise: (P, "Waiting for Jaeger"), steps: &[
        Field("status.phase", &[("Running", H, "Jaeger is Running"), ("Failed", D, "Jaeger Failed For Some Reason")])] },
    Row { kinds: &["k8s.keycloak.org/Keycloak"], otherwise: (P, "Waiting for Keycloak status conditions to exist"), steps: &[
        Function(functions::keycloak)] },
    Row { kinds: &["k8s.mariadb.com/Database", "k8s.mariadb.com/Grant", "k8s.mariadb.com/User"], otherwise: (P, "No status info available"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "*", "*", D, "{message}")])] },
    Row { kinds: &["k8s.mariadb.com/MariaDB", "mariadb.mmontes.io/MariaDB"], otherwise: (P, "No status info available"), steps: &[
        Conditions(&[("*", "False", "Failed", D, "{message}"), ("*", "False", "*", P, "{message}")]),
        Function(others::last_message)] },
    Row { kinds: &["k8s.mariadb.com/Backup"], otherwise: (P, "No status info available"), steps: &[
        Function(others::mariadb_backup)] },
    Row { kinds: &["k8s.mariadb.com/SqlJob"], otherwise: (P, "No status info available"), steps: &[
        Conditions(&[("*", "True", "JobComplete", H, "{reason} {message}"), ("*", "True", "JobFailed", D, "{reason} {message}")]),
        Function(others::sql_job)] },
    Row { kinds: &["kafka.banzaicloud.io/KafkaCluster"], otherwise: (P, "Waiting for KafkaCluster"), steps: &[
        Field("status.state", &[("ClusterRollingUpgrading", P, "Kafka Cluster is Rolling Upgrading.")]),
        Function(others::kafka_cluster)] },
    Row { kinds: &["kafka.strimzi.io/Kafka"], otherwise: (P, "Waiting for Kafka Cluster"), steps: &[
        Conditions(&[("NotReady", "True", "!Creating", D, "{message}"), ("Ready", "True", "*", H, "")])] },
    Row { kinds: &["kafka.strimzi.io/KafkaBridge"], otherwise: (P, "Waiting for KafkaBridge"), steps: &[
        Conditions(&[("NotReady", "True", "*", D, "{message}"), ("Ready", "True", "*", H, "")])] },
    Row { kinds: &["kafka.strimzi.io/KafkaConnect"], otherwise: (P, "Waiting for Kafka Connect"), steps: &[
        Conditions(&[("NotReady", "True", "*", D, "{message}"), ("Ready", "True", "*", H, "")])] },
    Row { kinds: &["kafka.strimzi.io/KafkaConnector"], otherwise: (P, "Waiting for KafkaConnector"), steps: &[
        Conditions(&[("NotReady", "True", "*", D, "{message}"), ("Ready", "True", "*", H, "")])] },
    Row { kinds: &["kafka.strimzi.io/KafkaTopic"], otherwise: (P, "Waiting for Kafka Topic"), steps: &[
        Conditions(&[("NotReady", "True", "*", D, "{message}"), ("Ready", "True", "*", H, "")])] },
    Row { kinds: &["kafka.strimzi.io/KafkaUser"], otherwise: (P, "Waiting for Kafka User"), steps: &[
        Conditions(&[("NotReady", "True", "*", D, "{message}"), ("Ready", "True", "*", H, "")])] },
    Row { kinds: &["karpenter.sh/NodeClaim"], otherwise: (P, "Waiting for NodeClaim to be launched"), steps: &[
        Observed("Waiting for NodeClaim spec to be reconciled"),
        Conditions(&[("Disrupting", "True", "*", S, "{message}")]),
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "False", "*", D, "{message}")]),
        Conditions(&[("Initialized", "True", "*", P, "Node initialized, waiting for Ready")]),
        Conditions(&[("Registered", "True", "*", P, "Node registered, waiting for initialization")]),
        Conditions(&[("Launched", "True", "*", P, "Node launched, waiting for registration")])] },
    Row { kinds: &["keda.sh/ScaledJob"], otherwise: (P, "Waiting for ScaledJob"), steps: &[
        Function(|object| others::scaled(object, ("Ready", "Unknown")))] },
    Row { kinds: &["keda.sh/ScaledObject"], otherwise: (P, "Creating HorizontalPodAutoscaler Object"), steps: &[
        Function(|object| others::scaled(object, ("Fallback", "True")))] },
    Row { kinds: &["kiali.io/Kiali"], otherwise: (P, "Waiting for Kiali"), steps: &[
        Conditions(&[("Successful", "True", "*", H, "{message}"), ("Failure", "True", "*", D, "{message}"), ("Running", "*", "Running", P, "{message}")])] },
    Row { kinds: &["kubernetes-client.io/ExternalSecret"], otherwise: (P, "Waiting for ExternalSecret."), steps: &[
        Function(others::external_secret)] },
    Row { kinds: &["kubevirt.io/VirtualMachine"], otherwise: (P, "No status available"), steps: &[
        Function(others::virtual_machine)] },
    Row { kinds: &["kubevirt.io/VirtualMachineInstance"], otherwise: (P, "No status available"), steps: &[
        Function(others::virtual_machine_instance)] },
    Row { kinds: &["kyverno.io/Policy"], otherwise: (P, "Waiting for Policy to be ready"), steps: &[
        Function(others::kyverno)] },
    Row { kinds: &["lifecycle.keptn.sh/KeptnAppVersion"], otherwise: (P, "KeptnAppVersion is progressing"), steps: &[
        Field("status.status", &[("Succeeded", H, "KeptnAppVersion is healthy"), ("Failed", D, "KeptnAppVersion is degraded")])] },
    Row { kinds: &["lifecycle.keptn.sh/KeptnTask"], otherwise: (P, "KeptnTask is progressing"), steps: &[
        Field("status.status", &[("Succeeded", H, "KeptnTask is healthy"), ("Failed", D, "KeptnTask is degraded")])] },
    Row { kinds: &["lifecycle.keptn.sh/KeptnWorkloadInstance"], otherwise: (P, "KeptnWorkloadInstance is progressing"), steps: &[
        Field("status.status", &[("Succeeded", H, "KeptnWorkloadInstance is healthy"), ("Failed", D, "KeptnWorkloadInstance is degraded")])] },
    Row { kinds: &["lifecycle.keptn.sh/KeptnWorkloadVersion"], otherwise: (P, "KeptnWorkloadVersion is progressing"), steps: &[
        Field("status.status", &[("Succeeded", H, "KeptnWorkloadVersion is healthy"), ("Failed", D, "KeptnWorkloadVersion is degraded")])] },
    Row { kinds: &["lifecycle.keptn.sh/KeptnEvaluation"], otherwise: (P, "KeptnEvaluation is progressing"), steps: &[
        Field("status.overallStatus", &[("Succeeded", H, "KeptnEvaluation is healthy"), ("Failed", D, "KeptnEvaluation is degraded")])] },
    Row { kinds: &["metrics.keptn.sh/Analysis"], otherwise: (P, "Analysis is progressing"), steps: &[
        Field("status.pass", &[("true", H, "Analysis is healthy")]),
        Field("status.warning", &[("true", H, "Analysis is healthy with warnings")]),
        Field("status.pass", &[("false", D, "Analysis is degraded")])] },
    Row { kinds: &["metrics.keptn.sh/KeptnMetric"], otherwise: (P, "KeptnMetric is progressing"), steps: &[
        Field("status.errMsg", &[("!", D, "KeptnMetric is degraded")]),
        Field("status.value", &[("*", H, "KeptnMetric is healthy")])] },
    Row { kinds: &["minio.min.io/Tenant"], otherwise: (P, "No status info available"), steps: &[
        Field("status.currentState", &[("Initialized", H, "{status.currentState}"), ("Statefulset not controlled by operator", D, "{status.currentState}"), ("Another MinIO Tenant already exists in the namespace", D, "{status.currentState}"), ("Tenant credentials are not set properly", D, "{status.currentState}"), ("Different versions across MinIO Pools", D, "{status.currentState}"), ("Pool Decommissioning Not Allowed", D, "{status.currentState}"), ("*", P, "{status.currentState}")])] },
    Row { kinds: &["monitoring.coreos.com/Prometheus"], otherwise: (P, "Waiting for initialization"), steps: &[
        Conditions(&[("Available", "True", "*", H, "All instances are available"), ("Available", "*", "SomePodsNotReady", P, "{message|SomePodsNotReady}"), ("Available", "*", "*", D, "{message}")])] },
    Row { kinds: &["networking.gke.io/ManagedCertificate"], otherwise: (P, "At least one certificate is still being provisioned"), steps: &[
        Function(others::managed_certificate)] },
    Row { kinds: &["nmstate.io/NodeNetworkConfigurationPolicy"], otherwise: (P, "Waiting for policy to be applied"), steps: &[
        Function(others::node_network)] },
    Row { kinds: &["numaflow.numaproj.io/InterStepBufferService"], otherwise: (P, "Waiting for InterStepBufferService status"), steps: &[
        Function(numaproj::flow)] },
    Row { kinds: &["numaflow.numaproj.io/MonoVertex"], otherwise: (P, "Waiting for MonoVertex status"), steps: &[
        Function(numaproj::flow)] },
    Row { kinds: &["numaflow.numaproj.io/Pipeline"], otherwise: (P, "Waiting for Pipeline status"), steps: &[
        Function(numaproj::flow)] },
    Row { kinds: &["numaflow.numaproj.io/Vertex"], otherwise: (P, "Waiting for Vertex status"), steps: &[
        Function(numaproj::flow)] },
    Row { kinds: &["numaplane.numaproj.io/ISBServiceRollout"], otherwise: (U, "Unknown status"), steps: &[
        Function(numaproj::rollout)] },
    Row { kinds: &["numaplane.numaproj.io/MonoVertexRollout"], otherwise: (U, "Unknown MonoVertex status"), steps: &[
        Function(numaproj::rollout)] },
    Row { kinds: &["numaplane.numaproj.io/NumaflowControllerRollout"], otherwise: (U, "Unknown status"), steps: &[
        Function(numaproj::rollout)] },
    Row { kinds: &["numaplane.numaproj.io/PipelineRollout"], otherwise: (U, "Unknown Pipeline status"), steps: &[
        Function(numaproj::rollout)] },
    Row { kinds: &["objectbucket.io/ObjectBucketClaim"], otherwise: (P, "Waiting for status to be reported"), steps: &[
        Field("status.phase", &[("Bound", H, "Object bucket claim phase is {status.phase}"), ("Failed", D, "Object bucket claim phase is {status.phase}"), ("*", P, "Object bucket claim phase is {status.phase}")]),
        Function(others::bucket_claim)] },
    Row { kinds: &["ocs.openshift.io/StorageCluster"], otherwise: (U, "StorageCluster is in an unknown state."), steps: &[
        Conditions(&[("Degraded", "True", "*", D, "{message}")]),
        Conditions(&[("Progressing", "True", "*", P, "{message}")]),
        Conditions(&[("Available", "True", "*", H, "{message}")])] },
    Row { kinds: &["openfaas.com/Function"], otherwise: (P, "Waiting for Function"), steps: &[
        Function(others::open_faas)] },
    Row { kinds: &["opentelemetry.io/OpenTelemetryCollector"], otherwise: (P, "Waiting for OpenTelemetry Collector status"), steps: &[
        Function(others::collector)] },
    Row { kinds: &["operator.knative.dev/KnativeEventing"], otherwise: (P, "Waiting for KnativeEventing"), steps: &[
        Function(|object| others::knative(object, &["Ready", "InstallSucceeded"]))] },
    Row { kinds: &["operator.knative.dev/KnativeServing"], otherwise: (P, "Waiting for KnativeServing"), steps: &[
        Function(|object| others::knative(object, &["Ready", "InstallSucceeded", "DependenciesInstalled", "DeploymentsAvailable"]))] },
    Row { kinds: &["operator.openshift.io/IngressController"], otherwise: (P, "Status of IngressController is not known yet"), steps: &[
        Conditions(&[("Degraded", "True", "*", D, "{message}"), ("DeploymentReplicasAllAvailable", "False", "*", P, "{message}"), ("Progressing", "True", "*", P, "{reason}"), ("Available", "True", "*", H, "IngressController is available")])] },
    Row { kinds: &["operator.victoriametrics.com/*"], otherwise: (P, "Waiting for the operator to reconcile"), steps: &[
        Observed("Waiting for the operator to reconcile"),
        Field("status.updateStatus", &[("operational", H, "All components are operational"), ("expanding", P, "{status.reason|Reconciliation in progress}"), ("paused", S, "{status.reason|Reconciliation is paused}"), ("failed", D, "{status.reason|Reconciliation failed}")]),
        Function(others::unreported)] },
    Row { kinds: &["operators.coreos.com/Subscription"], otherwise: (P, "An install plan for a subscription is pending installation"), steps: &[
        Function(others::subscription)] },
    Row { kinds: &["pkg.crossplane.io/Provider"], otherwise: (P, "Waiting for provider to be installed"), steps: &[
        Function(others::crossplane_provider)] },
    Row { kinds: &["platform.confluent.io/Connect"], otherwise: (P, "Waiting for Connect"), steps: &[
        Field("status.phase", &[("RUNNING", H, "Connect running"), ("PROVISIONING", P, "Connect provisioning")])] },
    Row { kinds: &["platform.confluent.io/ControlCenter"], otherwise: (P, "Waiting for ControlCenter"), steps: &[
        Field("status.phase", &[("RUNNING", H, "ControlCenter running"), ("PROVISIONING", P, "ControlCenter provisioning")])] },
    Row { kinds: &["platform.confluent.io/Kafka"], otherwise: (P, "Waiting for Kafka"), steps: &[
        Field("status.phase", &[("RUNNING", H, "Kafka running"), ("PROVISIONING", P, "Kafka provisioning")])] },
    Row { kinds: &["platform.confluent.io/KsqlDB"], otherwise: (P, "Waiting for KsqlDB"), steps: &[
        Field("status.phase", &[("RUNNING", H, "KsqlDB running"), ("PROVISIONING", P, "KsqlDB provisioning")])] },
    Row { kinds: &["platform.confluent.io/SchemaRegistry"], otherwise: (P, "Waiting for SchemaRegistry"), steps: &[
        Field("status.phase", &[("RUNNING", H, "SchemaRegistry running"), ("PROVISIONING", P, "SchemaRegistry provisioning")])] },
    Row { kinds: &["platform.confluent.io/Zookeeper"], otherwise: (P, "Waiting for Zookeeper"), steps: &[
        Field("status.phase", &[("RUNNING", H, "Zookeeper running"), ("PROVISIONING", P, "Zookeeper provisioning")])] },
    Row { kinds: &["platform.confluent.io/Connector"], otherwise: (P, "Waiting for Kafka Connector"), steps: &[
        Function(others::connector)] },
    Row { kinds: &["policy.open-cluster-management.io/CertificatePolicy"], otherwise: (P, "Waiting for the status to be reported"), steps: &[
        Field("status.compliant", &[("Compliant", H, "All certificates found comply with the policy"), ("*", D, "At least once certificate does not comply with the policy")])] },
    Row { kinds: &["policy.open-cluster-management.io/ConfigurationPolicy"], otherwise: (P, "Waiting for the status to be reported"), steps: &[
        Function(others::configuration_policy)] },
    Row { kinds: &["policy.open-cluster-management.io/OperatorPolicy"], otherwise: (P, "Waiting for the compliance condition"), steps: &[
        Observed("Waiting for the status to be updated"),
        Conditions(&[("Compliant", "True", "*", H, "{message}"), ("Compliant", "*", "*", D, "{message}")])] },
    Row { kinds: &["postgresql.cnpg.io/Cluster"], otherwise: (P, "{status.phaseReason}"), steps: &[
        Function(others::cnpg_cluster)] },
    Row { kinds: &["projectcontour.io/ExtensionService"], otherwise: (P, "Waiting for status"), steps: &[
        Function(others::extension_service)] },
    Row { kinds: &["projectcontour.io/HTTPProxy"], otherwise: (P, "Waiting for status"), steps: &[
        Function(others::http_proxy)] },
    Row { kinds: &["promoter.argoproj.io/*"], otherwise: (P, "Waiting for status"), steps: &[
        Function(promoter::assess)] },
    Row { kinds: &["psmdb.percona.com/PerconaServerMongoDB"], otherwise: (U, "Cluster status is unknown"), steps: &[
        Field("status.state", &[("initializing", P, "{status.ready}/{status.size} node(s) are ready"), ("ready", H, "{status.ready}/{status.size} node(s) are ready"), ("error", D, "{status.ready}/{status.size} node(s) are ready"), ("stopping", P, "{status.ready}/{status.size} node(s) are ready"), ("paused", S, "{status.ready}/{status.size} node(s) are ready"), ("*", U, "{status.ready}/{status.size} node(s) are ready")])] },
    Row { kinds: &["pulumi.com/Stack"], otherwise: (P, "Waiting for the stack to be reconciled"), steps: &[
        Function(others::pulumi_stack),
        Conditions(&[("Stalled", "True", "*", D, "{message}"), ("Reconciling", "True", "*", P, "{message}"), ("Ready", "True", "*", H, "{message}")])] },
    Row { kinds: &["pxc.percona.com/PerconaXtraDBCluster"], otherwise: (U, "Cluster status is unknown. Ensure your ArgoCD is current and then check for/file a bug report: https://github.com/argoproj/argo-cd/issues"), steps: &[
        Field("status.state", &[("initializing", P, "{status.ready}/{status.size} node(s) are ready"), ("ready", H, "{status.ready}/{status.size} node(s) are ready"), ("paused", U, "Cluster is paused"), ("stopping", D, "Cluster is stopping ({status.ready}/{status.size} node(s) are ready)")]),
        Function(others::xtradb_error)] },
    Row { kinds: &["rabbitmq.com/Binding"], otherwise: (U, "RabbitMQ binding status is unknown"), steps: &[
        Conditions(&[("Ready", "True", "SuccessfulCreateOrUpdate", H, "RabbitMQ binding ready"), ("Ready", "False", "FailedCreateOrUpdate", D, "RabbitMQ binding failed to be created or updated")])] },
    Row { kinds: &["rabbitmq.com/Exchange"], otherwise: (U, "RabbitMQ exchange status is unknown"), steps: &[
        Conditions(&[("Ready", "True", "SuccessfulCreateOrUpdate", H, "RabbitMQ exchange ready"), ("Ready", "False", "FailedCreateOrUpdate", D, "RabbitMQ exchange failed to be created or updated")])] },
    Row { kinds: &["rabbitmq.com/Permission"], otherwise: (U, "RabbitMQ permission status is unknown"), steps: &[
        Conditions(&[("Ready", "True", "SuccessfulCreateOrUpdate", H, "RabbitMQ permission ready"), ("Ready", "False", "FailedCreateOrUpdate", D, "RabbitMQ permission failed to be created or updated")])] },
    Row { kinds: &["rabbitmq.com/Policy"], otherwise: (U, "RabbitMQ policy status is unknown"), steps: &[
        Conditions(&[("Ready", "True", "SuccessfulCreateOrUpdate", H, "RabbitMQ policy ready"), ("Ready", "False", "FailedCreateOrUpdate", D, "RabbitMQ policy failed to be created or updated")])] },
    Row { kinds: &["rabbitmq.com/Queue"], otherwise: (U, "RabbitMQ queue status is unknown"), steps: &[
        Conditions(&[("Ready", "True", "SuccessfulCreateOrUpdate", H, "RabbitMQ queue ready"), ("Ready", "False", "FailedCreateOrUpdate", D, "RabbitMQ queue failed to be created or updated")])] },
    Row { kinds: &["rabbitmq.com/Shovel"], otherwise: (U, "RabbitMQ shovel status is unknown"), steps: &[
        Conditions(&[("Ready", "True", "SuccessfulCreateOrUpdate", H, "RabbitMQ shovel ready"), ("Ready", "False", "FailedCreateOrUpdate", D, "RabbitMQ shovel failed to be created or updated")])] },
    Row { kinds: &["rabbitmq.com/User"], otherwise: (U, "RabbitMQ user status is unknown"), steps: &[
        Conditions(&[("Ready", "True", "SuccessfulCreateOrUpdate", H, "RabbitMQ user ready"), ("Ready", "False", "FailedCreateOrUpdate", D, "RabbitMQ user failed to be created or updated")])] },
    Row { kinds: &["rabbitmq.com/Vhost"], otherwise: (U, "RabbitMQ vhost status is unknown"), steps: &[
        Conditions(&[("Ready", "True", "SuccessfulCreateOrUpdate", H, "RabbitMQ vhost ready"), ("Ready", "False", "FailedCreateOrUpdate", D, "RabbitMQ vhost failed to be created or updated")])] },
    Row { kinds: &["rabbitmq.com/RabbitmqCluster"], otherwise: (P, "Waiting for RabbitMQ Operator"), steps: &[
        Conditions(&[("ReconcileSuccess", "False", "*", D, "{message}")]),
        Conditions(&[("ClusterAvailable", "Unknown", "*", P, "Waiting for RabbitMQ cluster readiness (conditions unknown)"), ("AllReplicasReady", "Unknown", "*", P, "Waiting for RabbitMQ cluster readiness (conditions unknown)")]),
        Conditions(&[("ClusterAvailable", "False", "*", P, "Waiting for RabbitMQ cluster formation")]),
        Conditions(&[("AllReplicasReady", "False", "*", P, "Waiting for RabbitMQ instances ready")]),
        Function(others::rabbit_cluster)] },
    Row { kinds: &["rollouts.kruise.io/Rollout"], otherwise: (P, "Rollout is still progressing"), steps: &[
        Function(others::kruise_rollout)] },
    Row { kinds: &["route.openshift.io/Route"], otherwise: (P, "Route is still getting admitted"), steps: &[
        Function(others::route)] },
    Row { kinds: &["services.cloud.sap.com/ServiceBinding", "services.cloud.sap.com/ServiceInstance"], otherwise: (P, "Waiting for status"), steps: &[
        Function(others::sap_service)] },
    Row { kinds: &["serving.knative.dev/Service"], otherwise: (P, "Waiting for status update."), steps: &[
        Function(others::knative_service)] },
    Row { kinds: &["snapshot.storage.k8s.io/VolumeSnapshot", "snapshot.storage.k8s.io/VolumeSnapshotContent"], otherwise: (P, "Waiting for status"), steps: &[
        Field("status.readyToUse", &[("true", H, "Ready to use")]),
        Function(others::snapshot_error)] },
    Row { kinds: &["solr.apache.org/SolrCloud"], otherwise: (P, "Waiting for solr to exist"), steps: &[
        Function(others::solr)] },
    Row { kinds: &["spot.io/SpotDeployment"], otherwise: (H, ""), steps: &[
        Conditions(&[("InvalidSpec", "*", "*", D, "{message}"), ("Progressing", "*", "RolloutAborted", D, "{message}"), ("Progressing", "*", "ProgressDeadlineExceeded", D, "{message}"), ("Paused", "True", "*", S, "Rollout is paused")]),
        Field("status.phase", &[("Progressing", P, "Waiting for rollout to finish steps")])] },
    Row { kinds: &["stacks.crossplane.io/ClusterStackInstall"], otherwise: (P, "Waiting for stack to be installed"), steps: &[
        Function(others::stack_install)] },
    Row { kinds: &["tower.ansible.com/AnsibleJob"], otherwise: (P, "Waiting for AnsibleJob"), steps: &[
        Field("status.ansibleJobResult.status", &[("successful", H, "{status.ansibleJobResult.status} job - {status.ansibleJobResult.url}"), ("failed", D, "{status.ansibleJobResult.status} job - {status.ansibleJobResult.url}"), ("error", D, "{status.ansibleJobResult.status} job - {status.ansibleJobResult.url}"), ("canceled", D, "{status.ansibleJobResult.status} job - {status.ansibleJobResult.url}"), ("new", P, "{status.ansibleJobResult.status} job - {status.ansibleJobResult.url}"), ("pending", P, "{status.ansibleJobResult.status} job - {status.ansibleJobResult.url}"), ("waiting", P, "{status.ansibleJobResult.status} job - {status.ansibleJobResult.url}"), ("running", P, "{status.ansibleJobResult.status} job - {status.ansibleJobResult.url}")])] },
    Row { kinds: &["trident.netapp.io/TridentBackendConfig"], otherwise: (P, "Waiting for backend creation"), steps: &[
        Field("status.lastOperationStatus", &[("Failed", D, "{status.message}")]),
        Function(others::trident_backend)] },
    Row { kinds: &["trident.netapp.io/TridentOrchestrator"], otherwise: (P, "Waiting for trident installation"), steps: &[
        Field("status.status", &[("Installed", H, "{status.message}"), ("Failed", D, "{status.message}"), ("Error", D, "{status.message}")])] },
    Row { kinds: &["work.karmada.io/ClusterResourceBinding", "work.karmada.io/ResourceBinding"], otherwise: (P, "Current resource status is insufficient"), steps: &[
        Function(others::karmada_binding)] },
    Row { kinds: &["zookeeper.pravega.io/ZookeeperCluster"], otherwise: (P, "Waiting for ZK Nodes to join the ensemble"), steps: &[
        Function(others::zookeeper)] },
    // Kinds of a family whose members report in the same way.
    Row { kinds: &["capabilities.3scale.net/*"], otherwise: (P, "Waiting for 3scale {kind} status..."), steps: &[
        Conditions(&[("Ready", "True", "*", H, "3scale {kind} is ready"), ("Synced", "True", "*", H, "3scale {kind} is synced"), ("Invalid", "True", "*", D, "{message}"), ("Orphan", "True", "*", D, "{message}"), ("Failed", "True", "*", D, "{message}")])] },
    Row { kinds: &["k8s.mariadb.com/*"], otherwise: (P, "No status info available"), steps: &[
        Conditions(&[("Ready", "True", "*", H, "{message}"), ("Ready", "*", "*", D, "{message}")])] },
    Row { kinds: &["lifecycle.keptn.sh/*"], otherwise: (P, "{kind} is progressing"), steps: &[
        Field("status.status", &[("Succeeded", H, "{kind} is healthy"), ("Failed", D, "{kind} is degraded")])] },
    Row { kinds: &["platform.confluent.io/*"], otherwise: (P, "Waiting for {kind}"), steps: &[
        Field("status.phase", &[("RUNNING", H, "{kind} running"), ("PROVISIONING", P, "{kind} provisioning")])] },
    Row { kinds: &["rabbitmq.com/*"], otherwise: (U, "RabbitMQ {kind} status is unknown"), steps: &[
        Conditions(&[("Ready", "True", "SuccessfulCreateOrUpdate", H, "RabbitMQ {kind} ready"), ("Ready", "False", "FailedCreateOrUpdate", D, "RabbitMQ {kind} failed to be created or updated")])] },
];
