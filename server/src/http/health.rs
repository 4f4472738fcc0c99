//! What operators and their tools ask: alive, ready, figures.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{
    extract::{ClientIp, Json},
    stream::Later,
};
use crate::{error::ApiError, state::AppState};

/// How long the check of readiness may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers whether the server can do its work: database, migrations, log, disk. The text of a refusal goes to the log.
pub type ReadyCheck = Arc<dyn Fn() -> Later<Result<(), String>> + Send + Sync>;

/// A word about the server.
#[derive(Debug, Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Health {
    /// `ok` or `ready`.
    pub status: String,
    /// Version of the server.
    pub version: String,
}

fn health(status: &str) -> Json<Health> {
    Json(Health { status: status.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() })
}

/// Whether the process is alive. Touches nothing. Permissions: everybody.
#[utoipa::path(get, path = "/healthz", operation_id = "healthz", tag = "Operations",
    responses((status = 200, description = "Alive", body = Health)))]
pub async fn healthz() -> Json<Health> {
    health("ok")
}

/// Whether it can do its work now. Permissions: everybody.
///
/// # Errors
/// [`ApiError::Unavailable`] while it starts or stops, and when the database does not answer or can't be written.
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "Operations", 
    description = "503 while it starts or stops, and when the database does not answer or can't be written; the log says why.",
    responses((status = 200, description = "Ready", body = Health),
        (status = 503, description = "Not ready", body = lockbox_api::problem::Problem,
            content_type = "application/problem+json")))]
pub async fn readyz(State(state): State<AppState>) -> Result<Json<Health>, ApiError> {
    if state.stop.has_begun() {
        return Err(ApiError::Unavailable);
    }
    match tokio::time::timeout(PATIENCE, (state.ready)()).await {
        Ok(Ok(())) => Ok(health("ready")),
        Ok(Err(cause)) => {
            tracing::warn!("not ready: {cause}");
            Err(ApiError::Unavailable)
        }
        Err(_) => {
            tracing::warn!("not ready: the check took more than {} s", PATIENCE.as_secs());
            Err(ApiError::Unavailable)
        }
    }
}

/// Figures in the Prometheus text form. Permissions: the clients that the setting `metrics_clients` names; to others
/// there is nothing here, because sums over all organisations tell one organisation about the others.
///
/// # Errors
/// [`ApiError::NotFound`]
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "Operations",
    description = "404 for clients that the setting does not name.",
    responses((status = 200, description = "Prometheus text", body = String, content_type = "application/openmetrics-text"),
        (status = 404, description = "Not for this client", body = lockbox_api::problem::Problem,
            content_type = "application/problem+json")))]
pub async fn metrics(
    State(state): State<AppState>,
    ClientIp(caller): ClientIp,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    // Behind a proxy that is not trusted the caller is unknown: the peer is the proxy, which may well be loopback.
    let peer = peer.map(|peer| peer.0.0.ip().to_canonical());
    let forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
    let known = caller.filter(|caller| !(forwarded && Some(*caller) == peer));
    if !known.is_some_and(|caller| state.config.metrics_clients.iter().any(|network| network.contains(caller))) {
        return Err(ApiError::NotFound);
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], state.metrics.text()).into_response())
}
