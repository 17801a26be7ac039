//! A plan as a comment on a pull request: Markdown that nothing in the manifests can break out of.
//!
//! Every word that comes from a repository stands in a code span or in a fenced block, whose marks are longer than any
//! run of backticks in it; there no name is a mention, no number a reference and no text a tag.

use std::fmt::Write as _;

use super::plan::{counts, heading, sign, totals};
use super::printable;
use crate::view::{PlanView, PlannedObjectView, PlannedView};

/// The first line of every comment, by which the next run finds it.
pub const MARKER: &str = "<!-- gitops plan -->";

/// The part of the limit that the lines of the items may take, in percent.
const SUMMARY_SHARE: usize = 50;
/// What is kept free for the last line and for what tells of omissions.
const RESERVE: usize = 600;

/// The plan as Markdown of at most `limit` bytes, but never less than its frame. What has no room is left out, and the
/// text says how much that is.
pub fn comment(plan: &PlanView, limit: usize) -> String {
    let mut page =
        Page { text: format!("{MARKER}\n### {}\n", title(plan)), limit: limit.saturating_sub(RESERVE) };
    alarms(&mut page, plan);
    let summary_end = page.limit * SUMMARY_SHARE / 100;
    let lines: Vec<String> = plan.items.iter().map(line).collect();
    let shown = page.add_all("\n", &lines, summary_end);
    if shown < lines.len() {
        let _ = writeln!(page.text, "- and {} more that have no room here", lines.len() - shown);
    }
    let mut sections: Vec<String> = definitions(plan).into_iter().collect();
    sections.extend(plan.groups.iter().map(|group| {
        let items: Vec<&PlannedView> = group.items.iter().filter_map(|at| plan.items.get(*at)).collect();
        let objects: &[PlannedObjectView] = items.first().map_or(&[], |item| &item.objects);
        section(&heading(&items), &diff_of(objects.iter()))
    }));
    let shown = page.add_all("", &sections, page.limit);
    if shown < sections.len() {
        let left = sections.len() - shown;
        let _ = writeln!(
            page.text,
            "\n**{left} of {} diffs have no room here.** `gitops plan` with the same range shows all of it.",
            sections.len()
        );
    }
    let _ = writeln!(page.text, "\n{}", totals(plan));
    page.text
}

struct Page {
    text: String,
    limit: usize,
}

impl Page {
    /// Adds those of `parts` that have room below `end`, in their order, and returns how many those are. The first that
    /// has none ends it.
    fn add_all(&mut self, before: &str, parts: &[String], end: usize) -> usize {
        if !parts.is_empty() {
            self.text.push_str(before);
        }
        let fits = parts.iter().take_while(|part| {
            let room = self.text.len() + part.len() <= end;
            if room {
                self.text.push_str(part);
            }
            room
        });
        fits.count()
    }
}

fn title(plan: &PlanView) -> &'static str {
    match (plan.is_empty(), plan.is_broken(), plan.is_refused()) {
        (true, _, _) => "Nothing that is deployed changes",
        (false, true, _) => "Plan: not everything renders",
        (false, false, true) => "Plan: refused by a project",
        (false, false, false) => "Plan",
    }
}

/// What is refused, and what does not render: before everything else.
fn alarms(page: &mut Page, plan: &PlanView) {
    let mut lines = vec![];
    for item in &plan.items {
        let name = code(&item.full_name());
        for refusal in item.refusals.iter().filter(|refusal| !refusal.is_standing) {
            lines.push(format!(
                "- **refused** {name}: {} ({})\n",
                code(&refusal.message),
                code(&refusal.hint)
            ));
        }
        if let Some(error) = &item.head_error {
            lines.push(format!("- **does not render** {name}: {}\n", code(error)));
        }
    }
    let end = page.limit * SUMMARY_SHARE / 200;
    let shown = page.add_all("\n", &lines, end);
    if shown < lines.len() {
        let _ = writeln!(page.text, "- and {} more that are refused or do not render", lines.len() - shown);
    }
}

/// The line of an item.
fn line(item: &PlannedView) -> String {
    let (sign, word) = sign(item.change);
    let word = if word.is_empty() { String::new() } else { format!(" ({word})") };
    let mut text =
        format!("- **{}** {} {}{word}: {}", escaped(sign), item.kind, code(&item.full_name()), counts(item));
    for image in &item.images {
        let _ = write!(text, "; {} → {}", code(&image.before), code(&image.after));
    }
    text.push('\n');
    for object in item.objects.iter().filter(|object| object.change == "remove") {
        let outcome = object.outcome.as_deref().unwrap_or_default();
        let _ = writeln!(text, "  - {}: {outcome}", code(&object.object));
    }
    let standing = item.refusals.iter().filter(|refusal| refusal.is_standing).count();
    if standing > 0 {
        let _ = writeln!(text, "  - {standing} refused by the project before too");
    }
    for note in &item.notes {
        let _ = writeln!(text, "  - {}", code(note));
    }
    text
}

fn escaped(sign: &str) -> String {
    format!("\\{sign}")
}

fn definitions(plan: &PlanView) -> Option<String> {
    if plan.definitions.is_empty() {
        return None;
    }
    let title = "definitions that change (they count when they are applied; the projects before judge)";
    Some(section(title, &diff_of(plan.definitions.iter().map(|definition| &definition.object))))
}

/// The objects of a change as one text in unified form.
fn diff_of<'o>(objects: impl Iterator<Item = &'o PlannedObjectView>) -> String {
    let mut text = String::new();
    for object in objects {
        let outcome = object.outcome.as_deref().map(|outcome| format!(" ({outcome})")).unwrap_or_default();
        let _ = writeln!(text, "# {} {}{outcome}", object.change, object.object);
        for field in object.fields.iter().filter(|field| field.at.is_some()) {
            let _ = writeln!(text, "# {} at {}", field.path, field.at.as_deref().unwrap_or_default());
        }
        text.push_str(&object.diff);
    }
    text
}

/// A part that is folded away: its heading, and a text between marks of its own.
fn section(heading: &str, text: &str) -> String {
    let text = printable(text);
    let fence = "`".repeat((longest_run(&text) + 1).max(3));
    let end = if text.ends_with('\n') { "" } else { "\n" };
    // Markdown counts in a summary only behind an empty line, and there it stands in a paragraph of its own.
    format!(
        "\n<details><summary>\n\n{}\n\n</summary>\n\n{fence}diff\n{text}{end}{fence}\n\n</details>\n",
        code(heading)
    )
}

/// A text of one line as a code span.
fn code(text: &str) -> String {
    let text = printable(text).replace(['\n', '\r'], " ");
    let mark = "`".repeat(longest_run(&text) + 1);
    // A space at both ends keeps a backtick there from the mark, and is not shown.
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    if text.trim().is_empty() { "(empty)".to_owned() } else { format!("{mark}{space}{text}{space}{mark}") }
}

/// The most backticks in a row.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}
