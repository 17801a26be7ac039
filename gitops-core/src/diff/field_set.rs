//! Sets of fields in Kubernetes' `FieldsV1` form, and the shapes of maps and lists that follow from them.

use std::collections::BTreeMap;

use smol_str::{SmolStr, format_smolstr};

use crate::kind::Schema;
use crate::yaml::{Node, Tag, Value};

/// Fields as a tree of `FieldsV1` keys: `f:spec`, `k:{"name":"web"}`, `v:"finalizer"`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSet {
    is_member: bool,
    children: BTreeMap<SmolStr, FieldSet>,
}

impl FieldSet {
    /// The set that `fieldsV1` of an entry of `managedFields` tells of.
    pub fn from_fields_v1(tree: &Node) -> Self {
        let mut set = Self { is_member: tree.entries().is_empty(), children: BTreeMap::new() };
        for entry in tree.entries() {
            match entry.key.text() {
                "." => set.is_member = true,
                key => {
                    set.children.insert(canonical(key), Self::from_fields_v1(&entry.value));
                }
            }
        }
        set
    }

    /// Every field of a value of this shape.
    pub(super) fn of(node: &Node, shape: Shape<'_>) -> Self {
        let leaf = || Self { is_member: true, children: BTreeMap::new() };
        let children: BTreeMap<SmolStr, Self> = match (&node.value, shape.kind(node)) {
            (Value::Mapping(mapping), Kind::Granular) if !mapping.is_empty() => mapping
                .entries()
                .iter()
                .map(|entry| {
                    let element = format_smolstr!("f:{}", entry.key.text());
                    let set = Self::of(&entry.value, shape.field(entry.key.text()));
                    (element, set)
                })
                .collect(),
            (Value::Sequence(items), kind @ (Kind::Set | Kind::Keyed(_))) if !items.is_empty() => items
                .iter()
                .filter_map(|item| {
                    let element = kind.element(item)?;
                    let mut set = Self::of(item, shape.item(&element));
                    set.is_member = true;
                    Some((element, set))
                })
                .collect(),
            (_, _) => return leaf(),
        };
        Self { is_member: false, children }
    }

    /// Whether there is no field in it.
    pub fn is_empty(&self) -> bool {
        !self.is_member && self.children.values().all(Self::is_empty)
    }

    /// Whether the field that the set hangs on is itself a member.
    pub(super) fn is_member(&self) -> bool {
        self.is_member
    }

    /// Whether nothing below the field is told apart.
    pub(super) fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    /// What is below an element.
    pub(super) fn child(&self, element: &str) -> Option<&Self> {
        self.children.get(element)
    }

    /// The elements with what is below them.
    pub(super) fn children(&self) -> impl Iterator<Item = (&SmolStr, &Self)> {
        self.children.iter()
    }

    /// Adds the fields of another set.
    pub(super) fn extend(&mut self, other: &Self) {
        self.is_member |= other.is_member;
        for (element, set) in &other.children {
            self.children.entry(element.clone()).or_default().extend(set);
        }
    }
}

/// An element with the pairs of its key in order.
fn canonical(element: &str) -> SmolStr {
    let Some(json) = element.strip_prefix("k:") else { return element.into() };
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(json) {
        Ok(pairs) => key_element(pairs.into_iter().map(|(name, value)| (name, value.to_string())).collect()),
        Err(_) => element.into(),
    }
}

fn key_element(mut pairs: Vec<(String, String)>) -> SmolStr {
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format_smolstr!("k:{{{}}}", pairs.join(","))
}

/// The names of the keys of a `k:` element.
pub(super) fn key_names(element: &str) -> Option<Vec<String>> {
    let pairs: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(element.strip_prefix("k:")?).ok()?;
    Some(pairs.into_iter().map(|(name, _)| name).collect())
}

/// How a map or a list is put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A map whose entries are told apart.
    Granular,
    /// A value that is replaced as a whole.
    Atomic,
    /// A list whose items are told apart by their value.
    Set,
    /// A list whose items are told apart by these keys.
    Keyed(Vec<String>),
}

