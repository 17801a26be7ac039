//! Which bytes of a kustomization change for which update.

use super::fields::{change_fields, unsupported};
use super::{EditError, ImageUpdate};
use crate::yaml::edit::{
    Changes, FlowStyle, Form, Layout, Pair, Piece, Shape, append_flow, append_item_block, append_key_block,
    append_pairs_block, fill_null_with_item,
};

/// What an update addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The entries with these positions in the list.
    Entries(Vec<usize>),
    /// A new entry.
    New,
}

/// What each update addresses in the file as it is.
pub(super) fn targets(
    path: &str,
    layout: &Layout<'_>,
    updates: &[ImageUpdate],
) -> Result<Vec<Target>, EditError> {
    let items = images(path, layout)?.map(|(_, list)| list.items()).unwrap_or_default();
    let reads = |node: &Piece, key: &str, name: &str| {
        layout.lookup(layout.resolve(node), key).and_then(Piece::text).is_some_and(|text| text == name)
    };
    let with = |key: &str, name: &str| -> Vec<usize> {
        let found = items.iter().enumerate().filter(|(_, item)| reads(&item.node, key, name));
        found.map(|(at, _)| at).collect()
    };
    let target = |update: &ImageUpdate| {
        let found = ["name", "newName"].into_iter().map(|key| with(key, &update.name));
        found.into_iter().find(|entries| !entries.is_empty()).map_or(Target::New, Target::Entries)
    };
    Ok(updates.iter().map(target).collect())
}

/// Replaces and removes fields of the entries that are there.
pub(super) fn change_entries(
    path: &str,
    layout: &Layout<'_>,
    updates: &[ImageUpdate],
    targets: &[Target],
) -> Result<String, EditError> {
    let mut changes = Changes::new();
    for (entry, update) in addressed(path, layout, updates, targets)? {
        check_sharing(path, layout, entry)?;
        change_fields(path, layout, entry, &update, &mut changes)?;
    }
    applied(path, layout, changes)
}

/// Adds the fields that the entries lack.
pub(super) fn complete_entries(
    path: &str,
    layout: &Layout<'_>,
    updates: &[ImageUpdate],
    targets: &[Target],
) -> Result<String, EditError> {
    let mut changes = Changes::new();
    for (entry, update) in addressed(path, layout, updates, targets)? {
        let wanted = [("newTag", &update.new_tag), ("digest", &update.digest), ("newName", &update.new_name)];
        let missing: Vec<(&str, &str)> = wanted
            .into_iter()
            .filter_map(|(key, value)| Some((key, value.as_deref()?)))
            .filter(|(key, _)| entry.pair(key).is_none())
            .collect();
        if missing.is_empty() {
            continue;
        }
        match &entry.form {
            Form::Mapping(Shape::Block, _) => append_pairs_block(layout.text, entry, &missing, &mut changes),
            Form::Mapping(Shape::Flow, _) => {
                let style = FlowStyle::of(layout.text, entry, Some(&FlowStyle::of_document(layout)));
                let new: Vec<String> = missing.iter().map(|(key, value)| style.pair(key, value)).collect();
                append_flow(layout.text, entry, &style, &new, &mut changes);
            }
            Form::Mapping(Shape::Bare, _) | Form::Scalar { .. } | Form::Alias(_) | Form::Sequence(..) => {
                return Err(unsupported(path, layout, entry.start));
            }
        }
    }
    applied(path, layout, changes)
}

/// Adds the entries that the list lacks, and the list.
pub(super) fn add_entries(
    path: &str,
    layout: &Layout<'_>,
    updates: &[ImageUpdate],
    targets: &[Target],
) -> Result<String, EditError> {
    let new = new_entries(updates, targets);
    let Some((first, rest)) = new.split_first() else { return Ok(layout.text.to_owned()) };
    if images(path, layout)?.is_some() {
        return add_items(path, layout, &new);
    }
    let mut changes = Changes::new();
    add_list(path, layout, &new_pairs(first), &mut changes)?;
    let text = applied(path, layout, changes)?;
    if rest.is_empty() {
        return Ok(text);
    }
    add_items(path, &Layout::read(path, &text)?, rest)
}

/// The updates that add entries; later ones for the same name are laid over the first.
pub(super) fn new_entries(updates: &[ImageUpdate], targets: &[Target]) -> Vec<ImageUpdate> {
    let mut merged: Vec<ImageUpdate> = vec![];
    for (update, target) in updates.iter().zip(targets) {
        match (target, merged.iter_mut().find(|entry| entry.name == update.name)) {
            (Target::Entries(_), _) => {}
            (Target::New, None) => merged.push(update.clone()),
            (Target::New, Some(entry)) => *entry = laid_over(update, entry),
        }
    }
    merged
}

/// What two updates of one entry come to.
fn laid_over(later: &ImageUpdate, earlier: &ImageUpdate) -> ImageUpdate {
    let new_name = later.new_name.clone().or_else(|| earlier.new_name.clone());
    ImageUpdate { new_name, ..later.clone() }
}

