//! A PodDisruptionBudget counts the healthy pods that its selector matches.

use gitops_core::object::{Object, ObjectKey};
use gitops_core::selector::LabelSelector;
use gitops_core::yaml::Node;

use super::conditions::{self, Condition};
use super::pod::is_ready;
use super::{World, integer};

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(budget) = world.store.get(key).cloned() else { return };
    let selector = budget.root.at(&["spec", "selector"]).and_then(|node| LabelSelector::from_node(node).ok());
    let pods = world.store.of_kind("", "Pod", &key.namespace);
    let matched: Vec<&Object> = pods
        .filter(|pod| {
            let labels = pod.root.at(&["metadata", "labels"]);
            selector.as_ref().is_some_and(|selector| selector.matches_mapping(labels))
        })
        .collect();
    let expected = i64::try_from(matched.len()).unwrap_or(i64::MAX);
    let healthy = i64::try_from(matched.iter().filter(|pod| is_ready(&pod.root)).count()).unwrap_or(i64::MAX);
    let desired = desired(&budget, expected);
    let allowed = (healthy - desired).max(0);
    let condition = Condition {
        name: "DisruptionAllowed",
        status: if allowed > 0 { "True" } else { "False" },
        reason: if allowed > 0 { "SufficientPods" } else { "InsufficientPods" },
        message: "",
    };
    let condition = conditions::node(&budget.root, &condition, world.now);
    let status = Node::mapping([
        ("conditions", Node::sequence([condition])),
        ("currentHealthy", Node::integer(healthy)),
        ("desiredHealthy", Node::integer(desired)),
        ("disruptionsAllowed", Node::integer(allowed)),
        ("expectedPods", Node::integer(expected)),
        ("observedGeneration", Node::integer(integer(&budget.root, &["metadata", "generation"], 0))),
    ]);
    world.set_status(key, status);
}

/// How many pods must stay healthy. Percentages round up, as Kubernetes rounds them.
fn desired(budget: &Object, expected: i64) -> i64 {
    let number = |field: &str| {
        let value = budget.root.at(&["spec", field])?;
        let percent = value.as_str().and_then(|text| text.strip_suffix('%')?.parse::<i64>().ok());
        percent.map(|percent| (expected * percent + 99) / 100).or_else(|| value.as_i64())
    };
    match (number("minAvailable"), number("maxUnavailable")) {
        (Some(least), _) => least,
        (None, Some(most)) => (expected - most).max(0),
        (None, None) => expected,
    }
}
