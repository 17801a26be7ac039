//! Nodes to text, byte for byte as kustomize prints a resource.
//!
//! Kustomize sends each resource through go-yaml v3, JSON and go-yaml v2, and every stage leaves its mark: keys
//! are sorted, comments and styles are gone, numbers went through `int64` and `float64`, timestamps are strings,
//! and what JSON or go-yaml cannot hold is an error. Nothing here changes a node.

mod order;
mod sink;
mod text;
mod written;

use std::borrow::Cow;

use self::sink::{Indicator, Sink};
use self::text::TextFault;
pub use self::written::print_as_written;
use super::node::{Entry, Node, Value};
use super::scalar::{EMPTY_IN_FLOW, Scalar, Tag};

/// The most bytes that are printed at once: 128 MiB. Deep lists that hold many items grow by their indentation.
const MOST_PRINTED: usize = 128 << 20;

/// Why a node cannot be printed. `field` is the path of what stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrintError {
    /// A key is there twice.
    #[error("field `{field}` is defined twice in one mapping")]
    DuplicateKey {
        /// Path of the key.
        field: String,
    },
    /// A key is a number, boolean, null, date or not a scalar.
    #[error("key `{field}` is not a string")]
    KeyNotString {
        /// Path of the key.
        field: String,
    },
    /// A key is longer than 1022 characters or has a line break U+0085.
    #[error("a key in `{field}` is too long or has a line break that cannot be escaped")]
    KeyTooLong {
        /// Path of the mapping.
        field: String,
    },
    /// NaN and the infinities have no JSON form, nor has a text that its tag does not allow.
    #[error("the value of `{field}` cannot be written as {tag}")]
    Unprintable {
        /// Path of the value.
        field: String,
        /// What it should be.
        tag: &'static str,
    },
    /// The text grows too large.
    #[error("what is printed has more than {MOST_PRINTED} bytes, up to `{field}`")]
    TooLarge {
        /// Path of what had no room.
        field: String,
    },
    /// A control character that YAML does not allow.
    #[error("`{field}` holds the control character U+{code:04X}, which YAML does not allow")]
    Character {
        /// Path of the value.
        field: String,
        /// The character.
        code: u32,
    },
}

impl PrintError {
    /// What the user can do about it, if that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::DuplicateKey { .. } => Some("remove one of the two"),
            Self::KeyNotString { .. } => Some("put the key in quotes"),
            Self::Unprintable { .. } => Some("put the value in quotes if it is meant as text"),
            Self::Character { .. } => Some("keep binary data in base64, under `binaryData` of a ConfigMap"),
            Self::KeyTooLong { .. } | Self::TooLarge { .. } => None,
        }
    }
}

/// Prints `documents` as kustomize does, with `---` between them.
pub fn print(documents: &[&Node]) -> Result<String, PrintError> {
    let mut out = String::new();
    for (at, document) in documents.iter().enumerate() {
        if at > 0 {
            out.push_str("---\n");
        }
        out = print_after(out, document)?;
    }
    Ok(out)
}

/// Prints one document as kustomize does, without `---`.
pub fn print_document(node: &Node) -> Result<String, PrintError> {
    print_after(String::new(), node)
}

/// Prints a document behind what is in `out`: of many documents none is copied.
fn print_after(out: String, node: &Node) -> Result<String, PrintError> {
    let mut sink = Sink::after(out);
    write_root(&mut sink, node).map_err(Fault::into_error)?;
    sink.indent(0);
    Ok(sink.into_text())
}

/// A [`PrintError`] on its way up: each level adds its step to the path.
#[derive(Debug)]
struct Fault {
    kind: FaultKind,
    /// Innermost first.
    path: Vec<String>,
}

#[derive(Debug)]
enum FaultKind {
    DuplicateKey,
    KeyNotString,
    KeyTooLong,
    TooLarge,
    Unprintable(&'static str),
    Character(char),
}

impl Fault {
    fn new(kind: FaultKind) -> Self {
        Self { kind, path: vec![] }
    }

    fn at(kind: FaultKind, key: &str) -> Self {
        Self { kind, path: vec![key.to_owned()] }
    }

    fn below(mut self, step: String) -> Self {
        self.path.push(step);
        self
    }

