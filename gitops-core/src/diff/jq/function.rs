//! jq's functions over values.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json, json};

use super::eval::{Stop, is_true};

/// A function of jq.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Delete,
    Empty,
    Select,
    First,
    Last,
    Map,
    Any,
    All,
    /// `strings`, `arrays` and so on: the input if it has one of these types.
    OfType(&'static [&'static str]),
    /// A function whose arguments are plain values.
    Plain(Plain),
}

/// A function whose arguments are plain values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    Not,
    Type,
    Length,
    Keys,
    Add,
    ToEntries,
    FromEntries,
    ToString,
    ToNumber,
    ToJson,
    FromJson,
    Lower,
    Upper,
    Has,
    Contains,
    StartsWith,
    EndsWith,
    TrimStart,
    TrimEnd,
    Test,
    Split,
    Join,
}

/// The functions by name and number of arguments.
const FUNCTIONS: &[(&str, usize, Function)] = &[
    ("add", 0, Function::Plain(Plain::Add)),
    ("all", 0, Function::All),
    ("all", 1, Function::All),
    ("any", 0, Function::Any),
    ("any", 1, Function::Any),
    ("arrays", 0, Function::OfType(&["array"])),
    ("ascii_downcase", 0, Function::Plain(Plain::Lower)),
    ("ascii_upcase", 0, Function::Plain(Plain::Upper)),
    ("booleans", 0, Function::OfType(&["boolean"])),
    ("contains", 1, Function::Plain(Plain::Contains)),
    ("del", 1, Function::Delete),
    ("empty", 0, Function::Empty),
    ("endswith", 1, Function::Plain(Plain::EndsWith)),
    ("first", 1, Function::First),
    ("from_entries", 0, Function::Plain(Plain::FromEntries)),
    ("fromjson", 0, Function::Plain(Plain::FromJson)),
    ("has", 1, Function::Plain(Plain::Has)),
    ("iterables", 0, Function::OfType(&["array", "object"])),
    ("join", 1, Function::Plain(Plain::Join)),
    ("keys", 0, Function::Plain(Plain::Keys)),
    ("last", 1, Function::Last),
    ("length", 0, Function::Plain(Plain::Length)),
    ("ltrimstr", 1, Function::Plain(Plain::TrimStart)),
    ("map", 1, Function::Map),
    ("not", 0, Function::Plain(Plain::Not)),
    ("nulls", 0, Function::OfType(&["null"])),
    ("numbers", 0, Function::OfType(&["number"])),
    ("objects", 0, Function::OfType(&["object"])),
    ("rtrimstr", 1, Function::Plain(Plain::TrimEnd)),
    ("scalars", 0, Function::OfType(&["null", "boolean", "number", "string"])),
    ("select", 1, Function::Select),
    ("split", 1, Function::Plain(Plain::Split)),
    ("startswith", 1, Function::Plain(Plain::StartsWith)),
    ("strings", 0, Function::OfType(&["string"])),
    ("test", 1, Function::Plain(Plain::Test)),
    ("test", 2, Function::Plain(Plain::Test)),
    ("to_entries", 0, Function::Plain(Plain::ToEntries)),
    ("tojson", 0, Function::Plain(Plain::ToJson)),
    ("tonumber", 0, Function::Plain(Plain::ToNumber)),
    ("tostring", 0, Function::Plain(Plain::ToString)),
    ("type", 0, Function::Plain(Plain::Type)),
    ("values", 0, Function::OfType(&["boolean", "number", "string", "array", "object"])),
];

impl Function {
    /// The function of this name with so many arguments.
    pub(super) fn find(name: &str, arguments: usize) -> Option<Self> {
        FUNCTIONS
            .iter()
            .find(|(known, count, _)| *known == name && *count == arguments)
            .map(|(_, _, found)| *found)
    }
}

