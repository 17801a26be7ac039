//! Checks of specifications.

use std::path::Path;

use gitops_core::rollout::validation::{
    SpecError, validate_blue_green, validate_canary, validate_spec, validate_strategy,
};
use serde_json::Value;

use super::{function, input, items, output, rollout};
use crate::report::{Report, Suite, equal, facts};

pub(super) fn suites() -> Vec<Suite> {
    vec![Suite { path: "rollouts/validation.jsonl", run: specifications }]
}

fn specifications(path: &Path) -> Report {
    facts(path, |fact| {
        let rollout = rollout(input(fact, "rollout"))?;
        let path = input(fact, "fldPath").as_str().unwrap_or("spec");
        let found = match function(fact) {
            "ValidateRollout" | "ValidateRolloutSpec" => validate_spec(&rollout, path),
            "ValidateRolloutStrategy" => validate_strategy(&rollout, path),
            "ValidateRolloutStrategyCanary" => validate_canary(&rollout, path),
            "ValidateRolloutStrategyBlueGreen" => validate_blue_green(&rollout, path),
            other => return Err(format!("unknown function {other}")),
        };
        let describe =
            |error: &SpecError| format!("{} {}: {}", error.kind.as_str(), error.field, error.detail);
        let found: Vec<String> = found.iter().map(describe).collect();
        let expected = items(output(fact, "errors")).map(|error| {
            let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
            format!("{} {}: {}", text("type"), text("field"), text("detail"))
        });
        equal("errors", &found, &expected.collect())
    })
}
