//! The values of expressions and their types, with Go's names.

use std::collections::BTreeMap;
use std::fmt;

use super::ConditionError;
use crate::time::{Timestamp, format_duration};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Nil,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// A list of numbers, as Prometheus answers.
    Floats(Vec<f64>),
    /// Any list.
    List(Vec<Value>),
    /// A mapping.
    Map(BTreeMap<String, Value>),
    /// An instant.
    Time(Timestamp),
    /// A length of time in nanoseconds; may be negative.
    Duration(i64),
}

/// What is known of a value before it is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// Nothing is known.
    Unknown,
    Nil,
    Bool,
    Int,
    /// What `asInt` answers with.
    Int64,
    Float,
    Text,
    List(Box<Type>),
    Map,
    Time,
    Duration,
}

impl Type {
    pub(super) fn list(item: Self) -> Self {
        Self::List(Box::new(item))
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Int64 | Self::Float | Self::Unknown)
    }

    pub(super) fn is_integer(&self) -> bool {
        matches!(self, Self::Int | Self::Int64 | Self::Unknown)
    }

    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Nil => f.write_str("nil"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Int64 => f.write_str("int64"),
            Self::Float => f.write_str("float64"),
            Self::Text => f.write_str("string"),
            Self::List(item) if item.is_unknown() => f.write_str("[]interface {}"),
            Self::List(item) => write!(f, "[]{item}"),
            Self::Map => f.write_str("map[string]interface {}"),
            Self::Time => f.write_str("time.Time"),
            Self::Duration => f.write_str("time.Duration"),
        }
    }
}

impl Value {
    /// The type that expr-lang derives from a value of the environment.
    pub(super) fn static_type(&self) -> Type {
        match self {
            Self::Nil => Type::Unknown,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Float(_) => Type::Float,
            Self::Text(_) => Type::Text,
            Self::Floats(_) => Type::list(Type::Float),
            Self::List(_) => Type::list(Type::Unknown),
            Self::Map(_) => Type::Map,
            Self::Time(_) => Type::Time,
            Self::Duration(_) => Type::Duration,
        }
    }

    /// Go's name of the type of a value that is there.
    pub(super) fn type_name(&self) -> String {
        match self {
            Self::Nil => "<nil>".to_owned(),
            Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Floats(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Time(_)
            | Self::Duration(_) => self.static_type().to_string(),
        }
    }

    /// The number, if this is one.
    #[expect(clippy::cast_precision_loss, reason = "Go converts an integer to a float in the same way")]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            Self::Nil
            | Self::Bool(_)
            | Self::Text(_)
            | Self::Floats(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Time(_)
            | Self::Duration(_) => None,
        }
    }

    /// The boolean, if this is one.
    pub(super) fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The items, if this is a list.
    pub(super) fn items(&self) -> Option<Vec<Self>> {
        match self {
            Self::Floats(numbers) => Some(numbers.iter().copied().map(Self::Float).collect()),
            Self::List(items) => Some(items.clone()),
            Self::Nil
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Map(_)
            | Self::Time(_)
            | Self::Duration(_) => None,
        }
    }

    /// How many items, if this has any.
    pub(super) fn len(&self) -> Option<usize> {
        match self {
            Self::Floats(numbers) => Some(numbers.len()),
            Self::List(items) => Some(items.len()),
            Self::Map(map) => Some(map.len()),
            Self::Text(text) => Some(text.chars().count()),
            Self::Nil | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Time(_) | Self::Duration(_) => {
                None
            }
        }
    }

    /// The item at a position, if there is one.
    pub(super) fn item(&self, at: usize) -> Option<Self> {
        match self {
            Self::Floats(numbers) => numbers.get(at).copied().map(Self::Float),
            Self::List(items) => items.get(at).cloned(),
            Self::Text(text) => text.chars().nth(at).map(|character| Self::Text(character.to_string())),
            Self::Nil
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Map(_)
            | Self::Time(_)
            | Self::Duration(_) => None,
        }
    }

    /// Whether this is the number that is none.
    pub fn is_nan(&self) -> bool {
        matches!(self, Self::Float(number) if number.is_nan())
    }

