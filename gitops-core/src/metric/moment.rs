//! Times and durations in expressions: `now()`, `date(…)`, `duration(…)` and what may be computed with them.

use std::time::Duration;

use jiff::Timestamp as Instant;
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};

use super::ConditionError;
use super::value::{Type, Value};
use crate::time::{Timestamp, parse_duration};

/// A function that makes a time or a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    Now,
    Date,
    Duration,
}

impl Maker {
    pub(super) fn find(name: &str) -> Option<Self> {
        match name {
            "now" => Some(Self::Now),
            "date" => Some(Self::Date),
            "duration" => Some(Self::Duration),
            _ => None,
        }
    }

    /// The type of a call, or why its arguments do not fit.
    pub(super) fn check(self, name: &str, types: &[Type]) -> Result<Type, ConditionError> {
        let (least, most, of) = match self {
            Self::Now => (0, 0, Type::Time),
            Self::Date => (1, 3, Type::Time),
            Self::Duration => (1, 1, Type::Duration),
        };
        if types.len() < least {
            return Err(ConditionError::new(format!("not enough arguments to call {name}")));
        }
        if types.len() > most {
            return Err(ConditionError::new(format!("too many arguments to call {name}")));
        }
        match types.iter().find(|of| !matches!(of, Type::Text | Type::Unknown)) {
            Some(other) => Err(ConditionError::new(format!("invalid argument for {name} (type {other})"))),
            None => Ok(of),
        }
    }

    /// The value of a call. `now` is the instant of the evaluation, where it has one.
    pub(super) fn call(self, arguments: &[Value], now: Option<Timestamp>) -> Result<Value, ConditionError> {
        let text = |at: usize| match arguments.get(at) {
            Some(Value::Text(text)) => text.as_str(),
            _ => "",
        };
        match self {
            Self::Now => now
                .map(Value::Time)
                .ok_or_else(|| ConditionError::new("now() has no meaning in a condition of a measurement")),
            Self::Date => date(text(0), text(1), text(2)),
            Self::Duration => {
                let (sign, amount) = match text(0).strip_prefix('-') {
                    Some(amount) => (-1, amount),
                    None => (1, text(0)),
                };
                let read = parse_duration(amount).ok().and_then(|read| i64::try_from(read.as_nanos()).ok());
                let error = || ConditionError::new(format!("time: invalid duration {:?}", text(0)));
                read.map(|nanos| Value::Duration(sign * nanos)).ok_or_else(error)
            }
        }
    }
}

/// Forms that `date` tries where no layout is given, as layouts of Go.
const LAYOUTS: [&str; 6] = [
    "2006-01-02",
    "2006-01-02 15:04:05",
    "02 Jan 06 15:04 MST",
    "02 Jan 06 15:04 -0700",
    "Mon, 02 Jan 2006 15:04:05 MST",
    "Mon, 02 Jan 2006 15:04:05 -0700",
];

fn date(text: &str, layout: &str, zone: &str) -> Result<Value, ConditionError> {
    let zone = match zone {
        "" | "UTC" => TimeZone::UTC,
        name => TimeZone::get(name).map_err(|_| ConditionError::new(format!("unknown time zone {name}")))?,
    };
    let found = if layout.is_empty() {
        let standard = text.parse::<Timestamp>().ok();
        standard.or_else(|| LAYOUTS.iter().find_map(|layout| read(text, layout, &zone)))
    } else {
        read(text, layout, &zone)
    };
    found.map(Value::Time).ok_or_else(|| {
        let form = if layout.is_empty() { "a date" } else { layout };
        ConditionError::new(format!("parsing time {text:?} as {form:?}: cannot parse"))
    })
}

/// The parts of Go's layouts with the conversion that stands for each, longest first where one begins another.
const PARTS: [(&str, &str); 26] = [
    ("January", "%B"),
    ("Monday", "%A"),
    ("Z07:00", "%:z"),
    ("-07:00", "%:z"),
    ("-0700", "%z"),
    ("2006", "%Y"),
    (".000", "%.f"),
    ("Jan", "%b"),
    ("Mon", "%a"),
    ("MST", "%Z"),
    ("01", "%m"),
    ("02", "%d"),
    ("03", "%I"),
    ("04", "%M"),
    ("05", "%S"),
    ("06", "%y"),
    ("15", "%H"),
    ("PM", "%p"),
    ("pm", "%P"),
    ("_2", "%e"),
    ("%", "%%"),
    ("1", "%-m"),
    ("2", "%-d"),
    ("3", "%-I"),
    ("4", "%-M"),
    ("5", "%-S"),
];

