//! One exchange: its id, its caller, its line in the log, its place in the metrics.

use std::{
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request},
    http::{HeaderValue, Method, header::DATE},
    response::Response,
};
use lockbox_api::REQUEST_ID_HEADER;
use tracing::{Level, Span, event};

use crate::{
    clock::Clock,
    config::Network,
    error::{ApiError, Failure},
    http::extract::{ClientIp, CorrelationId},
    metrics::Metrics,
    random::Random,
    state::AppState,
};

/// What is needed to know and to count callers.
pub(super) struct Exchange {
    clock: Clock,
    random: Random,
    metrics: Metrics,
    trusted_proxies: Box<[Network]>,
    /// The `Date` of the second for which it was made last.
    date: Mutex<(i64, HeaderValue)>,
}

/// An exchange that has begun.
pub(super) struct Begun {
    id: String,
    at: Instant,
    method: &'static str,
    route: Option<MatchedPath>,
    span: Span,
}

impl Begun {
    /// The id of the exchange.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// What everything that happens within is logged under.
    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }
}

impl Exchange {
    pub(super) fn new(state: &AppState) -> Self {
        Self {
            clock: state.env.clock.clone(),
            random: state.env.random.clone(),
            metrics: state.metrics.clone(),
            trusted_proxies: state.config.trusted_proxies.clone().into(),
            date: Mutex::new((i64::MIN, HeaderValue::from_static(""))),
        }
    }

    /// Gives the exchange an id (none is accepted from outside) and finds the caller's address.
    pub(super) fn begin(&self, request: &mut Request) -> Begun {
        let at = Instant::now();
        let id = self.random.prefixed("req_", self.clock.now());
        let method = name(request.method());
        let route = request.extensions().get::<MatchedPath>().cloned();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let ip = ClientIp::find(peer, request.headers(), &self.trusted_proxies);
        request.extensions_mut().insert(ip);
        request.extensions_mut().insert(CorrelationId(id.clone()));
        let name = pattern(route.as_ref());
        let span = tracing::info_span!("exchange", request_id = %id, http.method = method, http.route = %name);
        Begun { id, at, method, route, span }
    }

    /// Puts id and date on the answer, counts it, and writes one line: method, route pattern, status, latency, id. No
    /// query, no body, no name.
    pub(super) fn end(&self, begun: Begun, mut response: Response) -> Response {
        let (method, route) = (begun.method, pattern(begun.route.as_ref()));
        if let Ok(value) = HeaderValue::try_from(&begun.id) {
            response.headers_mut().insert(REQUEST_ID_HEADER, value);
        }
        // Pages reckon their countdowns by this header, so it is of the clock that decides, not of whatever writes it last.
        response.headers_mut().insert(DATE, self.date());
        let latency = begun.at.elapsed();
        let status = response.status().as_u16();
        self.metrics.answered(method, route, status, latency);
        let ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        let _entered = begun.span.entered();
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
                event!(
                    Level::ERROR,
                    http.status = status,
                    latency_ms = ms,
                    problem,
                    "{method} {route} answered {status}"
                )
            }
            (_, 401 | 403 | 429) => {
                event!(
                    Level::WARN,
                    http.status = status,
                    latency_ms = ms,
                    problem,
                    "{method} {route} answered {status}"
                );
            }
            // What is asked constantly is counted, not told: thousands of lines a second would bury everything else.
            (None, 200..=399) if QUIET.contains(&route) => {
                event!(
                    Level::DEBUG,
                    http.status = status,
                    latency_ms = ms,
                    problem,
                    "{method} {route} answered {status}"
                );
            }
            _ if matches!(route, "other" | "/healthz" | "/readyz" | "/metrics") => {
                event!(
                    Level::DEBUG,
                    http.status = status,
                    latency_ms = ms,
                    problem,
                    "{method} {route} answered {status}"
                );
            }
            _ => event!(
                Level::INFO,
                http.status = status,
                latency_ms = ms,
                problem,
                "{method} {route} answered {status}"
            ),
        }
        response
    }

    /// The `Date` header of now; written out once a second.
    fn date(&self) -> HeaderValue {
        let now = self.clock.now();
        let mut made = self.date.lock().unwrap_or_else(PoisonError::into_inner);
        if made.0 != now.timestamp() {
            let text = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            *made = (now.timestamp(), HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("")));
        }
        made.1.clone()
    }
}

/// Routes whose good answers are told at level debug only.
const QUIET: [&str; 1] = ["/provider/v1/grants/{id}/check"];

/// The route's pattern, never the path.
fn pattern(route: Option<&MatchedPath>) -> &str {
    route.map_or("other", MatchedPath::as_str)
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
