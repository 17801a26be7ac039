//! What a Deployment reports: counts, `Available` and `Progressing`.

use std::time::Duration;

use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::Node;

use super::rolling::Bounds;
use crate::embedded::cluster::controller::conditions::{self, Condition};
use crate::embedded::cluster::controller::{World, counts, instant, integer};

/// The counts of a Deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    total: i64,
    updated: i64,
    ready: i64,
    available: i64,
}

pub(super) fn report(world: &mut World, deployment: &Object, new: Option<&ObjectKey>, created: bool) {
    let sets = world.store.controlled_by(deployment, "apps", "ReplicaSet");
    let count = |set: &Object, name: &str| integer(&set.root, &["status", name], 0);
    let sum = |name: &str| sets.iter().map(|set| count(set, name)).sum::<i64>();
    let updated = sets.iter().filter(|set| Some(&set.key) == new).map(|set| count(set, "replicas")).sum();
    let now = Counts {
        total: sum("replicas"),
        updated,
        ready: sum("readyReplicas"),
        available: sum("availableReplicas"),
    };
    let bounds = Bounds::of(deployment);
    let mut status = counts(&[
        ("availableReplicas", now.available),
        ("observedGeneration", integer(&deployment.root, &["metadata", "generation"], 0)),
        ("readyReplicas", now.ready),
        ("replicas", now.total),
        ("unavailableReplicas", (now.total.max(bounds.replicas) - now.available).max(0)),
        ("updatedReplicas", now.updated),
    ]);
    let conditions =
        [Some(available(world, deployment, bounds, now)), progressing(world, deployment, new, created, now)];
    status.set("conditions", Node::sequence(conditions.into_iter().flatten()));
    world.set_status(&deployment.key, status);
}

fn available(world: &World, deployment: &Object, bounds: Bounds, now: Counts) -> Node {
    let condition = if now.available >= bounds.replicas - bounds.unavailable {
        Condition {
            name: "Available",
            status: "True",
            reason: "MinimumReplicasAvailable",
            message: "Deployment has minimum availability.",
        }
    } else {
        Condition {
            name: "Available",
            status: "False",
            reason: "MinimumReplicasUnavailable",
            message: "Deployment does not have minimum availability.",
        }
    };
    dated(world, deployment, &condition, false)
}

/// How the rollover goes. `lastUpdateTime` is when it last went on; the deadline counts from there.
fn progressing(
    world: &mut World,
    deployment: &Object,
    new: Option<&ObjectKey>,
    created: bool,
    now: Counts,
) -> Option<Node> {
    let root = &deployment.root;
    let old = conditions::find(root, "Progressing").cloned();
    let reason = old.as_ref().and_then(|old| old.str_at(&["reason"])).unwrap_or_default().to_owned();
    let Some(new) = new else { return old };
    let replicas = integer(root, &["spec", "replicas"], 1);
    let set = &new.name;
    let complete = now.updated == replicas && now.total == replicas && now.available == replicas;
    let before = Counts {
        total: integer(root, &["status", "replicas"], 0),
        updated: integer(root, &["status", "updatedReplicas"], 0),
        ready: integer(root, &["status", "readyReplicas"], 0),
        available: integer(root, &["status", "availableReplicas"], 0),
    };
    let went_on = now.updated > before.updated
        || now.total - now.updated < before.total - before.updated
        || now.ready > before.ready
        || now.available > before.available;
    let settled = reason == "NewReplicaSetAvailable";
    let made = |status, reason, message: String, update| {
        let condition = Condition { name: "Progressing", status, reason, message: &message };
        Some(dated(world, deployment, &condition, update))
    };
    if created {
        return made("True", "NewReplicaSetCreated", format!("Created new replica set \"{set}\""), true);
    }
    if complete {
        let message = format!("ReplicaSet \"{set}\" has successfully progressed.");
        return made("True", "NewReplicaSetAvailable", message, !settled);
    }
    if went_on || old.is_none() {
        return made("True", "ReplicaSetUpdated", format!("ReplicaSet \"{set}\" is progressing."), true);
    }
    if settled || reason == "ProgressDeadlineExceeded" {
        return old;
    }
    let since = old.as_ref().and_then(|old| instant(old, &["lastUpdateTime"])).unwrap_or(world.now);
    let deadline = u64::try_from(integer(root, &["spec", "progressDeadlineSeconds"], 600)).unwrap_or(600);
    let due = since.after(Duration::from_secs(deadline));
    if due > world.now {
        world.wake(&deployment.key, due);
        return old;
    }
    made(
        "False",
        "ProgressDeadlineExceeded",
        format!("ReplicaSet \"{set}\" has timed out progressing."),
        true,
    )
}

/// A condition with the `lastUpdateTime` that Deployments have besides the transition time.
fn dated(world: &World, deployment: &Object, condition: &Condition<'_>, update: bool) -> Node {
    let old = conditions::find(&deployment.root, condition.name);
    let kept = old.filter(|old| !update && old.str_at(&["reason"]) == Some(condition.reason));
    let time = kept.and_then(|old| old.get("lastUpdateTime").cloned());
    let mut node = conditions::node(&deployment.root, condition, world.now);
    node.set("lastUpdateTime", time.unwrap_or_else(|| Node::string(world.now.to_string())));
    node
}
