//! What the cloud around a cluster would report: addresses of load balancers, and metrics of pods.

use std::time::Duration;

use gitops_core::object::Object;
use gitops_core::yaml;
use gitops_kubernetes::KubernetesCluster;
use gitops_ports::Cluster as _;
use gitops_ports::cluster::{GroupKind, ListQuery, WriteOptions};

/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(200);

/// A status for each kind that waits for the cloud.
const STATUSES: &[(&str, &str, &str)] = &[
    ("networking.k8s.io", "Ingress", "{loadBalancer: {ingress: [{hostname: load-balancer.example.com}]}}"),
    (
        "autoscaling",
        "HorizontalPodAutoscaler",
        "{currentReplicas: 1, desiredReplicas: 1, conditions: [{type: AbleToScale, status: 'True', reason: ReadyForNewScale, \
         message: ready}, {type: ScalingActive, status: 'True', reason: ValidMetricFound, message: found}]}",
    ),
];

/// Reports for as long as it is polled.
pub(crate) async fn report(cluster: KubernetesCluster) {
    loop {
        for (group, kind, status) in STATUSES {
            let query = ListQuery::kind(GroupKind::new(*group, *kind), None);
            let found = cluster.list(&query).await.map(|list| list.objects).unwrap_or_default();
            for object in found.into_iter().filter(waits) {
                set_status(&cluster, object, status).await;
            }
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

fn waits(object: &Object) -> bool {
    let addresses = object.root.at(&["status", "loadBalancer", "ingress"]);
    let conditions = object.root.at(&["status", "conditions"]);
    addresses.is_none() && conditions.is_none()
}

/// Another writer may have been faster: the next turn tries again.
async fn set_status(cluster: &KubernetesCluster, mut object: Object, status: &str) {
    object.root.set("status", yaml::read_one("status.yaml", status).unwrap());
    let _ = cluster.update_status(&object, &WriteOptions::new("cloud")).await;
}
