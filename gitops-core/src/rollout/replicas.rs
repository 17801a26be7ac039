//! How many pods each ReplicaSet gets: by counts alone (basic canary), or beside a router that splits traffic.
//!
//! The rules are those of Argo Rollouts, tie-breaks included.

use crate::api::IntOrString;
use crate::api::rollout::{ProgressThreshold, ThresholdType, TrafficWeights};

use super::replica_set::ReplicaSet;
use super::situation::{Roles, Situation};

/// How many pods the canary and the stable ReplicaSet get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Of the new ReplicaSet.
    pub canary: i32,
    /// Of the stable ReplicaSet.
    pub stable: i32,
}

/// The counts for the next pass, by whichever rule the strategy asks for.
pub fn desired_replicas(
    situation: Situation<'_>,
    roles: Roles<'_>,
    others: &[&ReplicaSet],
    weights: Option<&TrafficWeights>,
) -> Split {
    if situation.has_traffic_routing() {
        traffic_routed(situation, roles, weights)
    } else {
        basic(situation, roles, others)
    }
}

/// How many pods the new ReplicaSet of a blue-green update gets (`NewRSNewReplicas`): `previewReplicaCount` where there
/// is one and the ReplicaSet that has the traffic is another, until the update is resumed or promoted.
///
/// `has_active` says whether the ReplicaSet that has the traffic is there.
pub fn blue_green_new(situation: Situation<'_>, new: Option<&ReplicaSet>, has_active: bool) -> i32 {
    let all = situation.spec.replicas();
    let preview = situation.spec.blue_green.as_ref().and_then(|strategy| strategy.preview_replica_count);
    let Some(preview) = preview else { return all };
    let control = &situation.status.control;
    let hash = new.map_or("", |new| new.hash.as_str());
    if !has_active
        || hash == situation.status.rest_text("blueGreen", &["activeSelector"])
        || control.promote_full
    {
        return all;
    }
    let is_known = hash == situation.status.revisions.current_pod_hash;
    let is_paused = situation.spec.paused || !control.pause_conditions.is_empty();
    let is_past_check_point =
        situation.status.rest_flag("blueGreen", &["scaleUpPreviewCheckPoint"]) && !is_paused;
    if is_known && is_past_check_point { all } else { preview }
}

/// The counts beside a router (`CalculateReplicaCountsForTrafficRoutedCanary`): the canary by its weight, the
/// stable ReplicaSet whole, or by its weight with `dynamicStableScale`.
pub fn traffic_routed(situation: Situation<'_>, roles: Roles<'_>, weights: Option<&TrafficWeights>) -> Split {
    let replicas = situation.spec.replicas();
    let maximum = situation.max_traffic_weight();
    let by_weight = |weight: i32| traffic_weight_to_replicas(replicas, weight, maximum);
    let (fixed, weight) = situation.canary_replicas_or_weight(roles);
    let canary = fixed.unwrap_or_else(|| with_min_pods(situation, by_weight(weight)));
    if !situation.has_dynamic_stable_scale() {
        return Split { canary, stable: replicas };
    }
    let stable = by_weight(maximum.saturating_sub(weight));
    let split = match weights {
        None => Split { canary, stable },
        Some(weights) => Split {
            // Nothing shrinks before its traffic has moved.
            canary: if situation.status.control.abort {
                canary.max(by_weight(weights.canary.weight))
            } else {
                canary
            },
            stable: stable.max(by_weight(weights.stable.weight)),
        },
    };
    Split { canary: with_min_pods(situation, split.canary), stable: with_min_pods(situation, split.stable) }
}

/// A count that is not 0, lifted to `minPodsPerReplicaSet` (`CheckMinPodsPerReplicaSet`).
pub fn with_min_pods(situation: Situation<'_>, count: i32) -> i32 {
    let minimum = situation.canary().and_then(|canary| canary.scaling.min_pods_per_replica_set);
    match minimum {
        Some(minimum) if count != 0 && situation.has_traffic_routing() => {
            count.max(minimum.min(situation.spec.replicas()))
        }
        Some(_) | None => count,
    }
}

