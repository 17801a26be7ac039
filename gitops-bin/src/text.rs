//! Views as people read them on a terminal: with glyphs, colours and without control characters.

use std::fmt::Write as _;

use crate::view::{DiffView, FieldChangeView, ImageUpdateView};

const ADDED: anstyle::Style = anstyle::AnsiColor::Green.on_default();
const REMOVED: anstyle::Style = anstyle::AnsiColor::Red.on_default();
const HEADING: anstyle::Style = anstyle::Style::new().bold();
const PLACE: anstyle::Style = anstyle::Style::new().dimmed();

/// The difference for people: a heading an object, then each field with both values and its place.
pub fn diff(diff: &DiffView) -> String {
    let mut text = String::new();
    for object in &diff.objects {
        let _ = writeln!(text, "{HEADING}{} {}{HEADING:#}", object.change, printable(&object.object));
        for field in &object.fields {
            render_field(&mut text, field);
        }
    }
    for refusal in &diff.refusals {
        let _ = writeln!(text, "{REMOVED}refused: {}{REMOVED:#}", printable(refusal));
    }
    if !diff.objects.is_empty() {
        let _ = writeln!(text, "{PLACE}revision {}, changes {}{PLACE:#}", diff.revision, diff.changes_hash);
    }
    text
}

fn render_field(text: &mut String, field: &FieldChangeView) {
    let place = field.at.as_deref().map(|at| format!("  {PLACE}{at}{PLACE:#}")).unwrap_or_default();
    let _ = writeln!(text, "  @@ {} @@{place}", field.path);
    for (sign, style, value) in [('-', REMOVED, &field.live), ('+', ADDED, &field.desired)] {
        for line in value.iter().flat_map(|value| value.lines()) {
            let _ = writeln!(text, "  {style}{sign} {}{style:#}", printable(line));
        }
    }
}

/// An update for people: the commit, then each file's diff.
pub fn image_update(update: &ImageUpdateView) -> String {
    let mut text = String::new();
    for held in &update.held {
        let _ = writeln!(text, "held: {}", printable(held));
    }
    if update.files.is_empty() {
        text.push_str("nothing to update\n");
        return text;
    }
    let commit =
        update.commit.as_deref().map_or("would commit".to_owned(), |commit| format!("commit {commit}"));
    let _ = writeln!(text, "{commit}\n");
    for line in update.message.lines() {
        let _ = writeln!(text, "    {}", printable(line));
    }
    for file in &update.files {
        let _ = write!(text, "\n{}", file.diff);
    }
    text
}

/// Text without control characters, and without those that turn the direction of writing.
pub fn printable(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_bad = |c: char| (c.is_control() && c != '\n') || turns(c);
    text.chars().map(|c| if is_bad(c) { '\u{fffd}' } else { c }).collect()
}
