//! Phases and conditions.

use std::path::Path;

use gitops_core::rollout::Situation;
use gitops_core::rollout::conditions::{
    is_completed, is_healthy, is_progressing, is_timed_out, needs_restart,
};
use gitops_core::rollout::phase::{is_generation_observed, is_unpausing, observed_phase, phase};

use super::{function, input, now, output, rollout, rollout_of, status_of};
use crate::report::{Report, Suite, equal, facts};

pub(super) fn suites() -> Vec<Suite> {
    vec![
        Suite { path: "rollouts/conditions.jsonl", run: conditions },
        Suite { path: "rollouts/phase.jsonl", run: phases },
    ]
}

fn phases(path: &Path) -> Report {
    facts(path, |fact| {
        let flag = |key: &str| output(fact, key).as_bool();
        let (word, message) = match function(fact) {
            "CalculateRolloutPhase" => {
                phase(Situation::from(&rollout_of(input(fact, "spec"), input(fact, "status"))?))
            }
            "GetRolloutPhase" => observed_phase(&rollout(input(fact, "ro"))?),
            "IsUnpausing" => {
                let actual = is_unpausing(&rollout(input(fact, "ro"))?.status);
                return equal("unpausing", &Some(actual), &flag("unpausing"));
            }
            _ => {
                let rollout = rollout(input(fact, "ro"))?;
                let actual = is_generation_observed(&rollout.status, rollout.generation);
                return equal("observed", &Some(actual), &flag("observed"));
            }
        };
        equal("phase", &Some(word.as_str()), &output(fact, "phase").as_str())?;
        equal("message", &Some(message.as_str()), &output(fact, "message").as_str())
    })
}

fn conditions(path: &Path) -> Report {
    facts(path, |fact| {
        let flag = |key: &str| output(fact, key).as_bool();
        let next = status_of(input(fact, "newStatus"));
        if function(fact) == "RolloutCompleted" {
            return equal("completed", &Some(is_completed(&next?)), &flag("completed"));
        }
        let rollout = rollout(input(fact, "rollout"))?;
        let situation = Situation::from(&rollout);
        match function(fact) {
            "RolloutHealthy" => {
                equal("healthy", &Some(is_healthy(situation, rollout.generation, &next?)), &flag("healthy"))
            }
            "RolloutProgressing" => {
                equal("progressing", &Some(is_progressing(situation, &next?)), &flag("progressing"))
            }
            "RolloutTimedOut" => {
                equal("timedOut", &Some(is_timed_out(situation, &next?, now(fact)?)), &flag("timedOut"))
            }
            "NeedsRestart" => {
                equal("needsRestart", &Some(needs_restart(situation, now(fact)?)), &flag("needsRestart"))
            }
            other => Err(format!("unknown function {other}")),
        }
    })
}
