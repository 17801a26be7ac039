//! Views as people read them on a terminal: with glyphs, colours and without control characters.

mod comment;
mod explanation;
mod plan;

use std::fmt::Write as _;

use crate::view::{DiffView, ImageUpdateView};

pub use comment::{MARKER, comment};
pub use explanation::{chain, explanation, removed_fields};
pub use plan::plan;

const ADDED: anstyle::Style = anstyle::AnsiColor::Green.on_default();
const REMOVED: anstyle::Style = anstyle::AnsiColor::Red.on_default();
const HEADING: anstyle::Style = anstyle::Style::new().bold();
/// The style of a place in a file.
pub const PLACE: anstyle::Style = anstyle::Style::new().dimmed();
/// The style of what was changed after it was read.
pub const CHANGED: anstyle::Style = anstyle::AnsiColor::Yellow.on_default();

/// The difference for people: a heading an object, then each field with both values and its place.
pub fn diff(diff: &DiffView) -> String {
    let mut text = String::new();
    for object in &diff.objects {
        let _ = writeln!(text, "{HEADING}{} {}{HEADING:#}", object.change, printable(&object.object));
        for field in &object.fields {
            let values = (field.live.as_deref(), field.desired.as_deref());
            render_values(&mut text, &field.path, values, field.at.as_deref());
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

/// One field with its place, and its value before and after.
fn render_values(
    text: &mut String,
    path: &str,
    (before, after): (Option<&str>, Option<&str>),
    at: Option<&str>,
) {
    let place = at.map(|at| format!("  {PLACE}{}{PLACE:#}", printable(at))).unwrap_or_default();
    let _ = writeln!(text, "  @@ {} @@{place}", printable(path));
    for (sign, style, value) in [('-', REMOVED, before), ('+', ADDED, after)] {
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

/// Text without control characters, and without those that break lines, turn the direction of writing or cannot
/// be seen.
pub fn printable(text: &str) -> String {
    let is_bad = |c: char| (c.is_control() && c != '\n') || is_unseen(c);
    text.chars().map(|c| if is_bad(c) { '\u{fffd}' } else { c }).collect()
}

/// Whether a character leaves no mark of its own but changes what is around it, or makes two names look alike:
/// Unicode's default ignorable characters, its line breaks and those that turn the direction of writing.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
