//! Conditions, and the answers of Prometheus.

use std::path::Path;

use gitops_core::metric::{Condition, Value as Sample, evaluate_time, judge_sample};
use serde_json::Value;

use super::{function, input, now, output};
use crate::report::{Report, Suite, equal, facts};

pub(super) fn suites() -> Vec<Suite> {
    vec![
        Suite { path: "rollouts/evaluate.jsonl", run: evaluate },
        Suite { path: "rollouts/prometheus.jsonl", run: prometheus },
    ]
}

fn evaluate(path: &Path) -> Report {
    facts(path, |fact| match function(fact) {
        "EvalCondition" => {
            let condition = input(fact, "condition").as_str().unwrap_or_default();
            let value = sample(fact, "resultValue");
            let answer = Condition::parse(condition).and_then(|condition| condition.evaluate(&value));
            match (answer, output(fact, "error").as_str()) {
                (Ok(answer), None) => equal("result", &Some(answer.holds), &output(fact, "result").as_bool()),
                (Ok(answer), Some(error)) => Err(format!("expected {error:?}, got {}", answer.holds)),
                (Err(error), expected) => equal("error", &Some(error.message.as_str()), &expected),
            }
        }
        "EvaluateResult" => {
            let metric = input(fact, "metric");
            let field = |key: &str| {
                let own = input(fact, key).as_str();
                own.or_else(|| metric.get(key).and_then(Value::as_str)).unwrap_or_default()
            };
            let value = sample(fact, "result");
            let judged = judge_sample(field("successCondition"), field("failureCondition"), &value);
            equal("phase", &Some(judged.phase.as_str()), &output(fact, "phase").as_str())?;
            equal("error", &judged.error.as_deref(), &output(fact, "error").as_str())
        }
        "EvalTime" => {
            let expression = input(fact, "expression").as_str().unwrap_or_default();
            let time = evaluate_time(expression, now(fact)?).map_err(|error| error.message);
            let time = time.map(|time| time.to_string());
            match output(fact, "error").as_str() {
                Some(error) => equal("error", &time, &Err(error.to_owned())),
                None => equal("time", &time.ok().as_deref(), &output(fact, "time").as_str()),
            }
        }
        other => Err(format!("unknown function {other}")),
    })
}

/// The value under a condition: written as text, or as JSON.
fn sample(fact: &Value, key: &str) -> Sample {
    if fact.get("valueSpelled").and_then(Value::as_bool) == Some(true) {
        let text = ["value", key].iter().find_map(|key| input(fact, key).as_str()).unwrap_or_default();
        return if text == "nil" { Sample::Nil } else { Sample::parse(text) };
    }
    let value = input(fact, key);
    if value.is_null() {
        return input(fact, "value").as_str().map_or(Sample::Nil, Sample::parse);
    }
    Sample::from_json(value)
}

fn prometheus(path: &Path) -> Report {
    facts(path, |fact| {
        let kind = match input(fact, "type").as_str().unwrap_or_default() {
            "*model.Scalar" => "scalar",
            "model.Vector" => "vector",
            "model.Matrix" => "matrix",
            other => other,
        };
        let metric = input(fact, "metric");
        let field = |key: &str| metric.get(key).and_then(Value::as_str).unwrap_or_default();
        let sample = Sample::from_prometheus(kind, input(fact, "response"));
        let (value, phase) = match &sample {
            Err(_) => (String::new(), "Error"),
            Ok(sample) => {
                let judged = judge_sample(field("successCondition"), field("failureCondition"), sample);
                (sample.to_measurement(), judged.phase.as_str())
            }
        };
        equal("value", &value.as_str(), &output(fact, "value").as_str().unwrap_or_default())?;
        equal("phase", &Some(phase), &output(fact, "phase").as_str())
    })
}
