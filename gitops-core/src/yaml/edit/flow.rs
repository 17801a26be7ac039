//! Inserting and removing pairs and items in brackets and braces.

use std::ops::Range;

use super::changes::{Changes, line_break_at, line_end, line_start};
use super::layout::{Form, Layout, Pair, Piece, Shape, Style};
use super::style::{Context, render_scalar};

/// How a flow mapping is spaced and whether it is JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowStyle {
    open: String,
    close: String,
    colon: String,
    comma: String,
    json: bool,
}

impl FlowStyle {
    /// The style of a flow mapping; `fallback` says what it does not show, for want of pairs.
    pub fn of(text: &str, mapping: &Piece, fallback: Option<&Self>) -> Self {
        let pairs = mapping.pairs();
        let blank = |range: Range<usize>| text.get(range).filter(|between| between.chars().all(|c| c == ' '));
        let json = fallback.is_some_and(|style| style.json)
            || !pairs.is_empty() && pairs.iter().all(|pair| is_double_quoted(&pair.key));
        let colon = pairs
            .iter()
            .rev()
            .find_map(|pair| {
                blank(pair.colon? + 1..pair.value.start).filter(|_| pair.value.end > pair.value.content)
            })
            .or_else(|| fallback.map(|style| style.colon.as_str()))
            .unwrap_or(" ");
        let comma = after_comma(text, pairs.iter().map(|pair| pair.start..pair.end()))
            .or_else(|| fallback.map(|style| style.comma.clone()))
            .unwrap_or_else(|| if colon.is_empty() { String::new() } else { " ".to_owned() });
        let open = pairs.first().and_then(|pair| blank(mapping.content + 1..pair.start)).unwrap_or("");
        let close = pairs.last().and_then(|pair| blank(pair.end()..mapping.end - 1)).unwrap_or("");
        let colon = if json {
            colon
        } else if colon.is_empty() {
            " "
        } else {
            colon
        };
        Self { open: open.to_owned(), close: close.to_owned(), colon: colon.to_owned(), comma, json }
    }

    /// The style of new mappings in `layout`: that of its root where the root is in braces, else the usual one.
    pub fn of_document(layout: &Layout<'_>) -> Self {
        let usual = Self {
            open: String::new(),
            close: String::new(),
            colon: " ".to_owned(),
            comma: " ".to_owned(),
            json: false,
        };
        match layout.documents.first() {
            Some(root) if matches!(root.form, Form::Mapping(Shape::Flow, _)) => {
                Self { open: String::new(), close: String::new(), ..Self::of(layout.text, root, None) }
            }
            Some(_) | None => usual,
        }
    }

    /// The context in which scalars of this style stand.
    pub fn context(&self) -> Context {
        if self.json { Context::Json } else { Context::Flow }
    }

    /// A pair.
    pub fn pair(&self, key: &str, value: &str) -> String {
        self.raw_pair(key, &render_scalar(value, self.context()))
    }

    /// A pair with a value that is YAML already.
    pub fn raw_pair(&self, key: &str, value: &str) -> String {
        format!("{}:{}{value}", render_scalar(key, self.context()), self.colon)
    }

    /// A mapping of `pairs`.
    pub fn mapping(&self, pairs: &[(&str, &str)]) -> String {
        let pairs: Vec<String> = pairs.iter().map(|(key, value)| self.pair(key, value)).collect();
        format!("{{{}{}{}}}", self.open, pairs.join(&format!(",{}", self.comma)), self.close)
    }

    /// What stands between two pairs or items.
    pub fn separator(&self) -> String {
        format!(",{}", self.comma)
    }
}

fn is_double_quoted(piece: &Piece) -> bool {
    matches!(piece.form, Form::Scalar { style: Style::DoubleQuoted, .. })
}

/// The space after the comma between the last two of `parts`, if they stand on one line.
fn after_comma(text: &str, parts: impl DoubleEndedIterator<Item = Range<usize>>) -> Option<String> {
    let mut parts = parts.rev();
    let (last, before) = (parts.next()?, parts.next()?);
    let between = text.get(before.end..last.start)?.trim_start().strip_prefix(',')?;
    between.chars().all(|c| c == ' ').then(|| between.to_owned())
}

