//! The pieces that pages are made of.

use maud::{DOCTYPE, Markup, html};

use crate::view::{AnalysisRunView, ApplicationView, EventView, RolloutView};

/// A whole page; `twin` is the command that shows the same.
pub(super) fn page(title: &str, twin: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · gitops" }
                link rel="stylesheet" href="/style.css";
            }
            body {
                header { a href="/" { "gitops" } " " span { (title) } }
                main { (body) }
                footer { "Same as " code { (twin) } }
            }
        }
    }
}

/// The glyph that stands beside a status word, so that colour is never alone.
pub(super) fn glyph(status: &str) -> &'static str {
    match status {
        "Healthy" | "Synced" | "Successful" | "done" => "✔",
        "Degraded" | "Failed" | "Error" | "failed" => "✖",
        "Suspended" | "Paused" | "Inconclusive" => "॥",
        "OutOfSync" => "≠",
        "Missing" => "∅",
        "pending" => "·",
        "Progressing" | "Running" | "current" => "◌",
        _ => "?",
    }
}

/// A status word with its glyph.
pub(super) fn status(word: &str) -> Markup {
    html! { span class={ "status " (word) } { span aria-hidden="true" { (glyph(word)) } " " (word) } }
}

/// One cell of the matrix.
pub(super) fn cell(app: &ApplicationView) -> Markup {
    html! {
        a.cell href={ "/applications/" (app.name) } {
            strong { (app.images.join(", ")) }
            (status(&app.sync_status)) (status(&app.health_status))
            @if app.awaiting_approval { span.waiting { "awaits approval" } }
        }
        @for condition in &app.conditions { p.condition { (condition.condition_type) ": " (condition.message) } }
    }
}

/// The steps, weights and analysis of a Rollout.
pub(super) fn rollout(rollout: &RolloutView) -> Markup {
    html! {
        section.rollout {
            h2 { "Canary " (rollout.namespace) "/" (rollout.name) }
            p { (status(&rollout.phase)) " " (rollout.message) }
            ol.steps { @for step in &rollout.steps {
                li class=(step.state) { span aria-hidden="true" { (glyph(&step.state)) } " " (step.title) span.state { " " (step.state) } }
            } }
            p {
                label { "Canary weight " (rollout.actual_weight) " % " meter min="0" max="100" value=(rollout.actual_weight) { (rollout.actual_weight) " %" } }
            }
            table {
                thead { tr { th { "Revision" } th { "ReplicaSet" } th { "Role" } th { "Available" } th { "Images" } } }
                tbody { @for set in &rollout.replica_sets {
                    tr { td { (set.revision) } td { (set.name) } td { (set.role) } td { (set.available) "/" (set.desired) } td { (set.images.join(", ")) } }
                } }
            }
            @for run in &rollout.analysis_runs { (analysis(run)) }
        }
    }
}

fn analysis(run: &AnalysisRunView) -> Markup {
    html! {
        h3 { "Analysis " (run.name) " " (status(&run.phase)) }
        @if !run.message.is_empty() { p { (run.message) } }
        table {
            thead { tr { th { "Metric" } th { "Phase" } th { "Condition" } th { "Measurements" } } }
            tbody { @for metric in &run.metrics {
                tr {
                    td title=(metric.query) { (metric.name) }
                    td { (status(&metric.phase)) }
                    td { code { (metric.condition) } }
                    td { @for measurement in &metric.measurements {
                        span class={ "measurement " (measurement.phase) } title=(measurement.time) { (glyph(&measurement.phase)) " " (measurement.value) } " "
                    } }
                }
            } }
        }
    }
}

/// Events, the newest first.
pub(super) fn events(events: &[EventView]) -> Markup {
    html! {
        table.events {
            thead { tr { th { "Time" } th { "Object" } th { "Reason" } th { "Message" } } }
            tbody { @for event in events {
                tr class=(event.event_type) { td { time { (event.time) } } td { (event.object) } td { (event.reason) } td { (event.message) } }
            } }
        }
    }
}
