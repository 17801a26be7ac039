//! Which bytes of one entry of `images:` change for one update.

use super::{EditError, ImageUpdate};
use crate::yaml::edit::{
    Changes, Context, Form, Layout, Pair, Piece, Shape, Style, line_end, remove_pairs_block,
    remove_pairs_flow, render_in_style,
};

/// Replaces the fields that the update carries and removes the tag or digest that it does not.
///
/// Where the entry has only a digest and the update only a tag, or the other way round, the pair is renamed in
/// place.
pub(super) fn change_fields(
    path: &str,
    layout: &Layout<'_>,
    entry: &Piece,
    update: &ImageUpdate,
    changes: &mut Changes,
) -> Result<(), EditError> {
    let edit = EntryEdit { path, layout, entry };
    if let (Some(value), Some(pair)) = (&update.new_name, entry.pair("newName")) {
        edit.set_value(pair, value, changes)?;
    }
    let (tag, digest) = (entry.pair("newTag"), entry.pair("digest"));
    match (&update.new_tag, &update.digest) {
        (Some(value), None) => edit.set_only(("newTag", tag, value), ("digest", digest), changes),
        (None, Some(value)) => edit.set_only(("digest", digest, value), ("newTag", tag), changes),
        (Some(new_tag), Some(new_digest)) => {
            for (pair, value) in [(tag, new_tag), (digest, new_digest)] {
                if let Some(pair) = pair {
                    edit.set_value(pair, value, changes)?;
                }
            }
            Ok(())
        }
        (None, None) => edit.remove(&["newTag", "digest"], changes),
    }
}

/// The error for an entry that is laid out in a way that leaves no place for the change.
pub(super) fn unsupported(path: &str, layout: &Layout<'_>, at: usize) -> EditError {
    EditError::Layout { at: layout.location(path, at), what: "this entry of `images`" }
}

struct EntryEdit<'e, 't> {
    path: &'e str,
    layout: &'e Layout<'t>,
    entry: &'e Piece,
}

impl EntryEdit<'_, '_> {
    /// Sets one of tag and digest, and removes the other.
    fn set_only(
        &self,
        (key, pair, value): (&str, Option<&Pair>, &str),
        (other_key, other): (&str, Option<&Pair>),
        changes: &mut Changes,
    ) -> Result<(), EditError> {
        match (pair, other) {
            (Some(pair), _) => {
                self.set_value(pair, value, changes)?;
                self.remove(&[other_key], changes)
            }
            (None, Some(other)) => {
                self.set_key(other, key, changes)?;
                self.set_value(other, value, changes)
            }
            (None, None) => self.remove(&[other_key], changes),
        }
    }

    fn set_key(&self, pair: &Pair, key: &str, changes: &mut Changes) -> Result<(), EditError> {
        match &pair.key.form {
            Form::Scalar { style, .. } if !self.layout.is_referenced(&pair.key) => {
                changes.replace(pair.key.content..pair.key.end, render_in_style(key, *style, Context::Block));
                Ok(())
            }
            Form::Scalar { .. } | Form::Alias(_) | Form::Sequence(..) | Form::Mapping(..) => {
                Err(self.shared(pair.start, key))
            }
        }
    }

    fn set_value(&self, pair: &Pair, new: &str, changes: &mut Changes) -> Result<(), EditError> {
        let value = &pair.value;
        if value.is_string() && value.text() == Some(new) {
            return Ok(());
        }
        if self.layout.is_referenced(value) {
            return Err(self.shared(value.start, pair.key.text().unwrap_or_default()));
        }
        let block = matches!(self.entry.form, Form::Mapping(Shape::Block, _));
        let context = if block { Context::Block } else { Context::Flow };
        match &value.form {
            Form::Scalar { style: Style::Block, .. } => {
                replace_block_scalar(self.layout.text, value, new, changes);
            }
            Form::Scalar { .. } if value.content == value.end => {
                if pair.colon.is_none() {
                    return Err(unsupported(self.path, self.layout, pair.start));
                }
                changes.insert(value.end, format!(" {}", render_in_style(new, Style::Plain, context)));
            }
            Form::Scalar { style, .. } => {
                changes.replace(value.content..value.end, render_in_style(new, *style, context));
            }
            Form::Alias(_) => {
                changes.replace(value.start..value.end, render_in_style(new, Style::Plain, context));
            }
            Form::Sequence(..) | Form::Mapping(..) => {
                return Err(unsupported(self.path, self.layout, value.start));
            }
        }
        Ok(())
    }

    /// Removes the pairs with these keys. A key that a merge brings in cannot be removed.
    fn remove(&self, keys: &[&str], changes: &mut Changes) -> Result<(), EditError> {
        let inherited =
            |key: &&&str| self.entry.pair(key).is_none() && self.layout.lookup(self.entry, key).is_some();
        if let Some(key) = keys.iter().find(inherited) {
            return Err(self.shared(self.entry.start, key));
        }
        let goes = |pair: &Pair| pair.key.text().is_some_and(|text| keys.contains(&text));
        let mut going = self.entry.pairs().iter().filter(|pair| goes(pair)).peekable();
        if going.peek().is_none() {
            return Ok(());
        }
        let shared =
            |pair: &&Pair| self.layout.is_referenced(&pair.key) || self.layout.is_referenced(&pair.value);
        if let Some(pair) = going.find(shared) {
            return Err(self.shared(pair.start, pair.key.text().unwrap_or_default()));
        }
        let text = self.layout.text;
        let done = match &self.entry.form {
            Form::Mapping(Shape::Block, _) => remove_pairs_block(text, self.entry, goes, changes),
            Form::Mapping(Shape::Flow, _) => remove_pairs_flow(text, self.entry, goes, changes),
            Form::Mapping(Shape::Bare, _) | Form::Scalar { .. } | Form::Alias(_) | Form::Sequence(..) => {
                false
            }
        };
        if done { Ok(()) } else { Err(unsupported(self.path, self.layout, self.entry.start)) }
    }

    fn shared(&self, at: usize, field: &str) -> EditError {
        EditError::AnchorReferenced { at: self.layout.location(self.path, at), field: field.to_owned() }
    }
}

/// Replaces the single line of a `|-` or `>-`, or else the whole block scalar by a plain or quoted one.
fn replace_block_scalar(text: &str, value: &Piece, new: &str, changes: &mut Changes) {
    let header_end = line_end(text, value.content);
    let header = text.get(value.content..header_end).unwrap_or_default();
    let body = text.get(header_end..value.end).unwrap_or_default();
    let line = body.trim();
    let single = |text: &str| !text.is_empty() && !text.contains(['\n', '\r']);
    let strips = header.chars().take_while(|c| !c.is_whitespace()).any(|c| c == '-');
    if strips && single(line) && single(new) && !new.starts_with(' ') {
        changes.replace(value.end - line.len()..value.end, new);
    } else {
        changes.replace(value.content..value.end, render_in_style(new, Style::Plain, Context::Block));
    }
}