/// The pods for a share of traffic, rounded up (`trafficWeightToReplicas`).
pub fn traffic_weight_to_replicas(replicas: i32, weight: i32, maximum: i32) -> i32 {
    divide(i64::from(replicas) * i64::from(weight), maximum, true)
}

/// `number / divisor`, rounded up or down; 0 for a divisor that is not positive.
fn divide(number: i64, divisor: i32, round_up: bool) -> i32 {
    if divisor <= 0 {
        return 0;
    }
    let divisor = i64::from(divisor);
    let quotient = if round_up { -(-number).div_euclid(divisor) } else { number.div_euclid(divisor) };
    i32::try_from(quotient).unwrap_or(i32::MAX)
}

/// The counts by pods alone (`CalculateReplicaCountsForBasicCanary`): towards the nearest split for the weight,
/// within `maxSurge` and `maxUnavailable`.
pub fn basic(situation: Situation<'_>, roles: Roles<'_>, others: &[&ReplicaSet]) -> Split {
    let replicas = situation.spec.replicas();
    let surge = max_surge(situation);
    let (_, weight) = situation.canary_replicas_or_weight(roles);
    let stable = roles.other_stable();
    let wanted = |set: Option<&ReplicaSet>| set.map_or(0, |set| set.counts.wanted);
    let goal = match stable {
        Some(_) => approximate(replicas, weight, situation.max_traffic_weight(), surge),
        None => Split { canary: replicas, stable: 0 },
    };
    let old: i32 = others.iter().map(|set| set.counts.wanted).sum();
    let now = Split { canary: wanted(roles.new), stable: wanted(stable) };
    let room = replicas.saturating_add(surge) - (old + now.canary + now.stable);
    let grown = scale_up(roles, goal, now, room);
    if old > 0 {
        return grown;
    }
    let limits = Limits {
        most: replicas.saturating_add(surge),
        least_available: replicas - max_unavailable(situation),
    };
    scale_down(roles, goal, grown, limits)
}

/// Grows towards the goal while there is room: the stable ReplicaSet first.
fn scale_up(roles: Roles<'_>, goal: Split, now: Split, room: i32) -> Split {
    let mut room = room;
    let mut next = now;
    if roles.other_stable().is_some() && now.stable < goal.stable && room > 0 {
        next.stable = goal.stable.min(now.stable + room);
        room -= next.stable - now.stable;
    }
    if roles.new.is_some() && now.canary < goal.canary && room > 0 {
        next.canary = goal.canary.min(now.canary + room);
    }
    next
}

/// The bounds of a basic canary.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Pods at most.
    most: i32,
    /// Available pods at least.
    least_available: i32,
}

/// Shrinks the ReplicaSet that is above its goal, as far as availability allows. The availability of the one
/// that shrinks does not count, so that pods that crash never block.
fn scale_down(roles: Roles<'_>, goal: Split, grown: Split, limits: Limits) -> Split {
    let increasing = roles.new.is_none_or(|new| goal.canary >= new.counts.wanted);
    let removable =
        replicas_for_scale_down(roles.new, !increasing) + replicas_for_scale_down(roles.stable, increasing);
    let count = removable - limits.least_available;
    if count <= 0 {
        return grown;
    }
    let stable = roles.other_stable();
    if !increasing {
        let canary = drain(roles.new, goal.canary, count, grown.canary);
        let (canary, stable) = adjust(
            limits,
            Side { set: roles.new, count: canary },
            Side { set: roles.stable, count: grown.stable },
        );
        Split { canary, stable }
    } else if stable.is_some() {
        let count = drain(stable, goal.stable, count, grown.stable);
        let (stable, canary) =
            adjust(limits, Side { set: stable, count }, Side { set: roles.new, count: grown.canary });
        Split { canary, stable }
    } else {
        grown
    }
}

