//! Reads typed fields out of a node, with the path of the field in every error; writes them back in Argo's order.
//!
//! The types are those of the custom resource definitions: a field of another type is an error, a missing field
//! or null is absent.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::time::Timestamp;
use crate::yaml::{Node, Origin};

/// Why a manifest does not fit its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` must be {expected}")]
pub struct FieldError {
    /// The field, with dots and list positions: `spec.strategy.canary.steps[0].setWeight`.
    pub path: String,
    /// What it must be, with its article: `an integer`.
    pub expected: &'static str,
    /// Where the value stands in the file of the object.
    pub origin: Origin,
}

impl FieldError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        "compare the field with the custom resource definition of Argo Rollouts"
    }
}

/// An integer or a string, as Kubernetes' `IntOrString`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntOrString {
    /// A number.
    Int(i32),
    /// A text, such as `25%`.
    Text(SmolStr),
}

impl IntOrString {
    /// The number, or the number that the text spells; 0 for any other text, as in Go's `IntValue`.
    pub fn int_value(&self) -> i32 {
        match self {
            Self::Int(number) => *number,
            Self::Text(text) => text.parse().unwrap_or(0),
        }
    }

    /// The node that spells it.
    pub fn to_node(&self) -> Node {
        match self {
            Self::Int(number) => Node::integer(i64::from(*number)),
            Self::Text(text) => Node::string(text.clone()),
        }
    }
}

impl std::fmt::Display for IntOrString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A node and the path that leads to it.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    node: Option<&'a Node>,
    path: String,
}

impl<'a> Fields<'a> {
    /// The root of a manifest or of a part of it, called `path` in errors.
    pub(crate) fn root(node: &'a Node, path: &str) -> Result<Self, FieldError> {
        Self { node: Some(node).filter(|node| !node.is_null()), path: path.to_owned() }.mapping()
    }

    /// Whether there is a value; an empty mapping is one.
    pub(crate) fn is_present(&self) -> bool {
        self.node.is_some()
    }

