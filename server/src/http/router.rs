//! All routes on one screen, and what they pass through.

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef, Request, State},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use lockbox_api::BODY_MAX_BYTES;
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::Json,
    health,
    middleware::{Caller, SecurityHeaders, caught_panic, exchange, forgery_guard, problems, security_headers},
};
use crate::state::AppState;

/// Largest body of a batch of reported actions, bytes.
pub const ACTIONS_BODY_MAX_BYTES: usize = 1024 * 1024;
/// Answers below this size are sent as they are, bytes: compressing them costs more than it saves.
const COMPRESS_ABOVE: u64 = 1024;

/// The server as one service: every route, and everything around them.
#[must_use]
pub fn build_app(state: AppState) -> Router {
    let (routes, document) = routes().split_for_parts();
    let document = Json(document);
    let routes = routes.route("/api/openapi.json", get(move || async move { document }));
    with_edge(routes, state)
}

/// The OpenAPI document of this version.
#[must_use]
pub fn openapi() -> OpenApi {
    routes().split_for_parts().1
}

/// Every route together with its description.
fn routes() -> OpenApiRouter<AppState> {
    let info = InfoBuilder::new()
        .title("Lockbox")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Nobody of the provider reaches a customer's data without that customer's consent."))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build()))
        .build();
    OpenApiRouter::with_openapi(OpenApiBuilder::new().info(info).build())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
}

/// Puts the portal under the routes and the middleware around both. The last layer is the outermost.
pub fn with_edge(routes: Router<AppState>, state: AppState) -> Router {
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(
        SizeAbove::new(COMPRESS_ABOVE)
            .and(NotForContentType::IMAGES)
            .and(NotForContentType::SSE)
            .and(NotForContentType::const_new("font/woff2")),
    );
    routes
        .fallback(portal)
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .layer(from_fn_with_state(state.public_url.clone(), forgery_guard))
        .layer(CatchPanicLayer::custom(caught_panic))
        .layer(from_fn(problems))
        .layer(compression)
        .layer(from_fn_with_state(SecurityHeaders::from_ref(&state), security_headers))
        .layer(from_fn_with_state(Caller::from_ref(&state), exchange))
        .with_state(state)
}

/// Whatever is no route: a page or file of the portal, or nothing.
async fn portal(State(state): State<AppState>, request: Request) -> Response {
    state.portal.serve(request.method(), request.uri().path(), request.headers()).await.into_response()
}
