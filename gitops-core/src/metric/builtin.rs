//! The functions of expressions: those of expr-lang that make sense for measurements, and Argo's own.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "an operation of a dynamic language refuses every type that it does not name"
)]

use super::ConditionError;
use super::value::{Type, Value};

/// A function without a closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builtin {
    Len,
    TypeOf,
    Abs,
    Ceil,
    Floor,
    Round,
    Int,
    Float,
    Text,
    Trim,
    Upper,
    Lower,
    Sum,
    Max,
    Min,
    Mean,
    Median,
    First,
    Last,
    Sort,
    Reverse,
    IsNan,
    IsInf,
    IsNil,
    Default,
    AsInt,
    AsFloat,
}

const BUILTINS: [(&str, Builtin); 27] = [
    ("len", Builtin::Len),
    ("type", Builtin::TypeOf),
    ("abs", Builtin::Abs),
    ("ceil", Builtin::Ceil),
    ("floor", Builtin::Floor),
    ("round", Builtin::Round),
    ("int", Builtin::Int),
    ("float", Builtin::Float),
    ("string", Builtin::Text),
    ("trim", Builtin::Trim),
    ("upper", Builtin::Upper),
    ("lower", Builtin::Lower),
    ("sum", Builtin::Sum),
    ("max", Builtin::Max),
    ("min", Builtin::Min),
    ("mean", Builtin::Mean),
    ("median", Builtin::Median),
    ("first", Builtin::First),
    ("last", Builtin::Last),
    ("sort", Builtin::Sort),
    ("reverse", Builtin::Reverse),
    ("isNaN", Builtin::IsNan),
    ("isInf", Builtin::IsInf),
    ("isNil", Builtin::IsNil),
    ("default", Builtin::Default),
    ("asInt", Builtin::AsInt),
    ("asFloat", Builtin::AsFloat),
];

impl Builtin {
    pub(super) fn find(name: &str) -> Option<Self> {
        BUILTINS.iter().find(|(known, _)| *known == name).map(|(_, builtin)| *builtin)
    }
}

fn error<T>(message: String) -> Result<T, ConditionError> {
    Err(ConditionError::new(message))
}

/// The type of a call, or why its arguments do not fit.
pub(super) fn check(builtin: Builtin, name: &str, types: &[Type]) -> Result<Type, ConditionError> {
    let [first, rest @ ..] = types else {
        return error(format!("not enough arguments to call {name}"));
    };
    let most = match builtin {
        Builtin::Default | Builtin::Sort | Builtin::Trim => 2,
        Builtin::Max | Builtin::Min | Builtin::Mean | Builtin::Median => usize::MAX,
        _ => 1,
    };
    if types.len() > most || builtin == Builtin::Default && rest.is_empty() {
        return error(format!("invalid number of arguments (expected {most}, got {})", types.len()));
    }
    let invalid = || error(format!("invalid argument for {name} (type {first})"));
    let is_list = matches!(first, Type::List(_) | Type::Unknown);
    match builtin {
        Builtin::Len => match first {
            Type::List(_) | Type::Map | Type::Text | Type::Unknown => Ok(Type::Int),
            _ => invalid(),
        },
        Builtin::Abs if first.is_number() => Ok(first.clone()),
        Builtin::Ceil | Builtin::Floor | Builtin::Round if first.is_number() => Ok(Type::Float),
        Builtin::Int | Builtin::Float if first.is_number() || *first == Type::Text => {
            Ok(if builtin == Builtin::Int { Type::Int } else { Type::Float })
        }
        Builtin::Abs | Builtin::Ceil | Builtin::Floor | Builtin::Round | Builtin::Int | Builtin::Float => {
            invalid()
        }
        Builtin::Trim | Builtin::Upper | Builtin::Lower => match first {
            Type::Text | Type::Unknown => Ok(Type::Text),
            _ => invalid(),
        },
        Builtin::Sum if is_list => Ok(item_of(first)),
        Builtin::Sum => error(format!("builtin sum takes only array (got {first})")),
        Builtin::Max | Builtin::Min | Builtin::Mean | Builtin::Median => {
            if is_list || first.is_number() {
                Ok(number_of(builtin, first))
            } else {
                invalid()
            }
        }
        Builtin::First | Builtin::Last if is_list => Ok(Type::Unknown),
        Builtin::First => error(format!("cannot get first element from {first}")),
        Builtin::Last => error(format!("cannot get last element from {first}")),
        Builtin::Sort | Builtin::Reverse if is_list => Ok(first.clone()),
        Builtin::Sort => error(format!("cannot use {first} as argument (type []int) to call sort ")),
        Builtin::Reverse => error(format!("cannot reverse {first}")),
        Builtin::IsNan | Builtin::IsInf => match first {
            Type::Float | Type::Unknown => Ok(Type::Bool),
            _ => error(format!("cannot use {first} as argument (type float64) to call {name} ")),
        },
        Builtin::IsNil => Ok(Type::Bool),
        Builtin::TypeOf | Builtin::Text => Ok(Type::Text),
        Builtin::Default => Ok(Type::Unknown),
        Builtin::AsInt => Ok(Type::Int64),
        Builtin::AsFloat => Ok(Type::Float),
    }
}

