//! The edge as callers see it: the whole app in process, with a few routes of its own.

use std::{net::SocketAddr, path::Path as FilePath, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, DefaultBodyLimit},
    http::{HeaderMap, Request, Response, StatusCode},
    routing::{get, post, put},
};
use http_body_util::BodyExt;
use lockbox_api::{problem::Problem, requests::DecisionInput};
use serde_json::Value;
use tower::ServiceExt;

use super::{
    extract::{ClientIp, IfMatch, Json, NoParameters, Path, Query},
    router::{build_app, with_edge},
};
use crate::{
    config::{Config, Settings},
    error::ApiError,
    start,
    state::AppState,
};

/// Largest body of a batch of reported actions, bytes.
const ACTIONS_BODY_MAX_BYTES: usize = 1024 * 1024;

/// The state of a server with an empty database, which lies in a folder that goes with it.
struct Server {
    state: AppState,
    _folder: tempfile::TempDir,
}

async fn server(change: impl FnOnce(&mut Config)) -> Server {
    let none = |_: &FilePath| Err(std::io::ErrorKind::NotFound.into());
    let env = |name: &str| (name == "LOCKBOX_PUBLIC_URL").then(|| "https://lockbox.example".into());
    let mut config = Config::load(&Settings::default(), &env, &none).unwrap();
    let folder = tempfile::tempdir().unwrap();
    config.data_dir = folder.path().to_owned();
    config.database = folder.path().join("lockbox.db");
    change(&mut config);
    let bound = "127.0.0.1:8080".parse().unwrap();
    let started = start::start(&config, bound).await.unwrap();
    started.jobs.stop().await;
    Server { state: started.state, _folder: folder }
}

/// The app with routes that do what handlers do.
fn app(server: &Server) -> Router {
    async fn decide(_: IfMatch, Path(_): Path<String>, Json(input): Json<DecisionInput>) -> Json<DecisionInput> {
        Json(input)
    }
    async fn fault() -> Result<Json<Value>, ApiError> {
        Err(ApiError::internal("select secret_column from t"))
    }
    async fn long(Query(_): Query<NoParameters>) -> Json<Vec<String>> {
        Json(vec!["the same again".to_owned(); 500])
    }
    async fn whoami(ClientIp(ip): ClientIp) -> Json<Option<String>> {
        Json(ip.map(|ip| ip.to_string()))
    }
    let routes = Router::new()
        .route("/api/v1/lockbox-requests/{id}/approve", post(decide))
        .route("/api/v1/panic", get(async || -> Json<u8> { panic!("personal text {}", std::env::args().count()) }))
        .route("/api/v1/fault", get(fault))
        .route("/api/v1/long", get(long))
        .route("/api/v1/whoami", get(whoami))
        .route("/provider/v1/thing", put(async |Json(input): Json<DecisionInput>| Json(input)))
        .route(
            "/provider/v1/grants/{id}/actions",
            post(async |Json(input): Json<DecisionInput>| Json(input))
                .layer(DefaultBodyLimit::max(ACTIONS_BODY_MAX_BYTES)),
        );
    with_edge(routes, server.state.clone())
}

