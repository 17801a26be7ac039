//! The weight that the router is to have in this pass.

use crate::api::rollout::{Rollout, TrafficWeights, WeightDestination};

use super::replica_set::ReplicaSet;
use super::replicas::{at_desired_replicas, progress_threshold_met};
use super::situation::{Roles, Situation};

/// The weight for the canary in this pass, from what is seen of the ReplicaSets.
///
/// It never passes the weight of the current step, and it is 0 while no pod of the canary is available and after an
/// abort (with `dynamicStableScale` it goes down as the stable ReplicaSet grows).
pub fn desired_weight(situation: Situation<'_>, roles: Roles<'_>, others: &[&ReplicaSet]) -> i32 {
    let status = situation.status;
    let maximum = situation.max_traffic_weight();
    if previous_hash_of_dynamic_rollback(situation, roles).is_some() {
        return weight_on_abort(situation, roles);
    }
    if status.is_fully_promoted() {
        return 0;
    }
    if status.control.abort {
        return weight_on_abort(situation, roles);
    }
    let Some(new) = roles.new.filter(|new| new.counts.available > 0) else { return 0 };
    if status.control.promote_full {
        return if situation.has_dynamic_stable_scale() {
            share(maximum, new.counts.available, situation.spec.replicas()).min(maximum)
        } else {
            status.canary.weights.as_ref().map_or(0, |weights| weights.canary.weight)
        };
    }
    match situation.current_step_index() {
        None => 0,
        Some(_) if !at_desired_replicas(situation, roles, others, None) => situation.previous_set_weight(),
        Some(index) if index == situation.step_count() => maximum,
        Some(_) => situation.current_set_weight(),
    }
}

/// The hash that traffic still goes to, where a canary with `dynamicStableScale` was called back to the stable
/// template before the stable ReplicaSet is whole again (`IsDynamicallyRollingBackToStable`).
pub fn previous_hash_of_dynamic_rollback<'a>(situation: Situation<'a>, roles: Roles<'_>) -> Option<&'a str> {
    let new = roles.new?;
    let weights = situation.status.canary.weights.as_ref()?;
    let rolling_back = situation.status.is_fully_promoted()
        && situation.has_traffic_routing()
        && situation.has_dynamic_stable_scale()
        && weights.canary.pod_template_hash != new.hash
        && new.counts.available < situation.spec.replicas();
    rolling_back.then_some(weights.canary.pod_template_hash.as_str())
}

/// The weight after an abort: 0, or with `dynamicStableScale` no more than the stable pods leave over.
fn weight_on_abort(situation: Situation<'_>, roles: Roles<'_>) -> i32 {
    let replicas = situation.spec.replicas.unwrap_or(0);
    let (true, Some(stable), Some(_), 1..) =
        (situation.has_dynamic_stable_scale(), roles.stable, roles.new, replicas)
    else {
        return 0;
    };
    let maximum = situation.max_traffic_weight();
    let desired = situation.desired_canary_weight(roles);
    let stable_share = share(maximum, stable.counts.available, replicas);
    let expected = maximum.saturating_sub(stable_share).max(0);
    let Some(current) = situation.status.canary.weights.as_ref().map(|weights| weights.canary.weight) else {
        return expected.max(desired);
    };
    if desired <= 0 {
        expected.min(current)
    } else if stable_share < maximum - desired {
        current
    } else {
        desired.min(current)
    }
}

/// The share of `part` pods in all of them, rounded down.
fn share(maximum: i32, part: i32, replicas: i32) -> i32 {
    maximum.saturating_mul(part).checked_div(replicas).unwrap_or(0)
}

/// Whether the stable pods can bear what is left for them (`checkReplicasAvailable`).
pub fn can_stable_bear(situation: Situation<'_>, stable: Option<&ReplicaSet>, canary_weight: i32) -> bool {
    let Some(set) = stable else { return false };
    let maximum = situation.max_traffic_weight();
    let left = maximum.saturating_sub(canary_weight);
    let needed = left.saturating_mul(situation.spec.replicas()).checked_div(maximum).unwrap_or(0);
    let threshold = situation.canary().and_then(|canary| canary.scaling.replica_progress_threshold);
    set.counts.available >= needed || progress_threshold_met(threshold, stable, needed)
}

/// `status.canary.weights` for a weight. What was verified stays so while nothing else changes.
pub fn weights_for(situation: Situation<'_>, roles: Roles<'_>, weight: i32) -> TrafficWeights {
    let canary = situation.canary();
    let hash = |set: Option<&ReplicaSet>| set.map(|set| set.hash.clone()).unwrap_or_default();
    let service = |name: Option<&smol_str::SmolStr>| name.cloned().unwrap_or_default();
    let canary_hash =
        previous_hash_of_dynamic_rollback(situation, roles).map_or_else(|| hash(roles.new), Into::into);
    let mut weights = TrafficWeights {
        canary: WeightDestination {
            weight,
            service_name: service(canary.map(|canary| &canary.canary_service)),
            pod_template_hash: canary_hash,
        },
        stable: WeightDestination {
            weight: situation.max_traffic_weight() - weight,
            service_name: service(canary.map(|canary| &canary.stable_service)),
            pod_template_hash: hash(roles.stable),
        },
        additional: vec![],
        verified: None,
    };
    if let Some(stored) = &situation.status.canary.weights {
        let verified = stored.verified;
        weights.verified = verified;
        if *stored != weights {
            weights.verified = None;
        }
    }
    weights
}

/// What the event of a new weight says (`trafficWeightUpdatedMessage`).
pub fn weight_message(before: Option<&TrafficWeights>, after: &TrafficWeights) -> String {
    let weight = after.canary.weight;
    let detail = match before {
        None => format!("to {weight}"),
        Some(before) if before.canary.weight != weight => {
            format!("from {} to {weight}", before.canary.weight)
        }
        Some(_) => String::new(),
    };
    format!("Traffic weight updated {detail}")
}

/// The names of the stable and the canary Service; with `pingPong` they take turns.
pub fn services(rollout: &Rollout) -> (smol_str::SmolStr, smol_str::SmolStr) {
    let Some(canary) = rollout.canary() else { return Default::default() };
    match &canary.ping_pong {
        None => (canary.stable_service.clone(), canary.canary_service.clone()),
        Some(pair) if rollout.status.canary.stable_ping_pong == "ping" => {
            (pair.ping_service.clone(), pair.pong_service.clone())
        }
        Some(pair) => (pair.pong_service.clone(), pair.ping_service.clone()),
    }
}
