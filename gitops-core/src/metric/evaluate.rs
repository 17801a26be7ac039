//! Expressions to values, and the comparisons on the way.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "an operation of a dynamic language refuses every type that it does not name"
)]

use std::collections::BTreeMap;

use super::builtin::{self, Builtin};
use super::moment::{self, Maker};
use super::syntax::{CLOSURES, Expression};
use super::value::Value;
use super::{Comparison, ConditionError};
use crate::time::Timestamp;

/// An evaluation takes at most this many steps, since closures within closures multiply.
const MOST_STEPS: usize = 1_000_000;
/// At most this many comparisons are remembered.
const MOST_COMPARISONS: usize = 32;

/// Evaluates one expression.
#[derive(Debug)]
pub(super) struct Evaluator {
    names: Vec<(String, Value)>,
    items: Vec<Item>,
    comparisons: Vec<Comparison>,
    steps: usize,
    now: Option<Timestamp>,
}

/// What `#`, `#index` and `#acc` stand for.
#[derive(Clone, Debug)]
struct Item {
    value: Value,
    index: i64,
    accumulated: Value,
}

type Evaluated = Result<Value, ConditionError>;

fn error<T>(message: impl Into<String>) -> Result<T, ConditionError> {
    Err(ConditionError::new(message))
}

impl Evaluator {
    /// An evaluator that knows the `result` and the instant `now`, where there are such.
    pub(super) fn new(result: Option<&Value>, now: Option<Timestamp>) -> Self {
        Self {
            names: result.map(|result| ("result".to_owned(), result.clone())).into_iter().collect(),
            items: vec![],
            comparisons: vec![],
            steps: 0,
            now,
        }
    }

    pub(super) fn into_comparisons(self) -> Vec<Comparison> {
        self.comparisons
    }

