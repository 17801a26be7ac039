//! A cursor over a manifest that checks the type of each field and names its path in errors.

use std::collections::BTreeMap;

use smol_str::{SmolStr, format_smolstr};

use super::ApiError;
use crate::diagnostic::Location;
use crate::time::Timestamp;
use crate::yaml::{Node, Origin, Value};

/// One field of a manifest: its value, if it is there and not null, and its path.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    node: Option<&'a Node>,
    path: String,
    at: &'a Location,
}

impl<'a> Reader<'a> {
    /// The root of a manifest that was read at `at`.
    pub(crate) fn new(root: &'a Node, at: &'a Location) -> Self {
        Self { node: Some(root), path: String::new(), at }
    }

    /// Refuses a manifest that is not of this API group and kind.
    pub(crate) fn expect_kind(&self, group: &str, kind: &str) -> Result<(), ApiError> {
        let word =
            |key: &str| self.node.and_then(|node| node.get(key)).and_then(Node::text).unwrap_or_default();
        let (found_group, _) = crate::object::group_and_version(word("apiVersion"));
        if found_group == group && word("kind") == kind {
            return Ok(());
        }
        Err(ApiError::Kind {
            at: self.at.clone(),
            expected: format_smolstr!("{group}/{kind}"),
            found: format_smolstr!("{}/{}", word("apiVersion"), word("kind")),
        })
    }

    /// The field `key` of a mapping; absent where this one is.
    pub(crate) fn field(&self, key: &str) -> Result<Self, ApiError> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        let node = match self.node {
            None => None,
            Some(node) if node.is_mapping() => node.get(key).filter(|child| !child.is_null()),
            Some(node) => return Err(self.type_error(node, "a mapping")),
        };
        Ok(Self { node, path, at: self.at })
    }

    /// Whether the field is there and not null.
    pub(crate) fn is_set(&self) -> bool {
        self.node.is_some()
    }

    /// The value as it was written.
    pub(crate) fn raw(&self) -> Option<&'a Node> {
        self.node
    }

    /// A string.
    pub(crate) fn text(&self) -> Result<Option<SmolStr>, ApiError> {
        self.node
            .map(|node| {
                node.as_str()
                    .map(SmolStr::from)
                    .or_else(|| timestamp_text(node))
                    .ok_or_else(|| self.type_error(node, "a string"))
            })
            .transpose()
    }

    /// A string; empty where it is absent.
    pub(crate) fn text_or_empty(&self) -> Result<SmolStr, ApiError> {
        Ok(self.text()?.unwrap_or_default())
    }

    /// A string that must be there and not be empty.
    pub(crate) fn required_text(&self) -> Result<SmolStr, ApiError> {
        self.text()?.filter(|text| !text.is_empty()).ok_or_else(|| self.missing())
    }

    /// A boolean.
    pub(crate) fn boolean(&self) -> Result<Option<bool>, ApiError> {
        self.node.map(|node| node.as_bool().ok_or_else(|| self.type_error(node, "a boolean"))).transpose()
    }

    /// A boolean; false where it is absent.
    pub(crate) fn flag(&self) -> Result<bool, ApiError> {
        Ok(self.boolean()?.unwrap_or_default())
    }

    /// An integer.
    pub(crate) fn integer(&self) -> Result<Option<i64>, ApiError> {
        self.node.map(|node| node.as_i64().ok_or_else(|| self.type_error(node, "an integer"))).transpose()
    }

    /// An instant.
    pub(crate) fn time(&self) -> Result<Option<Timestamp>, ApiError> {
        self.text()?
            .map(|text| {
                text.parse().map_err(|error: crate::time::TimestampError| self.value_error(error.to_string()))
            })
            .transpose()
    }

    /// The items of a list; `None` where it is absent or null.
    pub(crate) fn list(&self) -> Result<Option<Vec<Self>>, ApiError> {
        let Some(node) = self.node else { return Ok(None) };
        match &node.value {
            Value::Sequence(items) => Ok(Some(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| Self {
                        node: Some(item).filter(|item| !item.is_null()),
                        path: format!("{}[{index}]", self.path),
                        at: self.at,
                    })
                    .collect(),
            )),
            Value::Scalar(_) | Value::Mapping(_) => Err(self.type_error(node, "a list")),
        }
    }

    /// Each item of a list, read by `read`; `None` where the list is absent or null.
    pub(crate) fn each<T>(
        &self,
        read: impl Fn(&Self) -> Result<T, ApiError>,
    ) -> Result<Option<Vec<T>>, ApiError> {
        self.list()?.map(|items| items.iter().map(read).collect()).transpose()
    }

    /// A list of strings; empty where it is absent.
    pub(crate) fn texts(&self) -> Result<Vec<SmolStr>, ApiError> {
        Ok(self.each(Self::text_or_empty)?.unwrap_or_default())
    }

    /// The keys of a mapping with their fields; empty where it is absent.
    pub(crate) fn fields(&self) -> Result<Vec<(SmolStr, Self)>, ApiError> {
        let Some(node) = self.node else { return Ok(vec![]) };
        if !node.is_mapping() {
            return Err(self.type_error(node, "a mapping"));
        }
        node.entries()
            .iter()
            .map(|entry| {
                let key = entry.key.shared_text();
                let path = format!("{}.{key}", self.path);
                Ok((
                    key,
                    Self { node: Some(&entry.value).filter(|value| !value.is_null()), path, at: self.at },
                ))
            })
            .collect()
    }

    /// A mapping of strings; empty where it is absent.
    pub(crate) fn text_map(&self) -> Result<BTreeMap<SmolStr, SmolStr>, ApiError> {
        self.fields()?.into_iter().map(|(key, field)| Ok((key, field.text_or_empty()?))).collect()
    }

    /// One of the words of an enumeration.
    pub(crate) fn choice<T: Copy>(&self, words: &[(&'static str, T)]) -> Result<Option<T>, ApiError> {
        let Some(text) = self.text()?.filter(|text| !text.is_empty()) else { return Ok(None) };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(Some(*value));
        }
        let known: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        Err(self.value_error(format!("`{text}` is not one of {}", known.join(", "))))
    }

    /// The error that this field is required.
    pub(crate) fn missing(&self) -> ApiError {
        ApiError::Missing { at: self.at.clone(), field: self.path.clone() }
    }

    /// The error that this field has a value that its kind refuses.
    pub(crate) fn value_error(&self, message: impl Into<String>) -> ApiError {
        ApiError::Value {
            at: self.at.clone(),
            origin: self.node.map_or(Origin::UNKNOWN, |node| node.origin),
            field: self.path.clone(),
            message: message.into(),
        }
    }

    fn type_error(&self, node: &Node, expected: &'static str) -> ApiError {
        let found = match &node.value {
            Value::Sequence(_) => "a list".to_owned(),
            Value::Mapping(_) => "a mapping".to_owned(),
            Value::Scalar(scalar) => format!("`{}`", scalar.text().chars().take(64).collect::<String>()),
        };
        let field = if self.path.is_empty() { "the manifest".to_owned() } else { self.path.clone() };
        ApiError::Type { at: self.at.clone(), origin: node.origin, field, expected, found }
    }
}

/// Kubernetes reads YAML as JSON, which has no timestamps: a plain timestamp is a string.
fn timestamp_text(node: &Node) -> Option<SmolStr> {
    node.as_scalar()
        .filter(|scalar| scalar.tag() == crate::yaml::Tag::Timestamp)
        .map(crate::yaml::Scalar::shared_text)
}
