//! Autoscalers move the replicas of their target within their bounds, by the load that the script gives. The scale-down stabilisation window is not simulated: a lower load scales down at once.

use gitops_core::object::{Object, ObjectKey, group_and_version};
use gitops_core::yaml::Node;
use smol_str::SmolStr;

use super::conditions::{self, Condition};
use super::{MANAGER, World, integer};
use crate::embedded::cluster::write;

/// A change of less than a tenth is ignored, as in Kubernetes.
const TOLERANCE: f64 = 0.1;

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(autoscaler) = world.store.get(key).cloned() else { return };
    let Some(target) = target(world, &autoscaler) else {
        report(world, &autoscaler, None);
        return;
    };
    let current = integer(&target.root, &["spec", "replicas"], 1);
    // Kubernetes leaves a target alone that is scaled to zero by hand.
    let desired = if current == 0 { 0 } else { desired(world, &autoscaler, current) };
    if desired != current {
        write::modify(&mut world.store, &target.key, MANAGER, world.now, |root| {
            root.set_at(&["spec", "replicas"], Node::integer(desired));
        });
    }
    report(world, &autoscaler, Some((current, desired)));
}

fn target(world: &World, autoscaler: &Object) -> Option<Object> {
    world.store.get(&target_key(autoscaler)).cloned()
}

/// The key of what an autoscaler scales.
pub(super) fn target_key(autoscaler: &Object) -> ObjectKey {
    let text = |name: &str| autoscaler.root.str_at(&["spec", "scaleTargetRef", name]).unwrap_or_default();
    let (group, _) = group_and_version(text("apiVersion"));
    ObjectKey::new(group, text("kind"), autoscaler.key.namespace.clone(), text("name"))
}

fn desired(world: &World, autoscaler: &Object, current: i64) -> i64 {
    let name = format!("{}/{}", autoscaler.key.namespace, autoscaler.key.name);
    let loads = world.script.loads.get(name.as_str());
    let metrics = autoscaler.root.at(&["spec", "metrics"]).map(Node::items).unwrap_or_default();
    let wishes = metrics.iter().filter_map(|metric| {
        let (metric, goal) = metric_goal(metric)?;
        let load = *loads?.get(&metric)?;
        wish(load, goal, current)
    });
    let least = integer(&autoscaler.root, &["spec", "minReplicas"], 1);
    let most = integer(&autoscaler.root, &["spec", "maxReplicas"], i64::MAX).max(least);
    wishes.max().unwrap_or(current).clamp(least, most)
}

/// The replicas at which each carries no more than `goal`.
fn wish(load: f64, goal: f64, current: i64) -> Option<i64> {
    let now = i32::try_from(current).ok()?;
    let ratio = load / f64::from(now) / goal;
    if (ratio - 1.0).abs() <= TOLERANCE {
        return Some(current);
    }
    let wanted = (load / goal).ceil();
    (wanted.is_finite() && wanted >= 0.0).then(|| format!("{wanted:.0}").parse().ok()).flatten()
}

/// The name of a metric and the value that each pod should have.
fn metric_goal(metric: &Node) -> Option<(SmolStr, f64)> {
    let (name, target) = match metric.str_at(&["type"])? {
        "Resource" => (metric.str_at(&["resource", "name"])?, metric.at(&["resource", "target"])?),
        "Pods" => (metric.str_at(&["pods", "metric", "name"])?, metric.at(&["pods", "target"])?),
        "External" => (metric.str_at(&["external", "metric", "name"])?, metric.at(&["external", "target"])?),
        _ => return None,
    };
    let goal = ["averageUtilization", "averageValue", "value"].iter().find_map(|name| target.get(name))?;
    let goal = goal.as_f64().or_else(|| goal.text()?.parse().ok())?;
    (goal > 0.0).then(|| (name.into(), goal))
}

fn report(world: &mut World, autoscaler: &Object, scaled: Option<(i64, i64)>) {
    let condition = match scaled {
        Some(_) => Condition {
            name: "AbleToScale",
            status: "True",
            reason: "SucceededGetScale",
            message: "the HPA controller was able to get the target's current scale",
        },
        None => Condition {
            name: "AbleToScale",
            status: "False",
            reason: "FailedGetScale",
            message: "the HPA controller was unable to get the target's current scale",
        },
    };
    let condition = conditions::node(&autoscaler.root, &condition, world.now);
    let (current, desired) = scaled.unwrap_or_default();
    let mut status = Node::mapping([("conditions", Node::sequence([condition]))]);
    status.set("currentReplicas", Node::integer(current));
    status.set("desiredReplicas", Node::integer(desired));
    world.set_status(&autoscaler.key, status);
}