/// The pods of a ReplicaSet that count when others shrink (`GetReplicasForScaleDown`).
pub fn replicas_for_scale_down(set: Option<&ReplicaSet>, ignore_availability: bool) -> i32 {
    set.map_or(0, |set| {
        if set.counts.wanted < set.counts.available || ignore_availability {
            set.counts.wanted
        } else {
            set.counts.available
        }
    })
}

fn drain(set: Option<&ReplicaSet>, goal: i32, most: i32, otherwise: i32) -> i32 {
    match set {
        Some(set) if set.counts.wanted > goal => goal.max(set.counts.wanted - most),
        Some(_) | None => otherwise,
    }
}

/// A ReplicaSet and the count that it is to get.
#[derive(Clone, Copy, Debug)]
struct Side<'a> {
    set: Option<&'a ReplicaSet>,
    count: i32,
}

/// Brings both counts within the bounds (`adjustReplicaWithinLimits`): what is too much is taken from `keep`,
/// and given back to it at the cost of `drain` where availability would suffer.
fn adjust(limits: Limits, drain: Side<'_>, keep: Side<'_>) -> (i32, i32) {
    let Some(kept) = keep.set else { return (drain.count, keep.count) };
    let over = |drained: i32, kept: i32| (drained + kept - limits.most).max(0);
    let available = |set: &ReplicaSet, count: i32| set.counts.available.min(count);
    let reduced = keep.count - over(drain.count, keep.count);
    let total = drain.set.map_or(0, |set| available(set, drain.count)) + available(kept, reduced);
    let lost = (kept.counts.available - reduced).max(0);
    let count = reduced + lost.min((limits.least_available - total).max(0));
    (drain.count - over(drain.count, count), count)
}

/// The split into whole pods that is nearest to a weight (`approximateWeightedCanaryStableReplicaCounts`). With
/// room to surge, one pod more may be used; between none and all, neither side is left empty.
pub fn approximate(replicas: i32, weight: i32, maximum: i32, surge: i32) -> Split {
    if replicas == 0 {
        return Split::default();
    }
    let product = i64::from(replicas) * i64::from(weight);
    let (ceiling, floor) = (divide(product, maximum, true), divide(product, maximum, false));
    let zero_allowed = weight == maximum || weight == 0 || (replicas == 1 && surge == 0);
    let floor_allowed = |total: i32| !is_tied(weight, maximum, total) && (floor != 0 || zero_allowed);
    let surged = replicas.saturating_add(1);
    let options = [
        (ceiling < replicas || zero_allowed, ceiling, replicas),
        (floor_allowed(replicas), floor, replicas),
        (surge > 0, ceiling, surged),
        (surge > 0 && floor_allowed(surged), floor, surged),
    ];
    let mut best: Option<(f64, Split)> = None;
    for (_, canary, total) in options.into_iter().filter(|(allowed, ..)| *allowed) {
        let delta = (f64::from(canary.saturating_mul(maximum)) / f64::from(total) - f64::from(weight)).abs();
        if best.is_none_or(|(least, _)| delta < least) {
            best = Some((delta, Split { canary, stable: total - canary }));
        }
    }
    best.map_or(Split { canary: 0, stable: replicas }, |(_, split)| split)
}

/// Whether the whole numbers around the exact count are equally near.
fn is_tied(weight: i32, maximum: i32, total: i32) -> bool {
    let exact = f64::from(total) * (f64::from(weight) / f64::from(maximum));
    exact.fract().total_cmp(&0.5).is_eq()
}

/// Whether neither a pod more nor a pod less is allowed, so that nothing could ever move.
pub(super) fn is_without_room(situation: Situation<'_>) -> bool {
    let written = |value: Option<&IntOrString>| match value {
        None => 25,
        Some(IntOrString::Int(count)) => *count,
        Some(IntOrString::Text(text)) => text.trim_end_matches('%').parse().unwrap_or(0),
    };
    situation.canary().is_some_and(|canary| {
        written(canary.max_surge.as_ref()) == 0 && written(canary.max_unavailable.as_ref()) == 0
    })
}

