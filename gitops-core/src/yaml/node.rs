//! The node tree: scalars, sequences and mappings in the order in which they were written.
//!
//! Containers are shared (`Arc`) and copied on the first write, so cloning a whole document is O(1).

mod key_index;

use std::sync::Arc;

use smol_str::SmolStr;

use self::key_index::KeyIndex;
use super::reader::mapping::keep_last;
use super::scalar::{Scalar, Tag};

/// Where a node came from, as a small integer.
///
/// It is either a byte offset in the file that the node's object was read from, or the index of an entry in
/// the provenance table of one render (the high bit tells which). Parsed files are shared between renders,
/// so their nodes hold offsets only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Origin(u32);

impl Origin {
    const ENTRY_BIT: u32 = 1 << 31;
    /// No place is known: the node was made by code without a cause.
    pub const UNKNOWN: Self = Self(u32::MAX);

    /// The byte `offset` of the file that the object was read from; [`Origin::UNKNOWN`] past 2 GiB.
    pub fn offset(offset: usize) -> Self {
        match u32::try_from(offset) {
            Ok(offset) if offset < Self::ENTRY_BIT => Self(offset),
            Ok(_) | Err(_) => Self::UNKNOWN,
        }
    }

    /// Entry `index` of the render's provenance table.
    pub fn entry(index: usize) -> Self {
        match u32::try_from(index) {
            Ok(index) if index < Self::ENTRY_BIT - 1 => Self(index | Self::ENTRY_BIT),
            Ok(_) | Err(_) => Self::UNKNOWN,
        }
    }

    /// The byte offset, if this is one.
    pub fn as_offset(self) -> Option<usize> {
        (self.0 & Self::ENTRY_BIT == 0).then_some(self.0 as usize)
    }

    /// The index in the provenance table, if this is one.
    pub fn as_entry(self) -> Option<usize> {
        (self.0 & Self::ENTRY_BIT != 0 && self != Self::UNKNOWN)
            .then_some((self.0 & !Self::ENTRY_BIT) as usize)
    }
}

/// One value of a YAML document, and where it came from.
///
/// Two nodes are equal when they hold the same data: origins, the order of mapping entries and the way a
/// scalar was written do not count.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it holds.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug)]
pub enum Value {
    /// A string, number, boolean, null or timestamp.
    Scalar(Scalar),
    /// A list.
    Sequence(Arc<Vec<Node>>),
    /// A list of key-value pairs in order.
    Mapping(Arc<Mapping>),
}

/// One key-value pair of a [`Mapping`].
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key. Keys that are not strings are kept as written, since kustomize refuses them only on output.
    pub key: Scalar,
    /// Where the key was written.
    pub key_origin: Origin,
    /// The value.
    pub value: Node,
}

/// Key-value pairs in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    entries: Vec<Entry>,
    index: KeyIndex,
}

impl Mapping {
    /// The pairs in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The pairs in order, for changing their values.
    pub fn entries_mut(&mut self) -> &mut Vec<Entry> {
        self.index = KeyIndex::default();
        &mut self.entries
    }

