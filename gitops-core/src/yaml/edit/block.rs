//! Inserting and removing pairs and items that are laid out by indentation.

use super::changes::{Changes, line_break_at, line_end, line_start};
use super::flow::FlowStyle;
use super::layout::{Form, Item, Layout, Pair, Piece, Shape};
use super::style::{Context, render_scalar};

/// Adds `pairs` after the last pair of a block mapping, each on its own line.
pub fn append_pairs_block(text: &str, mapping: &Piece, pairs: &[(&str, &str)], changes: &mut Changes) {
    let Some(last) = mapping.pairs().last() else { return };
    let at = line_end(text, last.end());
    let line_break = line_break_at(text, at);
    let indent = indentation(text, mapping);
    let lines = pairs.iter().map(|(key, value)| format!("{line_break}{indent}{}", block_pair(key, value)));
    changes.insert(at, lines.collect::<String>());
}

/// Adds a key with a block sequence of one mapping as the last pair of the block mapping at the root.
///
/// The list goes to the end of the document; its dashes are indented as those of the other lists are.
pub fn append_key_block(
    layout: &Layout<'_>,
    root: &Piece,
    key: &str,
    pairs: &[(&str, &str)],
    changes: &mut Changes,
) {
    let text = layout.text;
    let indent = indentation(text, root);
    let line_break = line_break_at(text, layout.end);
    let dash_indent = format!("{indent}{}", dash_offset(text, root));
    let item = block_item(&dash_indent, " ", line_break, pairs);
    let entry = format!("{indent}{key}:{line_break}{item}");
    let before = text.get(..layout.end).unwrap_or_default();
    if before.is_empty() || before.ends_with(['\n', '\r']) {
        changes.insert(layout.end, format!("{entry}{line_break}"));
    } else {
        changes.insert(layout.end, format!("{line_break}{entry}"));
    }
}

/// Gives the null value of `pair`, a pair of the block mapping at the root, a block sequence of one mapping.
pub fn fill_null_with_item(
    layout: &Layout<'_>,
    root: &Piece,
    pair: &Pair,
    pairs: &[(&str, &str)],
    changes: &mut Changes,
) {
    let text = layout.text;
    if pair.value.content < pair.value.end {
        let after = pair.key.end.max(pair.colon.map_or(0, |colon| colon + 1));
        changes.remove(after..pair.value.end);
    }
    let at = line_end(text, pair.end());
    let line_break = line_break_at(text, at);
    let dash_indent = format!("{}{}", indentation(text, root), dash_offset(text, root));
    changes.insert(at, format!("{line_break}{}", block_item(&dash_indent, " ", line_break, pairs)));
}

/// Adds a mapping of `pairs` after the last item of a block sequence, laid out as that item is.
pub fn append_item_block(text: &str, sequence: &Piece, pairs: &[(&str, &str)], changes: &mut Changes) {
    let Some((last, dash)) = sequence.items().last().and_then(|item| Some((item, item.dash?))) else {
        return;
    };
    let end = line_end(text, last.node.end.max(dash + 1));
    let at = past_own_comments(text, end, column_as_space(text, dash).len());
    let line_break = line_break_at(text, at);
    let dash_indent = column_as_space(text, dash);
    let item = match &last.node.form {
        Form::Mapping(Shape::Flow, _) => {
            let style = FlowStyle::of(text, &last.node, None);
            format!("{dash_indent}-{}{}", spacing(text, last, dash), style.mapping(pairs))
        }
        Form::Mapping(Shape::Block, _) if starts_below_dash(text, last, dash) => {
            let indent = column_as_space(text, last.node.content);
            let lines =
                pairs.iter().map(|(key, value)| format!("{line_break}{indent}{}", block_pair(key, value)));
            format!("{dash_indent}-{}", lines.collect::<String>())
        }
        Form::Mapping(..) | Form::Scalar { .. } | Form::Alias(_) | Form::Sequence(..) => {
            block_item(&dash_indent, &spacing(text, last, dash), line_break, pairs)
        }
    };
    changes.insert(at, format!("{line_break}{item}"));
}

/// The end of the last of the comment lines that follow the line end `at` and stand deeper than `column`: they
/// belong to what stands before them.
fn past_own_comments(text: &str, mut at: usize, column: usize) -> usize {
    loop {
        let next = at + leading_break_length(text, at);
        let end = line_end(text, next);
        let line = text.get(next..end).unwrap_or_default();
        let comment = line.trim_start_matches(' ');
        if next == at || !comment.starts_with('#') || line.len() - comment.len() <= column {
            return at;
        }
        at = end;
    }
}