fn item_of(list: &Type) -> Type {
    match list {
        Type::List(item) => (**item).clone(),
        _ => Type::Unknown,
    }
}

/// `min` and `max` of a list may answer with nothing, so their type is not known.
fn number_of(builtin: Builtin, first: &Type) -> Type {
    match builtin {
        Builtin::Mean | Builtin::Median => Type::Float,
        _ if matches!(first, Type::List(_)) => Type::Unknown,
        _ => first.clone(),
    }
}

/// The value of a call.
pub(super) fn call(builtin: Builtin, name: &str, arguments: &[Value]) -> Result<Value, ConditionError> {
    let first = arguments.first().unwrap_or(&Value::Nil);
    let invalid = || ConditionError::new(format!("invalid argument for {name} (type {})", first.type_name()));
    let float = |change: fn(f64) -> f64| first.as_number().map(change).map(Value::Float).ok_or_else(invalid);
    match builtin {
        Builtin::Len => {
            first.len().and_then(|count| i64::try_from(count).ok()).map(Value::Int).ok_or_else(invalid)
        }
        Builtin::TypeOf => Ok(Value::Text(kind(first).to_owned())),
        Builtin::Abs => match first {
            Value::Int(number) => Ok(Value::Int(number.saturating_abs())),
            _ => float(f64::abs),
        },
        Builtin::Ceil => float(f64::ceil),
        Builtin::Floor => float(f64::floor),
        Builtin::Round => float(f64::round),
        Builtin::Int => match first {
            Value::Text(text) => text.parse().map(Value::Int).map_err(|_| syntax("Atoi", text)),
            _ => first.as_number().map(truncate).map(Value::Int).ok_or_else(invalid),
        },
        Builtin::Float => match first {
            Value::Text(text) => text.parse().map(Value::Float).map_err(|_| syntax("ParseFloat", text)),
            _ => float(|number| number),
        },
        Builtin::Text => Ok(Value::Text(first.to_string())),
        Builtin::Trim | Builtin::Upper | Builtin::Lower => match first {
            Value::Text(text) => Ok(Value::Text(match builtin {
                Builtin::Trim => text.trim().to_owned(),
                Builtin::Upper => text.to_uppercase(),
                _ => text.to_lowercase(),
            })),
            _ => Err(invalid()),
        },
        Builtin::Sum | Builtin::Max | Builtin::Min | Builtin::Mean | Builtin::Median => {
            aggregate(builtin, &flatten(arguments)).ok_or_else(invalid)
        }
        Builtin::First => Ok(first.item(0).unwrap_or(Value::Nil)),
        Builtin::Last => Ok(first.items().and_then(|items| items.last().cloned()).unwrap_or(Value::Nil)),
        Builtin::Sort | Builtin::Reverse => order(builtin, first).ok_or_else(invalid),
        Builtin::IsNan => Ok(Value::Bool(first.is_nan())),
        Builtin::IsInf => Ok(Value::Bool(first.as_number().is_some_and(f64::is_infinite))),
        Builtin::IsNil => Ok(Value::Bool(*first == Value::Nil)),
        Builtin::Default => {
            let fallback = arguments.get(1).cloned().unwrap_or(Value::Nil);
            Ok(if *first == Value::Nil { fallback } else { first.clone() })
        }
        Builtin::AsInt => as_int(first),
        Builtin::AsFloat => as_float(first),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Nil => "nil",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Text(_) => "string",
        Value::Floats(_) | Value::List(_) => "array",
        Value::Map(_) => "map",
        Value::Time(_) | Value::Duration(_) => "struct",
    }
}

