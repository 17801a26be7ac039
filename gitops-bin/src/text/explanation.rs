//! Explanations for people: each field with what happened to it, a line a step, the oldest first.

use std::fmt::Write as _;

use gitops_core::diagnostic::mask_credentials;

use super::{HEADING, PLACE, REMOVED, printable};
use crate::view::{ExplainedFieldView, ExplainedStepView, ExplanationView, PlaceView};

const TRANSFORMER: anstyle::Style = anstyle::AnsiColor::Cyan.on_default();

/// The most characters of a source line.
const LINE_WINDOW: usize = 72;
/// The most lines of a value.
const VALUE_LINES: usize = 12;

/// The object, then each field with its value and its steps.
pub fn explanation(view: &ExplanationView) -> String {
    let mut text = format!("{HEADING}{}{HEADING:#}\n", printable(&view.object));
    if let Some(step) = &view.dropped {
        let _ = writeln!(text, "{REMOVED}not in the output{REMOVED:#}");
        push_steps(&mut text, std::slice::from_ref(step), &Widths::of([step]));
    }
    push_fields(&mut text, &view.fields.iter().collect::<Vec<_>>());
    text
}

/// The fields that were taken away; empty where there is none.
pub fn removed_fields(view: &ExplanationView) -> String {
    let removed: Vec<&ExplainedFieldView> = view.fields.iter().filter(|field| field.removed).collect();
    let mut text = String::new();
    push_fields(&mut text, &removed);
    text
}

/// What happened to a field in one line, the newest first: `overlay/k.yaml:12 images ← base/a.yaml:7`.
pub fn chain(field: &ExplainedFieldView) -> String {
    let mut text = String::new();
    for step in field.steps.iter().rev() {
        let arrow = if text.is_empty() { "" } else { " ← " };
        let what = if step.action == "read" { String::new() } else { format!(" {}", what(step)) };
        let _ = write!(text, "{arrow}{}{what}", place(step));
    }
    let newest = field.steps.last().and_then(shown_place).and_then(|place| place.commit.as_ref());
    if let Some(commit) = newest {
        let _ = write!(text, "  {} {} {}", short(&commit.id), commit.author, day(&commit.date));
    }
    printable(&text)
}

fn push_fields(text: &mut String, fields: &[&ExplainedFieldView]) {
    let widths = Widths::of(fields.iter().flat_map(|field| &field.steps));
    for field in fields {
        let _ = write!(text, "\n{HEADING}{}{HEADING:#}", printable(&field.path));
        push_value(text, field);
        push_steps(text, &field.steps, &widths);
    }
}

fn push_value(text: &mut String, field: &ExplainedFieldView) {
    let colon = if field.path.is_empty() { "" } else { ": " };
    let _ = match (&field.value, field.removed) {
        (_, true) => writeln!(text, "{colon}{REMOVED}removed{REMOVED:#}"),
        (None, false) => writeln!(text, "{colon}{PLACE}(hidden){PLACE:#}"),
        (Some(value), false) if !value.contains('\n') => {
            writeln!(text, "{colon}{}", printable(&mask_credentials(value)))
        }
        (Some(value), false) => {
            let mut lines = value.lines();
            let _ = writeln!(text, "{colon}{}", printable(lines.next().unwrap_or_default()));
            for line in lines.by_ref().take(VALUE_LINES) {
                let _ = writeln!(text, "{}", printable(&mask_credentials(line)));
            }
            match lines.count() {
                0 => Ok(()),
                more => writeln!(text, "  {PLACE}… {more} more lines{PLACE:#}"),
            }
        }
    };
}

/// The widths of the columns.
#[derive(Default)]
struct Widths {
    place: usize,
    what: usize,
    note: usize,
}

impl Widths {
    fn of<'a>(steps: impl IntoIterator<Item = &'a ExplainedStepView>) -> Self {
        let mut widths = Self::default();
        for step in steps {
            widths.place = widths.place.max(place(step).chars().count());
            widths.what = widths.what.max(what(step).chars().count());
            widths.note = widths.note.max(note(step).chars().count());
        }
        widths
    }
}

fn push_steps(text: &mut String, steps: &[ExplainedStepView], widths: &Widths) {
    for step in steps {
        let style = if step.action == "removed" { REMOVED } else { TRANSFORMER };
        let pad = |cell: &str, width: usize| " ".repeat(width.saturating_sub(cell.chars().count()));
        let (place, what, note) = (place(step), what(step), note(step));
        let (after_place, after_what) = (pad(&place, widths.place), pad(&what, widths.what));
        let mut line =
            format!("  {PLACE}{place}{PLACE:#}{after_place}  {style}{what}{style:#}{after_what}  {note}");
        if let Some(commit) = shown_place(step).and_then(|place| place.commit.as_ref()) {
            let after_note = pad(&note, widths.note);
            let (author, subject) = (printable(&commit.author), printable(&commit.subject));
            let (id, day) = (short(&commit.id), day(&commit.date));
            let _ = write!(line, "{after_note}  {PLACE}{id} {day} {author}{PLACE:#}  {subject}");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// The place that stands for a step: of the value, else of the entry, else of what the value is a copy of.
fn shown_place(step: &ExplainedStepView) -> Option<&PlaceView> {
    let source = || step.source.as_ref().and_then(|source| source.at.as_ref());
    step.at.as_ref().or(step.entry.as_ref()).or_else(source)
}

fn place(step: &ExplainedStepView) -> String {
    shown_place(step).map_or_else(|| "-".to_owned(), line_of)
}

fn line_of(place: &PlaceView) -> String {
    printable(&format!("{}:{}", place.path, place.line))
}

fn what(step: &ExplainedStepView) -> String {
    let transformer = step.transformer.as_deref().unwrap_or("read");
    if step.action == "removed" { format!("removed by {transformer}") } else { transformer.to_owned() }
}

/// What is written at the place, and how the value came from there.
fn note(step: &ExplainedStepView) -> String {
    let mut parts = vec![];
    if step.at.is_none() && step.source.is_none() {
        parts.push("computed".to_owned());
    } else if let Some(line) = shown_place(step).and_then(|place| place.text.as_deref()) {
        parts.push(window(&printable(&mask_credentials(line))));
    }
    if let Some(source) = &step.source {
        let object = source.object.as_deref().unwrap_or("something that is no more");
        parts.push(printable(format!("from {object} {}", source.path).trim_end()));
    }
    if let (Some(at), Some(entry)) = (&step.at, &step.entry)
        && (&at.path, at.line) != (&entry.path, entry.line)
    {
        let same_file = at.path == entry.path;
        parts.push(if same_file {
            format!("by line {}", entry.line)
        } else {
            format!("by {}", line_of(entry))
        });
    }
    parts.join(", ")
}

fn window(line: &str) -> String {
    if line.chars().count() <= LINE_WINDOW {
        return line.to_owned();
    }
    line.chars().take(LINE_WINDOW - 1).chain(['…']).collect()
}

fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

/// The day of a time in RFC 3339.
fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}
