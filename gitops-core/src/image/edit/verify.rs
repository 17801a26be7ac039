//! Reads an edited kustomization again and compares it with what was meant.

use super::plan::{Target, new_entries};
use super::{EditError, ImageUpdate};
use crate::yaml::{Node, read_one};

/// Refuses `edited` unless it holds the data of `text` with `updates` made, and nothing else.
pub(super) fn reads_as_intended(
    path: &str,
    text: &str,
    edited: &str,
    updates: &[ImageUpdate],
    targets: &[Target],
) -> Result<(), EditError> {
    let read = |text: &str| {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        read_one(path, text).map_err(|_| EditError::NotAsIntended { path: path.to_owned() })
    };
    let mut intended = read(text)?;
    intend(&mut intended, updates, targets);
    if read(edited)? == intended { Ok(()) } else { Err(EditError::NotAsIntended { path: path.to_owned() }) }
}

/// Makes the updates on the data.
fn intend(root: &mut Node, updates: &[ImageUpdate], targets: &[Target]) {
    let any_new = targets.contains(&Target::New);
    if any_new && !root.get("images").is_some_and(Node::is_sequence) {
        root.set("images", Node::sequence([]));
    }
    let Some(entries) = root.get_mut("images").and_then(Node::items_mut) else { return };
    for (update, target) in updates.iter().zip(targets) {
        let positions: &[usize] = match target {
            Target::Entries(positions) => positions,
            Target::New => &[],
        };
        for at in positions {
            if let Some(entry) = entries.get_mut(*at) {
                set_fields(entry, update);
            }
        }
    }
    for update in new_entries(updates, targets) {
        let mut entry = Node::mapping([("name", Node::string(update.name.as_str()))]);
        set_fields(&mut entry, &update);
        entries.push(entry);
    }
}

fn set_fields(entry: &mut Node, update: &ImageUpdate) {
    for (key, value) in [("newTag", &update.new_tag), ("digest", &update.digest)] {
        match value {
            Some(value) => entry.set(key, Node::string(value.as_str())),
            None => entry.remove(key),
        };
    }
    if let Some(new_name) = &update.new_name {
        entry.set("newName", Node::string(new_name.as_str()));
    }
}