    pub(super) fn evaluate(&mut self, expression: &Expression) -> Evaluated {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return error(format!("expression takes more than {MOST_STEPS} steps"));
        }
        match expression {
            Expression::Literal(value) => Ok(value.clone()),
            Expression::Name(name) => {
                let known = self.names.iter().rev().find(|(known, _)| known == name);
                known.map_or_else(|| error(format!("unknown name {name}")), |(_, value)| Ok(value.clone()))
            }
            Expression::Pointer(name) => self.pointer(name),
            Expression::Unary(sign, value) => {
                let value = self.evaluate(value)?;
                unary(sign, value)
            }
            Expression::Binary(sign, left, right) => self.binary(sign, left, right),
            Expression::Conditional(test, yes, no) => match self.evaluate(test)? {
                Value::Bool(true) => self.evaluate(yes),
                Value::Bool(false) => self.evaluate(no),
                other => error(format!("non-bool expression (type {}) used as condition", other.type_name())),
            },
            Expression::Member(of, name, is_optional) => {
                let of = self.evaluate(of)?;
                member(&of, name, *is_optional)
            }
            Expression::Method(of, name) => {
                let of = self.evaluate(of)?;
                error(format!("type {} has no method {name}", of.type_name()))
            }
            Expression::Index(list, at) => {
                let (items, at) = (self.evaluate(list)?, self.evaluate(at)?);
                match **list {
                    // expr-lang makes one search of `filter(…)[0]`, and words its error in another way.
                    Expression::Call(ref name, _) if name == "filter" && items.is_empty() => {
                        error("reflect: slice index out of range")
                    }
                    _ => index(&items, &at),
                }
            }
            Expression::Slice(list, from, to) => self.slice(list, from.as_deref(), to.as_deref()),
            Expression::Call(name, arguments) => self.call(name, arguments),
            Expression::List(items) => {
                let items = items.iter().map(|item| self.evaluate(item));
                Ok(Value::List(items.collect::<Result<_, _>>()?))
            }
            Expression::Map(pairs) => {
                let pairs = pairs.iter().map(|(key, value)| Ok((key.clone(), self.evaluate(value)?)));
                Ok(Value::Map(pairs.collect::<Result<BTreeMap<_, _>, ConditionError>>()?))
            }
            Expression::Let(name, value, body) => {
                let value = self.evaluate(value)?;
                self.names.push((name.clone(), value));
                let body = self.evaluate(body);
                self.names.pop();
                body
            }
        }
    }

    fn pointer(&self, name: &str) -> Evaluated {
        let Some(item) = self.items.last() else {
            return error("cannot use pointer accessor outside closure");
        };
        Ok(match name {
            "index" => Value::Int(item.index),
            "acc" => item.accumulated.clone(),
            _ => item.value.clone(),
        })
    }

    fn binary(&mut self, sign: &'static str, left: &Expression, right: &Expression) -> Evaluated {
        let left = self.evaluate(left)?;
        match (sign, &left) {
            ("and" | "&&", Value::Bool(false)) | ("or" | "||", Value::Bool(true)) => return Ok(left),
            ("and" | "&&" | "or" | "||", Value::Bool(_)) | ("??", Value::Nil) => return self.evaluate(right),
            ("??", _) => return Ok(left),
            _ => {}
        }
        let right = self.evaluate(right)?;
        let value = operate(sign, &left, &right)?;
        let is_comparison = matches!(sign, "<" | ">" | "<=" | ">=" | "==" | "!=");
        if let (true, true, Value::Bool(holds)) = (is_comparison, self.items.is_empty(), &value)
            && self.comparisons.len() < MOST_COMPARISONS
        {
            self.comparisons.push(Comparison { left, operator: sign, right, holds: *holds });
        }
        Ok(value)
    }

    fn slice(&mut self, list: &Expression, from: Option<&Expression>, to: Option<&Expression>) -> Evaluated {
        let list = self.evaluate(list)?;
        let count = list.len().unwrap_or(0);
        let mut bound = |bound: Option<&Expression>, otherwise: usize| match bound {
            None => Ok(otherwise),
            Some(bound) => match self.evaluate(bound)? {
                Value::Int(at) if at < 0 => {
                    Ok(count.saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)))
                }
                Value::Int(at) => Ok(usize::try_from(at).unwrap_or(usize::MAX).min(count)),
                other => error(format!("non-integer slice index {}", other.type_name())),
            },
        };
        let (from, to) = (bound(from, 0)?, bound(to, count)?);
        let items =
            list.items().ok_or_else(|| ConditionError::new(format!("cannot slice {}", list.type_name())))?;
        Ok(Value::List(items.get(from..to.max(from)).unwrap_or_default().to_vec()))
    }

    fn call(&mut self, name: &str, arguments: &[Expression]) -> Evaluated {
        match arguments {
            [list, body, rest @ ..] if CLOSURES.contains(&name) => {
                self.closure(name, list, body, rest.first())
            }
            _ => {
                let values = arguments
                    .iter()
                    .map(|argument| self.evaluate(argument))
                    .collect::<Result<Vec<_>, _>>()?;
                if let Some(maker) = Maker::find(name) {
                    return maker.call(&values, self.now);
                }
                let builtin =
                    Builtin::find(name).ok_or_else(|| ConditionError::new(format!("unknown name {name}")))?;
                builtin::call(builtin, name, &values)
            }
        }
    }

    fn closure(
        &mut self,
        name: &str,
        list: &Expression,
        body: &Expression,
        start: Option<&Expression>,
    ) -> Evaluated {
        let list = self.evaluate(list)?;
        let items = list.items().ok_or_else(|| {
            ConditionError::new(format!("builtin {name} takes only array (got {})", list.type_name()))
        })?;
        let mut accumulated = match start {
            Some(start) => self.evaluate(start)?,
            None => Value::Nil,
        };
        let mut answers = vec![];
        for (at, value) in items.iter().enumerate() {
            if name == "reduce" && start.is_none() && at == 0 {
                accumulated = value.clone();
                continue;
            }
            let index = i64::try_from(at).unwrap_or(i64::MAX);
            self.items.push(Item { value: value.clone(), index, accumulated: accumulated.clone() });
            let answer = self.evaluate(body);
            self.items.pop();
            let answer = answer?;
            if name == "reduce" {
                accumulated = answer.clone();
            }
            answers.push(answer);
        }
        if name == "reduce" {
            return Ok(accumulated);
        }
        combine(name, &items, answers)
    }
}

/// The value of a closure function from its answers, one for each item.
fn combine(name: &str, items: &[Value], answers: Vec<Value>) -> Evaluated {
    let holds: Vec<bool> = answers.iter().map(|answer| *answer == Value::Bool(true)).collect();
    let count = holds.iter().filter(|holds| **holds).count();
    let position = |at: Option<usize>| Value::Int(at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1));
    let item = |at: Option<usize>| at.and_then(|at| items.get(at)).cloned().unwrap_or(Value::Nil);
    let first = holds.iter().position(|holds| *holds);
    let last = holds.iter().rposition(|holds| *holds);
    Ok(match name {
        "all" => Value::Bool(count == items.len()),
        "none" => Value::Bool(count == 0),
        "any" => Value::Bool(count > 0),
        "one" => Value::Bool(count == 1),
        "count" => Value::Int(i64::try_from(count).unwrap_or(i64::MAX)),
        "find" => item(first),
        "findLast" => item(last),
        "findIndex" => position(first),
        "findLastIndex" => position(last),
        "filter" => {
            let kept = items.iter().zip(&holds).filter(|(_, holds)| **holds);
            Value::List(kept.map(|(item, _)| item.clone()).collect())
        }
        "map" => Value::List(answers),
        "sum" => builtin::call(Builtin::Sum, name, &[Value::List(answers)])?,
        _ => return error(format!("function {name} is not supported")),
    })
}