/// The result of a function for plain values.
pub(super) fn apply(function: Function, input: &Json, arguments: &[Json]) -> Result<Json, Stop> {
    let Function::Plain(plain) = function else { return Err(Stop) };
    let text = input.as_str().ok_or(Stop);
    let first = arguments.first().unwrap_or(&Json::Null);
    let word = first.as_str().ok_or(Stop);
    Ok(match plain {
        Plain::Not => Json::Bool(!is_true(input)),
        Plain::Type => json!(type_name(input)),
        Plain::Length => length(input)?,
        Plain::Keys => keys(input)?,
        Plain::Add => elements(input)?.iter().try_fold(Json::Null, |sum, item| add(&sum, item))?,
        Plain::ToEntries => {
            let map = input.as_object().ok_or(Stop)?;
            map.iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
        }
        Plain::FromEntries => from_entries(input)?,
        Plain::ToString => match input {
            Json::String(_) => input.clone(),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                json!(input.to_string())
            }
        },
        Plain::ToNumber => match input {
            Json::Number(_) => input.clone(),
            Json::String(text) => {
                serde_json::from_str::<serde_json::Number>(text).map(Json::Number).map_err(|_| Stop)?
            }
            Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => return Err(Stop),
        },
        Plain::ToJson => json!(input.to_string()),
        Plain::FromJson => serde_json::from_str(text?).map_err(|_| Stop)?,
        Plain::Lower => json!(text?.to_ascii_lowercase()),
        Plain::Upper => json!(text?.to_ascii_uppercase()),
        Plain::Has => Json::Bool(has(input, first)?),
        Plain::Contains => Json::Bool(contains(input, first)?),
        Plain::StartsWith => Json::Bool(text?.starts_with(word?)),
        Plain::EndsWith => Json::Bool(text?.ends_with(word?)),
        Plain::TrimStart => trimmed(input, first, |text, word| text.strip_prefix(word).map(str::to_owned)),
        Plain::TrimEnd => trimmed(input, first, |text, word| text.strip_suffix(word).map(str::to_owned)),
        Plain::Test => Json::Bool(test(text?, word?, arguments.get(1))?),
        Plain::Split => text?.split(word?).map(Json::from).collect(),
        Plain::Join => {
            let items = elements(input)?;
            let parts: Vec<&str> =
                items.iter().map(|item| item.as_str().ok_or(Stop)).collect::<Result<_, _>>()?;
            json!(parts.join(word?))
        }
    })
}

