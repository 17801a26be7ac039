//! The HTTP API and the web page of `gitopsd`.
//!
//! Until there is sign-in it listens on loopback only and refuses requests whose `Host` or `Origin` is not its
//! own, so that no page of another site can act through somebody's browser.

mod api;
mod guard;
mod metrics;
mod page;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};

use crate::driver::Handle;

/// The routes of the API and the page. `address` is where the server listens: the only `Host` that it serves.
pub fn router(handle: Handle, address: std::net::SocketAddr) -> Router {
    let api = Router::new()
        .route("/applications", get(api::applications))
        .route("/applications/{name}/diff", get(api::diff))
        .route("/applications/{name}/history", get(api::history))
        .route("/applications/{name}/sync", post(api::sync))
        .route("/applications/{name}/approve", post(api::approve))
        .route("/applications/{name}/rollback", post(api::rollback))
        .route("/rollouts", get(api::rollouts))
        .route("/rollouts/{namespace}/{name}/{verb}", post(api::move_rollout))
        .route("/images", get(api::images))
        .route("/images/update", post(api::update_images))
        .route("/images/push", post(api::push_image))
        .route("/events", get(api::events));
    Router::new()
        .nest("/api/v1", api)
        .route("/", get(page::overview))
        .route("/applications/{name}", get(page::application).post(page::approve))
        .route("/style.css", get(page::style))
        .route("/metrics", get(metrics::export))
        .layer(middleware::from_fn_with_state(guard::Guard::new(address), guard::check))
        .with_state(handle)
}
