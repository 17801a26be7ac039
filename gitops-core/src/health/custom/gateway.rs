//! Gateways, routes and policies: a list of parents or ancestors, each with its own conditions.

use super::super::view::{Condition, View};
use super::{D, H, Health, P, S};

type Found = Option<Health>;

fn conditions(item: View<'_>) -> impl Iterator<Item = Condition<'_>> {
    item.items(&["conditions"]).map(Condition::of)
}

/// What is wrong in one list of conditions, before what is only not done yet.
fn fault(item: View<'_>, prefix: &str, waiting: &str) -> Found {
    for kind in ["ResolvedRefs", "Accepted"] {
        if let Some(found) = conditions(item).find(|found| found.kind == kind && found.is_false()) {
            let absent = format!("Failed condition: {kind}");
            let message = if found.message.is_empty() { absent.as_str() } else { found.message };
            return Some(Health::degraded(format!("{prefix}{message}")));
        }
    }
    let open = conditions(item).find(|found| found.kind == "Programmed" && !found.is_true())?;
    let message = if open.message.is_empty() { waiting } else { open.message };
    Some(Health::progressing(format!("{prefix}{message}")))
}

fn has_seen(object: View<'_>, item: View<'_>, must_say: bool) -> bool {
    item.items(&["conditions"]).all(|condition| {
        condition
            .number(&["observedGeneration"])
            .map_or(!must_say, |observed| observed == object.generation())
    })
}

pub(super) fn route(object: View<'_>, by_generation: bool) -> Found {
    let counts = |parent: &View<'_>| {
        parent.items(&["conditions"]).next().is_some()
            && (!by_generation
                || object.node(&["metadata", "generation"]).is_none()
                || has_seen(object, *parent, false))
    };
    let parents: Vec<_> = object.items(&["status", "parents"]).filter(counts).collect();
    let faults = parents.iter().find_map(|parent| {
        let prefix = format!("Parent {}: ", parent.text(&["parentRef", "name"]));
        fault(*parent, &prefix, "Route is still being programmed")
    });
    let kind = object.text(&["kind"]);
    faults.or_else(|| (!parents.is_empty()).then(|| Health::healthy(format!("{kind} is healthy"))))
}

pub(super) fn gateway(object: View<'_>) -> Found {
    let own = View::new(object.node(&["status"])?);
    let listeners: Vec<_> = object.items(&["status", "listeners"]).collect();
    fault(own, "", "Gateway is still being programmed")
        .or_else(|| {
            let listener = |item: &View<'_>| fault(*item, "Listener: ", "Listener is still being programmed");
            listeners.iter().find_map(listener)
        })
        .or_else(|| {
            let says = own.node(&["conditions"]).is_some() || !listeners.is_empty();
            says.then(|| Health::healthy("Gateway is healthy"))
        })
}

pub(super) fn gateway_class(object: View<'_>) -> Found {
    let seen = |item: &View<'_>| {
        let observed = item.number(&["observedGeneration"]);
        let generation = object.number(&["metadata", "generation"]);
        observed.is_none() || generation.is_none() || observed == generation
    };
    let accepted = object
        .items(&["status", "conditions"])
        .filter(seen)
        .map(Condition::of)
        .find(|found| found.kind == "Accepted")?;
    let (status, absent) = match accepted.status {
        "True" => (H, "GatewayClass is accepted"),
        "False" => (D, "GatewayClass is not accepted"),
        _ => (P, "Waiting for GatewayClass status"),
    };
    Some(Health::new(status, if accepted.message.is_empty() { absent } else { accepted.message }))
}

/// A policy that is attached: each ancestor accepts it or not.
pub(super) fn policy(object: View<'_>, strict: bool) -> Found {
    let kind = object.text(&["kind"]);
    let name = |ancestor: &View<'_>| ancestor.text(&["ancestorRef", "name"]).to_owned();
    let ancestors: Vec<_> = object.items(&["status", "ancestors"]).collect();
    let has_generation = object.node(&["metadata", "generation"]).is_some();
    if let Some(late) = ancestors.iter().find(|item| has_generation && !has_seen(object, **item, strict)) {
        let text = format!("Waiting for Ancestor {} to update {kind} status", name(late));
        return Some(Health::progressing(text));
    }
    let mut accepted = None;
    for ancestor in &ancestors {
        let relevant = |found: &Condition<'_>| matches!(found.kind, "Accepted" | "ResolvedRefs");
        if let Some(found) = conditions(*ancestor).filter(relevant).find(|found| !found.is_true()) {
            return Some(Health::degraded(format!("Ancestor {}: {}", name(ancestor), found.message)));
        }
        if conditions(*ancestor).any(|found| found.kind == "Accepted") {
            accepted = Some(Health::healthy(format!("{kind} is healthy")));
        } else if strict {
            return Some(Health::degraded(format!("Ancestor {}: {kind} is not accepted", name(ancestor))));
        }
    }
    accepted
}

pub(super) fn airlock(object: View<'_>) -> Found {
    let kind = object.text(&["kind"]);
    if kind.ends_with("Policy") {
        policy(object, true)
    } else {
        Some(Health::healthy(format!("{kind} is healthy")))
    }
}

/// Gloo writes one status, or one for each namespace that it watches; states are words or numbers.
pub(super) fn solo(object: View<'_>) -> Found {
    let state = |item: View<'_>| match item.text(&["state"]) {
        "Accepted" | "1" => Some(Health::healthy("The resource has been validated")),
        "Warning" | "3" | "Rejected" | "2" => Some(Health::degraded(item.text(&["reason"]))),
        "Pending" | "0" => Some(Health::new(S, "The resource has not yet been validated")),
        _ => None,
    };
    let entries = object.node(&["status", "statuses"]).map_or(&[][..], crate::yaml::Node::entries);
    let several = entries.iter().find_map(|entry| state(View::new(&entry.value)));
    several.or_else(|| state(View::new(object.node(&["status"])?)))
}