fn read(text: &str, layout: &str, zone: &TimeZone) -> Option<Timestamp> {
    let mut format = String::new();
    let mut rest = layout;
    while let Some(first) = rest.chars().next() {
        let part = PARTS.iter().find_map(|(part, conversion)| Some((rest.strip_prefix(part)?, *conversion)));
        if let Some((after, conversion)) = part {
            format.push_str(conversion);
            rest = after;
        } else {
            format.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    // `Z` stands for no offset, and `UTC` and `GMT` for the only names that tell one.
    let spelled = match text.strip_suffix('Z') {
        Some(before) if layout.ends_with("Z07:00") => format!("{before}+00:00"),
        _ => text.to_owned(),
    };
    let (spelled, format) = match (spelled.strip_suffix("UTC").or(spelled.strip_suffix("GMT")), format) {
        (Some(before), format) if format.ends_with("%Z") => {
            (format!("{before}+0000"), format.trim_end_matches("%Z").to_owned() + "%z")
        }
        (_, format) => (spelled, format),
    };
    let broken = strtime::parse(&format, &spelled).ok()?;
    let datetime = broken
        .to_datetime()
        .or_else(|_| broken.to_date().map(|date| date.to_datetime(jiff::civil::Time::midnight())))
        .ok()?;
    let zone = broken.offset().map_or_else(|| zone.clone(), Offset::to_time_zone);
    let instant: Instant = zone.to_ambiguous_zoned(datetime).compatible().ok()?.timestamp();
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

/// The type of an operation on times and durations; `None` where it is not defined.
pub(super) fn check(sign: &str, left: &Type, right: &Type) -> Option<Type> {
    let is_number = |of: &Type| of.is_number() && !of.is_unknown();
    Some(match (sign, left, right) {
        ("+" | "-", Type::Time, Type::Duration) | ("+", Type::Duration, Type::Time) => Type::Time,
        ("-", Type::Time, Type::Time) | ("+" | "-", Type::Duration, Type::Duration) => Type::Duration,
        ("*", Type::Duration, number) | ("*", number, Type::Duration) if is_number(number) => Type::Duration,
        ("<" | ">" | "<=" | ">=", Type::Time, Type::Time)
        | ("<" | ">" | "<=" | ">=", Type::Duration, Type::Duration) => Type::Bool,
        _ => return None,
    })
}

/// The value of an operation on times and durations; `None` where it is not defined.
pub(super) fn operate(sign: &str, left: &Value, right: &Value) -> Option<Value> {
    Some(match (sign, left, right) {
        ("-", Value::Time(left), Value::Time(right)) => {
            let ms = left.as_millis().saturating_sub(right.as_millis());
            Value::Duration(ms.saturating_mul(NANOS))
        }
        ("+", Value::Time(time), Value::Duration(by)) | ("+", Value::Duration(by), Value::Time(time)) => {
            Value::Time(shifted(*time, *by))
        }
        ("-", Value::Time(time), Value::Duration(by)) => Value::Time(shifted(*time, by.saturating_neg())),
        ("+", Value::Duration(left), Value::Duration(right)) => Value::Duration(left.saturating_add(*right)),
        ("-", Value::Duration(left), Value::Duration(right)) => Value::Duration(left.saturating_sub(*right)),
        ("*", Value::Duration(by), Value::Int(times)) | ("*", Value::Int(times), Value::Duration(by)) => {
            Value::Duration(by.saturating_mul(*times))
        }
        ("*", Value::Duration(by), Value::Float(times)) | ("*", Value::Float(times), Value::Duration(by)) => {
            Value::Duration(scaled(*by, *times))
        }
        (_, Value::Time(left), Value::Time(right)) => ordered(sign, left, right)?,
        (_, Value::Duration(left), Value::Duration(right)) => ordered(sign, left, right)?,
        _ => return None,
    })
}

/// Nanoseconds of a millisecond.
const NANOS: i64 = 1_000_000;

fn shifted(time: Timestamp, nanos: i64) -> Timestamp {
    let by = Duration::from_nanos(nanos.unsigned_abs());
    if nanos < 0 { time.before(by) } else { time.after(by) }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a duration times a fraction is rounded, as in Go"
)]
fn scaled(nanos: i64, times: f64) -> i64 {
    (nanos as f64 * times) as i64
}

fn ordered<T: PartialOrd>(sign: &str, left: &T, right: &T) -> Option<Value> {
    Some(Value::Bool(match sign {
        "<" => left < right,
        ">" => left > right,
        "<=" => left <= right,
        ">=" => left >= right,
        _ => return None,
    }))
}
