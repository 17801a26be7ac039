//! The page of one Application.

use maud::{Markup, html};

use super::parts::status;
use crate::view::{ApplicationView, DiffView, FieldChangeView, HistoryView};

/// What differs, the form that approves exactly that, and what was synced before.
pub(super) fn body(app: Option<&ApplicationView>, diff: &DiffView, history: &[HistoryView]) -> Markup {
    html! {
        @if let Some(app) = app {
            p { (status(&app.sync_status)) " " (status(&app.health_status)) " " (app.health_message) }
            @for condition in &app.conditions { p.condition { (condition.condition_type) ": " (condition.message) } }
        }
        section { h2 { "Difference" } (difference(diff)) }
        @if !diff.objects.is_empty() { (approval(diff)) }
        section { h2 { "History" } (past(history)) }
    }
}

fn difference(diff: &DiffView) -> Markup {
    html! {
        @if diff.objects.is_empty() { p { "None: the cluster is as Git says." } }
        @for refusal in &diff.refusals { p.refused { "Refused: " (refusal) } }
        @for object in &diff.objects {
            details open {
                summary { (object.change) " " (object.object) }
                @for change in &object.fields { (field(change)) }
            }
        }
    }
}

fn field(change: &FieldChangeView) -> Markup {
    html! {
        div.field {
            p.path { "@@ " (change.path) " @@" @if let Some(at) = &change.at { span.place { " " (at) } } }
            pre {
                @for line in change.live.iter().flat_map(|text| text.lines()) { del { "- " (line) "\n" } }
                @for line in change.desired.iter().flat_map(|text| text.lines()) { ins { "+ " (line) "\n" } }
            }
        }
    }
}

fn approval(diff: &DiffView) -> Markup {
    html! {
        section.approval {
            h2 { "Approve and sync" }
            p { "Revision " code { (diff.revision) } ", changes " code { (diff.changes_hash) } }
            form method="post" {
                input type="hidden" name="changes" value=(diff.changes_hash);
                p { label { "Your name (recorded as not verified) " input name="approver" required maxlength="100"; } }
                p { label { "Why " input name="message" maxlength="500"; } }
                button type="submit" { "Approve " (diff.objects.len()) " changes to " (diff.application) " and sync" }
            }
        }
    }
}

fn past(history: &[HistoryView]) -> Markup {
    html! {
        table {
            thead { tr { th { "Id" } th { "Time" } th { "Revision" } th { "Initiated by" } th { "Approved by" } } }
            tbody { @for entry in history.iter().rev() {
                tr {
                    td { (entry.id) } td { time { (entry.deployed_at) } } td { code { (entry.revision) } } td { (entry.initiated_by) }
                    td { @if let Some(approval) = &entry.approval { (approval.approver) @if !approval.verified { " (not verified)" } } }
                }
            } }
        }
    }
}