    /// Whether nothing was measured: no value, or a list without items.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Nil => true,
            Self::Floats(numbers) => numbers.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Map(_)
            | Self::Time(_)
            | Self::Duration(_) => false,
        }
    }

    /// Whether two values are equal: numbers by their value, anything else by kind and content.
    pub(super) fn is_equal(&self, other: &Self) -> bool {
        if let (Some(left), Some(right)) = (self.as_number(), other.as_number()) {
            return left.partial_cmp(&right).is_some_and(std::cmp::Ordering::is_eq);
        }
        match (self.items(), other.items()) {
            (Some(left), Some(right)) => {
                left.len() == right.len() && left.iter().zip(&right).all(|(left, right)| left.is_equal(right))
            }
            (Some(_), None) | (None, Some(_)) => false,
            (None, None) => self == other,
        }
    }

    /// Reads a value that was written down as Argo writes one: `0.5`, `NaN`, `+Inf`, `[0.999,0.2]`. Anything else
    /// is a text.
    pub fn parse(text: &str) -> Self {
        let list = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let numbers = list.map(|list| match list.trim() {
            "" => Some(vec![]),
            list => list.split(',').map(|item| number(item.trim())).collect(),
        });
        match (numbers.flatten(), number(text)) {
            (Some(numbers), _) => Self::Floats(numbers),
            (None, Some(number)) => Self::Float(number),
            (None, None) => Self::Text(text.to_owned()),
        }
    }

    /// The value of an answer of Prometheus of a kind (`scalar`, `vector` or `matrix`): a number, or a list of
    /// numbers without their labels.
    pub fn from_prometheus(kind: &str, result: &serde_json::Value) -> Result<Self, ConditionError> {
        let number =
            |sample: &serde_json::Value| sample.get(1).and_then(serde_json::Value::as_str).and_then(number);
        let series = || result.as_array().into_iter().flatten();
        let numbers = match kind {
            "scalar" => return number(result).map(Self::Float).ok_or_else(unreadable),
            "vector" => series().map(|one| one.get("value").and_then(number)).collect::<Option<Vec<f64>>>(),
            "matrix" => {
                let values = series().filter_map(|one| one.get("values")?.as_array()).flatten();
                values.map(number).collect()
            }
            _ => return Err(ConditionError::new("Prometheus metric type not supported")),
        };
        numbers.map(Self::Floats).ok_or_else(unreadable)
    }

    /// The value as Argo writes a measurement down: lists with commas.
    pub fn to_measurement(&self) -> String {
        match self {
            Self::Floats(numbers) => {
                let numbers: Vec<String> = numbers.iter().copied().map(format_float).collect();
                format!("[{}]", numbers.join(","))
            }
            Self::Nil
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Time(_)
            | Self::Duration(_) => self.to_string(),
        }
    }

    /// The value of a JSON document. Every number is a float, as in Go.
    pub fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Nil,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            serde_json::Value::Object(map) => {
                Self::Map(map.iter().map(|(key, value)| (key.clone(), Self::from_json(value))).collect())
            }
        }
    }
}

/// As Go's `%v`: `0.5`, `NaN`, `+Inf`, `[0.999 0.2]`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("<nil>"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => f.write_str(&format_float(*number)),
            Self::Text(text) => f.write_str(text),
            Self::Floats(numbers) => {
                let items: Vec<_> = numbers.iter().map(|number| format_float(*number)).collect();
                write!(f, "[{}]", items.join(" "))
            }
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::to_string).collect();
                write!(f, "[{}]", items.join(" "))
            }
            Self::Map(map) => {
                let items: Vec<_> = map.iter().map(|(key, value)| format!("{key}:{value}")).collect();
                write!(f, "map[{}]", items.join(" "))
            }
            Self::Time(time) => write!(f, "{time}"),
            Self::Duration(nanos) => {
                let sign = if *nanos < 0 { "-" } else { "" };
                let length = std::time::Duration::from_nanos(nanos.unsigned_abs());
                write!(f, "{sign}{}", format_duration(length))
            }
        }
    }
}

fn unreadable() -> ConditionError {
    ConditionError::new("the answer of Prometheus holds what is no number")
}

/// A number as Prometheus and Argo write it.
fn number(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        text => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

/// A float as Go's `%v` prints it: with an exponent outside of 10⁻⁴ to 10²¹.
pub(crate) fn format_float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e21).contains(&size) {
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    format!("{number}")
}
