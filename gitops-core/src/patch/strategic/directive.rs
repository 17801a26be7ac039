//! `$patch` in maps and lists.

use smol_str::SmolStr;

use crate::yaml::{Node, Origin, Value};

/// The key of a directive.
const KEY: &str = "$patch";

/// What `$patch` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    /// There is no directive.
    None,
    /// `delete`
    Delete,
    /// `replace`
    Replace,
    /// `merge`
    Merge,
}

/// The directive of a map; an error holds the unknown word.
pub(super) fn of_map(patch: &Node) -> Result<Directive, SmolStr> {
    patch.get(KEY).map_or(Ok(Directive::None), parse)
}

/// The directive of a list: its first item that has `$patch`, if the item has nothing else.
pub(super) fn of_list(patch: &Node) -> Result<Directive, SmolStr> {
    match patch.items().iter().find(|item| item.get(KEY).is_some()) {
        Some(item) if item.entries().len() == 1 => of_map(item),
        Some(_) | None => Ok(Directive::None),
    }
}

/// Where the directive of a map or list was written; the map or list itself where it has none.
pub(super) fn origin_of(patch: &Node) -> Origin {
    let in_items = || patch.items().iter().find_map(|item| item.get(KEY));
    patch.get(KEY).or_else(in_items).map_or(patch.origin, |node| node.origin)
}

/// Takes the directive out of a map.
pub(super) fn strip_map(node: &mut Node) {
    node.remove(KEY);
}

/// Takes the directive out of a list: every item with the same `$patch`, and with it empty items.
pub(super) fn strip_list(node: &mut Node) {
    let word = node.items().iter().find_map(|item| item.get(KEY)).map(text_of);
    if let Some(items) = node.items_mut() {
        items.retain(|item| {
            !is_blank(item) && (item.get(KEY).is_none() || item.get(KEY).map(text_of) != word)
        });
    }
}

/// Whether an item of a list counts as nothing: null or an empty map.
pub(super) fn is_blank(node: &Node) -> bool {
    node.is_null() || node.as_mapping().is_some_and(crate::yaml::Mapping::is_empty)
}

/// The text of a scalar; empty for everything else.
pub(super) fn text_of(node: &Node) -> SmolStr {
    match &node.value {
        Value::Scalar(scalar) => scalar.shared_text(),
        Value::Sequence(_) | Value::Mapping(_) => SmolStr::default(),
    }
}

fn parse(node: &Node) -> Result<Directive, SmolStr> {
    let word = text_of(node);
    match word.as_str() {
        "delete" => Ok(Directive::Delete),
        "replace" => Ok(Directive::Replace),
        "merge" => Ok(Directive::Merge),
        _ => Err(word),
    }
}
