//! Replica counts and steps.

use std::path::Path;

use gitops_core::api::rollout::{ProgressThreshold, Rollout, Step, TrafficWeights};
use gitops_core::rollout::hash::step_hash;
use gitops_core::rollout::replicas::{
    Split, approximate, at_desired_replicas, basic, blue_green_new, desired_replicas, max_surge,
    max_unavailable, progress_threshold_met, replicas_for_scale_down, traffic_routed,
    traffic_weight_to_replicas, with_min_pods,
};
use gitops_core::rollout::{ReplicaSet, Roles, Situation, step_text};
use gitops_core::yaml::Node;
use serde_json::{Value, json};

use super::{function, input, number, outcome, output, replica_set, replica_sets, rollout};
use crate::report::{Report, Suite, equal, facts};

pub(super) fn suites() -> Vec<Suite> {
    vec![
        Suite { path: "rollouts/canary-at-desired.jsonl", run: at_desired },
        Suite { path: "rollouts/canary-replicas-approximate.jsonl", run: approximations },
        Suite { path: "rollouts/canary-replicas-basic.jsonl", run: basic_counts },
        Suite { path: "rollouts/canary-replicas-traffic-routed.jsonl", run: routed_counts },
        Suite { path: "rollouts/step-navigation.jsonl", run: steps },
        Suite { path: "rollouts/surge-unavailable.jsonl", run: surge },
    ]
}

/// The Rollout and the two ReplicaSets of a fact.
struct Case {
    rollout: Rollout,
    new: Option<ReplicaSet>,
    stable: Option<ReplicaSet>,
}

impl Case {
    fn of(fact: &Value, key: &str) -> Result<Self, String> {
        Ok(Self {
            rollout: rollout(input(fact, key))?,
            new: replica_set(input(fact, "newRS")),
            stable: replica_set(input(fact, "stableRS")),
        })
    }

    fn situation(&self) -> Situation<'_> {
        Situation::from(&self.rollout)
    }

    fn roles(&self) -> Roles<'_> {
        Roles { new: self.new.as_ref(), stable: self.stable.as_ref() }
    }
}

fn weights(fact: &Value) -> Result<Option<TrafficWeights>, String> {
    let weights = Some(input(fact, "weights")).filter(|weights| !weights.is_null());
    let weights = weights.map(|weights| TrafficWeights::from_node(&Node::from_json(weights)));
    weights.transpose().map_err(|error| error.to_string())
}

fn split(fact: &Value) -> Split {
    Split { canary: number(output(fact, "canary")), stable: number(output(fact, "stable")) }
}

fn at_desired(path: &Path) -> Report {
    facts(path, |fact| match function(fact) {
        "AtDesiredReplicaCountsForCanary" => {
            let case = Case::of(fact, "ro")?;
            let others = replica_sets(input(fact, "olderRSs"));
            let others: Vec<&ReplicaSet> = others.iter().collect();
            let weights = weights(fact)?;
            let actual = at_desired_replicas(case.situation(), case.roles(), &others, weights.as_ref());
            equal("atDesired", &Some(actual), &output(fact, "atDesired").as_bool())
        }
        "GetReplicasForScaleDown" => {
            let ignore = input(fact, "ignoreAvailability").as_bool() == Some(true);
            let set = replica_set(input(fact, "rs"));
            let actual = replicas_for_scale_down(set.as_ref(), ignore);
            equal("replicas", &actual, &number(output(fact, "replicas")))
        }
        "ReplicaProgressThresholdMet" => {
            let threshold = Some(input(fact, "threshold")).filter(|threshold| !threshold.is_null());
            let threshold = threshold.map(|node| ProgressThreshold::from_node(&Node::from_json(node)));
            let threshold = threshold.transpose().map_err(|error| error.to_string())?;
            let set = replica_set(input(fact, "rs"));
            let actual = progress_threshold_met(threshold, set.as_ref(), number(input(fact, "desired")));
            equal("met", &Some(actual), &output(fact, "met").as_bool())
        }
        other => Err(format!("unknown function {other}")),
    })
}

fn approximations(path: &Path) -> Report {
    facts(path, |fact| {
        let of = |key: &str| number(input(fact, key));
        match function(fact) {
            "approximateWeightedCanaryStableReplicaCounts" => {
                let actual =
                    approximate(of("specReplicas"), of("desiredWeight"), of("maxWeight"), of("maxSurge"));
                equal("split", &actual, &split(fact))
            }
            "trafficWeightToReplicas" => {
                let actual = traffic_weight_to_replicas(of("replicas"), of("weight"), of("maxWeight"));
                equal("replicas", &actual, &number(output(fact, "replicas")))
            }
            other => Err(format!("unknown function {other}")),
        }
    })
}

fn basic_counts(path: &Path) -> Report {
    facts(path, |fact| {
        let case = Case::of(fact, "rollout")?;
        let others = replica_sets(input(fact, "oldRSs"));
        let others: Vec<&ReplicaSet> = others.iter().collect();
        equal("split", &basic(case.situation(), case.roles(), &others), &split(fact))
    })
}