/// Removes pairs of a block mapping, each with its whole line.
///
/// Returns whether that was possible: a mapping must keep at least one pair.
pub fn remove_pairs_block(
    text: &str,
    mapping: &Piece,
    remove: impl Fn(&Pair) -> bool,
    changes: &mut Changes,
) -> bool {
    let pairs = mapping.pairs();
    if pairs.iter().all(&remove) {
        return false;
    }
    for pair in pairs.iter().filter(|pair| remove(pair)) {
        let start = line_start(text, pair.start);
        let end = line_end(text, pair.end());
        let next_line = end + leading_break_length(text, end);
        let alone = text.get(start..pair.start).is_some_and(|before| before.trim().is_empty());
        if !alone {
            // The first pair stands behind a dash: what follows moves up to it.
            let blank = text.get(next_line..).map_or(0, |rest| rest.len() - rest.trim_start().len());
            changes.remove(pair.start..next_line + blank);
        } else if next_line == end {
            // Without a line break at the end of the file, the one before goes.
            let before = text.get(..start).unwrap_or_default();
            let kept =
                before.strip_suffix("\r\n").or_else(|| before.strip_suffix(['\n', '\r'])).unwrap_or(before);
            changes.remove(kept.len()..end);
        } else {
            changes.remove(start..next_line);
        }
    }
    true
}

fn leading_break_length(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with(['\n', '\r'])) }
}

fn block_pair(key: &str, value: &str) -> String {
    format!("{key}: {}", render_scalar(value, Context::Block))
}

/// The lines of an item, without the last line break.
fn block_item(dash_indent: &str, spacing: &str, line_break: &str, pairs: &[(&str, &str)]) -> String {
    let pad = " ".repeat(1 + spacing.len());
    let separator = format!("{line_break}{dash_indent}{pad}");
    let lines: Vec<String> = pairs.iter().map(|(key, value)| block_pair(key, value)).collect();
    format!("{dash_indent}-{spacing}{}", lines.join(&separator))
}

/// What stands before the keys of a block mapping on their lines.
fn indentation(text: &str, mapping: &Piece) -> String {
    let own_line = mapping.pairs().iter().find_map(|pair| {
        let before = text.get(line_start(text, pair.start)..pair.start)?;
        before.chars().all(|c| c == ' ').then_some(before)
    });
    match (own_line, mapping.pairs().first()) {
        (Some(indent), _) => indent.to_owned(),
        (None, Some(first)) => column_as_space(text, first.start),
        (None, None) => String::new(),
    }
}

/// As many spaces as characters stand before the byte `at` on its line.
fn column_as_space(text: &str, at: usize) -> String {
    let before = text.get(line_start(text, at)..at).unwrap_or_default();
    " ".repeat(before.trim_start_matches('\u{feff}').chars().count())
}

/// The space between a dash and its item; a single one where the item does not stand on the same line.
fn spacing(text: &str, item: &Item, dash: usize) -> String {
    let between = text.get(dash + 1..item.node.start).unwrap_or_default();
    let spaces = !between.is_empty() && between.chars().all(|c| c == ' ');
    if spaces { between.to_owned() } else { " ".to_owned() }
}

fn starts_below_dash(text: &str, item: &Item, dash: usize) -> bool {
    text.get(dash..item.node.content).is_some_and(|between| between.contains(['\n', '\r']))
}

/// How far the dashes of a list at the root stand from the key of the list: as in the last other list of the
/// file that is written with dashes, and not at all where there is none.
fn dash_offset(text: &str, root: &Piece) -> String {
    let width = |at: usize| column_as_space(text, at).len();
    let offset = |pair: &Pair| {
        let dash = pair.value.items().first()?.dash?;
        Some(width(dash).saturating_sub(width(pair.start)))
    };
    let direct = root.pairs().iter().rev().find_map(&offset);
    let found =
        direct.or_else(|| root.pairs().iter().rev().find_map(|pair| nested_offset(&pair.value, &offset)));
    " ".repeat(found.unwrap_or(0))
}

fn nested_offset(piece: &Piece, offset: &impl Fn(&Pair) -> Option<usize>) -> Option<usize> {
    match &piece.form {
        Form::Scalar { .. } | Form::Alias(_) => None,
        Form::Sequence(_, items) => items.iter().rev().find_map(|item| nested_offset(&item.node, offset)),
        Form::Mapping(_, pairs) => {
            pairs.iter().rev().find_map(|pair| offset(pair).or_else(|| nested_offset(&pair.value, offset)))
        }
    }
}