    fn into_error(self) -> PrintError {
        let mut field = String::new();
        for step in self.path.iter().rev() {
            if !field.is_empty() && !step.starts_with('[') {
                field.push('.');
            }
            field.push_str(step);
        }
        match self.kind {
            FaultKind::DuplicateKey => PrintError::DuplicateKey { field },
            FaultKind::KeyNotString => PrintError::KeyNotString { field },
            FaultKind::KeyTooLong => PrintError::KeyTooLong { field },
            FaultKind::TooLarge => PrintError::TooLarge { field },
            FaultKind::Unprintable(tag) => PrintError::Unprintable { field, tag },
            FaultKind::Character(character) => PrintError::Character { field, code: character.into() },
        }
    }
}

impl From<TextFault> for Fault {
    fn from(fault: TextFault) -> Self {
        Self::new(match fault {
            TextFault::Character(character) => FaultKind::Character(character),
            TextFault::Key => FaultKind::KeyTooLong,
        })
    }
}

/// At the root go-yaml decodes into a map of strings, so keys of other types are taken by their text.
fn write_root(sink: &mut Sink, node: &Node) -> Result<(), Fault> {
    match &node.value {
        Value::Mapping(mapping) if !mapping.is_empty() => {
            write_mapping(sink, mapping.entries(), 0, |key| key.tag() != Tag::Null)
        }
        Value::Scalar(scalar) => write_scalar(sink, scalar, 2),
        Value::Mapping(_) | Value::Sequence(_) => write_node(sink, node, 0, false),
    }
}

/// Writes a node whose own lines start at `indent`; a list directly below a key starts two columns before.
fn write_node(sink: &mut Sink, node: &Node, indent: usize, below_key: bool) -> Result<(), Fault> {
    match &node.value {
        Value::Scalar(scalar) => write_scalar(sink, scalar, indent),
        Value::Sequence(items) if items.is_empty() => {
            write_empty(sink, ["[", "]"]);
            Ok(())
        }
        Value::Sequence(items) if below_key && !sink.indention() => {
            write_sequence(sink, items, indent.saturating_sub(2))
        }
        Value::Sequence(items) => write_sequence(sink, items, indent),
        Value::Mapping(mapping) if mapping.is_empty() => {
            write_empty(sink, ["{", "}"]);
            Ok(())
        }
        Value::Mapping(mapping) => write_mapping(sink, mapping.entries(), indent, is_string_key),
    }
}

fn write_empty(sink: &mut Sink, [open, close]: [&str; 2]) {
    sink.indicator(open, Indicator::Open);
    sink.indicator(close, Indicator::Tight);
}

fn write_sequence(sink: &mut Sink, items: &[Node], indent: usize) -> Result<(), Fault> {
    for (at, item) in items.iter().enumerate() {
        start_line(sink, indent)?;
        sink.indicator("-", Indicator::Block);
        write_node(sink, item, indent + 2, false).map_err(|fault| fault.below(format!("[{at}]")))?;
    }
    Ok(())
}

fn write_mapping(
    sink: &mut Sink,
    entries: &[Entry],
    indent: usize,
    allowed: fn(&Scalar) -> bool,
) -> Result<(), Fault> {
    for entry in order::sorted(entries).map_err(|key| Fault::at(FaultKind::DuplicateKey, key))? {
        let key = if entry.key.is_blank() { "" } else { entry.key.text() };
        if !allowed(&entry.key) {
            return Err(Fault::at(FaultKind::KeyNotString, key));
        }
        start_line(sink, indent)?;
        text::write_key(sink, key, indent)?;
        write_node(sink, &entry.value, indent + 2, true).map_err(|fault| fault.below(key.to_owned()))?;
    }
    Ok(())
}

fn start_line(sink: &mut Sink, indent: usize) -> Result<(), Fault> {
    if sink.len() > MOST_PRINTED {
        return Err(Fault::new(FaultKind::TooLarge));
    }
    sink.indent(indent);
    Ok(())
}

/// The empty key without a type is read as a string by the time kustomize has printed it once.
fn is_string_key(key: &Scalar) -> bool {
    matches!(key.tag(), Tag::Str | Tag::Merge) || key.is_blank()
}

fn write_scalar(sink: &mut Sink, scalar: &Scalar, indent: usize) -> Result<(), Fault> {
    match scalar_text(scalar)? {
        Printed::Text(text) => Ok(text::write_value(sink, &text, indent)?),
        Printed::Token(token) => {
            sink.space();
            sink.text(&token);
            Ok(())
        }
    }
}

/// A scalar on its way to the output.
enum Printed<'a> {
    /// A string, to be quoted as it needs.
    Text(Cow<'a, str>),
    /// Null, a boolean or a number.
    Token(Cow<'a, str>),
}

fn scalar_text(scalar: &Scalar) -> Result<Printed<'_>, Fault> {
    let text = scalar.text();
    let unprintable = |tag| Fault::new(FaultKind::Unprintable(tag));
    Ok(match scalar.tag() {
        Tag::Str | Tag::Merge => Printed::Text(text.into()),
        // A null that was written as nothing between brackets: kustomize quotes it on the first of its prints.
        Tag::Null if text == EMPTY_IN_FLOW => Printed::Text("".into()),
        Tag::Null => Printed::Token("null".into()),
        Tag::Bool => {
            let value = scalar.as_bool().ok_or_else(|| unprintable("a boolean"))?;
            Printed::Token(if value { "true" } else { "false" }.into())
        }
        Tag::Int | Tag::Float => Printed::Token(
            scalar
                .canonical_number()
                .map(|number| String::from(number).into())
                .ok_or_else(|| unprintable("a number"))?,
        ),
        Tag::Timestamp => {
            let text = super::timestamp::rfc3339(text).ok_or_else(|| unprintable("a timestamp"))?;
            Printed::Text(String::from(text).into())
        }
        Tag::Binary => Printed::Text(scalar.decoded().ok_or_else(|| unprintable("base64"))?.into()),
    })
}

#[cfg(test)]
mod tests;
