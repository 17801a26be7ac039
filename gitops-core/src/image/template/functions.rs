//! The functions that templates may call.

use super::{Data, TemplateError};

pub(super) fn call(name: &str, arguments: &[Data]) -> Result<Data, TemplateError> {
    match (name, arguments) {
        ("index", [value, path @ ..]) => path.iter().try_fold(value.clone(), |value, key| index(&value, key)),
        ("len", [value]) => length(value),
        ("slice", [Data::Text(text), bounds @ ..]) => slice(text, bounds),
        ("not", [value]) => Ok(Data::Boolean(!is_true(value))),
        ("and", [first, rest @ ..]) => {
            Ok(rest.iter().fold(first, |so_far, next| if is_true(so_far) { next } else { so_far }).clone())
        }
        ("or", [first, rest @ ..]) => {
            Ok(rest.iter().fold(first, |so_far, next| if is_true(so_far) { so_far } else { next }).clone())
        }
        ("eq", [first, rest @ ..]) if !rest.is_empty() => Ok(Data::Boolean(rest.contains(first))),
        ("ne", [a, b]) => Ok(Data::Boolean(a != b)),
        ("print", values) => concatenate(values).map(Data::Text),
        ("println", values) => {
            let texts = values.iter().map(print).collect::<Result<Vec<_>, _>>()?;
            Ok(Data::Text(format!("{}\n", texts.join(" "))))
        }
        ("printf", [Data::Text(format), values @ ..]) => formatted(format, values).map(Data::Text),
        ("index" | "len" | "slice" | "not" | "and" | "or" | "eq" | "ne" | "printf", _) => {
            Err(TemplateError::Evaluation(format!("the arguments of `{name}` do not fit")))
        }
        (other, _) => Err(TemplateError::Evaluation(format!("the function `{other}` is not supported"))),
    }
}

/// Whether a value counts as true: neither nothing nor empty nor zero.
pub(super) fn is_true(value: &Data) -> bool {
    match value {
        Data::Nothing => false,
        Data::Boolean(value) => *value,
        Data::Integer(number) => *number != 0,
        Data::Text(text) => !text.is_empty(),
        Data::List(items) => !items.is_empty(),
        Data::Map(map) => !map.is_empty(),
        Data::Record(_) => true,
    }
}

/// The text of a value, as Go prints it.
pub(super) fn print(value: &Data) -> Result<String, TemplateError> {
    Ok(match value {
        Data::Nothing => "<no value>".to_owned(),
        Data::Boolean(value) => value.to_string(),
        Data::Integer(number) => number.to_string(),
        Data::Text(text) => text.clone(),
        Data::List(items) => {
            let items = items.iter().map(print).collect::<Result<Vec<_>, _>>()?;
            format!("[{}]", items.join(" "))
        }
        Data::Map(map) => {
            let entry = |(key, value): (&String, &Data)| Ok(format!("{key}:{}", print(value)?));
            let entries = map.iter().map(entry).collect::<Result<Vec<_>, TemplateError>>()?;
            format!("map[{}]", entries.join(" "))
        }
        Data::Record(_) => {
            return Err(TemplateError::Evaluation(
                "a structure has no text: print one of its fields".to_owned(),
            ));
        }
    })
}

fn index(value: &Data, key: &Data) -> Result<Data, TemplateError> {
    match (value, key) {
        // A map of texts answers with its zero value for a key that it lacks.
        (Data::Map(map), Data::Text(key)) => Ok(map.get(key).cloned().unwrap_or_else(|| Data::text(""))),
        (Data::List(items), Data::Integer(at)) => {
            let found = usize::try_from(*at).ok().and_then(|at| items.get(at)).cloned();
            found.ok_or_else(|| TemplateError::Evaluation(format!("the list has no item {at}")))
        }
        _ => {
            Err(TemplateError::Evaluation("`index` takes a map and a text or a list and a number".to_owned()))
        }
    }
}

fn length(value: &Data) -> Result<Data, TemplateError> {
    let length = match value {
        Data::Text(text) => text.len(),
        Data::List(items) => items.len(),
        Data::Map(map) => map.len(),
        Data::Nothing | Data::Boolean(_) | Data::Integer(_) | Data::Record(_) => {
            return Err(TemplateError::Evaluation("`len` takes a text, a list or a map".to_owned()));
        }
    };
    Ok(Data::Integer(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn slice(text: &str, bounds: &[Data]) -> Result<Data, TemplateError> {
    let bound = |at: usize, default: usize| match bounds.get(at) {
        None => Some(default),
        Some(Data::Integer(number)) => usize::try_from(*number).ok(),
        Some(_) => None,
    };
    let range = bound(0, 0).zip(bound(1, text.len())).filter(|_| bounds.len() <= 2);
    let part = range.and_then(|(start, end)| text.get(start..end));
    part.map(Data::text)
        .ok_or_else(|| TemplateError::Evaluation("the bounds of `slice` do not fit".to_owned()))
}

/// As Go's `Sprint`: a space stands between two values neither of which is a text.
fn concatenate(values: &[Data]) -> Result<String, TemplateError> {
    let mut out = String::new();
    let mut after_text = true;
    for (at, value) in values.iter().enumerate() {
        let text = matches!(value, Data::Text(_));
        if at > 0 && !text && !after_text {
            out.push(' ');
        }
        out.push_str(&print(value)?);
        after_text = text;
    }
    Ok(out)
}

/// As Go's `Sprintf` for `%s`, `%v`, `%d`, `%q` and `%%`.
fn formatted(format: &str, values: &[Data]) -> Result<String, TemplateError> {
    let mut out = String::new();
    let mut values = values.iter();
    let mut characters = format.chars();
    let error = |message: String| Err(TemplateError::Evaluation(message));
    while let Some(character) = characters.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        match (characters.next(), values.as_slice().first()) {
            (Some('%'), _) => {
                out.push('%');
                continue;
            }
            (Some('s' | 'v'), Some(value)) => out.push_str(&print(value)?),
            (Some('d'), Some(Data::Integer(number))) => out.push_str(&number.to_string()),
            (Some('q'), Some(Data::Text(text))) => {
                out.extend(["\"", &text.escape_default().to_string(), "\""]);
            }
            (Some(verb), _) => return error(format!("`%{verb}` does not fit its value")),
            (None, _) => return error("`printf` ends in the middle of a verb".to_owned()),
        }
        values.next();
    }
    if values.next().is_some() { error("`printf` has more values than verbs".to_owned()) } else { Ok(out) }
}
