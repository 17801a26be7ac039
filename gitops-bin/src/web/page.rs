//! The web page: server-rendered, readable without script, each view with its command-line twin at the foot.

mod application;
mod parts;

use std::collections::BTreeSet;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use crate::driver::{Answer, ApproveCall, Call, Handle};
use crate::view::{ApplicationView, ErrorView, EventView, RolloutView};

/// How many of the newest events the overview shows.
const SHOWN_EVENTS: usize = 30;

pub(super) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css"))
}

/// Applications by environments, what needs somebody, canaries and events.
pub(super) async fn overview(State(handle): State<Handle>) -> Response {
    answer(overview_of(&handle).await)
}

async fn overview_of(handle: &Handle) -> Answer<Markup> {
    let applications = handle.ask(Call::Applications).await?.items;
    let rollouts = handle.ask(Call::Rollouts).await?.items;
    let mut events = handle.ask(|to| Call::Events(0, to)).await?.items;
    events.reverse();
    events.truncate(SHOWN_EVENTS);
    Ok(parts::page("Overview", "gitops get apps", &overview_body(&applications, &rollouts, &events)))
}

fn overview_body(applications: &[ApplicationView], rollouts: &[RolloutView], events: &[EventView]) -> Markup {
    let waiting: Vec<&ApplicationView> = applications.iter().filter(|app| app.awaiting_approval).collect();
    html! {
        @if !waiting.is_empty() {
            section.needs role="status" {
                h2 { "Needs you" }
                ul { @for app in waiting {
                    li { a href={ "/applications/" (app.name) } { (app.name) } " waits for the approval of " (app.changes) " changes" }
                } }
            }
        }
        section { h2 { "Applications" } (matrix(applications)) }
        @for rollout in rollouts { (parts::rollout(rollout)) }
        section { h2 { "Events" } (parts::events(events)) }
    }
}

/// A table of applications by environments. The environment is the namespace of the destination.
fn matrix(applications: &[ApplicationView]) -> Markup {
    let environments = environments(applications);
    let names: BTreeSet<&str> = applications.iter().map(stem).collect();
    html! {
        table.matrix {
            thead { tr { th scope="col" { "Application" } @for name in &environments { th scope="col" { (name) } } } }
            tbody { @for name in names {
                tr {
                    th scope="row" { (name) }
                    @for environment in &environments {
                        td { @for app in applications.iter().filter(|app| stem(app) == name && app.namespace == *environment) {
                            (parts::cell(app))
                        } }
                    }
                }
            } }
        }
    }
}

/// The environments in the order in which changes travel, those that are not known by name last.
fn environments(applications: &[ApplicationView]) -> Vec<&str> {
    const ORDER: [&str; 3] = ["dev", "staging", "prod"];
    let names: BTreeSet<&str> = applications.iter().map(|app| app.namespace.as_str()).collect();
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_by_key(|name| ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()));
    names
}

/// The name without the environment that ends it: `myapp` of `myapp-dev`.
fn stem(app: &ApplicationView) -> &str {
    app.name.strip_suffix(app.namespace.as_str()).and_then(|name| name.strip_suffix('-')).unwrap_or(&app.name)
}

/// One Application: what differs, the approval form, its history.
pub(super) async fn application(State(handle): State<Handle>, Path(name): Path<String>) -> Response {
    answer(application_of(&handle, name).await)
}

async fn application_of(handle: &Handle, name: String) -> Answer<Markup> {
    let diff = handle.ask(|to| Call::Diff(name.clone(), to)).await?;
    let history = handle.ask(|to| Call::History(name.clone(), to)).await?.items;
    let applications = handle.ask(Call::Applications).await?.items;
    let view = applications.into_iter().find(|app| app.name == name);
    let body = application::body(view.as_ref(), &diff, &history);
    Ok(parts::page(&name, &format!("gitops diff {name}"), &body))
}

#[derive(Debug, Deserialize)]
pub(super) struct ApproveForm {
    approver: String,
    changes: String,
    #[serde(default)]
    message: String,
}

/// Approves the changes that the form showed, and starts the sync.
pub(super) async fn approve(
    State(handle): State<Handle>,
    Path(name): Path<String>,
    Form(form): Form<ApproveForm>,
) -> Response {
    let call = ApproveCall {
        desired: None,
        application: name.clone(),
        changes: form.changes,
        approver: form.approver,
        message: form.message,
        sync: true,
    };
    match handle.ask(|to| Call::Approve(call, to)).await {
        Ok(_) => Redirect::to(&format!("/applications/{name}")).into_response(),
        Err(error) => answer(Err(error)),
    }
}

fn answer(page: Answer<Markup>) -> Response {
    match page {
        Ok(page) => page.into_response(),
        Err(error) => refused(&error),
    }
}

fn refused(error: &ErrorView) -> Response {
    let body = html! {
        section.refused role="alert" {
            h2 { "Not done" }
            p { (error.message) }
            @if let Some(hint) = &error.hint { p { (hint) } }
            p { a href="/" { "Back to the overview" } }
        }
    };
    let status = error.clone().into_response().status();
    (status, parts::page("Not done", "gitops get apps", &body)).into_response()
}
