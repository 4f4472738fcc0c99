//! The one layer around all routes: from the outside in, the exchange (id, caller, log line, figures), the security
//! headers, problems as JSON, the time written down where a restart would not reach it,
//! the catcher of panics, the guard against forged calls, and the refusal of parameters.

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    extract::{Request, State},
    http::HeaderValue,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use lockbox_api::SEQUENCE_HEADER;
use tracing::Instrument;

use super::{exchange::Exchange, forgery_guard, parameters, problems, security_headers::SecurityHeaders};
use crate::{
    config::PublicUrl,
    error::ApiError,
    http::{auth::ReadAt, portal::is_portal_path},
    state::AppState,
};

/// What the edge knows. Cheap to clone.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    exchange: Exchange,
    headers: SecurityHeaders,
    public_url: PublicUrl,
    state: AppState,
}

impl Edge {
    /// The edge of a server.
    #[must_use]
    pub fn new(state: &AppState) -> Self {
        Self(Arc::new(Inner {
            exchange: Exchange::new(state),
            headers: SecurityHeaders::new(&state.public_url),
            public_url: state.public_url.clone(),
            state: state.clone(),
        }))
    }
}

/// Everything that happens around every call.
pub async fn edge(State(Edge(edge)): State<Edge>, mut request: Request, next: Next) -> Response {
    let begun = edge.exchange.begin(&mut request);
    let is_data = !is_portal_path(request.uri().path());
    // Neither files nor what supervisors ask say anything of the time; these must answer when nothing can be written.
    let tells_time = is_data && !matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics");
    let read_at = request.uri().path().starts_with("/api/v1/").then(ReadAt::default);
    if let Some(read_at) = &read_at {
        request.extensions_mut().insert(read_at.clone());
    }
    let mut response = answer(&edge, request, next).instrument(begun.span()).await;
    // Of a refusal nobody learns how far a log has come.
    if response.status().is_success()
        && let Some(sequence) = read_at.and_then(|read_at| read_at.sequence())
    {
        response.headers_mut().insert(SEQUENCE_HEADER, HeaderValue::from(sequence));
    }
    if tells_time {
        edge.state.keep_time().await;
    }
    let mut response = problems::written(response, begun.id());
    edge.headers.set(&mut response, is_data);
    edge.exchange.end(begun, response)
}

async fn answer(edge: &Inner, request: Request, next: Next) -> Response {
    let refused = forgery_guard::refusal(&request, &edge.public_url).or_else(|| parameters::refusal(&request));
    if let Some(error) = refused {
        return error.into_response();
    }
    // What the panic said stays out of the answer; the hook of `report_panics` has told the log where it was.
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answered.unwrap_or_else(|_| ApiError::internal("a handler panicked").into_response())
}
