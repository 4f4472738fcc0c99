//! One exchange: its id, its caller, its line in the log, its place in the metrics.

use std::{net::SocketAddr, time::Instant};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderValue, Method, header::DATE},
    middleware::Next,
    response::Response,
};
use lockbox_api::REQUEST_ID_HEADER;
use tracing::{Instrument, Level, event};

use crate::{
    clock::Clock,
    config::Network,
    error::{ApiError, Failure},
    http::extract::{ClientIp, CorrelationId},
    metrics::Metrics,
    random::Random,
};

/// What is needed to know and to count callers.
#[derive(Clone)]
pub struct Exchange {
    /// For ids.
    pub clock: Clock,
    /// For ids.
    pub random: Random,
    /// Counts answers.
    pub metrics: Metrics,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: std::sync::Arc<[Network]>,
}

/// Gives the exchange an id (none is accepted from outside), finds the caller's address, and writes one line when the
/// answer's head is ready: method, route pattern, status, latency, id. No query, no body, no name.
pub async fn exchange(State(caller): State<Exchange>, mut request: Request, next: Next) -> Response {
    let begin = Instant::now();
    let id = caller.random.prefixed("req_", caller.clock.now());
    let method = name(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let ip = ClientIp::find(peer, request.headers(), &caller.trusted_proxies);
    request.extensions_mut().insert(ip);
    request.extensions_mut().insert(CorrelationId(id.clone()));

    let span = tracing::info_span!("exchange", request_id = %id, http.method = method, http.route = %route);
    let mut response = next.run(request).instrument(span.clone()).await;

    if let Ok(value) = HeaderValue::try_from(&id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, value);
    }
    // Pages reckon their countdowns by this header, so it is of the clock that decides, not of whatever writes it last.
    let date = caller.clock.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(value) = HeaderValue::try_from(date) {
        response.headers_mut().insert(DATE, value);
    }
    let latency = begin.elapsed();
    let status = response.status().as_u16();
    caller.metrics.answered(method, &route, status, latency);
    let ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    let _entered = span.entered();
    let failure = response.extensions().get::<Failure>();
    let problem = failure.map(|failure| failure.0.kind().as_str());
    match (failure.map(|failure| failure.0.as_ref()), status) {
        (Some(ApiError::Internal(cause)), _) => {
            event!(
                Level::ERROR,
                http.status = status,
                latency_ms = ms,
                problem,
                cause,
                "{method} {route} failed: {cause}"
            );
        }
        (_, 500..) => {
            event!(Level::ERROR, http.status = status, latency_ms = ms, problem, "{method} {route} answered {status}")
        }
        (_, 401 | 403 | 429) => {
            event!(Level::WARN, http.status = status, latency_ms = ms, problem, "{method} {route} answered {status}");
        }
        _ if matches!(route.as_str(), "other" | "/healthz" | "/readyz" | "/metrics") => {
            event!(Level::DEBUG, http.status = status, latency_ms = ms, problem, "{method} {route} answered {status}");
        }
        _ => event!(Level::INFO, http.status = status, latency_ms = ms, problem, "{method} {route} answered {status}"),
    }
    response
}

/// The method as a label. Callers can invent methods; each would be a new line in the metrics.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
