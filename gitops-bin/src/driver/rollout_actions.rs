//! The actions of a Rollout, carried out on a cluster.

use gitops_core::diagnostic::Location;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::rollout::{DESIRED_REPLICAS_ANNOTATION, RolloutAction, SCALE_DOWN_DEADLINE_ANNOTATION};
use gitops_core::yaml::Node;
use gitops_ports::Cluster;
use gitops_ports::cluster::{ClusterError, DeleteOptions, WriteOptions};

use super::objects;

/// The name under which fields are owned: Argo's controller's, so that a takeover changes no owner.
const FIELD_MANAGER: &str = "rollouts-controller";

/// The annotation with the revision of a ReplicaSet and of its Rollout.
const REVISION: &str = "rollout.argoproj.io/revision";

/// Carries one action out for `rollout`.
pub(super) async fn carry_out<C: Cluster>(
    cluster: &C,
    rollout: &Object,
    action: RolloutAction,
) -> Result<(), ClusterError> {
    let namespace = rollout.key.namespace.clone();
    let replica_set = |name| ObjectKey::new("apps", "ReplicaSet", namespace.clone(), name);
    let run = |name| ObjectKey::new("argoproj.io", "AnalysisRun", namespace.clone(), name);
    match action {
        RolloutAction::CreateReplicaSet { manifest, .. }
        | RolloutAction::CreateAnalysisRun { manifest, .. } => create(cluster, manifest).await,
        RolloutAction::SetRevision { replica_set: name, revision } => {
            let change = annotation(REVISION, &Node::string(revision.to_string()));
            patch(cluster, &replica_set(name), &change).await?;
            patch(cluster, &rollout.key, &change).await
        }
        RolloutAction::ScaleReplicaSet { name, replicas, desired } => {
            let mut change = annotation(DESIRED_REPLICAS_ANNOTATION, &Node::string(desired.to_string()));
            change.set_at(&["spec", "replicas"], Node::integer(replicas.into()));
            patch(cluster, &replica_set(name), &change).await
        }
        RolloutAction::SetScaleDownDeadline { name, deadline } => {
            let value = deadline.map_or_else(Node::null, |at| Node::string(at.to_string()));
            patch(cluster, &replica_set(name), &annotation(SCALE_DOWN_DEADLINE_ANNOTATION, &value)).await
        }
        RolloutAction::DeleteReplicaSet { name } => delete(cluster, &replica_set(name)).await,
        RolloutAction::SetServiceSelector { service, hash } => {
            let mut change = annotation(
                "argo-rollouts.argoproj.io/managed-by-rollouts",
                &Node::string(rollout.key.name.clone()),
            );
            change.set_at(&["spec", "selector", "rollouts-pod-template-hash"], Node::string(hash));
            patch(cluster, &ObjectKey::new("", "Service", namespace, service), &change).await
        }
        RolloutAction::SetWeight { ingress, annotations, .. } => {
            let key = ObjectKey::new("networking.k8s.io", "Ingress", namespace, ingress);
            set_annotations(cluster, &key, annotations).await
        }
        RolloutAction::TerminateAnalysisRun { name } => {
            let change = Node::mapping([("spec", Node::mapping([("terminate", Node::boolean(true))]))]);
            patch(cluster, &run(name), &change).await
        }
        RolloutAction::DeleteAnalysisRun { name } => delete(cluster, &run(name)).await,
        RolloutAction::SetStatus { status } => set_status(cluster, rollout, status.to_node()).await,
    }
}

/// The status is written over the newest state of the object: earlier actions of the same pass changed it.
async fn set_status<C: Cluster>(cluster: &C, rollout: &Object, status: Node) -> Result<(), ClusterError> {
    let Some(newest) = cluster.get(&rollout.key).await? else { return Ok(()) };
    let generation = |object: &Object| object.root.at(&["metadata", "generation"]).and_then(Node::as_i64);
    if generation(&newest) != generation(rollout) || newest.root.get("status") != rollout.root.get("status") {
        let message = "it was changed while its status was decided".to_owned();
        return Err(ClusterError::Conflict { key: rollout.key.clone(), message });
    }
    objects::set_status(cluster, &newest, status).await
}

/// Creates an object; one of that name that is there already is left as it is.
async fn create<C: Cluster>(cluster: &C, manifest: Node) -> Result<(), ClusterError> {
    let object = Object::new(manifest, Location::default());
    match cluster.create(&object, &WriteOptions::new(FIELD_MANAGER)).await {
        Ok(_) | Err(ClusterError::AlreadyExists { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes `wanted` all the annotations of an object: what is not among them goes. Somebody's change in between is a
/// conflict.
async fn set_annotations<C: Cluster>(
    cluster: &C,
    key: &ObjectKey,
    wanted: gitops_core::rollout::alb::Annotations,
) -> Result<(), ClusterError> {
    let Some(live) = cluster.get(key).await? else { return Err(ClusterError::NotFound { key: key.clone() }) };
    let present = live.root.at(&["metadata", "annotations"]).map_or(&[][..], Node::entries);
    let gone = present.iter().map(|entry| entry.key.shared_text()).filter(|name| !wanted.contains_key(name));
    let gone: Vec<_> = gone.map(|name| (name, Node::null())).collect();
    let set = wanted.into_iter().map(|(name, value)| (name, Node::string(value)));
    let version = live.root.str_at(&["metadata", "resourceVersion"]).unwrap_or_default();
    let metadata = Node::mapping([
        ("annotations", Node::mapping(set.chain(gone))),
        ("resourceVersion", Node::string(version)),
    ]);
    patch(cluster, key, &Node::mapping([("metadata", metadata)])).await
}

async fn patch<C: Cluster>(cluster: &C, key: &ObjectKey, change: &Node) -> Result<(), ClusterError> {
    cluster.patch(key, change, &WriteOptions::new(FIELD_MANAGER)).await.map(|_| ())
}

async fn delete<C: Cluster>(cluster: &C, key: &ObjectKey) -> Result<(), ClusterError> {
    match cluster.delete(key, &DeleteOptions::default()).await {
        Ok(()) | Err(ClusterError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn annotation(name: &str, value: &Node) -> Node {
    Node::mapping([("metadata", Node::mapping([("annotations", Node::mapping([(name, value.clone())]))]))])
}
