//! Prints a node as Go's `encoding/json` prints the typed value that it stands for.
//!
//! Only what the table of types names is printed; anything else in the node is dropped, as Go's reader drops it.

use crate::quantity::Quantity;
use crate::yaml::Node;

use super::go_types::TYPES;

/// Why a node cannot be printed as a Go type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GoJsonError {
    /// A value has another type than its field.
    #[error("`{field}` must be {expected}")]
    Type {
        /// The field.
        field: String,
        /// What it must be.
        expected: &'static str,
    },
}

/// The Go type of a value.
#[derive(Clone, Debug)]
pub(super) enum Form<'a> {
    /// An entry of the table.
    Named(&'a str),
    /// A list.
    List(&'a Form<'a>),
}

/// Prints `node` as `form` to the end of `out`.
pub(super) fn print(node: &Node, form: &Form<'_>, out: &mut String) -> Result<(), GoJsonError> {
    let word = match form {
        Form::Named(name) => (*name).to_owned(),
        Form::List(Form::Named(name)) => format!("[{name}]"),
        Form::List(Form::List(_)) => return Err(mismatch("list", "a list of values")),
    };
    print_value(Some(node), &word, &word, out)
}

fn mismatch(field: &str, expected: &'static str) -> GoJsonError {
    GoJsonError::Type { field: field.to_owned(), expected }
}

/// Prints a value, or the zero value of its form where there is none.
fn print_value(node: Option<&Node>, form: &str, field: &str, out: &mut String) -> Result<(), GoJsonError> {
    let node = node.filter(|node| !node.is_null());
    if let Some(item) = inner(form, '[', ']') {
        return print_list(node, item, field, out);
    }
    if let Some(item) = inner(form, '{', '}') {
        return print_map(node, item, field, out);
    }
    match form {
        "text" => {
            let text = node.map_or(Some(""), Node::as_str).ok_or_else(|| mismatch(field, "a string"))?;
            print_string(text, out);
        }
        "number" => {
            let number = node.map_or(Some(0), Node::as_i64).ok_or_else(|| mismatch(field, "an integer"))?;
            out.push_str(&number.to_string());
        }
        "flag" => {
            let value =
                node.map_or(Some(false), Node::as_bool).ok_or_else(|| mismatch(field, "a boolean"))?;
            out.push_str(if value { "true" } else { "false" });
        }
        "either" => print_either(node, field, out)?,
        "quantity" => {
            let text = node.map_or(Some("0"), Node::text).ok_or_else(|| mismatch(field, "a quantity"))?;
            let quantity: Quantity = text.parse().map_err(|_| mismatch(field, "a quantity"))?;
            print_string(&quantity.to_string(), out);
        }
        "time" => match node {
            None => out.push_str("null"),
            Some(node) => print_string(node.text().ok_or_else(|| mismatch(field, "a time"))?, out),
        },
        "raw" => print_raw(node, out),
        name => print_struct(node, name, field, out)?,
    }
    Ok(())
}

fn inner(form: &str, open: char, close: char) -> Option<&str> {
    form.strip_prefix(open)?.strip_suffix(close)
}

fn print_either(node: Option<&Node>, field: &str, out: &mut String) -> Result<(), GoJsonError> {
    match node.map(|node| (node.as_i64(), node.as_str())) {
        None => out.push('0'),
        Some((Some(number), _)) => out.push_str(&number.to_string()),
        Some((None, Some(text))) => print_string(text, out),
        Some((None, None)) => return Err(mismatch(field, "an integer or a string")),
    }
    Ok(())
}

fn print_list(node: Option<&Node>, item: &str, field: &str, out: &mut String) -> Result<(), GoJsonError> {
    let Some(node) = node else {
        out.push_str("null");
        return Ok(());
    };
    if !node.is_sequence() {
        return Err(mismatch(field, "a list"));
    }
    out.push('[');
    for (at, node) in node.items().iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        print_value(Some(node), item, field, out)?;
    }
    out.push(']');
    Ok(())
}

fn print_map(node: Option<&Node>, item: &str, field: &str, out: &mut String) -> Result<(), GoJsonError> {
    let Some(node) = node else {
        out.push_str("null");
        return Ok(());
    };
    if !node.is_mapping() {
        return Err(mismatch(field, "a mapping"));
    }
    let mut entries: Vec<_> = node.entries().iter().collect();
    entries.sort_by(|a, b| a.key.text().cmp(b.key.text()));
    out.push('{');
    for (at, entry) in entries.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        print_string(entry.key.text(), out);
        out.push(':');
        print_value(Some(&entry.value), item, field, out)?;
    }
    out.push('}');
    Ok(())
}

fn print_struct(node: Option<&Node>, name: &str, field: &str, out: &mut String) -> Result<(), GoJsonError> {
    if node.is_some_and(|node| !node.is_mapping()) {
        return Err(mismatch(field, "a mapping"));
    }
    out.push('{');
    let mut is_first = true;
    for (key, mark, form) in fields_of(name) {
        let value = node.and_then(|node| node.get(key)).filter(|value| !value.is_null());
        let is_left_out = match mark {
            '^' => value.is_none(),
            '?' => value.is_none_or(is_zero),
            _ => false,
        };
        if is_left_out {
            continue;
        }
        if !is_first {
            out.push(',');
        }
        is_first = false;
        print_string(key, out);
        out.push(':');
        match value {
            None if mark == '~' => out.push_str("null"),
            Some(_) | None => print_value(value, form, key, out)?,
        }
    }
    out.push('}');
    Ok(())
}

/// The fields of an entry of the table: name, mark and form.
fn fields_of(name: &str) -> impl Iterator<Item = (&'static str, char, &'static str)> {
    let start = TYPES.match_indices(name).find_map(|(at, found)| {
        let is_line_start = TYPES.get(..at).is_some_and(|before| before.ends_with('\n'));
        TYPES.get(at + found.len()..).and_then(|rest| rest.strip_prefix(':')).filter(|_| is_line_start)
    });
    let lines = start.unwrap_or_default().lines().enumerate();
    let lines = lines.take_while(|(at, line)| *at == 0 || line.starts_with(' ')).map(|(_, line)| line);
    lines.flat_map(str::split_whitespace).filter_map(|word| {
        let at = word.find(['?', '^', '!', '~'])?;
        let (key, rest) = word.split_at_checked(at)?;
        let mut rest = rest.chars();
        let mark = rest.next()?;
        Some((key, mark, rest.as_str()))
    })
}

/// Whether Go's `omitempty` leaves the value out.
fn is_zero(node: &Node) -> bool {
    if node.is_sequence() {
        return node.items().is_empty();
    }
    if node.is_mapping() {
        return node.entries().is_empty();
    }
    node.as_str() == Some("") || node.as_i64() == Some(0) || node.as_bool() == Some(false)
}

/// Prints a value without a type: keys in order of their bytes, as the API server stores it.
fn print_raw(node: Option<&Node>, out: &mut String) {
    let json = node.and_then(|node| node.to_json().ok()).unwrap_or(serde_json::Value::Null);
    escape_html(&json.to_string(), out);
}

/// A string as Go prints it, with its quotes.
pub(super) fn json_string(text: &str) -> String {
    let mut out = String::new();
    print_string(text, &mut out);
    out
}

fn print_string(text: &str, out: &mut String) {
    escape_html(&serde_json::Value::from(text).to_string(), out);
}

/// Escapes what Go escapes and `serde_json` does not. All of these stand inside strings only.
fn escape_html(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
}
