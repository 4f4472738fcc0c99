//! The client against a server that answers by script: what is sent, how often, and where.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use lockbox_client::{
    Client, Error, News,
    api::{
        ids::{GrantId, RequestId},
        problem::ProblemType,
        provider::{EndInput, GrantCheckInput, OrganizationPut},
        requests::Status,
    },
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

/// A call as it arrived.
#[derive(Clone, Debug)]
struct Seen {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What the server does with a call.
enum Does {
    /// Answers.
    Says(u16, &'static str, Value),
    /// Closes the connection without a word.
    Drops,
    /// Holds the call for ever.
    Sleeps,
}

struct Server {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers one call after the other by the script; the last answer again and again.
    async fn start(script: Vec<Does>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        tokio::spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let mut stream = BufReader::new(stream);
                let mut lines = Vec::new();
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).await.unwrap();
                    match line.trim_end() {
                        "" => break,
                        line => lines.push(line.to_owned()),
                    }
                }
                let headers: Vec<(String, String)> = lines[1..]
                    .iter()
                    .filter_map(|line| line.split_once(": "))
                    .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                    .collect();
                let length = headers.iter().find(|(name, _)| name == "content-length");
                let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
                stream.read_exact(&mut body).await.unwrap();
                let body = String::from_utf8(body).unwrap();
                record.lock().unwrap().push(Seen { line: lines[0].clone(), headers, body });
                match &script[number.min(script.len() - 1)] {
                    Does::Says(status, headers, body) => {
                        let kind = if *status < 400 { "application/json" } else { "application/problem+json" };
                        let body = body.to_string();
                        let head = format!(
                            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
                            body.len()
                        );
                        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
                    }
                    Does::Drops => drop(stream),
                    Does::Sleeps => {
                        tokio::spawn(async move {
                            let _open = stream;
                            std::future::pending::<()>().await;
                        });
                    }
                }
            }
        });
        Self { url, seen }
    }

    fn client(&self) -> Client {
        Client::new(&self.url, "lbk_secret").unwrap()
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn problem(status: u16, kind: &str) -> Value {
    json!({"type": format!("/problems/{kind}"), "title": "T", "status": status, "detail": "D", "instance": "req_7",
        "errors": [{"pointer": "/name", "message": "It must not be empty."}]})
}

fn request(status: &str, version: u64) -> Value {
    json!({
        "id": "lbx_1", "organization_id": "org_a", "environment_id": "env_a", "environment_name": "A", "service_name": "S",
        "service_request_id": "1", "service_request_title": null,
        "engineer": {"id": "eng-1", "name": "E", "jit_role": "r", "isolated_identity": true, "mfa": true},
        "operations": ["Op"], "operation_words": [], "data_stores": [], "targets": [], "permission_level": "read",
        "direct_data_access": true, "reason_code": "customer_initiated_support", "justification": "J",
        "access_minutes": 60, "exclusion": null, "status": status, "status_reason": null,
        "requested_at": "2026-11-22T08:00:00Z", "decide_by": null, "url": "http://localhost/requests/lbx_1",
        "evaluation": {"outcome": "continued", "factors": [], "rules": [], "rules_version": "1",
            "evaluated_at": "2026-11-22T08:00:00Z", "internal_approval_role": null},
        "internal_decision": null, "decision": null, "timeline": [], "version": version, "a_new_field": [1],
        "access": {"state": "none", "grant_id": null, "starts_at": null, "expires_at": null, "ended_at": null,
            "end_reason": null, "ended_by": null}
    })
}

fn ask() -> lockbox_client::api::provider::AccessRequestCreate {
    serde_json::from_value(json!({
        "organization_id": "org_a", "environment_id": "env_a", "service_request_id": "1",
        "engineer": {"id": "eng-1", "name": "E", "jit_role": "r", "isolated_identity": true, "mfa": true},
        "operations": ["Op"], "permission_level": "read", "direct_data_access": true,
        "reason_code": "customer_initiated_support", "justification": "J"
    }))
    .unwrap()
}

fn ended() -> EndInput {
    EndInput { engineer_id: "eng-1".to_owned(), note: None }
}

#[tokio::test]
async fn raising_is_repeated_under_one_key_until_it_is_answered() {
    let server = Server::start(vec![
        Does::Drops,
        Does::Says(503, "", problem(503, "unavailable")),
        Does::Says(201, "Idempotency-Replayed: true\r\n", request("customer_notified", 1)),
    ])
    .await;
    let raised = server.client().raise(&ask()).await.unwrap();
    assert!(raised.replayed && raised.request.status == Status::CustomerNotified);
    let seen = server.seen();
    let keys: Vec<_> = seen.iter().map(|call| call.header("idempotency-key").unwrap()).collect();
    assert!(seen.len() == 3 && keys[0].len() == 32 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(seen[0].line, "POST /provider/v1/access-requests HTTP/1.1");
    assert_eq!(seen[0].header("authorization"), Some("Bearer lbk_secret"));
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    assert_eq!(serde_json::from_str::<Value>(&seen[0].body).unwrap()["environment_id"], "env_a");
    server.client().raise(&ask()).await.unwrap();
    assert_ne!(server.seen()[3].header("idempotency-key").unwrap(), keys[0], "another request has another key");
    server.client().raise_once(&ask(), "run-17").await.unwrap();
    assert_eq!(server.seen()[4].header("idempotency-key"), Some("run-17"));
}

#[tokio::test]
async fn what_may_not_be_done_twice_is_sent_once() {
    for does in [Does::Drops, Does::Says(503, "", problem(503, "unavailable"))] {
        let server = Server::start(vec![does]).await;
        let (client, id) = (server.client(), RequestId::from("lbx_1"));
        assert!(client.cancel(&id, &ended()).await.unwrap_err().is_transient());
        assert!(client.complete(&id, &ended()).await.unwrap_err().is_transient());
        assert_eq!(server.seen().len(), 2);
        // Reads, checks and what is put go on trying, but not for ever.
        assert!(client.request(&id).await.unwrap_err().is_transient());
        assert_eq!(server.seen().len(), 6);
        let put = OrganizationPut { name: "A".to_owned() };
        assert!(client.put_organization(&"org_a".into(), &put).await.is_err());
        assert_eq!(server.seen().len(), 10);
    }
}

#[tokio::test]
async fn a_refusal_keeps_all_that_lockbox_said_and_is_final() {
    let server = Server::start(vec![Does::Says(422, "", problem(422, "invalid_field"))]).await;
    let error = server.client().put_organization(&"org_a".into(), &OrganizationPut { name: String::new() }).await;
    let error = error.unwrap_err();
    assert_eq!((error.status(), error.kind()), (Some(422), Some(ProblemType::InvalidField)));
    assert_eq!((error.field_errors()[0].pointer.as_str(), error.exchange_id()), ("/name", Some("req_7")));
    let text = error.to_string();
    assert!(
        text.contains("/name: It must not be empty.") && text.contains("req_7") && !text.contains("secret"),
        "{text}"
    );
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_busy_is_left_alone_for_as_long_as_it_asks() {
    let server = Server::start(vec![
        Does::Says(429, "Retry-After: 1\r\n", problem(429, "too_many_requests")),
        Does::Says(200, "", json!({"allowed": false, "reason": "revoked"})),
    ])
    .await;
    let begun = std::time::Instant::now();
    let question = GrantCheckInput {
        engineer_id: "eng-1".to_owned(),
        environment_id: "env_a".into(),
        operation: "Op".to_owned(),
        target: None,
        lease: false,
    };
    assert!(!server.client().check(&GrantId::from("grt_1"), &question).await.unwrap().allowed);
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn the_key_follows_no_redirect_and_stands_in_no_error() {
    let other = Server::start(vec![Does::Says(200, "", request("approved", 2))]).await;
    for status in [301, 302, 303, 307, 308] {
        let location: &'static str = format!("Location: {}/provider/v1/access-requests/lbx_1\r\n", other.url).leak();
        let server = Server::start(vec![Does::Says(status, location, json!({}))]).await;
        let error = server.client().request(&"lbx_1".into()).await.unwrap_err();
        assert!(matches!(&error, Error::Foreign { status: found, .. } if *found == status), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("secret") && server.seen().len() == 1);
    }
    assert!(other.seen().is_empty(), "nobody was asked elsewhere");
}

#[tokio::test]
async fn ids_stay_in_their_place_in_the_path() {
    let server = Server::start(vec![Does::Says(200, "", request("approved", 2))]).await;
    let client = Client::new(&format!("{}/behind/a/proxy/", server.url), "lbk_secret").unwrap();
    client.request(&"a/../b?c#d e%2f".into()).await.unwrap();
    assert_eq!(
        server.seen()[0].line,
        "GET /behind/a/proxy/provider/v1/access-requests/a%2F..%2Fb%3Fc%23d%20e%252f HTTP/1.1"
    );
    for id in ["", ".", ".."] {
        assert!(matches!(client.request(&id.into()).await, Err(Error::NoId)), "{id:?}");
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn waiting_goes_on_over_several_calls_and_a_server_that_goes_away() {
    let server = Server::start(vec![
        Does::Says(200, "", request("awaiting_internal_approval", 1)),
        Does::Says(200, "", request("customer_notified", 2)),
        Does::Drops,
        Does::Says(502, "", problem(502, "unavailable")),
        Does::Says(200, "", request("denied", 3)),
    ])
    .await;
    let client = Client::builder(&server.url, "lbk_secret").retries(0).build().unwrap();
    let mut told = Vec::new();
    let decided = client
        .wait_with(&"lbx_1".into(), None, |news| {
            told.push(match news {
                News::Request(request) => request.status.to_string(),
                News::Lost(error) => format!("lost: {error}"),
            });
        })
        .await
        .unwrap();
    assert_eq!((decided.status, told.len()), (Status::Denied, 4), "{told:?}");
    assert!(told[2].starts_with("lost: can't be reached"), "{told:?}");
    let lines: Vec<String> = server.seen().into_iter().map(|call| call.line).collect();
    assert_eq!(lines[0], "GET /provider/v1/access-requests/lbx_1?wait=0 HTTP/1.1");
    assert!(lines[1..].iter().all(|line| line.contains("?wait=50 ")), "{lines:?}");
}

#[tokio::test]
async fn waiting_ends_after_the_patience_that_was_given_and_not_at_all_for_what_does_not_exist() {
    let server = Server::start(vec![Does::Says(200, "", request("customer_notified", 1))]).await;
    let waited = server.client().wait(&"lbx_1".into(), Some(Duration::from_millis(300))).await;
    assert!(matches!(waited, Err(Error::NotDecided(request)) if request.version == 1));
    let calls = server.seen().len();
    assert!(calls <= 4, "a server that does not hold calls is not asked without a pause: {calls}");
    let server = Server::start(vec![Does::Says(404, "", problem(404, "not_found"))]).await;
    assert_eq!(server.client().wait(&"lbx_1".into(), None).await.unwrap_err().kind(), Some(ProblemType::NotFound));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_that_does_not_come_or_is_none_is_an_error() {
    let server = Server::start(vec![Does::Sleeps]).await;
    let client = Client::builder(&server.url, "lbk_secret").time_out(Duration::from_millis(200)).retries(1);
    assert!(matches!(client.build().unwrap().request(&"lbx_1".into()).await, Err(Error::TimedOut)));
    assert_eq!(server.seen().len(), 2);
    let server = Server::start(vec![Does::Says(200, "X-Request-Id: req_8\r\n", json!({"allowed": "perhaps"}))]).await;
    let error = server.client().request(&"lbx_1".into()).await.unwrap_err();
    assert!(matches!(&error, Error::Foreign { status: 200, .. }) && error.exchange_id() == Some("req_8"), "{error}");
    // Nobody listens: nothing was sent, so even what is sent once is tried again.
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let begun = std::time::Instant::now();
    let error = Client::new(&gone, "lbk_secret").unwrap().cancel(&"lbx_1".into(), &ended()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { never_sent: true, .. }), "{error}");
    assert!(begun.elapsed() >= Duration::from_secs(1), "three pauses");
}
