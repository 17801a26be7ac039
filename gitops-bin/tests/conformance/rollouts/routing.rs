//! What routers and pods are told.

use std::path::Path;

use gitops_core::api::rollout::{HeaderRoute, Rollout, WeightDestination};
use gitops_core::rollout::alb::{
    Annotations, forward_action, header_annotations, header_condition, manage, weight_annotations,
};
use gitops_core::rollout::nginx::canary_ingress;
use gitops_core::yaml::Node;
use serde_json::Value;
use smol_str::SmolStr;

use super::{function, input, items, number, outcome, output, rollout};
use crate::report::{Report, Suite, facts};

pub(super) fn suites() -> Vec<Suite> {
    vec![Suite { path: "rollouts/alb.jsonl", run: alb }, Suite { path: "rollouts/nginx.jsonl", run: nginx }]
}

/// The canary's Ingress, apart from the type of its owner, which the recording left empty.
fn nginx(path: &Path) -> Report {
    facts(path, |fact| {
        let stable = Node::from_json(input(fact, "stableIngress"));
        let name = input(fact, "name").as_str().unwrap_or_default();
        let weight = number(input(fact, "desiredWeight"));
        let without_owner = |mut ingress: Node| {
            if let Some(metadata) = ingress.get_mut("metadata") {
                metadata.remove("ownerReferences");
            }
            ingress
        };
        let actual =
            canary_ingress(&rollout(input(fact, "rollout"))?, &stable, name, weight).map(without_owner);
        let expected = without_owner(Node::from_json(output(fact, "ingress")));
        outcome(actual, &expected, output(fact, "error"))
    })
}

fn annotations(value: &Value) -> Annotations {
    let pairs = value.as_object().into_iter().flatten();
    pairs.map(|(key, value)| (key.as_str().into(), value.as_str().unwrap_or_default().into())).collect()
}

fn destinations(fact: &Value) -> Vec<WeightDestination> {
    let text =
        |value: &Value, key: &str| SmolStr::from(value.get(key).and_then(Value::as_str).unwrap_or_default());
    items(input(fact, "additionalDestinations"))
        .map(|value| WeightDestination {
            weight: value.get("weight").map(number).unwrap_or_default(),
            service_name: text(value, "serviceName"),
            pod_template_hash: text(value, "podTemplateHash"),
        })
        .collect()
}

fn alb(path: &Path) -> Report {
    facts(path, |fact| {
        let read = || -> Result<Rollout, String> {
            let mut rollout = rollout(input(fact, "r"))?;
            if let Some(alb) =
                rollout.spec.canary.as_mut().and_then(|canary| canary.traffic_routing.as_mut()?.alb.as_mut())
            {
                alb.service_port = number(input(fact, "port"));
            }
            Ok(rollout)
        };
        let route = || {
            HeaderRoute::from_node(&Node::from_json(input(fact, "headerRoute")))
                .map_err(|error| error.to_string())
        };
        let error = output(fact, "error");
        let weight = number(input(fact, "desiredWeight"));
        let current = annotations(input(fact, "current"));
        let text = || output(fact, "annotation").as_str().unwrap_or_default().to_owned();
        let expected = annotations(output(fact, "annotations"));
        match function(fact) {
            "getForwardActionString" => {
                outcome(forward_action(&read()?, weight, &destinations(fact)), &text(), error)
            }
            "getTrafficForwardConditionString" => {
                outcome(Ok::<_, String>(header_condition(&route()?)), &text(), error)
            }
            "getDesiredAnnotations" => {
                let actual = weight_annotations(&read()?, &current, weight, &destinations(fact));
                outcome(actual, &expected, error)
            }
            "getDesiredHeaderAnnotations" => {
                outcome(header_annotations(&read()?, &current, &route()?), &expected, error)
            }
            "modifyManagedAnnotation" => {
                let keys = items(input(fact, "annotationKeys")).filter_map(Value::as_str).map(SmolStr::from);
                let keys: Vec<SmolStr> = keys.collect();
                let name = input(fact, "rolloutName").as_str().unwrap_or_default();
                let add = input(fact, "add").as_bool() == Some(true);
                outcome(manage(annotations(input(fact, "annotations")), name, add, &keys), &expected, error)
            }
            other => Err(format!("unknown function {other}")),
        }
    })
}