fn new_pairs(update: &ImageUpdate) -> Vec<(&str, &str)> {
    let optional = [("newName", &update.new_name), ("newTag", &update.new_tag), ("digest", &update.digest)];
    let carried = optional.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
    [("name", update.name.as_str())].into_iter().chain(carried).collect()
}

/// The pair and the value of `images`; `None` where there is no list yet.
fn images<'p>(path: &str, layout: &'p Layout<'_>) -> Result<Option<(&'p Pair, &'p Piece)>, EditError> {
    let Some(pair) = layout.documents.first().and_then(|root| root.pair("images")) else { return Ok(None) };
    let list = layout.resolve(&pair.value);
    match &list.form {
        Form::Sequence(..) => Ok(Some((pair, list))),
        Form::Scalar { .. } if pair.value.is_null() => Ok(None),
        Form::Scalar { .. } | Form::Alias(_) | Form::Mapping(..) => {
            Err(EditError::ImagesNotAList { at: layout.location(path, pair.value.start) })
        }
    }
}

/// The entries that are addressed, each with what the updates of it come to.
fn addressed<'p>(
    path: &str,
    layout: &'p Layout<'_>,
    updates: &[ImageUpdate],
    targets: &[Target],
) -> Result<Vec<(&'p Piece, ImageUpdate)>, EditError> {
    let items = images(path, layout)?.map(|(_, list)| list.items()).unwrap_or_default();
    let mut merged: Vec<Option<ImageUpdate>> = vec![None; items.len()];
    for (update, target) in updates.iter().zip(targets) {
        let Target::Entries(entries) = target else { continue };
        for at in entries {
            if let Some(slot) = merged.get_mut(*at) {
                let over = slot.as_ref().map_or_else(|| update.clone(), |earlier| laid_over(update, earlier));
                *slot = Some(over);
            }
        }
    }
    Ok(items.iter().zip(merged).filter_map(|(item, update)| Some((&item.node, update?))).collect())
}

/// Refuses what stands at several places of the file: the root, the list or the entry.
fn check_sharing(path: &str, layout: &Layout<'_>, entry: &Piece) -> Result<(), EditError> {
    let root = layout.documents.first();
    let list = root.and_then(|root| root.pair("images")).map(|pair| &pair.value);
    for piece in root.into_iter().chain(list).chain([entry]) {
        if layout.is_referenced(piece) || matches!(piece.form, Form::Alias(_)) {
            let at = layout.location(path, piece.start);
            return Err(EditError::AnchorReferenced { at, field: "images".to_owned() });
        }
    }
    Ok(())
}

/// Adds entries to a list that is there.
fn add_items(path: &str, layout: &Layout<'_>, entries: &[ImageUpdate]) -> Result<String, EditError> {
    let Some((pair, list)) = images(path, layout)? else { return Ok(layout.text.to_owned()) };
    check_sharing(path, layout, &pair.value)?;
    let mut changes = Changes::new();
    if matches!(list.form, Form::Sequence(Shape::Block, _)) {
        for entry in entries {
            append_item_block(layout.text, list, &new_pairs(entry), &mut changes);
        }
    } else {
        let document = FlowStyle::of_document(layout);
        let neighbour = list.items().last().map(|item| &item.node);
        let mapping = neighbour.filter(|node| matches!(node.form, Form::Mapping(Shape::Flow, _)));
        let style =
            mapping.map_or(document.clone(), |node| FlowStyle::of(layout.text, node, Some(&document)));
        let new: Vec<String> = entries.iter().map(|entry| style.mapping(&new_pairs(entry))).collect();
        append_flow(layout.text, list, &style, &new, &mut changes);
    }
    applied(path, layout, changes)
}

/// Adds `images` with one entry, or gives it one where it is null.
fn add_list(
    path: &str,
    layout: &Layout<'_>,
    pairs: &[(&str, &str)],
    changes: &mut Changes,
) -> Result<(), EditError> {
    let Some(root) = layout.documents.first() else { return Ok(()) };
    check_sharing(path, layout, root)?;
    let style = FlowStyle::of_document(layout);
    let list = format!("[{}]", style.mapping(pairs));
    match (&root.form, root.pair("images")) {
        (Form::Mapping(Shape::Flow, _), None) => {
            append_flow(layout.text, root, &style, &[style.raw_pair("images", &list)], changes);
        }
        (Form::Mapping(Shape::Flow, _), Some(pair)) if pair.colon.is_some() => {
            let empty = pair.value.content == pair.value.end;
            let written = if empty { format!(" {list}") } else { list };
            changes.replace(pair.value.content..pair.value.end, written);
        }
        (Form::Mapping(Shape::Block, _), None) => append_key_block(layout, root, "images", pairs, changes),
        (Form::Mapping(Shape::Block, _), Some(pair)) if pair.colon.is_some() => {
            fill_null_with_item(layout, root, pair, pairs, changes);
        }
        (Form::Mapping(..) | Form::Scalar { .. } | Form::Alias(_) | Form::Sequence(..), _) => {
            return Err(unsupported(path, layout, root.start));
        }
    }
    Ok(())
}

fn applied(path: &str, layout: &Layout<'_>, changes: Changes) -> Result<String, EditError> {
    changes.apply(layout.text).ok_or_else(|| EditError::NotAsIntended { path: path.to_owned() })
}
