//! Every route on one screen.

use axum::{Router, extract::DefaultBodyLimit};
use lockbox_api::BODY_MAX_BYTES;
use utoipa_axum::router::OpenApiRouter;

use super::routes;
use crate::state::AppState;

/// The REST API, and its description added to `document`.
#[must_use]
pub fn described(document: utoipa::openapi::OpenApi) -> (Router<AppState>, utoipa::openapi::OpenApi) {
    let customer = OpenApiRouter::new()
        .merge(routes::session::router())
        .merge(routes::lockbox::router())
        .merge(routes::environments::router())
        .merge(routes::lockbox_requests::router())
        .merge(routes::service_requests::router())
        .merge(routes::logs::router())
        .merge(routes::history::router())
        .merge(routes::administration::router())
        .merge(routes::mail::router());
    let provider = OpenApiRouter::new()
        .merge(routes::access_requests::router())
        .merge(routes::grants::router())
        .merge(routes::provider::router());
    OpenApiRouter::with_openapi(document)
        .nest("/api/v1", customer)
        .nest("/provider/v1", provider)
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .split_for_parts()
}
