//! One step of a rollover: the replicas that each ReplicaSet should have next.

use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::Node;

use crate::embedded::cluster::controller::{MANAGER, World, integer};
use crate::embedded::cluster::write;

/// What a rollover must keep to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) replicas: i64,
    surge: i64,
    pub(super) unavailable: i64,
}

impl Bounds {
    /// The bounds of a deployment: surge rounds up, unavailability down, and one of them is not zero.
    pub(super) fn of(deployment: &Object) -> Self {
        let replicas = integer(&deployment.root, &["spec", "replicas"], 1);
        let part = |name: &str, up| {
            let value = deployment.root.at(&["spec", "strategy", "rollingUpdate", name]);
            value.map_or(0, |value| share(value, replicas, up))
        };
        let (surge, unavailable) = (part("maxSurge", true), part("maxUnavailable", false));
        let unavailable = if surge == 0 && unavailable == 0 { 1 } else { unavailable };
        Self { replicas, surge, unavailable: unavailable.min(replicas) }
    }
}

/// A count, or a percentage of `of`.
fn share(value: &Node, of: i64, up: bool) -> i64 {
    let text = value.text().unwrap_or_default();
    match text.strip_suffix('%') {
        None => text.parse().unwrap_or(0),
        Some(percent) => {
            let product = percent.parse::<i64>().unwrap_or(0).saturating_mul(of);
            if up { product.saturating_add(99).div_euclid(100) } else { product.div_euclid(100) }
        }
    }
}

/// Moves the replica sets one step towards the new one.
pub(super) fn step(world: &mut World, deployment: &Object, new: &ObjectKey) {
    let sets = world.store.controlled_by(deployment, "apps", "ReplicaSet");
    let bounds = Bounds::of(deployment);
    let (mut fresh, mut old): (Vec<Object>, Vec<Object>) = sets.into_iter().partition(|set| set.key == *new);
    let Some(fresh) = fresh.pop() else { return };
    old.sort_by_key(super::revision);
    if deployment.root.str_at(&["spec", "strategy", "type"]) == Some("Recreate") {
        recreate(world, &fresh, &old, bounds);
    } else if !scale_up(world, &fresh, &old, bounds) {
        scale_down(world, &fresh, &old, bounds);
    }
}

fn wanted(set: &Object) -> i64 {
    integer(&set.root, &["spec", "replicas"], 0)
}

fn available(set: &Object) -> i64 {
    integer(&set.root, &["status", "availableReplicas"], 0)
}

fn scale(world: &mut World, set: &Object, replicas: i64) {
    write::modify(&mut world.store, &set.key, MANAGER, world.now, |root| {
        root.set_at(&["spec", "replicas"], Node::integer(replicas));
    });
}

fn recreate(world: &mut World, fresh: &Object, old: &[Object], bounds: Bounds) {
    for set in old.iter().filter(|set| wanted(set) > 0) {
        scale(world, set, 0);
    }
    let gone = old.iter().all(|set| integer(&set.root, &["status", "replicas"], 0) == 0 && wanted(set) == 0);
    if gone {
        scale(world, fresh, bounds.replicas);
    }
}

/// Brings the new ReplicaSet up as far as the surge allows; whether there was something to do.
fn scale_up(world: &mut World, fresh: &Object, old: &[Object], bounds: Bounds) -> bool {
    let current = wanted(fresh);
    if current >= bounds.replicas {
        scale(world, fresh, bounds.replicas);
        return current > bounds.replicas;
    }
    let total: i64 = old.iter().map(wanted).sum::<i64>() + current;
    let room = (bounds.replicas + bounds.surge - total).min(bounds.replicas - current);
    if room > 0 {
        scale(world, fresh, current + room);
    }
    room > 0
}

/// Takes old pods away: first those that are not available, then as many as availability allows.
fn scale_down(world: &mut World, fresh: &Object, old: &[Object], bounds: Bounds) {
    let least = bounds.replicas - bounds.unavailable;
    let total: i64 = old.iter().chain([fresh]).map(wanted).sum();
    let mut room = total - least - (wanted(fresh) - available(fresh));
    let mut left: Vec<(&Object, i64)> = old.iter().map(|set| (set, wanted(set))).collect();
    for (set, replicas) in &mut left {
        let dead = (*replicas - available(set)).clamp(0, room.max(0));
        *replicas -= dead;
        room -= dead;
    }
    let mut room = old.iter().chain([fresh]).map(available).sum::<i64>() - least;
    for (_, replicas) in &mut left {
        let healthy = (*replicas).clamp(0, room.max(0));
        *replicas -= healthy;
        room -= healthy;
    }
    for (set, replicas) in left {
        scale(world, set, replicas);
    }
}
