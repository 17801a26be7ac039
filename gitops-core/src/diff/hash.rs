//! Hashes of data that do not depend on how it was written.

use sha2::{Digest, Sha256};

use super::FieldChange;
use crate::object::ObjectKey;
use crate::yaml::{Node, Tag, Value};

/// SHA-256 over nodes, fed one after the other. Two runs that are fed equal data (mapping order and notation do
/// not count) give the same hash.
#[derive(Clone, Debug, Default)]
pub struct ContentHash(Sha256);

impl ContentHash {
    /// A hash of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Feeds a text. Its length goes first, so that two texts never read as one.
    pub fn text(&mut self, text: &str) {
        self.0.update(text.len().to_be_bytes());
        self.0.update(text.as_bytes());
    }

    /// Feeds an object's key.
    pub fn key(&mut self, key: &ObjectKey) {
        for part in [&key.group, &key.kind, &key.namespace, &key.name] {
            self.text(part);
        }
    }

    /// Feeds a value.
    pub fn node(&mut self, node: &Node) {
        match &node.value {
            Value::Scalar(scalar) => {
                let (kind, text) = match scalar.tag() {
                    Tag::Null => ("null", String::new()),
                    Tag::Bool => ("bool", scalar.as_bool().unwrap_or_default().to_string()),
                    Tag::Int | Tag::Float => ("number", number(node)),
                    Tag::Str | Tag::Timestamp | Tag::Binary | Tag::Merge => {
                        ("string", scalar.text().to_owned())
                    }
                };
                self.text(kind);
                self.text(&text);
            }
            Value::Sequence(items) => {
                self.text("list");
                self.text(&items.len().to_string());
                items.iter().for_each(|item| self.node(item));
            }
            Value::Mapping(mapping) => {
                self.text("mapping");
                self.text(&mapping.len().to_string());
                let mut entries: Vec<_> = mapping.entries().iter().collect();
                entries.sort_by(|a, b| a.key.text().cmp(b.key.text()));
                for entry in entries {
                    self.text(entry.key.text());
                    self.node(&entry.value);
                }
            }
        }
    }

    /// Feeds an optional value; an absent one differs from null.
    pub fn optional(&mut self, node: Option<&Node>) {
        match node {
            Some(node) => self.node(node),
            None => self.text("absent"),
        }
    }

    /// Feeds a change of a field.
    pub fn change(&mut self, change: &FieldChange) {
        self.text(&change.path.to_string());
        self.optional(change.live.as_ref());
        self.optional(change.desired.as_ref());
    }

    /// The hash in lower-case hexadecimal.
    pub fn finish(self) -> String {
        use std::fmt::Write as _;
        self.0.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

fn number(node: &Node) -> String {
    match (node.as_i64(), node.as_f64()) {
        (Some(integer), _) => integer.to_string(),
        (None, Some(float)) => float.to_string(),
        (None, None) => node.text().unwrap_or_default().to_owned(),
    }
}
