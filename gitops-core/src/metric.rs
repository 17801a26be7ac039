//! Judges samples of metrics: condition expressions in expr-lang with Go's meaning, and the rules by which
//! measurements add up to a verdict.
//!
//! Asks no metrics store: samples come in, verdicts with their reasons come out.

mod builtin;
mod check;
mod evaluate;
mod judge;
mod moment;
mod syntax;
mod token;
mod value;

#[cfg(test)]
mod tests;

pub use judge::{Judgement, judge_sample};
pub use value::Value;

use crate::time::Timestamp;

use check::Checker;
use evaluate::Evaluator;
use syntax::Expression;
use value::Type;

/// A condition, read once.
#[derive(Clone, Debug)]
pub struct Condition {
    expression: Expression,
}

/// Why a condition has no answer; the text is expr-lang's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    /// What is wrong.
    pub message: String,
}

impl ConditionError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        if self.message.starts_with("type float64[") {
            Some("the query answers with one number: write `result`, not `result[0]`")
        } else if self.message.contains("[]float64") {
            Some("the query answers with a list: write `result[0]`, or aggregate with `sum`, `max` or `all`")
        } else if self.message.starts_with("index out of range") {
            Some("the query answered with fewer series: test `len(result)` first")
        } else {
            None
        }
    }
}

/// The answer of a condition, and the comparisons that led to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Whether the condition holds.
    pub holds: bool,
    /// The comparisons in the order in which they were made, those inside of closures left out.
    pub comparisons: Vec<Comparison>,
}

/// One comparison that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The left value.
    pub left: Value,
    /// The operator as written.
    pub operator: &'static str,
    /// The right value.
    pub right: Value,
    /// Whether it held.
    pub holds: bool,
}

impl Comparison {
    /// What is true, in signs: a comparison that did not hold is turned around.
    pub fn fact(&self) -> String {
        self.fact_with(&Value::to_string)
    }

    /// The same, with values written in another way.
    pub fn fact_with(&self, write: &dyn Fn(&Value) -> String) -> String {
        let (left, right) = (write(&self.left), write(&self.right));
        let is_nan = [&self.left, &self.right].into_iter().any(Value::is_nan);
        if is_nan && !self.holds {
            return format!("{left} is not {} {right}", self.operator);
        }
        let operator = if self.holds { self.operator } else { opposite(self.operator) };
        format!("{left} {operator} {right}")
    }
}

fn opposite(operator: &'static str) -> &'static str {
    const PAIRS: [(&str, &str); 6] =
        [("<", ">="), ("<=", ">"), (">", "<="), (">=", "<"), ("==", "!="), ("!=", "==")];
    PAIRS.iter().find(|(from, _)| *from == operator).map_or(operator, |(_, to)| to)
}

impl Condition {
    /// Reads a condition.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        Ok(Self { expression: syntax::parse(text)? })
    }

    /// Whether the condition holds for a result. As in expr-lang, types are checked first, so that a condition
    /// that does not fit the result is an error even where it would not be reached.
    pub fn evaluate(&self, result: &Value) -> Result<Answer, ConditionError> {
        let checked = Checker::new(Some(result.static_type())).check(&self.expression)?;
        if !matches!(checked, Type::Bool | Type::Unknown) {
            return Err(ConditionError::new(format!("expected bool, but got {checked}")));
        }
        let mut evaluator = Evaluator::new(Some(result), None);
        let value = evaluator.evaluate(&self.expression)?;
        let holds = value.as_bool();
        let holds = holds.ok_or_else(|| expected("bool", &value))?;
        Ok(Answer { holds, comparisons: evaluator.into_comparisons() })
    }

    /// Whether the condition names the result at all.
    pub fn uses_result(&self) -> bool {
        self.expression.names("result")
    }
}

/// The instant that an expression stands for, such as `now() - duration("1h")`: the bounds of a range query. `now` is
/// the instant that `now()` answers with.
pub fn evaluate_time(expression: &str, now: Timestamp) -> Result<Timestamp, ConditionError> {
    let expression = syntax::parse(expression)?;
    Checker::new(None).check(&expression)?;
    let value = Evaluator::new(None, Some(now)).evaluate(&expression)?;
    if let Value::Time(time) = value { Ok(time) } else { Err(expected("time.Time", &value)) }
}

fn expected(wanted: &str, value: &Value) -> ConditionError {
    ConditionError::new(format!("expected {wanted}, but got {}", value.type_name()))
}