fn syntax(function: &str, text: &str) -> ConditionError {
    ConditionError::new(format!("strconv.{function}: parsing {text:?}: invalid syntax"))
}

/// Towards zero, as Go converts on amd64; what does not fit becomes the least integer.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn truncate(number: f64) -> i64 {
    if number.is_finite() && number.abs() < 9.2e18 { number.trunc() as i64 } else { i64::MIN }
}

fn as_int(value: &Value) -> Result<Value, ConditionError> {
    match value {
        Value::Text(text) => text.parse().map(Value::Int).map_err(|_| syntax("ParseInt", text)),
        Value::Int(_) => Ok(value.clone()),
        Value::Float(number) => Ok(Value::Int(truncate(*number))),
        other => error(format!("asInt() not supported on {} {other}", other.type_name())),
    }
}

fn as_float(value: &Value) -> Result<Value, ConditionError> {
    match (value, value.as_number()) {
        (Value::Text(text), _) => text.parse().map(Value::Float).map_err(|_| syntax("ParseFloat", text)),
        (_, Some(number)) => Ok(Value::Float(number)),
        (other, None) => error(format!("asFloat() not supported on {} {other}", other.type_name())),
    }
}

/// The numbers of all arguments, lists opened.
fn flatten(arguments: &[Value]) -> Vec<Value> {
    arguments.iter().flat_map(|argument| argument.items().unwrap_or_else(|| vec![argument.clone()])).collect()
}

/// `None` where an item is no number.
fn aggregate(builtin: Builtin, items: &[Value]) -> Option<Value> {
    let numbers: Vec<f64> = items.iter().map(Value::as_number).collect::<Option<_>>()?;
    let count = i32::try_from(numbers.len()).map_or(f64::INFINITY, f64::from);
    let pick = |is_better: fn(f64, f64) -> bool| {
        let mut best: Option<(f64, &Value)> = None;
        for (number, item) in numbers.iter().copied().zip(items) {
            if best.is_none_or(|(least, _)| is_better(number, least)) {
                best = Some((number, item));
            }
        }
        best.map_or(Value::Nil, |(_, item)| item.clone())
    };
    Some(match builtin {
        Builtin::Max => pick(|number, best| number > best),
        Builtin::Min => pick(|number, best| number < best),
        Builtin::Sum if items.iter().all(|item| matches!(item, Value::Int(_))) => {
            Value::Int(numbers.iter().copied().map(truncate).fold(0, i64::saturating_add))
        }
        Builtin::Sum => Value::Float(numbers.iter().sum()),
        _ if numbers.is_empty() => Value::Float(0.0),
        Builtin::Median => {
            let mut sorted = numbers;
            sorted.sort_by(f64::total_cmp);
            let middle = sorted.len() / 2;
            let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
            Value::Float(if sorted.len() % 2 == 1 {
                at(middle)
            } else {
                f64::midpoint(at(middle.saturating_sub(1)), at(middle))
            })
        }
        _ => Value::Float(numbers.iter().sum::<f64>() / count),
    })
}

fn order(builtin: Builtin, list: &Value) -> Option<Value> {
    let mut items = list.items()?;
    if builtin == Builtin::Reverse {
        items.reverse();
    } else {
        items.sort_by(|a, b| match (a.as_number(), b.as_number()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => a.to_string().cmp(&b.to_string()),
        });
    }
    Some(Value::List(items))
}