/// jq's name for the type of a value.
pub(super) fn type_name(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

/// jq's order: null, false, true, numbers, strings, arrays, objects.
pub(super) fn compare(left: &Json, right: &Json) -> Ordering {
    let rank = |value: &Json| match value {
        Json::Null => 0,
        Json::Bool(false) => 1,
        Json::Bool(true) => 2,
        Json::Number(_) => 3,
        Json::String(_) => 4,
        Json::Array(_) => 5,
        Json::Object(_) => 6,
    };
    match (left, right) {
        (Json::Number(a), Json::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        (Json::String(a), Json::String(b)) => a.cmp(b),
        (Json::Array(a), Json::Array(b)) => {
            let first = a.iter().zip(b).map(|(a, b)| compare(a, b)).find(|order| order.is_ne());
            first.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Json::Object(a), Json::Object(b)) => {
            let sorted = |map: &Map<String, Json>| {
                let mut names: Vec<String> = map.keys().cloned().collect();
                names.sort();
                names
            };
            let names = sorted(a);
            names.cmp(&sorted(b)).then_with(|| {
                let orders = names.iter().filter_map(|name| Some(compare(a.get(name)?, b.get(name)?)));
                orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            })
        }
        (_, _) => rank(left).cmp(&rank(right)),
    }
}

/// `+`: numbers, strings, arrays and objects; null adds nothing.
pub(super) fn add(left: &Json, right: &Json) -> Result<Json, Stop> {
    Ok(match (left, right) {
        (Json::Null, other) | (other, Json::Null) => other.clone(),
        (Json::Number(a), Json::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => json!(a.checked_add(b).ok_or(Stop)?),
            (_, _) => json!(a.as_f64().zip(b.as_f64()).map(|(a, b)| a + b)),
        },
        (Json::String(a), Json::String(b)) => json!(format!("{a}{b}")),
        (Json::Array(a), Json::Array(b)) => a.iter().chain(b).cloned().collect(),
        (Json::Object(a), Json::Object(b)) => {
            Json::Object(a.iter().chain(b).map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        (_, _) => return Err(Stop),
    })
}

fn elements(value: &Json) -> Result<Vec<Json>, Stop> {
    match value {
        Json::Array(items) => Ok(items.clone()),
        Json::Object(map) => Ok(map.values().cloned().collect()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Err(Stop),
    }
}

fn length(value: &Json) -> Result<Json, Stop> {
    Ok(match value {
        Json::Null => json!(0),
        Json::Bool(_) => return Err(Stop),
        Json::Number(number) => json!(number.as_f64().map(f64::abs)),
        Json::String(text) => json!(text.chars().count()),
        Json::Array(items) => json!(items.len()),
        Json::Object(map) => json!(map.len()),
    })
}

fn keys(value: &Json) -> Result<Json, Stop> {
    match value {
        Json::Array(items) => Ok((0..items.len()).map(Json::from).collect()),
        Json::Object(map) => {
            let mut names: Vec<&String> = map.keys().collect();
            names.sort();
            Ok(json!(names))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Err(Stop),
    }
}

fn from_entries(value: &Json) -> Result<Json, Stop> {
    let entries = value.as_array().ok_or(Stop)?;
    let pair = |entry: &Json| {
        let name = entry.get("key").or_else(|| entry.get("name"))?.as_str()?.to_owned();
        Some((name, entry.get("value").cloned().unwrap_or_default()))
    };
    entries.iter().map(pair).collect::<Option<Map<_, _>>>().map(Json::Object).ok_or(Stop)
}

fn has(value: &Json, key: &Json) -> Result<bool, Stop> {
    match (value, key) {
        (Json::Object(map), Json::String(name)) => Ok(map.contains_key(name)),
        (Json::Array(items), Json::Number(index)) => Ok(index
            .as_u64()
            .and_then(|index| usize::try_from(index).ok())
            .is_some_and(|index| index < items.len())),
        (_, _) => Err(Stop),
    }
}

fn contains(whole: &Json, part: &Json) -> Result<bool, Stop> {
    match (whole, part) {
        (Json::String(whole), Json::String(part)) => Ok(whole.contains(part.as_str())),
        (Json::Array(whole), Json::Array(parts)) => {
            Ok(parts.iter().all(|part| whole.iter().any(|item| contains(item, part) == Ok(true))))
        }
        (Json::Object(whole), Json::Object(parts)) => Ok(parts
            .iter()
            .all(|(key, part)| whole.get(key).is_some_and(|value| contains(value, part) == Ok(true)))),
        (_, _) if type_name(whole) == type_name(part) => Ok(compare(whole, part).is_eq()),
        (_, _) => Err(Stop),
    }
}

fn trimmed(input: &Json, word: &Json, strip: impl Fn(&str, &str) -> Option<String>) -> Json {
    let cut = input.as_str().zip(word.as_str()).and_then(|(text, word)| strip(text, word));
    cut.map_or_else(|| input.clone(), Json::String)
}

fn test(text: &str, pattern: &str, flags: Option<&Json>) -> Result<bool, Stop> {
    let flags = flags.and_then(Json::as_str).unwrap_or_default();
    let mut builder = regex::RegexBuilder::new(pattern);
    for flag in flags.chars() {
        match flag {
            'i' => builder.case_insensitive(true),
            'x' => builder.ignore_whitespace(true),
            's' => builder.dot_matches_new_line(true),
            'g' | 'n' => &mut builder,
            _ => return Err(Stop),
        };
    }
    builder.size_limit(1 << 20).build().map(|regex| regex.is_match(text)).map_err(|_| Stop)
}
