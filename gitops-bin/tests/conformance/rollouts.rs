//! Judges the canary machine, its analyses and its conditions.

mod analysis;
mod canary;
mod evaluate;
mod manifests;
mod routing;
mod status;
mod template;
mod validation;

use gitops_core::api::rollout::{Rollout, RolloutStatus};
use gitops_core::rollout::ReplicaSet;
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use serde_json::{Value, json};

use crate::report::Suite;

/// The suites of the rollout module.
pub(crate) fn suites() -> Vec<Suite> {
    let lists = [
        analysis::suites(),
        canary::suites(),
        evaluate::suites(),
        manifests::suites(),
        routing::suites(),
        status::suites(),
        template::suites(),
        validation::suites(),
    ];
    lists.into_iter().flatten().collect()
}

/// The name of the function that a fact tells of.
fn function(fact: &Value) -> &str {
    fact.get("fn").and_then(Value::as_str).unwrap_or_default()
}

/// An input; null where there is none.
fn input<'v>(fact: &'v Value, key: &str) -> &'v Value {
    static NULL: Value = Value::Null;
    fact.get("in").and_then(|input| input.get(key)).unwrap_or(&NULL)
}

/// An output; null where there is none.
fn output<'v>(fact: &'v Value, key: &str) -> &'v Value {
    static NULL: Value = Value::Null;
    fact.get("out").and_then(|output| output.get(key)).unwrap_or(&NULL)
}

fn number(value: &Value) -> i32 {
    value.as_i64().and_then(|number| i32::try_from(number).ok()).unwrap_or(0)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn rollout(value: &Value) -> Result<Rollout, String> {
    Rollout::from_node(&Node::from_json(value)).map_err(|error| error.to_string())
}

/// A Rollout of a specification and a status alone.
fn rollout_of(spec: &Value, status: &Value) -> Result<Rollout, String> {
    rollout(&json!({"spec": spec, "status": status}))
}

fn status_of(value: &Value) -> Result<RolloutStatus, String> {
    Ok(rollout_of(&json!({}), value)?.status)
}

fn replica_set(value: &Value) -> Option<ReplicaSet> {
    (!value.is_null()).then(|| ReplicaSet::from_node(&Node::from_json(value)))
}

fn replica_sets(value: &Value) -> Vec<ReplicaSet> {
    items(value).filter_map(replica_set).collect()
}

fn now(fact: &Value) -> Result<Timestamp, String> {
    let text = fact.get("now").and_then(Value::as_str).unwrap_or("2026-01-01T00:00:00Z");
    text.parse().map_err(|error| format!("{text}: {error}"))
}

/// Compares a result whose error counts by its kind: there or not.
fn outcome<T: PartialEq + std::fmt::Debug, E: std::fmt::Display>(
    actual: Result<T, E>,
    expected: &T,
    error: &Value,
) -> Result<(), String> {
    match (actual, error.as_str()) {
        (Ok(actual), None) if actual == *expected => Ok(()),
        (Ok(actual), None) => Err(format!("expected {expected:?}, got {actual:?}")),
        (Ok(actual), Some(error)) => Err(format!("expected the error {error:?}, got {actual:?}")),
        (Err(_), Some(_)) => Ok(()),
        (Err(error), None) => Err(format!("unexpected error: {error}")),
    }
}
