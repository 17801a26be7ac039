//! The floor: what reading and printing the same bytes takes with a named stack of crates, and nothing else done.
//!
//! The events of `saphyr-parser`, a plain tree that borrows from the text, and the printer of `serde_yaml`. It
//! resolves scalars as simply as can be, keeps no places, and knows no anchors.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// A value of a document.
#[derive(Debug, Clone, PartialEq)]
enum Tree<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Tree<'a>>),
    Map(Vec<(Tree<'a>, Tree<'a>)>),
}

impl Serialize for Tree<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => items.serialize(serializer),
            Self::Map(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                pairs.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}

/// Why a text has no floor.
#[derive(Debug, thiserror::Error)]
pub enum FloorError {
    /// The parser refuses it.
    #[error(transparent)]
    Read(#[from] saphyr_parser::ScanError),
    /// It has an alias.
    #[error("the floor knows no aliases")]
    Alias,
    /// The printer refuses it.
    #[error(transparent)]
    Print(#[from] serde_yaml::Error),
}

/// Reads every document of `text` and prints them one after the other.
pub fn read_and_print(text: &str) -> Result<String, FloorError> {
    let mut out = String::new();
    for document in read(text)? {
        if !out.is_empty() {
            out.push_str("---\n");
        }
        out.push_str(&serde_yaml::to_string(&document)?);
    }
    Ok(out)
}

fn read(text: &str) -> Result<Vec<Tree<'_>>, FloorError> {
    let mut documents = vec![];
    let mut open: Vec<Vec<Tree<'_>>> = vec![];
    for event in Parser::new_from_str(text) {
        let (event, _) = event?;
        let done = match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                open.push(vec![]);
                continue;
            }
            Event::MappingEnd => Tree::Map(pairs(open.pop().unwrap_or_default())),
            Event::SequenceEnd => Tree::List(open.pop().unwrap_or_default()),
            Event::Scalar(text, style, ..) => scalar(text, style),
            Event::Alias(_) => return Err(FloorError::Alias),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => continue,
        };
        match open.last_mut() {
            Some(parent) => parent.push(done),
            None => documents.push(done),
        }
    }
    Ok(documents)
}

/// Keys and values, which come in turn.
fn pairs(nodes: Vec<Tree<'_>>) -> Vec<(Tree<'_>, Tree<'_>)> {
    let mut pairs = Vec::with_capacity(nodes.len() / 2);
    let mut nodes = nodes.into_iter();
    while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
        pairs.push((key, value));
    }
    pairs
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Tree<'_> {
    if style != ScalarStyle::Plain {
        return Tree::Text(text);
    }
    match text.as_ref() {
        "" | "~" | "null" => return Tree::Null,
        "true" => return Tree::Bool(true),
        "false" => return Tree::Bool(false),
        number if number.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first)) => {
            if let Ok(integer) = number.parse() {
                return Tree::Integer(integer);
            }
            if let Ok(float) = number.parse() {
                return Tree::Float(float);
            }
        }
        _ => {}
    }
    Tree::Text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_printed() {
        let text = "a: 1\nb:\n- x\n- 1.5\n- 'true'\n- true\n- null\n---\nc: {d: []}\n";
        let expected = "a: 1\nb:\n- x\n- 1.5\n- 'true'\n- true\n- null\n---\nc:\n  d: []\n";
        assert_eq!(read_and_print(text).unwrap(), expected);
        assert!(matches!(read_and_print("a: &x 1\nb: *x\n"), Err(FloorError::Alias)));
    }
}