/// How many pods may be too many (`MaxSurge`): 25 % where nothing is said, rounded up.
pub fn max_surge(situation: Situation<'_>) -> i32 {
    fenceposts(situation).map_or(0, |(surge, _)| surge)
}

/// How many pods may lack (`MaxUnavailable`): 25 % where nothing is said, rounded down, at least one where none
/// may be too many.
pub fn max_unavailable(situation: Situation<'_>) -> i32 {
    let replicas = situation.spec.replicas();
    if replicas == 0 {
        return 0;
    }
    let unavailable = match (fenceposts(situation), &situation.spec.blue_green) {
        (Some((_, unavailable)), _) => unavailable,
        (None, Some(blue_green)) => scaled(blue_green.max_unavailable.as_ref(), replicas, false).unwrap_or(0),
        (None, None) => scaled(None, replicas, false).unwrap_or(0),
    };
    unavailable.min(replicas)
}

/// `maxSurge` and `maxUnavailable` in pods, for a canary; both 0 where one of them cannot be read.
fn fenceposts(situation: Situation<'_>) -> Option<(i32, i32)> {
    let canary = situation.canary()?;
    let replicas = situation.spec.replicas();
    let blue_green =
        situation.spec.blue_green.as_ref().and_then(|strategy| strategy.max_unavailable.as_ref());
    let unavailable = blue_green.or(canary.max_unavailable.as_ref());
    let pair = scaled(canary.max_surge.as_ref(), replicas, true).zip(scaled(unavailable, replicas, false));
    Some(match pair {
        Some((0, 0)) => (0, 1),
        Some(pair) => pair,
        None => (0, 0),
    })
}

/// A number of pods, or a percentage of all of them; `None` for any other text.
fn scaled(value: Option<&IntOrString>, replicas: i32, round_up: bool) -> Option<i32> {
    match value {
        None => Some(divide(25 * i64::from(replicas), 100, round_up)),
        Some(IntOrString::Int(count)) => Some(*count),
        Some(IntOrString::Text(text)) => {
            // As Kubernetes' older reader, which Argo uses, the sign may lack.
            let percent: i32 = text.replace('%', "").parse().ok()?;
            Some(divide(i64::from(percent) * i64::from(replicas), 100, round_up))
        }
    }
}

/// Whether the ReplicaSets are as the current step wants them (`AtDesiredReplicaCountsForCanary`).
pub fn at_desired_replicas(
    situation: Situation<'_>,
    roles: Roles<'_>,
    others: &[&ReplicaSet],
    weights: Option<&TrafficWeights>,
) -> bool {
    let desired = desired_replicas(situation, roles, others, weights);
    let threshold = situation.canary().and_then(|canary| canary.scaling.replica_progress_threshold);
    let routed = situation.has_traffic_routing();
    let stable_created = || {
        roles.stable.is_some_and(|stable| {
            stable.counts.wanted == desired.stable && stable.counts.created == desired.stable
        })
    };
    progress_threshold_met(threshold, roles.new, desired.canary)
        && (routed && situation.has_dynamic_stable_scale() || stable_created())
        && (routed || others.iter().map(|set| set.counts.available).sum::<i32>() == 0)
}

/// Whether enough pods are available: all of them, unless a threshold says less
/// (`ReplicaProgressThresholdMet`).
pub fn progress_threshold_met(
    threshold: Option<ProgressThreshold>,
    set: Option<&ReplicaSet>,
    desired: i32,
) -> bool {
    let Some(set) = set else { return false };
    match threshold.filter(|threshold| threshold.value >= 0) {
        None => set.counts.wanted == desired && set.counts.available == desired,
        Some(ProgressThreshold { threshold_type: ThresholdType::Pods, value }) => {
            set.counts.available >= value
        }
        Some(ProgressThreshold { threshold_type: ThresholdType::Percent, value }) => {
            let percent = f64::from(set.counts.available) / f64::from(desired) * 100.0;
            desired == 0 || percent >= f64::from(value) || (percent - f64::from(value)).abs() <= 1e-10
        }
    }
}