impl Kind {
    /// The `FieldsV1` key of an item of a list; `None` where it has none.
    pub(super) fn element(&self, item: &Node) -> Option<SmolStr> {
        match self {
            Self::Granular | Self::Atomic => None,
            Self::Set => Some(format_smolstr!("v:{}", json_text(item))),
            Self::Keyed(keys) => {
                let pair = |key: &String| {
                    // The API server defaults the protocol of a port before it compares.
                    let default = || (key == "protocol").then(|| "\"TCP\"".to_owned());
                    item.get(key).map(json_text).or_else(default).map(|value| (key.clone(), value))
                };
                let pairs: Vec<_> = keys.iter().filter_map(pair).collect();
                (!pairs.is_empty()).then(|| key_element(pairs))
            }
        }
    }
}

fn json_text(node: &Node) -> String {
    match node.as_scalar() {
        Some(scalar) if scalar.tag() == Tag::Int => scalar.text().to_owned(),
        Some(_) | None => node.to_json().map(|json| json.to_string()).unwrap_or_default(),
    }
}

/// What is known of the shape of a value: its schema, and what its owners recorded, which is the API server's own
/// reading of its schema and goes before ours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape<'a> {
    pub(super) schema: Option<Schema<'a>>,
    pub(super) recorded: Option<&'a FieldSet>,
}

impl Shape<'_> {
    /// The shape of a field of a map.
    pub(super) fn field(self, name: &str) -> Self {
        Self {
            schema: self.schema.and_then(|schema| schema.field(name)),
            recorded: self.recorded.and_then(|recorded| recorded.child(&format!("f:{name}"))),
        }
    }

    /// The shape of an item of a list.
    pub(super) fn item(self, element: &str) -> Self {
        Self {
            schema: self.schema.and_then(Schema::items),
            recorded: self.recorded.and_then(|recorded| recorded.child(element)),
        }
    }

    /// How a map or a list of this shape is put together.
    pub(super) fn kind(self, node: &Node) -> Kind {
        match &node.value {
            Value::Scalar(_) => Kind::Atomic,
            Value::Mapping(_) if self.is_recorded_whole() => Kind::Atomic,
            Value::Mapping(_) if self.schema.is_some_and(Schema::is_atomic) => Kind::Atomic,
            Value::Mapping(_) => Kind::Granular,
            Value::Sequence(_) => self.list_kind(),
        }
    }

    /// Whether its owners recorded the value and nothing below it.
    fn is_recorded_whole(self) -> bool {
        self.recorded.is_some_and(|recorded| recorded.is_member() && recorded.is_leaf())
    }

    fn list_kind(self) -> Kind {
        let first = self.recorded.and_then(|recorded| recorded.children().next()).map(|(element, _)| element);
        if let Some(element) = first {
            return key_names(element).map_or(Kind::Set, Kind::Keyed);
        }
        match self.schema.filter(|schema| schema.merges_on_server()) {
            None => Kind::Atomic,
            Some(schema) => {
                let keys: Vec<String> = schema.merge_keys().into_iter().map(str::to_owned).collect();
                if keys.is_empty() { Kind::Set } else { Kind::Keyed(keys) }
            }
        }
    }
}

/// The value that an element leads to.
pub(super) fn value_at<'n>(node: &'n Node, element: &str) -> Option<&'n Node> {
    match element.strip_prefix("f:") {
        Some(name) => node.get(name),
        None => node.items().get(position(node, element)?),
    }
}

/// The same, for changing.
pub(super) fn value_at_mut<'n>(node: &'n mut Node, element: &str) -> Option<&'n mut Node> {
    match element.strip_prefix("f:") {
        Some(name) => node.get_mut(name),
        None => {
            let at = position(node, element)?;
            node.items_mut()?.get_mut(at)
        }
    }
}

/// Removes what an element leads to.
pub(super) fn remove_at(node: &mut Node, element: &str) {
    match element.strip_prefix("f:") {
        Some(name) => drop(node.remove(name)),
        None => {
            if let Some(at) = position(node, element)
                && let Some(items) = node.items_mut()
            {
                items.remove(at);
            }
        }
    }
}

fn position(node: &Node, element: &str) -> Option<usize> {
    let kind = key_names(element).map_or(Kind::Set, Kind::Keyed);
    node.items().iter().position(|item| kind.element(item).as_deref() == Some(element))
}
