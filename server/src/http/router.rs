//! Every route on one screen, and what they pass through.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::header,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use lockbox_api::BODY_MAX_BYTES;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    health,
    middleware::{Edge, edge},
    openapi, routes,
};
use crate::state::AppState;

/// Answers below this size are sent as they are, bytes: compressing them costs more than it saves.
const COMPRESS_ABOVE: u64 = 1024;

/// The routes, and their description added to `document`.
pub fn described(document: utoipa::openapi::OpenApi) -> (Router<AppState>, utoipa::openapi::OpenApi) {
    let customer = OpenApiRouter::new()
        .merge(routes::session::router())
        .merge(routes::lockbox::router())
        .merge(routes::environments::router())
        .merge(routes::lockbox_requests::router())
        .merge(routes::internal_approvals::router())
        .merge(routes::service_requests::router())
        .merge(routes::logs::router())
        .merge(routes::history::router())
        .merge(routes::stream::router())
        .merge(routes::administration::router())
        .merge(routes::mail::router());
    let provider = OpenApiRouter::new()
        .merge(routes::access_requests::router())
        .merge(routes::grants::router())
        .merge(routes::provider::router());
    OpenApiRouter::with_openapi(document)
        .nest("/api/v1", customer)
        .nest("/provider/v1", provider)
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
        .routes(routes!(routes::lease_keys::read_lease_keys))
        .split_for_parts()
}

/// The server as one service: every route, and everything around them.
pub fn build_app(state: AppState) -> Router {
    let (routes, _) = described(openapi::empty());
    let routes =
        routes.route("/api/openapi.json", get(description)).route("/provider/openapi.json", get(provider_description));
    #[cfg(feature = "test-hooks")]
    let routes = routes.merge(routes::test_clock::router());
    with_edge(routes, state)
}

/// The API description.
async fn description() -> Response {
    document(openapi::text())
}

/// The description of the provider's part of it.
async fn provider_description() -> Response {
    document(openapi::text_of(openapi::Side::Provider))
}

fn document(text: serde_json::Result<String>) -> Response {
    match text {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(error) => crate::error::ApiError::internal(error).into_response(),
    }
}

/// Puts the portal under the routes and the middleware around both. The last layer is the outermost.
pub fn with_edge(routes: Router<AppState>, state: AppState) -> Router {
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(
        SizeAbove::new(COMPRESS_ABOVE)
            .and(NotForContentType::IMAGES)
            .and(NotForContentType::SSE)
            .and(NotForContentType::const_new("font/woff2"))
            .and(NotForContentType::const_new("application/vnd.apache.parquet")),
    );
    routes
        .fallback(portal)
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .layer(compression)
        .layer(from_fn_with_state(Edge::new(&state), edge))
        .with_state(state)
}

/// Whatever is no route: a page or file of the portal, or nothing.
async fn portal(State(state): State<AppState>, request: Request) -> Response {
    state.portal.serve(request.method(), request.uri().path(), request.headers()).await.into_response()
}
