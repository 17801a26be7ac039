//! Nodes to typed values, as Go's `encoding/json` reads them: names match in any case, null leaves the default,
//! and a number is never a string.

use smol_str::SmolStr;

use super::error::RenderError;
use super::faults::Faults;
use super::files::SourceFile;
use crate::diagnostic::{Location, closest};
use crate::yaml::{Entry, Node, Origin, Tag, Value};

/// How many fields are told to who names none of them.
const FEW: usize = 10;

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

/// The known fields of a mapping, with their values.
pub(crate) type Fields<'n> = Vec<(&'static str, &'n Node)>;

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
    ) -> Result<Fields<'n>, RenderError> {
        let (fields, faults) = self.fields_and_faults(node, what, known)?;
        faults.finish()?;
        Ok(fields)
    }

    /// As [`Decoder::fields`], with the unknown fields as errors beside the known ones.
    pub(crate) fn fields_and_faults<'n>(
        &self,
        node: &'n Node,
        what: &str,
        known: &[&'static str],
    ) -> Result<(Fields<'n>, Faults), RenderError> {
        let Value::Mapping(mapping) = &node.value else {
            if node.is_null() {
                return Ok((vec![], Faults::default()));
            }
            return Err(self.wrong_type(node, what, "a mapping"));
        };
        let mut fields = Vec::with_capacity(mapping.len());
        let mut faults = Faults::default();
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
                    faults.take::<()>(Err(self.unknown_field(entry, what, known)))?;
                }
            }
        }
        Ok((fields, faults))
    }

    /// The error that a field is not known, with the known ones where they are few.
    fn unknown_field(&self, entry: &Entry, what: &str, known: &[&'static str]) -> RenderError {
        let name = entry.key.text();
        let similar = similar(name, known);
        let error =
            RenderError::UnknownField { at: self.at(entry.key_origin), field: name.to_owned(), similar };
        match similar {
            None if known.len() <= FEW => {
                let known: Vec<String> = known.iter().map(|field| format!("`{field}`")).collect();
                error.advise(format!("`{what}` takes {}", known.join(", ")))
            }
            Some(_) | None => error,
        }
    }

    /// A string.
    pub(crate) fn text(&self, node: &Node, what: &str) -> Result<Text, RenderError> {
        if node.is_null() {
            return Ok(Text { value: SmolStr::default(), origin: node.origin });
        }
        let text = node.as_scalar().and_then(|scalar| match scalar.tag() {
            // `<<` is a string wherever it is no key.
            Tag::Str | Tag::Timestamp | Tag::Binary | Tag::Merge => Some(scalar.shared_text()),
            Tag::Bool | Tag::Int | Tag::Float => self.coerced(node),
            Tag::Null => None,
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
        let mut values = Vec::with_capacity(node.items().len());
        let mut faults = Faults::default();
        for item in node.items() {
            values.extend(faults.take(read(item))?);
        }
        faults.finish()?;
        Ok(values)
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
    closest(name, known.iter().copied())
}