fn routed_counts(path: &Path) -> Report {
    facts(path, |fact| {
        let case = Case::of(fact, "rollout")?;
        let weights = weights(fact)?;
        match function(fact) {
            "CalculateReplicaCountsForTrafficRoutedCanary" => {
                let actual = traffic_routed(case.situation(), case.roles(), weights.as_ref());
                equal("split", &actual, &split(fact))
            }
            "CheckMinPodsPerReplicaSet" => {
                let actual = with_min_pods(case.situation(), number(input(fact, "count")));
                equal("replicas", &actual, &number(output(fact, "replicas")))
            }
            "NewRSNewReplicas" => new_replicas(fact, &case, weights.as_ref()),
            other => Err(format!("unknown function {other}")),
        }
    })
}

fn new_replicas(fact: &Value, case: &Case, weights: Option<&TrafficWeights>) -> Result<(), String> {
    let sets = replica_sets(input(fact, "allRSs"));
    let stable_hash = &case.rollout.status.revisions.stable_rs;
    let stable = sets.iter().find(|set| !stable_hash.is_empty() && set.hash == *stable_hash);
    let roles = Roles { new: case.new.as_ref(), stable };
    let is_other =
        |set: &&ReplicaSet| [roles.new, roles.stable].iter().flatten().all(|one| one.name != set.name);
    let others: Vec<&ReplicaSet> = sets.iter().filter(is_other).collect();
    let spec = &case.rollout.spec;
    let actual = match (&spec.blue_green, &spec.canary) {
        (Some(_), _) => {
            let active = case.rollout.status.rest_text("blueGreen", &["activeSelector"]);
            let has_active = sets.iter().any(|set| !active.is_empty() && set.hash == active);
            Ok(blue_green_new(case.situation(), case.new.as_ref(), has_active))
        }
        (None, Some(_)) => Ok(desired_replicas(case.situation(), roles, &others, weights).canary),
        (None, None) => Err("no rollout strategy provided"),
    };
    outcome(actual, &number(output(fact, "replicas")), output(fact, "error"))
}

fn surge(path: &Path) -> Report {
    facts(path, |fact| {
        let rollout = rollout(input(fact, "rollout"))?;
        let situation = Situation::from(&rollout);
        match function(fact) {
            "MaxSurge" => equal("maxSurge", &max_surge(situation), &number(output(fact, "maxSurge"))),
            _ => {
                equal("maxUnavailable", &max_unavailable(situation), &number(output(fact, "maxUnavailable")))
            }
        }
    })
}

fn steps(path: &Path) -> Report {
    facts(path, |fact| {
        if function(fact) == "CanaryStepString" {
            let step =
                Step::from_node(&Node::from_json(input(fact, "c"))).map_err(|error| error.to_string())?;
            return equal("string", &Some(step_text(&step).as_str()), &output(fact, "string").as_str());
        }
        let key = if function(fact) == "ShouldVerifyWeight" { "ro" } else { "rollout" };
        let case = Case::of(fact, key)?;
        let situation = case.situation();
        let weight = || number(output(fact, "weight"));
        match function(fact) {
            "ComputeStepHash" => {
                let hash = step_hash(situation.spec).map_err(|error| error.to_string())?;
                equal("hash", &Some(hash.as_str()), &output(fact, "hash").as_str())
            }
            "GetCanaryReplicasOrWeight" => {
                let expected =
                    (output(fact, "replicas").as_i64().map(|_| number(output(fact, "replicas"))), weight());
                equal("replicas or weight", &situation.canary_replicas_or_weight(case.roles()), &expected)
            }
            "GetCurrentCanaryStep" => {
                let (step, index) = situation.current_step();
                equal("step", &step.is_some(), &!output(fact, "step").is_null())?;
                equal("index", &json!(index), output(fact, "index"))
            }
            "GetCurrentSetWeight" => equal("weight", &situation.current_set_weight(), &weight()),
            "GetDesiredCanaryWeight" => {
                equal("weight", &situation.desired_canary_weight(case.roles()), &weight())
            }
            "ShouldVerifyWeight" => {
                let actual = situation.should_verify_weight(number(input(fact, "desiredWeight")));
                equal("verify", &Some(actual), &output(fact, "verify").as_bool())
            }
            "BeforeStartingStep" => {
                let expected = output(fact, "before").as_bool().unwrap_or_default();
                equal("before", &situation.is_before_starting_step(), &expected)
            }
            "UseSetCanaryScale" => set_canary_scale(fact, situation),
            other => Err(format!("unknown function {other}")),
        }
    })
}

fn set_canary_scale(fact: &Value, situation: Situation<'_>) -> Result<(), String> {
    let expected = output(fact, "setCanaryScale");
    let number = |key: &str| expected.get(key).and_then(Value::as_i64);
    let expected = (!expected.is_null()).then(|| (number("weight"), number("replicas")));
    let scale = situation.set_canary_scale();
    let actual = scale.map(|scale| (scale.weight.map(i64::from), scale.replicas.map(i64::from)));
    equal("setCanaryScale", &actual, &expected)
}
