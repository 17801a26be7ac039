//! Nodes to typed values, as Go's `encoding/json` reads them: names match in any case, null leaves the default,
//! and a number is never a string.

use smol_str::SmolStr;

use super::error::RenderError;
use super::files::SourceFile;
use crate::diagnostic::Location;
use crate::yaml::{Node, Origin, Tag, Value};

/// A string and where it was written.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Text {
    /// The string.
    pub value: SmolStr,
    /// Where it was written in its kustomization file.
    pub origin: Origin,
}

impl Text {
    /// The string.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// Whether it is empty, which for kustomize is the same as not being there.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }
}

/// What an unknown field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// An error, as in a kustomization file.
    Refused,
    /// Passed over, as in the configuration of a built-in plugin. There, a number is taken for a string.
    Ignored,
    /// An error, as in a transformer configuration. There, a number is taken for a string.
    RefusedInConfiguration,
}

/// Reads the values of one file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decoder<'a> {
    /// The file, for places.
    pub(crate) file: &'a SourceFile,
    /// What unknown fields are.
    pub(crate) unknown: Unknown,
}

impl Decoder<'_> {
    /// The place of a node in this file.
    pub(crate) fn at(&self, origin: Origin) -> Location {
        self.file.at(origin)
    }

    /// The known fields of a mapping, under the names in `known`, in the order in which they were written. Null
    /// values are left out.
    pub(crate) fn fields<'n>(
        &self,
        node: &'n Node,
        what: &str,
        known: &[&'static str],
    ) -> Result<Vec<(&'static str, &'n Node)>, RenderError> {
        let Value::Mapping(mapping) = &node.value else {
            return if node.is_null() { Ok(vec![]) } else { Err(self.wrong_type(node, what, "a mapping")) };
        };
        let mut fields = Vec::with_capacity(mapping.len());
        for entry in mapping.entries() {
            let name = entry.key.text();
            let found = known
                .iter()
                .find(|field| **field == name)
                .or_else(|| known.iter().find(|field| field.eq_ignore_ascii_case(name)));
            match (found, self.unknown) {
                (Some(_), _) if entry.value.is_null() => {}
                (Some(field), _) => fields.push((*field, &entry.value)),
                (None, Unknown::Ignored) => {}
                (None, Unknown::Refused | Unknown::RefusedInConfiguration) => {
                    return Err(RenderError::UnknownField {
                        at: self.at(entry.key_origin),
                        field: name.to_owned(),
                        similar: similar(name, known),
                    });
                }
            }
        }
        Ok(fields)
    }

    /// A string.
    pub(crate) fn text(&self, node: &Node, what: &str) -> Result<Text, RenderError> {
        if node.is_null() {
            return Ok(Text { value: SmolStr::default(), origin: node.origin });
        }
        let text = node.as_scalar().and_then(|scalar| match scalar.tag() {
            Tag::Str | Tag::Timestamp | Tag::Binary => Some(scalar.shared_text()),
            Tag::Bool | Tag::Int | Tag::Float => self.coerced(node),
            Tag::Null | Tag::Merge => None,
        });
        match text {
            Some(value) => Ok(Text { value, origin: node.origin }),
            None => Err(self.wrong_type(node, what, "a string")),
        }
    }

    /// A number or boolean as text, where such a one is taken for a string: in the configuration of a plugin.
    fn coerced(&self, node: &Node) -> Option<SmolStr> {
        match self.unknown {
            Unknown::Refused => None,
            Unknown::Ignored | Unknown::RefusedInConfiguration => {
                node.to_json().ok().map(|json| smol_str::format_smolstr!("{json}"))
            }
        }
    }

    /// A boolean.
    pub(crate) fn boolean(&self, node: &Node, what: &str) -> Result<bool, RenderError> {
        node.as_bool().ok_or_else(|| self.wrong_type(node, what, "a boolean"))
    }

    /// An integer.
    pub(crate) fn integer(&self, node: &Node, what: &str) -> Result<i64, RenderError> {
        let whole = || {
            let float = node.as_f64().filter(|float| float.fract() == 0.0)?;
            // Go reads the JSON text of the number, and `1e3` has been turned into `1000` by then.
            format!("{float:.0}").parse().ok()
        };
        node.as_i64().or_else(whole).ok_or_else(|| self.wrong_type(node, what, "an integer"))
    }

    /// A list, each item read by `read`.
    pub(crate) fn list<T>(
        &self,
        node: &Node,
        what: &str,
        mut read: impl FnMut(&Node) -> Result<T, RenderError>,
    ) -> Result<Vec<T>, RenderError> {
        if node.is_null() {
            return Ok(vec![]);
        }
        if !node.is_sequence() {
            return Err(self.wrong_type(node, what, "a list"));
        }
        node.items().iter().map(&mut read).collect()
    }

    /// A list of strings.
    pub(crate) fn texts(&self, node: &Node, what: &str) -> Result<Vec<Text>, RenderError> {
        self.list(node, what, |item| self.text(item, what))
    }

    /// A mapping of strings to strings, in the byte order of its keys.
    pub(crate) fn text_map(&self, node: &Node, what: &str) -> Result<Vec<(SmolStr, Text)>, RenderError> {
        if !node.is_null() && !node.is_mapping() {
            return Err(self.wrong_type(node, what, "a mapping"));
        }
        let mut pairs = Vec::with_capacity(node.entries().len());
        for entry in node.entries() {
            let field = entry.key.text();
            let text = self.text(&entry.value, &format!("{what}.{field}"))?;
            pairs.push((entry.key.shared_text(), text));
        }
        pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(pairs)
    }

    /// The error that `node` has the wrong type.
    pub(crate) fn wrong_type(&self, node: &Node, what: &str, expected: &'static str) -> RenderError {
        RenderError::WrongType {
            at: self.at(node.origin),
            field: what.to_owned(),
            expected,
            found: type_name(node),
        }
    }

    /// The error that the value at `origin` is wrong.
    pub(crate) fn invalid(&self, origin: Origin, message: impl Into<String>) -> RenderError {
        RenderError::Invalid { at: self.at(origin), message: message.into() }
    }
}

/// What a node is, in words.
pub(crate) fn type_name(node: &Node) -> &'static str {
    match &node.value {
        Value::Mapping(_) => "a mapping",
        Value::Sequence(_) => "a list",
        Value::Scalar(scalar) => match scalar.tag() {
            Tag::Null => "null",
            Tag::Bool => "a boolean",
            Tag::Int | Tag::Float => "a number",
            Tag::Str | Tag::Timestamp | Tag::Binary | Tag::Merge => "a string",
        },
    }
}

/// The known name that is closest to `name`, if one is close.
fn similar(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    known
        .iter()
        .map(|field| (edits(&name, &field.to_ascii_lowercase()), *field))
        .filter(|(distance, field)| *distance <= field.len().max(4) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, field)| field)
}

/// The Levenshtein distance in bytes.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, byte) in a.bytes().enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(b.bytes()) {
            let above = *cell;
            let replaced = diagonal + usize::from(byte != other);
            *cell = replaced.min(above + 1).min(left + 1);
            diagonal = above;
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(similar("resource", &["resources", "replicas"]), Some("resources"));
        assert_eq!(similar("namesuffix", &["namePrefix", "nameSuffix"]), Some("nameSuffix"));
        assert_eq!(similar("frobnicate", &["resources", "replicas"]), None);
    }
}