    /// The values in order, for changing.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.entries.iter_mut().map(|entry| &mut entry.value)
    }

    /// The position of the first pair whose key reads `key`.
    pub fn position(&self, key: &str) -> Option<usize> {
        self.index.position(&self.entries, key)
    }

    /// The value at `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.position(key).and_then(|at| self.entries.get(at)).map(|entry| &entry.value)
    }

    /// The value at `key`, for changing.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let at = self.position(key)?;
        self.entries.get_mut(at).map(|entry| &mut entry.value)
    }

    /// Sets `key` to `value`: in its place where the key is there, else as the last pair. Returns the value
    /// that stood there before.
    pub fn set(&mut self, key: impl Into<SmolStr>, value: Node) -> Option<Node> {
        let key = key.into();
        if let Some(node) = self.get_mut(&key) {
            return Some(std::mem::replace(node, value));
        }
        self.push(Entry { key: Scalar::string(key), key_origin: value.origin, value });
        None
    }

    /// Adds `entry` as the last pair, even where its key is there already.
    pub fn push(&mut self, entry: Entry) {
        self.index.push(&entry.key, self.entries.len());
        self.entries.push(entry);
    }

    /// Removes `key` and returns the value that it had.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let at = self.position(key)?;
        self.index.remove(key, at, self.entries.len());
        Some(self.entries.remove(at).value)
    }

    /// Keeps of pairs with equal keys the last.
    pub fn keep_last(&mut self) {
        keep_last(self.entries_mut());
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl FromIterator<Entry> for Mapping {
    fn from_iter<T: IntoIterator<Item = Entry>>(entries: T) -> Self {
        Self { entries: entries.into_iter().collect(), index: KeyIndex::default() }
    }
}

impl Node {
    /// A node that holds `value`, of unknown origin.
    pub fn new(value: Value) -> Self {
        Self { value, origin: Origin::UNKNOWN }
    }

    /// A scalar node.
    pub fn scalar(scalar: Scalar) -> Self {
        Self::new(Value::Scalar(scalar))
    }

    /// A string.
    pub fn string(text: impl Into<SmolStr>) -> Self {
        Self::scalar(Scalar::string(text))
    }

    /// An integer.
    pub fn integer(number: i64) -> Self {
        Self::scalar(Scalar::integer(number))
    }

    /// A boolean.
    pub fn boolean(value: bool) -> Self {
        Self::scalar(Scalar::boolean(value))
    }

    /// Null.
    pub fn null() -> Self {
        Self::scalar(Scalar::null())
    }

    /// A sequence of `items`.
    pub fn sequence(items: impl IntoIterator<Item = Node>) -> Self {
        Self::new(Value::Sequence(Arc::new(items.into_iter().collect())))
    }

    /// A mapping of `pairs`, in their order.
    pub fn mapping<K: Into<SmolStr>>(pairs: impl IntoIterator<Item = (K, Node)>) -> Self {
        let entries = pairs.into_iter().map(|(key, value)| Entry {
            key: Scalar::string(key),
            key_origin: value.origin,
            value,
        });
        Self::new(Value::Mapping(Arc::new(entries.collect())))
    }

    /// The same node with another origin.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// How much there is of this node: 1 for each node, and 1 for each 64 bytes of its texts; `None` where it is
    /// more than `most`, or where collections nest deeper than [`super::Limits::depth`].
    pub fn weight(&self, most: usize) -> Option<usize> {
        let mut left = most;
        weigh(self, &mut left, super::Limits::DEFAULT.depth)?;
        Some(most - left)
    }

    /// The scalar, if this is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// The text of a scalar that is a string.
    pub fn as_str(&self) -> Option<&str> {
        self.as_scalar().filter(|scalar| scalar.tag() == Tag::Str).map(Scalar::text)
    }

    /// The text of a scalar of any type, as it was written.
    pub fn text(&self) -> Option<&str> {
        self.as_scalar().map(Scalar::text)
    }

    /// The number, if this is an integer within `i64`.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_scalar().and_then(Scalar::as_i64)
    }

    /// The number, if this is a number.
    pub fn as_f64(&self) -> Option<f64> {
        self.as_scalar().and_then(Scalar::as_f64)
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        self.as_scalar().and_then(Scalar::as_bool)
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| scalar.tag() == Tag::Null)
    }

    /// Whether this is a mapping.
    pub fn is_mapping(&self) -> bool {
        matches!(self.value, Value::Mapping(_))
    }

    /// Whether this is a sequence.
    pub fn is_sequence(&self) -> bool {
        matches!(self.value, Value::Sequence(_))
    }

    /// The mapping, if this is one.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Mapping(mapping) => Some(mapping),
            Value::Scalar(_) | Value::Sequence(_) => None,
        }
    }

    /// The mapping for changing, if this is one; copies it where it is shared.
    pub fn as_mapping_mut(&mut self) -> Option<&mut Mapping> {
        match &mut self.value {
            Value::Mapping(mapping) => Some(Arc::make_mut(mapping)),
            Value::Scalar(_) | Value::Sequence(_) => None,
        }
    }

    /// The items of a sequence; empty for everything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(items) => items,
            Value::Scalar(_) | Value::Mapping(_) => &[],
        }
    }

    /// The items of a sequence for changing; copies it where it is shared.
    pub fn items_mut(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.value {
            Value::Sequence(items) => Some(Arc::make_mut(items)),
            Value::Scalar(_) | Value::Mapping(_) => None,
        }
    }

    /// The pairs of a mapping; empty for everything else.
    pub fn entries(&self) -> &[Entry] {
        self.as_mapping().map_or(&[], Mapping::entries)
    }

    /// The value at `key` of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_mapping().and_then(|mapping| mapping.get(key))
    }

    /// The value at `key` of a mapping, for changing.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_mapping_mut().and_then(|mapping| mapping.get_mut(key))
    }

    /// The value below a path of mapping keys; the node itself for an empty path.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The value below a path of mapping keys, for changing.
    pub fn at_mut(&mut self, path: &[&str]) -> Option<&mut Node> {
        path.iter().try_fold(self, |node, key| node.get_mut(key))
    }

    /// The string below a path of mapping keys.
    pub fn str_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).and_then(Node::as_str)
    }

    /// Sets `key` of a mapping, and returns what stood there. Anything but a mapping becomes a mapping first.
    pub fn set(&mut self, key: impl Into<SmolStr>, value: Node) -> Option<Node> {
        if !self.is_mapping() {
            self.value = Value::Mapping(Arc::default());
        }
        self.as_mapping_mut().and_then(|mapping| mapping.set(key, value))
    }

    /// Sets the value below a path of mapping keys, making mappings on the way where there are none.
    pub fn set_at(&mut self, path: &[&str], value: Node) -> Option<Node> {
        match path {
            [] => Some(std::mem::replace(self, value)),
            [key] => self.set(*key, value),
            [key, rest @ ..] => {
                if !self.get(key).is_some_and(Node::is_mapping) {
                    self.set(*key, Node::new(Value::Mapping(Arc::default())));
                }
                self.get_mut(key).and_then(|child| child.set_at(rest, value))
            }
        }
    }

    /// Removes `key` of a mapping and returns the value that it had.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        self.as_mapping_mut().and_then(|mapping| mapping.remove(key))
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar(a), Value::Scalar(b)) => a == b,
            (Value::Sequence(a), Value::Sequence(b)) => Arc::ptr_eq(a, b) || a == b,
            (Value::Mapping(a), Value::Mapping(b)) => Arc::ptr_eq(a, b) || a == b,
            (Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_), _) => false,
        }
    }
}

impl PartialEq for Mapping {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.entries.iter().enumerate().all(|(at, entry)| {
                // Mostly the order is the same: look at the same position first.
                match other.entries.get(at) {
                    Some(same) if same.key.text() == entry.key.text() => same.value == entry.value,
                    Some(_) | None => other.get(entry.key.text()).is_some_and(|value| *value == entry.value),
                }
            })
    }
}

/// Takes the weight of `node` off `left`; nothing where that is too little, or `depth` is.
fn weigh(node: &Node, left: &mut usize, depth: usize) -> Option<()> {
    let mut take = |text: usize| left.checked_sub(1 + text / 64).map(|rest| *left = rest);
    match &node.value {
        Value::Scalar(scalar) => take(scalar.text().len()),
        Value::Sequence(items) => {
            take(0)?;
            let depth = depth.checked_sub(1)?;
            items.iter().try_for_each(|item| weigh(item, left, depth))
        }
        Value::Mapping(mapping) => {
            take(0)?;
            let depth = depth.checked_sub(1)?;
            mapping.entries().iter().try_for_each(|entry| weigh(&entry.value, left, depth))
        }
    }
}