/// Adds `new` as the last part of a flow collection: on its own line where the last part has one.
pub fn append_flow(text: &str, collection: &Piece, style: &FlowStyle, new: &[String], changes: &mut Changes) {
    let parts: Vec<Range<usize>> = match &collection.form {
        Form::Sequence(_, items) => items.iter().map(|item| item.node.start..item.node.end).collect(),
        Form::Mapping(_, pairs) => pairs.iter().map(|pair| pair.start..pair.end()).collect(),
        Form::Scalar { .. } | Form::Alias(_) => return,
    };
    let separator = after_comma(text, parts.iter().cloned())
        .map_or_else(|| style.separator(), |space| format!(",{space}"));
    let Some(last) = parts.last() else {
        let inner = collection.content + 1..collection.end.saturating_sub(1);
        let space =
            text.get(inner.clone()).filter(|space| space.chars().all(|c| c == ' ')).unwrap_or_default();
        changes.insert(inner.start + space.len(), format!("{}{space}", new.join(&separator)));
        return;
    };
    let before = text.get(line_start(text, last.start)..last.start).unwrap_or_default();
    let own_line = before.trim().is_empty() && line_start(text, last.start) > collection.content;
    let comma = comma_after(text, last.end);
    if !own_line {
        for part in new {
            changes.insert(last.end, format!("{separator}{part}"));
        }
        return;
    }
    let end = line_end(text, comma.map_or(last.end, |comma| comma + 1));
    let line_break = line_break_at(text, end);
    if comma.is_some() {
        for part in new {
            changes.insert(end, format!("{line_break}{before}{part},"));
        }
        return;
    }
    let closes_here = end >= collection.end;
    let joined = new.join(&format!(",{line_break}{before}"));
    changes.insert(last.end, ",");
    changes.insert(if closes_here { last.end } else { end }, format!("{line_break}{before}{joined}"));
}

/// Removes pairs of a flow mapping, each with one comma, and with its line where it has one of its own.
///
/// Returns whether that was possible: a mapping must keep at least one pair.
pub fn remove_pairs_flow(
    text: &str,
    mapping: &Piece,
    remove: impl Fn(&Pair) -> bool,
    changes: &mut Changes,
) -> bool {
    let pairs = mapping.pairs();
    let Some(last_kept) = pairs.iter().rposition(|pair| !remove(pair)) else { return false };
    for (at, pair) in pairs.iter().enumerate().filter(|(_, pair)| remove(pair)) {
        if let Some(line) = own_line(text, mapping, pair) {
            changes.remove(line);
        } else if let (true, Some(next)) = (at < last_kept, pairs.get(at + 1)) {
            changes.remove(pair.start..next.start);
        } else if let Some(previous) = at.checked_sub(1).and_then(|at| pairs.get(at)) {
            changes.remove(previous.end()..pair.end());
        }
    }
    let trailing = pairs.last().is_some_and(|last| comma_after(text, last.end()).is_some());
    if let (false, Some(kept), Some(next)) = (trailing, pairs.get(last_kept), pairs.get(last_kept + 1))
        && own_line(text, mapping, next).is_some()
        && let Some(comma) = comma_after(text, kept.end())
    {
        // The comma of the pair that is the last one now: JSON allows none there.
        changes.remove(comma..comma + 1);
    }
    true
}

/// The lines of a pair, with their line break, if it shares them with nothing but its comma and comments.
fn own_line(text: &str, mapping: &Piece, pair: &Pair) -> Option<Range<usize>> {
    let start = line_start(text, pair.start);
    let after = comma_after(text, pair.end()).map_or(pair.end(), |comma| comma + 1);
    let end = line_end(text, after);
    let rest = text.get(after..end)?.trim_start();
    let alone = start > mapping.content
        && end < mapping.end
        && text.get(start..pair.start)?.trim().is_empty()
        && (rest.is_empty() || rest.starts_with('#'));
    let line_break = line_break_at(text, end).len();
    alone.then_some(start..end + line_break)
}

/// Where the comma after the byte `at` stands, past space, line breaks and comments.
fn comma_after(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let rest = text.get(at..)?;
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        match trimmed.as_bytes().first()? {
            b',' => return Some(at),
            b'#' => at = line_end(text, at),
            _ => return None,
        }
    }
}
