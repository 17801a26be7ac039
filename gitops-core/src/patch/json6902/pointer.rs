//! JSON pointers (RFC 6901) into a node.

use crate::object::{FieldPath, Step};
use crate::yaml::{Limits, Node};

/// A parsed path: the way to the container, and the key in it.
#[derive(Debug)]
pub(super) struct Pointer {
    way: Vec<String>,
    key: String,
}

/// Where a key points in a list.
enum Index {
    At(usize),
    End,
}

impl Pointer {
    /// Splits a path; what stands before the first slash is not looked at.
    pub(super) fn parse(path: &str) -> Result<Self, String> {
        let mut parts: Vec<String> =
            path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        if parts.len() > Limits::DEFAULT.depth {
            return Err(format!("the path has more than {} parts", Limits::DEFAULT.depth));
        }
        match parts.pop() {
            Some(key) => Ok(Self { way: parts, key }),
            None => Err(format!("the path `{path}` names no field")),
        }
    }

    /// The node at the path; `None` where a map lacks the key.
    pub(super) fn get<'n>(&self, root: &'n Node) -> Result<Option<&'n Node>, String> {
        let mut container = root;
        for part in &self.way {
            container = child(container, part)?.ok_or_else(|| format!("there is no `{part}`"))?;
        }
        child(container, &self.key)
    }

    /// Whether the parent is a map, so that adding a value replaces the one that is there.
    pub(super) fn is_in_map(&self, root: &Node) -> bool {
        let parent = self.way.iter().try_fold(root, |node, part| child(node, part).ok().flatten());
        parent.is_some_and(Node::is_mapping)
    }

    /// The field of `root` that it names.
    pub(super) fn field_path(&self, root: &Node) -> FieldPath {
        let mut container = Some(root);
        let mut steps = vec![];
        for part in self.way.iter().chain([&self.key]) {
            let list = container.filter(|node| node.is_sequence());
            steps.push(match list.and_then(|list| position(part, list.items().len()).ok()) {
                Some(at) => Step::Index(at),
                None => Step::Key(part.into()),
            });
            container = container.and_then(|node| child(node, part).ok().flatten());
        }
        steps.into()
    }

    /// Adds a value: sets the key of a map, or inserts into a list before the index.
    pub(super) fn add(&self, root: &mut Node, value: Node) -> Result<(), String> {
        let container = self.container(root)?;
        if container.is_mapping() {
            container.set(self.key.as_str(), value);
            return Ok(());
        }
        let items = container.items_mut().ok_or("the parent is no map or list")?;
        match index(&self.key, items.len(), items.len() + 1)? {
            Index::End => items.push(value),
            Index::At(at) => items.insert(at, value),
        }
        Ok(())
    }

    /// Sets a value: a missing key of a map is added, a missing item of a list is an error.
    pub(super) fn replace(&self, root: &mut Node, value: Node) -> Result<(), String> {
        let container = self.container(root)?;
        if container.is_mapping() {
            container.set(self.key.as_str(), value);
            return Ok(());
        }
        let items = container.items_mut().ok_or("the parent is no map or list")?;
        let at = position(&self.key, items.len())?;
        *items.get_mut(at).ok_or("the list is shorter")? = value;
        Ok(())
    }

    /// Removes and returns the node at the path.
    pub(super) fn remove(&self, root: &mut Node) -> Result<Node, String> {
        let container = self.container(root)?;
        if container.is_mapping() {
            return container.remove(&self.key).ok_or_else(|| format!("there is no `{}`", self.key));
        }
        let items = container.items_mut().ok_or("the parent is no map or list")?;
        let at = position(&self.key, items.len())?;
        Ok(items.remove(at))
    }

    /// How many items of a list stand behind the one at the path, and move when one is put there or taken away;
    /// of a map, how many there are where one `goes`.
    pub(super) fn items_behind(&self, root: &Node, goes: bool) -> usize {
        let mut container = root;
        for part in &self.way {
            match child(container, part) {
                Ok(Some(next)) => container = next,
                Ok(None) | Err(_) => return 0,
            }
        }
        if let Some(mapping) = container.as_mapping() {
            return if goes { mapping.len() } else { 0 };
        }
        let len = container.items().len();
        match index(&self.key, len, len + 1) {
            Ok(Index::At(at)) => len.saturating_sub(at),
            Ok(Index::End) | Err(_) => 0,
        }
    }

    fn container<'n>(&self, root: &'n mut Node) -> Result<&'n mut Node, String> {
        let mut container = root;
        for part in &self.way {
            container = child_mut(container, part)?.ok_or_else(|| format!("there is no `{part}`"))?;
        }
        Ok(container)
    }
}

fn child<'n>(container: &'n Node, key: &str) -> Result<Option<&'n Node>, String> {
    if container.is_mapping() {
        Ok(container.get(key))
    } else if container.is_sequence() {
        let items = container.items();
        Ok(items.get(position(key, items.len())?))
    } else {
        Err(format!("what holds `{key}` is no map or list"))
    }
}

fn child_mut<'n>(container: &'n mut Node, key: &str) -> Result<Option<&'n mut Node>, String> {
    if container.is_mapping() {
        return Ok(container.get_mut(key));
    }
    let items = container.items_mut().ok_or_else(|| format!("what holds `{key}` is no map or list"))?;
    let at = position(key, items.len())?;
    Ok(items.get_mut(at))
}

/// The position of an item that is there.
fn position(key: &str, len: usize) -> Result<usize, String> {
    match index(key, len, len)? {
        Index::At(at) if at < len => Ok(at),
        Index::At(_) | Index::End => Err(format!("the list has {len} items, `{key}` is past its end")),
    }
}

/// Reads an index of a list with `len` items; a negative one counts back from `end`.
fn index(key: &str, len: usize, end: usize) -> Result<Index, String> {
    if key == "-" && end > len {
        return Ok(Index::End);
    }
    let number: i64 = key.parse().map_err(|_| format!("`{key}` is no index of a list"))?;
    let at = if number < 0 {
        usize::try_from(number.unsigned_abs()).ok().and_then(|back| end.checked_sub(back))
    } else {
        usize::try_from(number).ok()
    };
    match at {
        Some(at) if at < end => Ok(Index::At(at)),
        Some(_) | None => Err(format!("the list has {len} items, `{key}` is outside of it")),
    }
}