async fn send(app: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
    let response: Response<_> = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

async fn get_path(app: &Router, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    send(app, Request::get(path).body(Body::empty()).unwrap()).await
}

/// A call that changes something, as the portal sends it.
fn portal_call(uri: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(uri)
        .header("content-type", "application/json")
        .header("x-lockbox-request", "1")
        .header("sec-fetch-site", "same-origin")
        .header("origin", "https://lockbox.example")
        .header("if-match", "\"1\"")
        .body(body.into())
        .unwrap()
}

fn problem(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Problem {
    assert_eq!(headers["content-type"], "application/problem+json");
    let problem: Problem = serde_json::from_slice(body).unwrap();
    assert_eq!(problem.status, status.as_u16());
    assert_eq!(problem.instance, headers["x-request-id"].to_str().unwrap());
    assert!(problem.instance.starts_with("req_"), "{problem:?}");
    assert!(!problem.title.is_empty() && !problem.detail.is_empty());
    problem
}

/// Status and type of the problem that a request leads to.
async fn failing(app: &Router, request: Request<Body>) -> (u16, String) {
    let (status, headers, body) = send(app, request).await;
    let problem = problem(status, &headers, &body);
    (status.as_u16(), problem.kind)
}

const APPROVE: &str = "/api/v1/lockbox-requests/lbx_1/approve";
const GOOD: &str = r#"{"justification":"x"}"#;

#[tokio::test]
async fn a_good_call_passes() {
    let server = server(|_| {}).await;
    let (status, headers, body) = send(&app(&server), portal_call(APPROVE, GOOD)).await;
    assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["cache-control"], "no-store");
}

#[tokio::test]
async fn every_refusal_is_a_problem_with_the_request_id() {
    let server = server(|_| {}).await;
    let app = app(&server);
    let request = |method: &str, uri: &str| Request::builder().method(method).uri(uri);
    let empty = |method: &str, uri: &str| request(method, uri).body(Body::empty()).unwrap();
    for (request, expected) in [
        (empty("GET", "/api/v1/nothing"), (404, "not_found")),
        (empty("GET", "/api"), (404, "not_found")),
        (empty("GET", "/provider/v1/nothing"), (404, "not_found")),
        (empty("GET", APPROVE), (405, "method_not_allowed")),
        (empty("OPTIONS", APPROVE), (405, "method_not_allowed")),
        (empty("POST", "/provider/v1/thing"), (405, "method_not_allowed")),
        (empty("POST", "/requests"), (405, "method_not_allowed")),
        (empty("PUT", "/provider/v1/thing"), (415, "unsupported_media_type")),
        (empty("POST", APPROVE), (415, "unsupported_media_type")),
        (portal_call(APPROVE, ""), (400, "malformed_body")),
        (portal_call(APPROVE, "{"), (400, "malformed_body")),
        (portal_call(APPROVE, "{}"), (422, "invalid_field")),
        (portal_call("/api/v1/lockbox-requests/%ff/approve", GOOD), (404, "not_found")),
        (portal_call("/api/v1/lockbox-requests/a%00/approve", GOOD), (404, "not_found")),
        (portal_call(&APPROVE.replace("lbx_1", &"x".repeat(300)), GOOD), (404, "not_found")),
        (empty("GET", "/api/v1/long?x=1"), (422, "invalid_parameter")),
        (empty("GET", "/api/v1/fault"), (500, "internal")),
        (empty("GET", "/api/v1/panic"), (500, "internal")),
    ] {
        let case = format!("{} {}", request.method(), request.uri());
        let (status, kind) = failing(&app, request).await;
        assert_eq!((status, kind.as_str()), (expected.0, format!("/problems/{}", expected.1).as_str()), "{case}");
    }
    let (_, headers, _) = send(&app, empty("GET", APPROVE)).await;
    assert_eq!(headers["allow"], "POST");
    let mut request = portal_call(APPROVE, GOOD);
    request.headers_mut().remove("if-match");
    assert_eq!(failing(&app, request).await, (428, "/problems/precondition_required".to_owned()));
}

#[tokio::test]
async fn without_the_guard_nothing_is_changed() {
    let server = server(|_| {}).await;
    let app = app(&server);
    for (header, value) in
        [("x-lockbox-request", ""), ("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]
    {
        let mut request = portal_call(APPROVE, GOOD);
        request.headers_mut().insert(header, value.parse().unwrap());
        assert_eq!(failing(&app, request).await, (403, "/problems/forgery_guard".to_owned()), "{header}");
    }
    let provider = Request::put("/provider/v1/thing").header("content-type", "application/json");
    assert_eq!(send(&app, provider.body(GOOD.into()).unwrap()).await.0, StatusCode::OK, "keys ride in no cookie");
}

#[tokio::test]
async fn faults_and_panics_tell_nothing() {
    let server = server(|_| {}).await;
    let app = app(&server);
    for path in ["/api/v1/fault", "/api/v1/panic"] {
        let (_, _, body) = get_path(&app, path).await;
        let text = String::from_utf8(body).unwrap();
        assert!(!text.contains("secret") && !text.contains("personal") && !text.contains("panick"), "{text}");
    }
    assert_eq!(get_path(&app, "/api/v1/long").await.0, StatusCode::OK, "the server goes on");
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let server = server(|_| {}).await;
    let app = app(&server);
    let sized = |bytes: usize| {
        let frame = r#"{"justification":""}"#.len();
        format!(r#"{{"justification":"{}"}}"#, "x".repeat(bytes - frame))
    };
    for (uri, limit) in [(APPROVE, 64 * 1024), ("/provider/v1/grants/grt_1/actions", 1024 * 1024)] {
        let (status, _, _) = send(&app, portal_call(uri, sized(limit))).await;
        assert_eq!(status, StatusCode::OK, "{uri} at the limit");
        let over = failing(&app, portal_call(uri, sized(limit + 1))).await;
        assert_eq!(over, (413, "/problems/body_too_large".to_owned()), "{uri}");
        let chunks = futures_util::stream::iter((0..64).map(|_| Ok::<_, std::io::Error>("x".repeat(32 * 1024))));
        let over = failing(&app, portal_call(uri, Body::from_stream(chunks))).await;
        assert_eq!(over, (413, "/problems/body_too_large".to_owned()), "{uri} without a length");
    }
}

#[tokio::test]
async fn security_headers_are_on_every_answer() {
    let server = server(|_| {}).await;
    let app = app(&server);
    let csp = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; font-src 'self'; \
        connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    for path in [
        "/healthz-not",
        "/healthz",
        "/api/v1/long",
        "/api/v1/nothing",
        "/api/v1/panic",
        "/requests/lbx_1",
        "/missing.js",
        "/metrics",
    ] {
        let (_, headers, _) = get_path(&app, path).await;
        for (name, value) in [
            ("content-security-policy", csp),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            // The page itself may carry hashes of its inline styles.
            let found = headers[name].to_str().unwrap();
            let same =
                found == value || (name == "content-security-policy" && found.contains("style-src 'self' 'sha256-"));
            assert!(same, "{path} {name}: {found}");
        }
        assert!(headers.contains_key("permissions-policy") && headers.contains_key("x-request-id"), "{path}");
        assert_eq!(headers.get_all("content-security-policy").iter().count(), 1);
    }
}

#[tokio::test]
async fn request_ids_are_our_own() {
    let server = server(|_| {}).await;
    let app = app(&server);
    let request = || Request::get("/healthz").header("x-request-id", "req_chosen").body(Body::empty()).unwrap();
    let (_, first, _) = send(&app, request()).await;
    let (_, second, _) = send(&app, request()).await;
    assert_ne!(first["x-request-id"], "req_chosen");
    assert_ne!(first["x-request-id"], second["x-request-id"]);
}

#[tokio::test]
async fn long_answers_are_compressed_and_short_ones_are_not() {
    let server = server(|_| {}).await;
    let app = app(&server);
    for (encoding, path, expected) in [
        ("br", "/api/v1/long", None),
        ("br, gzip", "/api/v1/long", Some("gzip")),
        ("gzip", "/api/v1/long", Some("gzip")),
        ("identity", "/api/v1/long", None),
        ("br, gzip", "/healthz", None),
    ] {
        let request = Request::get(path).header("accept-encoding", encoding).body(Body::empty()).unwrap();
        let (_, headers, body) = send(&app, request).await;
        let found = headers.get("content-encoding").map(|value| value.to_str().unwrap());
        assert_eq!(found, expected, "{encoding} {path}");
        if expected.is_some() {
            assert!(body.len() < 500);
        }
    }
}

fn from(peer: &str, uri: &str, forwarded: Option<&str>) -> Request<Body> {
    let mut request = Request::get(uri);
    if let Some(forwarded) = forwarded {
        request = request.header("x-forwarded-for", forwarded);
    }
    let peer: SocketAddr = format!("{peer}:4711").parse().unwrap();
    request.extension(ConnectInfo(peer)).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn the_callers_address_is_the_peers() {
    let server = server(|_| {}).await;
    let app = app(&server);
    let (_, _, body) = send(&app, from("192.0.2.1", "/api/v1/whoami", Some("203.0.113.9"))).await;
    assert_eq!(body, b"\"192.0.2.1\"", "nobody is trusted by default");
}

#[tokio::test]
async fn metrics_are_for_operators() {
    let server = server(|_| {}).await;
    let app = build_app(server.state.clone());
    let (status, headers, body) = send(&app, from("127.0.0.1", "/metrics", None)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(headers["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let _ = send(&app, from("127.0.0.1", "/api/v1/some-persons-id-in-a-path", None)).await;
    let text = String::from_utf8(send(&app, from("127.0.0.1", "/metrics", None)).await.2).unwrap();
    assert!(text.contains("lockbox_http_requests_total{method=\"GET\",route=\"/metrics\",status=\"200\"} 1"), "{text}");
    assert!(text.contains("route=\"other\",status=\"404\"") && !text.contains("some-persons-id"), "{text}");
    assert!(body.ends_with(b"# EOF\n"));
    for request in [
        from("192.0.2.1", "/metrics", None),
        from("127.0.0.1", "/metrics", Some("203.0.113.9")),
        Request::get("/metrics").body(Body::empty()).unwrap(),
    ] {
        assert_eq!(failing(&app, request).await, (404, "/problems/not_found".to_owned()));
    }
}

#[tokio::test]
async fn health_and_readiness() {
    let server = server(|_| {}).await;
    let mut state = server.state.clone();
    let app = build_app(state.clone());
    assert_eq!(get_path(&app, "/healthz").await.0, StatusCode::OK);
    assert_eq!(get_path(&app, "/readyz").await.0, StatusCode::OK, "the database answers");

    state.ready = Arc::new(|| Box::pin(async { Err("database gone: secret".to_owned()) }));
    let (status, headers, body) = get_path(&build_app(state.clone()), "/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(headers.contains_key("retry-after") && !String::from_utf8(body).unwrap().contains("secret"));
    state.ready = Arc::new(|| Box::pin(std::future::pending()));
    tokio::time::pause();
    assert_eq!(get_path(&build_app(state.clone()), "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
    tokio::time::resume();

    server.state.stop.begin();
    assert_eq!(get_path(&app, "/healthz").await.0, StatusCode::OK);
    assert_eq!(failing(&app, Request::get("/readyz").body(Body::empty()).unwrap()).await.0, 503);
}

#[tokio::test]
async fn the_document_describes_what_is_served() {
    let server = server(|_| {}).await;
    let app = build_app(server.state.clone());
    let (status, _, body) = get_path(&app, "/api/openapi.json").await;
    assert_eq!(status, StatusCode::OK);
    let document: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > 30, "{}", paths.len());
    for (path, operations) in paths {
        for method in operations.as_object().unwrap().keys().filter(|key| key.as_str() != "parameters") {
            let uri = path.replace(['{', '}'], "");
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(&uri).body(Body::empty());
            let (status, headers, body) = send(&app, request.unwrap()).await;
            // Nobody is signed in: health answers, everything else refuses, and never because there is no such route.
            let text = String::from_utf8(body).unwrap();
            assert_ne!(status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{method} {path}: {text}");
            if status.is_client_error() {
                assert_eq!(headers["content-type"], "application/problem+json", "{method} {path}");
            }
        }
    }
}

mod logging;
mod portal;
mod serving;
