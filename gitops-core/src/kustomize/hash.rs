//! The hash at the end of the name of a generated resource.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::resource::Resource;
use crate::yaml::{JsonError, Node};

/// How many characters of the hash are used.
const LENGTH: usize = 10;

/// The hash of the content of a resource: kind and data for a ConfigMap, and type for a Secret. Neither name
/// nor metadata counts.
pub(crate) fn hash(resource: &Resource) -> Result<String, JsonError> {
    let root = &resource.root;
    let mut text = String::new();
    match resource.kind() {
        "ConfigMap" => {
            text.push('{');
            if let Some(binary) = root.get("binaryData").filter(|node| node.is_mapping()) {
                push_field(&mut text, "binaryData", binary)?;
                text.push(',');
            }
            push_scalar_or_map(&mut text, "data", root.get("data"))?;
            text.push_str(",\"kind\":\"ConfigMap\",\"name\":\"\"}");
        }
        "Secret" => {
            text.push('{');
            push_scalar_or_map(&mut text, "data", root.get("data"))?;
            text.push_str(",\"kind\":\"Secret\",\"name\":\"\"");
            if let Some(plain) = root.get("stringData").filter(|node| node.is_mapping()) {
                text.push(',');
                push_field(&mut text, "stringData", plain)?;
            }
            text.push(',');
            push_scalar_or_map(&mut text, "type", root.get("type"))?;
            text.push('}');
        }
        _ => push_json(&mut text, &root.to_json()?),
    }
    let digest = Sha256::digest(text.as_bytes());
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 0xF]).map(u32::from);
    Ok(digits.take(LENGTH).filter_map(|digit| char::from_digit(digit, 16)).map(encode).collect())
}

/// Digits and vowels that could form words are replaced, as kubectl does.
fn encode(character: char) -> char {
    match character {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    }
}

/// A missing field counts as an empty string, and a scalar by its text.
fn push_scalar_or_map(text: &mut String, field: &str, node: Option<&Node>) -> Result<(), JsonError> {
    match node {
        Some(node) if node.as_scalar().is_none() => push_field(text, field, node),
        other => push_field(text, field, &Node::string(other.and_then(Node::text).unwrap_or_default())),
    }
}

fn push_field(text: &mut String, field: &str, node: &Node) -> Result<(), JsonError> {
    push_json(text, &serde_json::Value::from(field));
    text.push(':');
    push_json(text, &node.to_json()?);
    Ok(())
}

/// JSON as Go's `encoding/json` writes it: sorted keys, `<`, `>`, `&` and line separators escaped.
fn push_json(text: &mut String, json: &serde_json::Value) {
    match json {
        serde_json::Value::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| *key);
            text.push('{');
            for (at, (key, value)) in pairs.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                push_string(text, key);
                text.push(':');
                push_json(text, value);
            }
            text.push('}');
        }
        serde_json::Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                push_json(text, item);
            }
            text.push(']');
        }
        serde_json::Value::String(string) => push_string(text, string),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {
            text.push_str(&json.to_string());
        }
    }
}

fn push_string(text: &mut String, string: &str) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}
