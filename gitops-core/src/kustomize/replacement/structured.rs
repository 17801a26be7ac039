//! Replacements inside a text that is itself JSON or YAML: `data.config\.yaml.server.port`.

use std::fmt::Write as _;

use super::field_path::{Found, PathFault, Shape, look_up_mut, parse_text, visit};
use crate::kustomize::effort::Supply;
use crate::yaml::{Node, Origin, Scalar, Tag, Value, print_as_written};

/// Sets a field inside a text, if a part of the path leads to a text that holds YAML or JSON with such a field.
///
/// An error means only that the path has to be taken as an ordinary one. Delimiters do not count here.
pub(super) fn set<'n>(
    root: &'n mut Node,
    path: &[String],
    (value, supply): (&Node, &mut Supply<'_>),
    create: Option<Shape>,
) -> Result<&'n mut Node, PathFault> {
    let (outer, inner) = divide(root, path)?;
    let not_found = || PathFault("the text has no such field".to_owned());
    let place = look_up_mut(root, outer)?.ok_or_else(not_found)?;
    let written = place.text().unwrap_or_default().to_owned();
    let mut document = parse_text(&written)?;
    let mut change = |node: &mut Node, found: Found| {
        super::take(supply)?;
        match &mut node.value {
            Value::Scalar(scalar) => {
                let text = value.text().unwrap_or_default();
                *scalar = if found == Found::Made {
                    Scalar::plain(text)
                } else {
                    Scalar::tagged(text, scalar.tag())
                };
            }
            Value::Sequence(_) | Value::Mapping(_) => {
                *node = value.clone().with_origin(Origin::UNKNOWN);
            }
        }
        Ok(())
    };
    if visit(&mut document, inner, create, &mut change)? == 0 {
        return Err(not_found());
    }
    let text = print(&document, &written)?;
    if let Value::Scalar(scalar) = &mut place.value {
        *scalar = Scalar::tagged(text, scalar.tag());
    }
    Ok(place)
}

/// The shortest part of the path that leads to a text with YAML, and the path in that text.
fn divide<'p>(root: &mut Node, path: &'p [String]) -> Result<(&'p [String], &'p [String]), PathFault> {
    for end in 1..path.len() {
        let Some((outer, inner)) = path.split_at_checked(end) else { break };
        if let Ok(Some(node)) = look_up_mut(root, outer)
            && node.text().is_some_and(|text| parse_text(text).is_ok())
        {
            return Ok((outer, inner));
        }
    }
    Err(PathFault("the path leads into no text".to_owned()))
}

/// Prints a document in the form in which it was `written`.
fn print(document: &Node, written: &str) -> Result<String, PathFault> {
    if !written.trim_start().starts_with(['{', '[']) {
        return Ok(print_as_written(document, written).trim().to_owned());
    }
    let mut text = String::new();
    let step = if written.contains('\n') && written.contains("  ") { Some(0) } else { None };
    write_json(&mut text, document, step)?;
    Ok(text)
}

/// Writes JSON as Go does: keys sorted, `<`, `>` and `&` escaped; indented by `depth` levels if there is one.
fn write_json(out: &mut String, node: &Node, depth: Option<usize>) -> Result<(), PathFault> {
    let inner = depth.map(|depth| depth + 1);
    match &node.value {
        Value::Scalar(scalar) => write_scalar(out, scalar)?,
        Value::Sequence(items) if items.is_empty() => out.push_str("[]"),
        Value::Mapping(mapping) if mapping.is_empty() => out.push_str("{}"),
        Value::Sequence(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                begin_item(out, at, inner);
                write_json(out, item, inner)?;
            }
            end_items(out, ']', depth);
        }
        Value::Mapping(mapping) => {
            out.push('{');
            let mut entries: Vec<_> = mapping.entries().iter().collect();
            entries.sort_by(|a, b| a.key.text().cmp(b.key.text()));
            for (at, entry) in entries.into_iter().enumerate() {
                begin_item(out, at, inner);
                write_string(out, entry.key.text());
                out.push_str(if depth.is_some() { ": " } else { ":" });
                write_json(out, &entry.value, inner)?;
            }
            end_items(out, '}', depth);
        }
    }
    Ok(())
}

fn begin_item(out: &mut String, at: usize, depth: Option<usize>) {
    if at > 0 {
        out.push(',');
    }
    new_line(out, depth);
}

fn end_items(out: &mut String, bracket: char, depth: Option<usize>) {
    new_line(out, depth);
    out.push(bracket);
}

fn new_line(out: &mut String, depth: Option<usize>) {
    if let Some(depth) = depth {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
}

fn write_scalar(out: &mut String, scalar: &Scalar) -> Result<(), PathFault> {
    let unfit = || PathFault(format!("`{}` does not fit the type of the field", scalar.text()));
    match scalar.tag() {
        Tag::Str | Tag::Timestamp | Tag::Binary | Tag::Merge => write_string(out, scalar.text()),
        tag if !fits(tag, scalar.text()) => return Err(unfit()),
        Tag::Null => out.push_str("null"),
        Tag::Bool => out.push_str(if scalar.as_bool() == Some(true) { "true" } else { "false" }),
        Tag::Int | Tag::Float => match scalar.as_i64() {
            Some(integer) => out.push_str(&integer.to_string()),
            None => out.push_str(&go_float(scalar.as_f64().ok_or_else(unfit)?)),
        },
    }
    Ok(())
}

/// Whether a plain text may stand where a type is asked for, as go-yaml has it.
pub(super) fn fits(tag: Tag, text: &str) -> bool {
    match tag {
        Tag::Str | Tag::Binary | Tag::Merge => true,
        Tag::Float => matches!(Scalar::plain(text).tag(), Tag::Int | Tag::Float),
        Tag::Null | Tag::Bool | Tag::Int | Tag::Timestamp => Scalar::plain(text).tag() == tag,
    }
}

/// A float as Go's `encoding/json` writes it.
fn go_float(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        Some(_) | None => text,
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kustomize::replacement::field_path::split;
    use crate::yaml::read_one;

    #[track_caller]
    fn check(text: &str, path: &str, value: &str, expected: Result<&str, &str>) {
        let mut root = Node::mapping([("data", Node::string(text))]);
        let value = read_one("value.yaml", value).unwrap();
        let mut effort = crate::kustomize::effort::Effort::default();
        let supply = &mut effort.supply(&value);
        let outcome =
            set(&mut root, &split(path), (&value, supply), None).map(|node| node.text().unwrap().to_owned());
        assert_eq!(outcome, expected.map(str::to_owned).map_err(|message| PathFault(message.to_owned())));
    }

    #[test]
    fn json_stays_json() {
        check(r#"{"b": 1, "a": "<x>"}"#, "data.b", "7", Ok(r#"{"a":"\u003cx\u003e","b":7}"#));
        check("{\n  \"b\": [1, {}]\n}", "data.b.0", "2.50", Err("`2.50` does not fit the type of the field"));
        check("{\n  \"b\": [1.5, {}]\n}", "data.b.0", "2.50", Ok("{\n  \"b\": [\n    2.5,\n    {}\n  ]\n}"));
        check(r#"{"b": 1}"#, "data.c", "7", Err("the text has no such field"));
        check("text", "data.c", "7", Err("`c` is looked for in a scalar"));
    }

    #[test]
    fn yaml_stays_yaml() {
        check("b: 1\na: \"x\"\n", "data.a", "y", Ok("b: 1\na: \"y\""));
        check("b: 1\n", "data.b", "y", Ok("b: !!int y"));
    }
}
