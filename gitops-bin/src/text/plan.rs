//! A plan as people read it on a terminal.

use std::fmt::Write as _;

use super::{ADDED, CHANGED, HEADING, PLACE, REMOVED, printable, render_values};
use crate::view::{ChangeView, PlanView, PlannedObjectView, PlannedView};

/// How many characters of a commit are shown.
const SHORT: usize = 7;
/// How many names of a group are shown.
const MOST_NAMES: usize = 12;

/// The plan for people: a line for each item, what changes of the definitions, then each different change once.
pub fn plan(plan: &PlanView) -> String {
    let mut text = String::new();
    for item in &plan.items {
        summary(&mut text, item);
    }
    definitions(&mut text, plan);
    for group in &plan.groups {
        let items: Vec<&PlannedView> = group.items.iter().filter_map(|at| plan.items.get(*at)).collect();
        let Some(first) = items.first() else { continue };
        let _ = writeln!(text, "\n{HEADING}{}{HEADING:#}", printable(&heading(&items)));
        for object in &first.objects {
            render_object(&mut text, object);
        }
    }
    let gap = if text.is_empty() { "" } else { "\n" };
    let _ = writeln!(text, "{gap}{PLACE}{}{PLACE:#}", totals(plan));
    text
}

/// One line of numbers: what changes, of how much.
pub(super) fn totals(plan: &PlanView) -> String {
    let changed = |kind: &str| plan.items.iter().filter(|item| item.kind == kind).count();
    let (applications, kustomizations) = (changed("Application"), changed("Kustomization"));
    let short = |commit: &str| commit.chars().take(SHORT).collect::<String>();
    let others = plan.unchanged.kustomizations + kustomizations;
    let others = if others == 0 {
        String::new()
    } else {
        format!(" and {kustomizations} of {others} other kustomizations")
    };
    format!(
        "{applications} of {} Applications{others} change from {} to {}",
        plan.unchanged.applications + applications,
        short(&plan.base),
        short(&plan.head),
    )
}

/// What a group of items is called: the one, or the many with their names.
pub(super) fn heading(items: &[&PlannedView]) -> String {
    let names: Vec<String> = items.iter().take(MOST_NAMES).map(|item| item.full_name()).collect();
    let more = items.len().saturating_sub(names.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    match items {
        [] => String::new(),
        [one] => format!("{} {}", one.kind, one.full_name()),
        [first, ..] => {
            let is_one_kind = items.iter().all(|item| item.kind == first.kind);
            let kind = if is_one_kind { format!("{}s", first.kind) } else { "places".to_owned() };
            format!(
                "same change in {} {kind}: {}{more}; shown for {}",
                items.len(),
                names.join(", "),
                first.full_name()
            )
        }
    }
}

/// What changes of an item, in words: `1 changed, 2 removed`.
pub(super) fn counts(item: &PlannedView) -> String {
    if item.base_error.is_some() || item.head_error.is_some() {
        return "cannot be compared".to_owned();
    }
    let count =
        |of: &dyn Fn(&PlannedObjectView) -> bool| item.objects.iter().filter(|object| of(object)).count();
    let left = |is_removed| {
        move |object: &PlannedObjectView| object.change == "remove" && object.is_removed == is_removed
    };
    let parts = [
        (count(&|object| object.change == "create"), "added"),
        (count(&|object| object.change == "update"), "changed"),
        (count(&left(true)), "removed"),
        (count(&left(false)), "left where they are"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if parts.is_empty() { "no object changes".to_owned() } else { parts.join(", ") }
}

/// A sign and a word for what becomes of an item.
pub(super) fn sign(change: ChangeView) -> (&'static str, &'static str) {
    match change {
        ChangeView::Added => ("+", "new"),
        ChangeView::Removed => ("-", "gone"),
        ChangeView::Modified => ("~", ""),
        ChangeView::Broken => ("!", "broken"),
        ChangeView::Mended => ("~", "mended"),
    }
}

fn summary(text: &mut String, item: &PlannedView) {
    let (sign, word) = sign(item.change);
    let style = match item.change {
        ChangeView::Added | ChangeView::Mended => ADDED,
        ChangeView::Removed | ChangeView::Broken => REMOVED,
        ChangeView::Modified => CHANGED,
    };
    let word = if word.is_empty() { String::new() } else { format!(" ({word})") };
    let name = printable(&item.full_name());
    let _ = writeln!(
        text,
        "{style}{sign}{style:#} {HEADING}{} {name}{HEADING:#}{word}: {}",
        item.kind,
        counts(item)
    );
    for image in &item.images {
        let _ = writeln!(text, "    image {} → {}", printable(&image.before), printable(&image.after));
    }
    for object in item.objects.iter().filter(|object| object.change == "remove") {
        let outcome = object.outcome.as_deref().unwrap_or_default();
        let _ = writeln!(text, "    {} {}", printable(&object.object), outcome);
    }
    for refusal in &item.refusals {
        let standing = if refusal.is_standing { "refused before too" } else { "refused" };
        let _ = writeln!(text, "    {REMOVED}{standing}: {}{REMOVED:#}", printable(&refusal.message));
        let _ = writeln!(text, "      {}", printable(&refusal.hint));
    }
    for (side, error) in [("before", &item.base_error), ("after", &item.head_error)] {
        if let Some(error) = error {
            let _ = writeln!(text, "    {REMOVED}does not render {side}: {}{REMOVED:#}", printable(error));
        }
    }
    for note in &item.notes {
        let _ = writeln!(text, "    {PLACE}note: {}{PLACE:#}", printable(note));
    }
}

fn definitions(text: &mut String, plan: &PlanView) {
    if plan.definitions.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n{HEADING}definitions that change{HEADING:#} (they count when they are applied; the projects before judge)"
    );
    for definition in &plan.definitions {
        render_object(text, &definition.object);
        let _ = writeln!(text, "  {PLACE}{}{PLACE:#}", printable(&definition.file));
        if let Some(error) = &definition.error {
            let _ = writeln!(text, "  {REMOVED}{}{REMOVED:#}", printable(error));
        }
    }
}

/// One object: its fields where it changes, its text where it is new.
fn render_object(text: &mut String, object: &PlannedObjectView) {
    let outcome = object.outcome.as_deref().map(|outcome| format!(" ({outcome})")).unwrap_or_default();
    let _ = writeln!(text, "{} {}{outcome}", object.change, printable(&object.object));
    for field in &object.fields {
        render_values(
            text,
            &field.path,
            (field.before.as_deref(), field.after.as_deref()),
            field.at.as_deref(),
        );
    }
    if object.change == "create" {
        for line in object.diff.lines().filter(|line| line.starts_with('+')) {
            let _ = writeln!(text, "  {ADDED}{}{ADDED:#}", printable(line));
        }
    }
}
