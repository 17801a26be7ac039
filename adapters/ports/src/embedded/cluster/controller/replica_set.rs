//! A ReplicaSet makes and removes pods, whoever owns it; a `StatefulSet` is thin: pods and counts, no order.

use std::time::Duration;

use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::Node;

use super::pod::is_ready;
use super::{World, conditions, counts, instant, integer, set_controller};
use crate::embedded::cluster::store::is_terminating;

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(set) = world.store.get(key).cloned() else { return };
    if is_terminating(&set) {
        return;
    }
    let pods = scaled(world, &set);
    let (ready, available) = readiness(world, &set, &pods);
    let status = counts(&[
        ("availableReplicas", available),
        ("fullyLabeledReplicas", count(&pods)),
        ("observedGeneration", integer(&set.root, &["metadata", "generation"], 0)),
        ("readyReplicas", ready),
        ("replicas", count(&pods)),
    ]);
    world.set_status(key, status);
}

/// Without the order of starts and without revisions: pods, counts, one revision.
pub(super) fn reconcile_stateful_set(world: &mut World, key: &ObjectKey) {
    let Some(set) = world.store.get(key).cloned() else { return };
    if is_terminating(&set) {
        return;
    }
    let pods = scaled(world, &set);
    let (ready, available) = readiness(world, &set, &pods);
    let mut status = counts(&[
        ("availableReplicas", available),
        ("currentReplicas", count(&pods)),
        ("observedGeneration", integer(&set.root, &["metadata", "generation"], 0)),
        ("readyReplicas", ready),
        ("replicas", count(&pods)),
        ("updatedReplicas", count(&pods)),
    ]);
    let revision =
        Node::string(format!("{}-{}", key.name, integer(&set.root, &["metadata", "generation"], 1)));
    status.set("currentRevision", revision.clone());
    status.set("updateRevision", revision);
    world.set_status(key, status);
}

fn count(pods: &[Object]) -> i64 {
    i64::try_from(pods.len()).unwrap_or(i64::MAX)
}

/// The pods of the set, after as many were made or removed as it wants.
fn scaled(world: &mut World, set: &Object) -> Vec<Object> {
    let mut pods = world.store.controlled_by(set, "", "Pod");
    pods.retain(|pod| !is_terminating(pod));
    let wanted = usize::try_from(integer(&set.root, &["spec", "replicas"], 1)).unwrap_or_default();
    while pods.len() < wanted {
        pods.push(make_pod(world, set));
    }
    // Not ready goes before ready, young before old, as Kubernetes ranks them.
    pods.sort_by_key(|pod| {
        let created = instant(&pod.root, &["metadata", "creationTimestamp"]);
        (!is_ready(&pod.root), std::cmp::Reverse(created), std::cmp::Reverse(pod.key.name.clone()))
    });
    pods.reverse();
    for pod in pods.split_off(wanted.min(pods.len())) {
        world.store.remove(&pod.key);
    }
    pods
}

fn make_pod(world: &mut World, set: &Object) -> Object {
    let template = set.root.at(&["spec", "template"]).cloned().unwrap_or_else(Node::null);
    let name = format!("{}-{}", set.key.name, world.store.name_suffix());
    let mut pod = Node::mapping([("apiVersion", Node::string("v1")), ("kind", Node::string("Pod"))]);
    if let Some(metadata) = template.get("metadata") {
        pod.set("metadata", metadata.clone());
    }
    pod.set_at(&["metadata", "name"], Node::string(name));
    pod.set_at(&["metadata", "namespace"], Node::string(set.key.namespace.clone()));
    set_controller(&mut pod, set);
    if let Some(spec) = template.get("spec") {
        pod.set("spec", spec.clone());
    }
    world.store.insert(pod, false, world.now)
}

/// How many pods are ready, and for `minReadySeconds` already.
fn readiness(world: &mut World, set: &Object, pods: &[Object]) -> (i64, i64) {
    let wait = integer(&set.root, &["spec", "minReadySeconds"], 0);
    let wait = Duration::from_secs(u64::try_from(wait).unwrap_or_default());
    let (mut ready, mut available) = (0, 0);
    for pod in pods.iter().filter(|pod| is_ready(&pod.root)) {
        ready += 1;
        let since = conditions::find(&pod.root, "Ready")
            .and_then(|condition| instant(condition, &["lastTransitionTime"]))
            .unwrap_or(world.now);
        let due = since.after(wait);
        if due <= world.now {
            available += 1;
        } else {
            world.wake(&set.key, due);
        }
    }
    (ready, available)
}
