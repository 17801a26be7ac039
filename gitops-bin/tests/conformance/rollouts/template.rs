//! What is added to pods, and the weights of routes.

use std::path::Path;

use gitops_core::rollout::gateway_api::with_weight;
use gitops_core::rollout::pod_template::{active_or_latest, affinity, with_ephemeral_metadata};
use gitops_core::rollout::templates::same_template;
use gitops_core::yaml::Node;
use serde_json::{Value, json};

use super::{function, input, number, output, replica_set, replica_sets, rollout};
use crate::report::{Report, Suite, equal, facts};

pub(super) fn suites() -> Vec<Suite> {
    vec![
        Suite { path: "rollouts/gatewayapi-weights.jsonl", run: weights },
        Suite { path: "rollouts/replicaset-template.jsonl", run: templates },
    ]
}

/// A value without what says nothing: nulls and empty mappings.
fn told(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let told = map.iter().map(|(key, value)| (key.clone(), told(value)));
            Value::Object(told.filter(|(_, value)| !value.is_null() && *value != json!({})).collect())
        }
        Value::Array(items) => items.iter().map(told).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn json_of(node: &Node) -> Result<Value, String> {
    Ok(told(&node.to_json().map_err(|error| error.to_string())?))
}

fn weights(path: &Path) -> Report {
    facts(path, |fact| {
        let text = |key: &str| input(fact, key).as_str().unwrap_or_default();
        let route = Node::from_json(input(fact, "route"));
        let weight = number(input(fact, "desiredWeight"));
        let found = with_weight(&route, text("canaryService"), text("stableService"), weight);
        match (found, output(fact, "error").as_str()) {
            (Ok(found), None) => equal("route", &json_of(&found)?, &told(output(fact, "route"))),
            (Err(error), Some(expected)) => equal("error", &error.to_string().as_str(), &expected),
            (found, expected) => Err(format!("expected {expected:?}, got {found:?}")),
        }
    })
}

fn templates(path: &Path) -> Report {
    facts(path, |fact| match function(fact) {
        "FindActiveOrLatest" => {
            let new = replica_set(input(fact, "newRS"));
            let old = replica_sets(input(fact, "oldRSs"));
            let old: Vec<_> = old.iter().collect();
            let found = active_or_latest(new.as_ref(), &old).cloned();
            equal("replicaSet", &found, &replica_set(output(fact, "replicaSet")))
        }
        "GenerateReplicaSetAffinity" => {
            let found = affinity(&rollout(input(fact, "rollout"))?);
            let found = found.as_ref().map_or(Ok(json!({})), json_of)?;
            let expected = Some(told(output(fact, "affinity"))).filter(|value| !value.is_null());
            equal("affinity", &found, &expected.unwrap_or_else(|| json!({})))
        }
        "PodTemplateEqualIgnoreHash" => {
            let side = |key: &str| Node::from_json(input(fact, key));
            let found = same_template(&side("live"), &side("desired"));
            equal("equal", &Some(found), &output(fact, "equal").as_bool())
        }
        "SyncReplicaSetEphemeralPodMetadata" => {
            let set = Node::from_json(input(fact, "rs"));
            let wanted = Some(input(fact, "podMetadata")).filter(|wanted| !wanted.is_null());
            let wanted = wanted.map(Node::from_json);
            let found = with_ephemeral_metadata(&set, wanted.as_ref());
            equal("modified", &Some(found.is_some()), &output(fact, "modified").as_bool())?;
            let found = json_of(found.as_ref().unwrap_or(&set))?;
            equal("replicaSet", &found, &told(output(fact, "replicaSet")))
        }
        other => Err(format!("unknown function {other}")),
    })
}
