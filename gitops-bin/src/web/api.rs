//! The HTTP API: JSON in, JSON out, the views of [`crate::view`].

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::driver::{
    Answer, ApproveCall, Call, Handle, PushCall, RollbackCall, RolloutCall, RolloutVerb, SyncCall,
};
use crate::view::{ErrorKind, ErrorView};

impl IntoResponse for ErrorView {
    fn into_response(self) -> Response {
        let status = match self.kind {
            ErrorKind::Usage => StatusCode::BAD_REQUEST,
            ErrorKind::Outside => StatusCode::BAD_GATEWAY,
            ErrorKind::Refused => StatusCode::FORBIDDEN,
        };
        (status, Json(self)).into_response()
    }
}

type Reply<T> = Result<Json<T>, ErrorView>;

fn reply<T>(answer: Answer<T>) -> Reply<T> {
    answer.map(Json)
}

pub(super) async fn applications(State(handle): State<Handle>) -> impl IntoResponse {
    reply(handle.ask(Call::Applications).await)
}

pub(super) async fn diff(State(handle): State<Handle>, Path(name): Path<String>) -> impl IntoResponse {
    reply(handle.ask(|to| Call::Diff(name, to)).await)
}

pub(super) async fn history(State(handle): State<Handle>, Path(name): Path<String>) -> impl IntoResponse {
    reply(handle.ask(|to| Call::History(name, to)).await)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SyncBody {
    #[serde(default)]
    prune: bool,
    #[serde(default)]
    desired: Option<String>,
    initiated_by: String,
}

pub(super) async fn sync(
    State(handle): State<Handle>,
    Path(application): Path<String>,
    Json(body): Json<SyncBody>,
) -> impl IntoResponse {
    let SyncBody { prune, desired, initiated_by } = body;
    let call = SyncCall { application, prune, desired, initiated_by };
    reply(handle.ask(|to| Call::Sync(call, to)).await)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ApproveBody {
    approver: String,
    changes: String,
    #[serde(default)]
    desired: Option<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    sync: bool,
}

pub(super) async fn approve(
    State(handle): State<Handle>,
    Path(application): Path<String>,
    Json(body): Json<ApproveBody>,
) -> impl IntoResponse {
    let ApproveBody { approver, changes, desired, message, sync } = body;
    let call = ApproveCall { application, changes, desired, approver, message, sync };
    reply(handle.ask(|to| Call::Approve(call, to)).await)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RollbackBody {
    #[serde(default)]
    id: Option<i64>,
    initiated_by: String,
}

pub(super) async fn rollback(
    State(handle): State<Handle>,
    Path(application): Path<String>,
    Json(body): Json<RollbackBody>,
) -> impl IntoResponse {
    let call = RollbackCall { application, id: body.id, initiated_by: body.initiated_by };
    reply(handle.ask(|to| Call::Rollback(call, to)).await)
}

pub(super) async fn rollouts(State(handle): State<Handle>) -> impl IntoResponse {
    reply(handle.ask(Call::Rollouts).await)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MoveBody {
    initiated_by: String,
}

pub(super) async fn move_rollout(
    State(handle): State<Handle>,
    Path((namespace, name, verb)): Path<(String, String, String)>,
    Json(body): Json<MoveBody>,
) -> impl IntoResponse {
    let Some(verb) = RolloutVerb::parse(&verb) else {
        return Err(ErrorView {
            kind: ErrorKind::Usage,
            message: format!("`{verb}` is no verb of a Rollout"),
            hint: Some("use promote, promote-full, abort or retry".to_owned()),
        });
    };
    let call = RolloutCall { namespace, name, verb, initiated_by: body.initiated_by };
    reply(handle.ask(|to| Call::MoveRollout(call, to)).await)
}

pub(super) async fn images(State(handle): State<Handle>) -> impl IntoResponse {
    reply(handle.ask(Call::Images).await)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateBody {
    #[serde(default)]
    dry_run: bool,
}

pub(super) async fn update_images(
    State(handle): State<Handle>,
    Json(body): Json<UpdateBody>,
) -> impl IntoResponse {
    reply(handle.ask(|to| Call::UpdateImages(body.dry_run, to)).await)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PushBody {
    tag: String,
    #[serde(default)]
    bad: bool,
}

pub(super) async fn push_image(
    State(handle): State<Handle>,
    Json(body): Json<PushBody>,
) -> impl IntoResponse {
    let call = PushCall { tag: body.tag, bad: body.bad };
    reply(handle.ask(|to| Call::PushImage(call, to)).await)
}

#[derive(Debug, Deserialize)]
pub(super) struct EventsQuery {
    #[serde(default)]
    after: u64,
}

pub(super) async fn events(
    State(handle): State<Handle>,
    Query(query): Query<EventsQuery>,
) -> impl IntoResponse {
    reply(handle.ask(|to| Call::Events(query.after, to)).await)
}
