//! Health of kinds that no table names: by the conventions that controllers follow.
//!
//! Argo CD gives such kinds no health. Judging them is a deviation: an object whose controller says that it
//! failed should not count as fine. Kinds of Kubernetes itself stay without health.

use super::view::{Condition, View};
use super::word::{self, Meaning};
use super::{Health, HealthStatus};
use crate::yaml::Node;

/// Groups of Kubernetes itself that have a dot in their name.
const KUBERNETES: [&str; 18] = [
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "metrics.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Condition types that tell of the whole object, most telling first.
const WHOLE: [&str; 11] = [
    "Ready",
    "Available",
    "Healthy",
    "Succeeded",
    "Complete",
    "Completed",
    "Programmed",
    "Accepted",
    "Synced",
    "Established",
    "Active",
];

/// Fields of a specification that put the work to rest where they are true.
const RESTING: [&str; 5] = ["paused", "suspend", "suspended", "stopped", "hibernate"];

/// Endings of fields that hold a word for the state of the object.
const STATES: [&str; 7] = ["phase", "state", "status", "health", "compliant", "result", "stage"];

/// Endings of fields that hold what went wrong.
const ERRORS: [&str; 6] = ["error", "errors", "errormessage", "errmsg", "failuremessage", "failurereason"];

/// The health of an object by convention; `None` for Kubernetes' own groups.
///
/// `reports_status` says whether the kind's controller is known to report a status: an object that does not tell is
/// then on its way, else it has no health.
pub(super) fn assess(group: &str, object: View<'_>, reports_status: bool) -> Option<Health> {
    if !group.contains('.') || KUBERNETES.contains(&group) {
        return None;
    }
    let silent = || reports_status.then(|| Health::progressing("Waiting for the status to be reported"));
    let Some(status) = object.node(&["status"]).filter(|status| !status.entries().is_empty()) else {
        return silent();
    };
    if RESTING.iter().any(|field| object.flag(&["spec", field])) {
        return Some(Health::suspended(""));
    }
    let observed = object.number(&["status", "observedGeneration"]);
    if observed.is_some_and(|observed| observed < object.generation()) {
        return Some(unobserved());
    }
    let conditions = by_conditions(object, status);
    let state = by_state(status, 0).map(|found| Health::new(found, object.text(&["status", "message"])));
    match (conditions, by_details(object, status)) {
        (Some(found), _) if matches!(found.status, HealthStatus::Degraded | HealthStatus::Suspended) => {
            Some(found)
        }
        (_, Some(found)) if found.status == HealthStatus::Degraded => Some(found),
        (Some(found), _) if found.status == HealthStatus::Healthy => {
            let is_worse = |state: &Health| {
                !matches!(state.status, HealthStatus::Healthy | HealthStatus::Unknown | HealthStatus::Missing)
            };
            Some(state.filter(is_worse).unwrap_or(found))
        }
        (Some(found), _) => Some(found),
        (None, details) => state.or(details).or_else(silent),
    }
}

fn unobserved() -> Health {
    Health::progressing("Waiting for the controller to observe the latest generation")
}

/// The conditions of an object: its own, else those of the parents and the like that it lists.
fn conditions_of<'a>(object: View<'a>, status: &'a Node) -> Vec<View<'a>> {
    if status.get("conditions").is_some_and(Node::is_sequence) {
        return object.items(&["status", "conditions"]).collect();
    }
    let lists = status.entries().iter().flat_map(|entry| entry.value.items());
    lists.flat_map(|item| View::new(item).items(&["conditions"])).collect()
}

fn by_conditions(object: View<'_>, status: &Node) -> Option<Health> {
    let items = conditions_of(object, status);
    let is_old = |item: &View<'_>| {
        item.number(&["observedGeneration"]).is_some_and(|observed| observed < object.generation())
    };
    if items.iter().any(is_old) {
        return Some(unobserved());
    }
    let found: Vec<(Meaning, Condition<'_>)> = items
        .into_iter()
        .map(|item| {
            let condition = Condition::of(item);
            (word::meaning_of_condition(condition.kind), condition)
        })
        .collect();
    let true_one = |wanted: Meaning| {
        found
            .iter()
            .find(|(meaning, condition)| *meaning == wanted && is(condition, "true"))
            .map(|(_, found)| found)
    };
    if let Some(resting) = true_one(Meaning::Resting) {
        return Some(Health::suspended(resting.message));
    }
    if let Some(failing) = true_one(Meaning::Failing) {
        return Some(Health::degraded(failing.message));
    }
    let told = found.iter().filter(|(meaning, _)| *meaning != Meaning::Failing);
    let told =
        told.filter(|(_, condition)| is(condition, "false")).find_map(
            |(_, condition)| match word::status_of(condition.reason) {
                Some(status @ (HealthStatus::Degraded | HealthStatus::Suspended)) => {
                    Some(Health::new(status, condition.message))
                }
                _ => None,
            },
        );
    let moving = true_one(Meaning::Moving);
    told.or_else(|| by_whole(&found, moving))
        .or_else(|| moving.map(|found| Health::progressing(found.message)))
}

/// By the most telling condition that says "it works", else by all of them.
fn by_whole(found: &[(Meaning, Condition<'_>)], moving: Option<&Condition<'_>>) -> Option<Health> {
    let most_telling = WHOLE.iter().find(|kind| found.iter().any(|(_, condition)| condition.kind == **kind));
    let working: Vec<&Condition<'_>> = found
        .iter()
        .filter(|(meaning, condition)| {
            most_telling.map_or(*meaning == Meaning::Working, |kind| condition.kind == *kind)
        })
        .map(|(_, condition)| condition)
        .collect();
    let first = working.first()?;
    if let Some(lacking) = working.iter().find(|condition| is(condition, "false")) {
        let is_moving = word::status_of(lacking.reason) == Some(HealthStatus::Progressing)
            || moving.is_some() && lacking.reason.is_empty();
        return Some(if is_moving {
            Health::progressing(lacking.message)
        } else {
            Health::degraded(lacking.message)
        });
    }
    if let Some(undecided) = working.iter().find(|condition| !is(condition, "true")) {
        return Some(Health::progressing(undecided.message));
    }
    // Deployments and their like say `Progressing` of themselves when they have arrived, too.
    let moving = moving.filter(|condition| condition.kind != "Progressing");
    Some(moving.map_or_else(|| Health::healthy(first.message), |moving| Health::progressing(moving.message)))
}

fn is(condition: &Condition<'_>, status: &str) -> bool {
    condition.status.eq_ignore_ascii_case(status)
}

/// The worst of the words for the state of the object, at the top or in the blocks that are named like one.
fn by_state(status: &Node, depth: usize) -> Option<HealthStatus> {
    let is_state = |key: &str| ends_with_any(key, &STATES);
    let own = status.entries().iter().filter(|entry| is_state(entry.key.text()));
    let own = own.filter_map(|entry| word::status_of(entry.value.as_str()?)).max();
    if own.is_some() || depth == 2 {
        return own;
    }
    let is_block = |key: &str| depth == 1 || is_state(key) || matches!(key, "statuses" | "lastOperation");
    let blocks =
        status.entries().iter().filter(|entry| entry.value.is_mapping() && is_block(entry.key.text()));
    blocks.filter_map(|entry| by_state(&entry.value, depth + 1)).max()
}

/// By an error that is told, a flag, or the count of replicas.
fn by_details(object: View<'_>, status: &Node) -> Option<Health> {
    let is_told = |node: &Node| match node.text() {
        Some(text) => !node.is_null() && !matches!(text, "" | "0" | "false"),
        None => !node.items().is_empty() || !node.entries().is_empty(),
    };
    let errors = status.entries().iter().filter(|entry| ends_with_any(entry.key.text(), &ERRORS));
    if let Some(entry) = errors.clone().find(|entry| is_told(&entry.value)) {
        return Some(Health::degraded(entry.value.text().unwrap_or_default()));
    }
    let flag = ["ready", "available", "active"].iter().find_map(|field| {
        let text = status.get(field)?.text()?;
        ["true", "false"].into_iter().find(|word| text.eq_ignore_ascii_case(word))
    });
    let replicas = || {
        let wanted =
            object.number(&["status", "replicas"]).or_else(|| object.number(&["spec", "replicas"]))?;
        let fields = ["readyReplicas", "availableReplicas"];
        let there = fields.iter().find_map(|field| object.number(&["status", field]))?;
        Some(there >= wanted)
    };
    let is_there = flag.map(|flag| flag == "true").or_else(replicas)?;
    Some(if is_there { Health::healthy("") } else { Health::progressing("") })
}

fn ends_with_any(key: &str, endings: &[&str]) -> bool {
    let key = key.to_lowercase();
    endings.iter().any(|ending| key.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read_one;

    fn judged(object: &str, reports_status: bool) -> Option<HealthStatus> {
        let root = read_one("o.yaml", object).unwrap();
        assess("example.com", View::new(&root), reports_status).map(|health| health.status)
    }

    #[test]
    fn conventions_tell_the_health_of_any_kind() {
        use HealthStatus::{Degraded, Healthy, Progressing, Suspended};
        let cases = [
            ("{status: {conditions: [{type: Ready, status: 'True'}]}}", Some(Healthy)),
            ("{status: {conditions: [{type: Ready, status: 'False', reason: Pulling}]}}", Some(Degraded)),
            ("{status: {conditions: [{type: Ready, status: 'False', reason: Creating}]}}", Some(Progressing)),
            ("{status: {conditions: [{type: ReconcileError, status: 'True'}]}}", Some(Degraded)),
            ("{status: {conditions: [{type: Paused, status: 'True'}]}}", Some(Suspended)),
            (
                "{status: {parents: [{conditions: [{type: Accepted, status: 'False', reason: InvalidKind}]}]}}",
                Some(Degraded),
            ),
            ("{status: {phase: Provisioning}}", Some(Progressing)),
            ("{status: {state: READY, health: red}}", Some(Degraded)),
            ("{metadata: {generation: 3}, status: {observedGeneration: 2, phase: Ready}}", Some(Progressing)),
            ("{status: {ready: true}}", Some(Healthy)),
            ("{spec: {replicas: 3}, status: {readyReplicas: 2}}", Some(Progressing)),
            ("{status: {lastError: 'no such host'}}", Some(Degraded)),
            ("{status: {colour: blue}}", None),
            ("{spec: {}}", None),
        ];
        for (object, expected) in cases {
            assert_eq!(judged(object, false), expected, "{object}");
        }
        assert_eq!(judged("{spec: {}}", true), Some(Progressing));
    }
}
