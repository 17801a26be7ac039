//! One sample against the two conditions of a metric (`EvaluateResult`).

use crate::api::analysis::AnalysisPhase;

use super::{Comparison, Condition, ConditionError, Value};

/// The verdict on one sample, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub phase: AnalysisPhase,
    /// What could not be evaluated.
    pub error: Option<String>,
    /// The comparison that decided, where one did.
    pub decisive: Option<Comparison>,
}

impl Judgement {
    fn of(phase: AnalysisPhase, decisive: Option<Comparison>) -> Self {
        Self { phase, error: None, decisive }
    }
}

/// Judges a sample: a failure counts more than a success, neither is inconclusive; with one condition alone
/// the other verdict follows from it. A comparison with NaN does not hold: with a success condition alone the
/// sample fails, with a failure condition alone it succeeds.
pub fn judge_sample(success_condition: &str, failure_condition: &str, result: &Value) -> Judgement {
    let mut evaluate = Evaluate { result, error: None };
    let success = evaluate.condition("successCondition", success_condition);
    let failure = match evaluate.error {
        None => evaluate.condition("failureCondition", failure_condition),
        Some(_) => None,
    };
    if let Some(error) = evaluate.error {
        return Judgement { phase: AnalysisPhase::Error, error: Some(error), decisive: None };
    }
    match (success, failure) {
        (None, None) => Judgement::of(AnalysisPhase::Successful, None),
        (_, Some((true, why))) | (Some((false, why)), None) => Judgement::of(AnalysisPhase::Failed, why),
        (Some((true, why)), Some((false, _)) | None) | (None, Some((false, why))) => {
            Judgement::of(AnalysisPhase::Successful, why)
        }
        (Some((false, why)), Some((false, _))) => Judgement::of(AnalysisPhase::Inconclusive, why),
    }
}

#[derive(Debug)]
struct Evaluate<'a> {
    result: &'a Value,
    error: Option<String>,
}

impl Evaluate<'_> {
    /// Whether a condition holds and what decided; `None` for no condition, or after an error.
    fn condition(&mut self, field: &str, text: &str) -> Option<(bool, Option<Comparison>)> {
        if text.is_empty() {
            return None;
        }
        match evaluate(text, self.result) {
            Ok(answer) => Some(answer),
            Err(error) => {
                let message = if self.result.is_empty() {
                    "metric result is nil or empty: no data returned from the metric provider".to_owned()
                } else {
                    error.message
                };
                self.error = Some(format!("could not evaluate {field} \"{text}\": {message}"));
                None
            }
        }
    }
}

fn evaluate(text: &str, result: &Value) -> Result<(bool, Option<Comparison>), ConditionError> {
    let answer = Condition::parse(text)?.evaluate(result)?;
    // The last comparison that went the way of the whole decided it: what stands before was not enough.
    let decisive = answer.comparisons.iter().rev().find(|comparison| comparison.holds == answer.holds);
    let decisive = decisive.or(answer.comparisons.last()).cloned();
    Ok((answer.holds, decisive))
}