fn unary(sign: &str, value: Value) -> Evaluated {
    match (sign, value) {
        ("not", Value::Bool(value)) => Ok(Value::Bool(!value)),
        ("-", Value::Int(number)) => Ok(Value::Int(number.wrapping_neg())),
        ("-", Value::Float(number)) => Ok(Value::Float(-number)),
        ("-", Value::Duration(nanos)) => Ok(Value::Duration(nanos.saturating_neg())),
        ("+", value @ (Value::Int(_) | Value::Float(_) | Value::Duration(_))) => Ok(value),
        (sign, value) => error(format!("invalid operation: {sign} {}", value.type_name())),
    }
}

fn operate(sign: &str, left: &Value, right: &Value) -> Evaluated {
    let mismatch = || {
        ConditionError::new(format!("invalid operation: {} {sign} {}", left.type_name(), right.type_name()))
    };
    if let (Value::Text(left), Value::Text(right)) = (left, right)
        && let Some(value) = texts(sign, left, right)?
    {
        return Ok(value);
    }
    if let Some(value) = moment::operate(sign, left, right) {
        return Ok(value);
    }
    match sign {
        "==" => return Ok(Value::Bool(left.is_equal(right))),
        "!=" => return Ok(Value::Bool(!left.is_equal(right))),
        "in" => return contained(left, right).ok_or_else(mismatch),
        _ => {}
    }
    if let (Value::Int(left), Value::Int(right)) = (left, right)
        && let Some(value) = integers(sign, *left, *right)?
    {
        return Ok(value);
    }
    let (Some(a), Some(b)) = (left.as_number(), right.as_number()) else { return Err(mismatch()) };
    Ok(match sign {
        "<" => Value::Bool(a < b),
        ">" => Value::Bool(a > b),
        "<=" => Value::Bool(a <= b),
        ">=" => Value::Bool(a >= b),
        "+" => Value::Float(a + b),
        "-" => Value::Float(a - b),
        "*" => Value::Float(a * b),
        "/" => Value::Float(a / b),
        "**" => Value::Float(a.powf(b)),
        _ => return Err(mismatch()),
    })
}

fn integers(sign: &str, left: i64, right: i64) -> Result<Option<Value>, ConditionError> {
    Ok(Some(match sign {
        "+" => Value::Int(left.wrapping_add(right)),
        "-" => Value::Int(left.wrapping_sub(right)),
        "*" => Value::Int(left.wrapping_mul(right)),
        "%" => match left.checked_rem(right) {
            Some(rest) => Value::Int(rest),
            None => return error("integer divide by zero"),
        },
        ".." if right.saturating_sub(left) > 100_000 => return error("range is too long"),
        ".." => Value::List((left..=right).map(Value::Int).collect()),
        _ => return Ok(None),
    }))
}

fn texts(sign: &str, left: &str, right: &str) -> Result<Option<Value>, ConditionError> {
    Ok(Some(match sign {
        "+" => Value::Text(format!("{left}{right}")),
        "<" => Value::Bool(left < right),
        ">" => Value::Bool(left > right),
        "<=" => Value::Bool(left <= right),
        ">=" => Value::Bool(left >= right),
        "contains" => Value::Bool(left.contains(right)),
        "startsWith" => Value::Bool(left.starts_with(right)),
        "endsWith" => Value::Bool(left.ends_with(right)),
        "matches" => {
            let pattern = regex::Regex::new(right);
            let pattern =
                pattern.map_err(|_| ConditionError::new(format!("error parsing regexp: `{right}`")))?;
            Value::Bool(pattern.is_match(left))
        }
        _ => return Ok(None),
    }))
}

fn contained(item: &Value, list: &Value) -> Option<Value> {
    let holds = match (list, item) {
        (Value::Map(map), Value::Text(key)) => map.contains_key(key),
        (Value::Nil, _) => false,
        (list, item) => list.items()?.iter().any(|listed| listed.is_equal(item)),
    };
    Some(Value::Bool(holds))
}

fn member(of: &Value, name: &str, is_optional: bool) -> Evaluated {
    match of {
        Value::Map(map) => Ok(map.get(name).cloned().unwrap_or(Value::Nil)),
        Value::Nil if is_optional => Ok(Value::Nil),
        other => error(format!("cannot fetch {name} from {}", other.type_name())),
    }
}

fn index(list: &Value, at: &Value) -> Evaluated {
    match (list, at) {
        (Value::Map(map), Value::Text(key)) => Ok(map.get(key).cloned().unwrap_or(Value::Nil)),
        (Value::Floats(_) | Value::List(_) | Value::Text(_), Value::Int(at)) => {
            let count = list.len().unwrap_or(0);
            let from_end = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
            let position = if *at < 0 { count.checked_sub(from_end) } else { Some(from_end) };
            let item = position.and_then(|position| list.item(position));
            item.ok_or_else(|| {
                ConditionError::new(format!("index out of range: {at} (array length is {count})"))
            })
        }
        (other, at) => error(format!("cannot fetch {at} from {}", other.type_name())),
    }
}