    /// The node, if there is one.
    pub(crate) fn node(&self) -> Option<&'a Node> {
        self.node
    }

    /// The mapping at `key`; absent where it is missing or null.
    pub(crate) fn child(&self, key: &str) -> Result<Self, FieldError> {
        Self { node: self.value(key), path: self.path_to(key) }.mapping()
    }

    /// The mapping at `key`, where it is present.
    pub(crate) fn optional(&self, key: &str) -> Result<Option<Self>, FieldError> {
        Ok(Some(self.child(key)?).filter(Self::is_present))
    }

    /// The node at `key` as it is.
    pub(crate) fn value(&self, key: &str) -> Option<&'a Node> {
        self.node.and_then(|node| node.get(key)).filter(|node| !node.is_null())
    }

    /// The string at `key`; empty where there is none.
    pub(crate) fn text(&self, key: &str) -> Result<SmolStr, FieldError> {
        Ok(self.optional_text(key)?.unwrap_or_default())
    }

    /// The string at `key`.
    pub(crate) fn optional_text(&self, key: &str) -> Result<Option<SmolStr>, FieldError> {
        self.read(key, "a string", |node| node.as_str().map(SmolStr::from))
    }

    /// The integer at `key`.
    pub(crate) fn integer(&self, key: &str) -> Result<Option<i32>, FieldError> {
        self.read(key, "an integer of 32 bits", |node| {
            node.as_i64().and_then(|number| number.try_into().ok())
        })
    }

    /// The integer at `key`; 0 where there is none.
    pub(crate) fn count(&self, key: &str) -> Result<i32, FieldError> {
        Ok(self.integer(key)?.unwrap_or(0))
    }

    /// The integer of 64 bits at `key`.
    pub(crate) fn long(&self, key: &str) -> Result<Option<i64>, FieldError> {
        self.read(key, "an integer", Node::as_i64)
    }

    /// The boolean at `key`; false where there is none.
    pub(crate) fn flag(&self, key: &str) -> Result<bool, FieldError> {
        Ok(self.optional_flag(key)?.unwrap_or(false))
    }

    /// The boolean at `key`.
    pub(crate) fn optional_flag(&self, key: &str) -> Result<Option<bool>, FieldError> {
        self.read(key, "a boolean", Node::as_bool)
    }

    /// The instant at `key`.
    pub(crate) fn time(&self, key: &str) -> Result<Option<Timestamp>, FieldError> {
        self.read(key, "an RFC 3339 time", |node| node.text().and_then(|text| text.parse().ok()))
    }

    /// The integer or string at `key`.
    pub(crate) fn int_or_string(&self, key: &str) -> Result<Option<IntOrString>, FieldError> {
        self.read(key, "an integer or a string", |node| {
            let number = node.as_i64().and_then(|number| i32::try_from(number).ok());
            number.map(IntOrString::Int).or_else(|| node.as_str().map(|text| IntOrString::Text(text.into())))
        })
    }

    /// The mappings of the list at `key`, each with its path.
    pub(crate) fn items(&self, key: &str) -> Result<Vec<Self>, FieldError> {
        let nodes = self.read(key, "a list", |node| node.is_sequence().then(|| node.items()))?;
        let path = self.path_to(key);
        nodes
            .unwrap_or_default()
            .iter()
            .enumerate()
            .map(|(at, node)| {
                Self { node: Some(node).filter(|node| !node.is_null()), path: format!("{path}[{at}]") }
                    .mapping()
            })
            .collect()
    }

    /// The strings of the list at `key`.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<SmolStr>, FieldError> {
        let read = |node: &Node| {
            node.is_sequence()
                .then(|| node.items().iter().map(|item| item.as_str().map(SmolStr::from)).collect())?
        };
        Ok(self.read(key, "a list of strings", read)?.unwrap_or_default())
    }

    /// The strings of the mapping at `key`.
    pub(crate) fn map(&self, key: &str) -> Result<BTreeMap<SmolStr, SmolStr>, FieldError> {
        let read = |node: &Node| {
            node.is_mapping().then(|| {
                let pairs = node.entries().iter();
                pairs.map(|entry| Some((entry.key.shared_text(), entry.value.as_str()?.into()))).collect()
            })?
        };
        Ok(self.read(key, "a mapping of strings", read)?.unwrap_or_default())
    }

    /// The error that the value at `key` is not what was expected.
    pub(crate) fn error(&self, key: &str, expected: &'static str) -> FieldError {
        let origin = self.value(key).map_or(Origin::UNKNOWN, |node| node.origin);
        FieldError { path: self.path_to(key), expected, origin }
    }

    fn read<T>(
        &self,
        key: &str,
        expected: &'static str,
        read: impl Fn(&'a Node) -> Option<T>,
    ) -> Result<Option<T>, FieldError> {
        let Some(node) = self.value(key) else { return Ok(None) };
        read(node).map(Some).ok_or_else(|| self.error(key, expected))
    }

    fn path_to(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn mapping(self) -> Result<Self, FieldError> {
        match self.node {
            Some(node) if !node.is_mapping() => {
                Err(FieldError { path: self.path, expected: "a mapping", origin: node.origin })
            }
            Some(_) | None => Ok(self),
        }
    }
}

/// Builds a mapping the way Go prints a struct: fields in order, those that may be left out only where they say
/// something.
#[derive(Clone, Debug)]
pub(crate) struct Writer(Node);

impl Writer {
    /// An empty mapping.
    pub(crate) fn new() -> Self {
        Self(Node::mapping(std::iter::empty::<(SmolStr, Node)>()))
    }

    /// Sets `key` to what is there.
    pub(crate) fn node(&mut self, key: &str, node: Option<Node>) -> &mut Self {
        if let Some(node) = node {
            self.0.set(key, node);
        }
        self
    }

    /// Sets `key` to a text that is not empty.
    pub(crate) fn text(&mut self, key: &str, text: &str) -> &mut Self {
        self.node(key, (!text.is_empty()).then(|| Node::string(text)))
    }

    /// Sets `key` to a number that is not 0.
    pub(crate) fn count(&mut self, key: &str, number: i32) -> &mut Self {
        self.integer(key, Some(number).filter(|number| *number != 0))
    }

    /// Sets `key` to a number that is there.
    pub(crate) fn integer(&mut self, key: &str, number: Option<i32>) -> &mut Self {
        self.node(key, number.map(|number| Node::integer(i64::from(number))))
    }

    /// Sets `key` to true.
    pub(crate) fn flag(&mut self, key: &str, value: bool) -> &mut Self {
        self.node(key, value.then(|| Node::boolean(true)))
    }

    /// Sets `key` to an instant.
    pub(crate) fn time(&mut self, key: &str, at: Option<Timestamp>) -> &mut Self {
        self.node(key, at.map(|at| Node::string(at.to_string())))
    }

    /// Sets `key` to a list that is not empty.
    pub(crate) fn list(&mut self, key: &str, items: impl IntoIterator<Item = Node>) -> &mut Self {
        let mut items = items.into_iter().peekable();
        if items.peek().is_some() {
            self.0.set(key, Node::sequence(items));
        }
        self
    }

    /// Sets `key` to a mapping of strings that is not empty.
    pub(crate) fn map(&mut self, key: &str, map: &BTreeMap<SmolStr, SmolStr>) -> &mut Self {
        let node = Node::mapping(map.iter().map(|(name, value)| (name.clone(), Node::string(value.clone()))));
        self.node(key, (!map.is_empty()).then_some(node))
    }

    /// Sets every one of `pairs`.
    pub(crate) fn nodes(&mut self, pairs: &[(SmolStr, Node)]) -> &mut Self {
        for (key, node) in pairs {
            self.0.set(key.clone(), node.clone());
        }
        self
    }

    /// The mapping; `None` where nothing was set.
    pub(crate) fn finish_if_any(self) -> Option<Node> {
        (!self.0.entries().is_empty()).then_some(self.0)
    }

    /// The mapping.
    pub(crate) fn finish(self) -> Node {
        self.0
    }
}

/// The word for a value in a table of words.
pub(crate) fn word<T: PartialEq>(words: &[(T, &'static str)], value: &T) -> &'static str {
    words.iter().find(|(candidate, _)| candidate == value).map_or("", |(_, word)| word)
}

/// The value for the word at `key` in a table of words; a missing field reads as the empty word.
pub(crate) fn parse_word<T: Copy>(
    words: &[(T, &'static str)],
    fields: &Fields<'_>,
    key: &str,
    expected: &'static str,
) -> Result<T, FieldError> {
    let text = fields.text(key)?;
    let found = words.iter().find(|(_, word)| *word == text);
    found.map(|(value, _)| *value).ok_or_else(|| fields.error(key, expected))
}

/// The pairs of a mapping whose key is not one of `named`.
pub(crate) fn unnamed(fields: &Fields<'_>, named: &[&str]) -> Vec<(SmolStr, Node)> {
    let entries = fields.node().map_or(&[][..], Node::entries).iter();
    let rest = entries.filter(|entry| !named.contains(&entry.key.text()));
    rest.map(|entry| (entry.key.shared_text(), entry.value.clone())).collect()
}
