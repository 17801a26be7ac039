//! The weights of an `HTTPRoute` of the Gateway API, as Argo Rollouts' plugin for it writes them.

use crate::yaml::{Mapping, Node};

/// The label of a route while a canary has traffic.
pub const CANARY_LABEL: &str = "rollouts.argoproj.io/gatewayapi-canary";

/// Why a route cannot carry a weight.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("canary or stable backendRef not found")]
pub struct RouteError;

impl RouteError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        "name both Services under `backendRefs` of one rule of the route"
    }
}

/// The route with `weight` percent of the traffic on the canary Service, in every rule that names both Services.
///
/// # Errors
/// No rule names both.
pub fn with_weight(route: &Node, canary: &str, stable: &str, weight: i32) -> Result<Node, RouteError> {
    let mut route = route.clone();
    let mut is_found = false;
    let rules = route.at_mut(&["spec", "rules"]).and_then(Node::items_mut);
    for rule in rules.into_iter().flatten() {
        let has = |name: &str| {
            let backends = rule.get("backendRefs").map(Node::items).unwrap_or_default();
            backends.iter().any(|backend| backend.str_at(&["name"]) == Some(name))
        };
        if !has(canary) || !has(stable) {
            continue;
        }
        is_found = true;
        let backends = rule.get_mut("backendRefs").and_then(Node::items_mut);
        for backend in backends.into_iter().flatten() {
            let share = match backend.str_at(&["name"]) {
                Some(name) if name == canary => weight,
                Some(name) if name == stable => 100 - weight,
                Some(_) | None => continue,
            };
            backend.set("weight", Node::integer(i64::from(share)));
        }
    }
    if !is_found {
        return Err(RouteError);
    }
    mark(&mut route, weight > 0);
    Ok(route)
}

fn mark(route: &mut Node, is_in_progress: bool) {
    if is_in_progress {
        route.set_at(&["metadata", "labels", CANARY_LABEL], Node::string("in-progress"));
        return;
    }
    let Some(metadata) = route.get_mut("metadata") else { return };
    if let Some(labels) = metadata.get_mut("labels").and_then(Node::as_mapping_mut) {
        labels.remove(CANARY_LABEL);
    }
    if metadata.get("labels").and_then(Node::as_mapping).is_some_and(Mapping::is_empty) {
        metadata.remove("labels");
    }
}
