//! Webhooks against a real receiver: what is told, to whom, in which order, and what happens when nobody listens.
//!
//! Length: one receiver that can be down, slow, wrong or gone, and what each of these does to the same messages.

mod tls;

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use chrono::TimeDelta;
use lockbox_api::{clients::ClientScopes, ids::WebhookId};
use lockbox_server::{
    app::{clients, webhooks},
    config::Config,
    jobs::{retry::GIVE_UP, webhooks as job},
    secret::Secret,
    store::WebhookMessageRecord,
    webhooks::{Guard, Sender, sign},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::Instant};

use crate::{
    atomic::faulty,
    support::{
        Caller, TestApp,
        app::origin,
        faults::Plan,
        operations::{approved, raise},
        world::{MERIDIAN, NORTHSTAR},
    },
};

/// How the receiver answers.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Status(u16),
    RedirectTo(SocketAddr),
    /// Nothing, for as long as the sender waits.
    Silence,
}

#[derive(Clone, Debug)]
struct Heard {
    id: String,
    at: i64,
    signatures: String,
    body: String,
}

impl Heard {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    fn request(&self) -> String {
        self.json()["data"]["request_id"].as_str().unwrap().to_owned()
    }
}

/// A receiver: keeps what it heard, and answers as it was told to, then 204.
#[derive(Clone, Default)]
struct Receiver {
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        self.on(listener);
        address
    }

    fn on(&self, listener: TcpListener) {
        let receiver = self.clone();
        let handler = move |headers: HeaderMap, body: Bytes| async move { receiver.take(&headers, &body).await };
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", post(handler))).await });
    }

    async fn take(&self, headers: &HeaderMap, body: &Bytes) -> Response {
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "application/json");
        self.heard.lock().unwrap().push(Heard {
            id: header("webhook-id"),
            at: header("webhook-timestamp").parse().unwrap(),
            signatures: header("webhook-signature"),
            body: String::from_utf8(body.to_vec()).unwrap(),
        });
        let answer = self.answers.lock().unwrap().pop_front();
        match answer {
            None => StatusCode::NO_CONTENT.into_response(),
            Some(Answer::Status(status)) => StatusCode::from_u16(status).unwrap().into_response(),
            Some(Answer::RedirectTo(address)) => {
                (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, format!("http://{address}/hook"))]).into_response()
            }
            Some(Answer::Silence) => std::future::pending().await,
        }
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    fn then(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().extend(answers);
    }
}

/// The job, and what would tell it to stop.
struct Working {
    _stop: watch::Sender<bool>,
    job: JoinHandle<()>,
}

impl Working {
    fn on(app: &TestApp) -> Self {
        Self::trusting(app, None)
    }

    /// With the authorities in a file, besides those of the system.
    fn trusting(app: &TestApp, ca_file: Option<&Path>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let sender = Sender::new(Guard::new(&local().webhook_networks), ca_file).unwrap();
        Self { _stop: stop, job: tokio::spawn(job::run(app.state.clone(), sender, stopped)) }
    }

    /// As a killed process: nothing that was under way is written down.
    fn kill(self) {
        self.job.abort();
    }
}

/// The settings with loopback allowed.
fn local() -> Config {
    let env = |name: &str| (name == "LOCKBOX_WEBHOOK_NETWORKS").then(|| "127.0.0.0/8, ::1".into());
    Config::load(&Default::default(), &env, &|_| Err(std::io::ErrorKind::NotFound.into())).unwrap()
}

async fn hook(app: &TestApp, client: &str, url: String) -> (WebhookId, Secret) {
    let client = client.into();
    let made = app.write(move |tx, env| webhooks::add(tx, env, &origin(), &client, url)).await;
    (made.webhook.id, made.secret)
}

async fn messages(app: &TestApp) -> Vec<WebhookMessageRecord> {
    let mut all = app.read(|tx| webhooks::messages(tx, None, 1_000)).await;
    all.reverse();
    all
}

/// Waits until something holds; the job looks once a second at the latest.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < Duration::from_secs(20), "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn all_delivered(app: &TestApp) {
    until("everything delivered", async || messages(app).await.iter().all(|one| one.delivered_at.is_some())).await;
}

#[tokio::test]
async fn every_state_is_told_in_order_signed_and_without_anybodys_words() {
    let app = TestApp::new().await;
    let receiver = Receiver::default();
    let address = receiver.listen().await;
    let (_, secret) = hook(&app, "cli_all", format!("http://{address}/hook")).await;
    let _working = Working::on(&app);
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let text = |what: &str| json!({"justification": format!("SECRET WORDS {what}")});
    let path = |id: &str, what: &str| format!("/api/v1/lockbox-requests/{id}/{what}");
    let provider = |id: &str, what: &str| format!("/provider/v1/access-requests/{id}/{what}");
    let engineer = json!({"engineer_id": "eng-417", "note": "SECRET WORDS"});
    let id = |request: &Value| request["id"].as_str().unwrap().to_owned();
    let mut expected: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let words = json!({"justification": "SECRET WORDS of the engineer"});

    let denied = raise(&app, MERIDIAN, words.clone()).await;
    approver.post_version(&path(&id(&denied), "deny"), "\"2\"", text("d")).await.is(200);
    expected.insert(id(&denied), vec!["request.customer_notified", "request.denied"]);
    let revoked = approved(&app, MERIDIAN).await;
    approver.post(&path(&id(&revoked), "revoke"), text("r")).await.is(200);
    expected.insert(id(&revoked), vec!["request.customer_notified", "request.approved", "access.revoked"]);
    let completed = approved(&app, MERIDIAN).await;
    app.provider().post(&provider(&id(&completed), "complete"), engineer.clone()).await.is(200);
    expected.insert(id(&completed), vec!["request.customer_notified", "request.approved", "access.completed"]);
    let withdrawn = raise(&app, MERIDIAN, words.clone()).await;
    app.provider().post(&provider(&id(&withdrawn), "cancel"), engineer).await.is(200);
    expected.insert(id(&withdrawn), vec!["request.customer_notified", "request.cancelled"]);
    let without = raise(&app, MERIDIAN, json!({"exclusion": {"kind": "emergency", "reason": "SECRET WORDS"}})).await;
    expected.insert(id(&without), vec!["request.not_required", "access.lapsed"]);
    let rejected = raise(
        &app,
        MERIDIAN,
        json!({"engineer": {"id": "eng-1", "name": "SECRET WORDS", "jit_role": "support_engineer",
        "isolated_identity": true, "mfa": false}}),
    )
    .await;
    expected.insert(id(&rejected), vec!["request.rejected"]);
    let internal = raise(&app, MERIDIAN, json!({"permission_level": "delete"})).await;
    expected.insert(id(&internal), vec!["request.awaiting_internal_approval", "request.expired"]);
    let late = raise(&app, MERIDIAN, words).await;
    expected.insert(id(&late), vec!["request.customer_notified", "request.expired"]);
    // A refused attempt changes nothing, so nothing is told.
    let limited = app.person(&MERIDIAN.person("limited")).await;
    limited.post_version(&path(&id(&late), "approve"), "\"2\"", text("x")).await.problem(403, "not_allowed");
    drop(admin);
    app.advance(TimeDelta::days(6));
    app.sweep().await;
    all_delivered(&app).await;

    let heard = receiver.heard();
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in &heard {
        told.entry(one.request()).or_default().push(one.kind());
        let data = &one.json()["data"];
        assert_eq!(data["organization_id"], MERIDIAN.id);
        assert!(!one.body.contains("SECRET WORDS") && !one.body.contains("Engineer 417"), "{}", one.body);
        let wall = app.state.env.clock.wall().timestamp();
        assert!((wall - one.at).abs() <= 6 * 86_400 + 60);
        assert_eq!(Some(&one.signatures), sign(&secret, &one.id, one.at, &one.body).as_ref());
        assert_eq!(one.json()["data"]["hidden"], false);
    }
    for (id, kinds) in &expected {
        assert_eq!(&told[id], kinds, "{id}");
    }
    assert_eq!(told.len(), expected.len());
    let ids: std::collections::BTreeSet<_> = heard.iter().map(|one| &one.id).collect();
    assert_eq!(ids.len(), heard.len(), "each message has an id of its own and came once");
    let approved = heard.iter().find(|one| one.kind() == "request.approved" && one.request() == id(&revoked)).unwrap();
    assert_eq!(approved.json()["data"]["access"]["grant_id"], revoked["access"]["grant_id"]);
    assert_eq!(approved.json()["data"]["access"]["state"], "active");
}

#[tokio::test]
async fn who_may_not_speak_of_an_organisation_is_not_told_of_it() {
    let app = TestApp::new().await;
    let (all, one) = (Receiver::default(), Receiver::default());
    hook(&app, "cli_all", format!("http://{}/hook", all.listen().await)).await;
    hook(&app, "cli_northstar", format!("http://{}/hook", one.listen().await)).await;
    let _working = Working::on(&app);
    let (meridian, northstar) = (raise(&app, MERIDIAN, json!({})).await, raise(&app, NORTHSTAR, json!({})).await);
    // What the customer must not know of yet, the provider that raised it is told, and told that it is hidden.
    let until = app.now() + TimeDelta::days(3);
    let exclusion = json!({"exclusion": {"kind": "legal_demand", "reason": "Court order 1.", "disclose_at": until}});
    let hidden = raise(&app, NORTHSTAR, exclusion).await;
    all_delivered(&app).await;
    let requests = |receiver: &Receiver| {
        let mut all: Vec<_> = receiver.heard().iter().map(Heard::request).collect();
        all.sort();
        all
    };
    let ids =
        |requests: &[&Value]| requests.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(requests(&all), ids(&[&meridian, &northstar, &hidden]));
    assert_eq!(requests(&one), ids(&[&northstar, &hidden]));
    let told = one.heard().into_iter().find(|one| one.request() == hidden["id"]).unwrap();
    assert_eq!(told.json()["data"]["hidden"], true);
    assert!(!told.body.contains("Court order"));
    // The end of a client is the end of its webhooks.
    app.write(|tx, env| clients::revoke(tx, env, &origin(), &"cli_northstar".into())).await;
    raise(&app, NORTHSTAR, json!({})).await;
    all_delivered(&app).await;
    assert_eq!((all.heard().len(), one.heard().len()), (4, 2));
}

#[tokio::test]
async fn a_receiver_that_is_down_fails_or_redirects_is_tried_again_in_order_with_the_same_id() {
    let app = TestApp::new().await;
    let receiver = Receiver::default();
    let elsewhere = Receiver::default();
    // Nobody listens at first: the port is only reserved.
    let reserved = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = reserved.local_addr().unwrap();
    drop(reserved);
    hook(&app, "cli_all", format!("http://{address}/hook")).await;
    let _working = Working::on(&app);
    let request = approved(&app, MERIDIAN).await;
    let attempts = async |app: &TestApp| messages(app).await.iter().map(|one| one.attempts).collect::<Vec<_>>();
    until("a first attempt", async || attempts(&app).await == [1, 0]).await;
    let first = messages(&app).await;
    assert!(first[0].last_error.is_some() && first[0].last_status.is_none(), "{:?}", first[0]);
    assert_eq!(first[1].attempts, 0, "what came after it waits for it");

    receiver.on(TcpListener::bind(address).await.unwrap());
    receiver.then([Answer::Status(500), Answer::RedirectTo(elsewhere.listen().await), Answer::Status(404)]);
    for attempt in 2..=4 {
        app.advance(TimeDelta::minutes(30));
        until("another attempt", async || attempts(&app).await[0] == attempt).await;
        let told = messages(&app).await[0].clone();
        let status = [500, 307, 404][attempt as usize - 2];
        assert_eq!(told.last_status, Some(status));
        assert!(told.last_error.unwrap().contains(&status.to_string()));
    }
    assert_eq!(elsewhere.heard().len(), 0, "a redirect is not followed");
    app.advance(TimeDelta::minutes(30));
    all_delivered(&app).await;
    let heard = receiver.heard();
    let kinds: Vec<_> = heard.iter().map(Heard::kind).collect();
    assert_eq!(kinds[..4], ["request.customer_notified"; 4].map(String::from));
    assert_eq!(kinds[4..], ["request.approved"].map(String::from));
    assert!(heard[..4].iter().all(|one| one.id == heard[0].id && one.body == heard[0].body), "the same message");
    assert!(heard.iter().all(|one| one.request() == request["id"]));
}

#[tokio::test]
async fn a_slow_place_holds_up_no_other_and_a_kill_in_between_sends_again() {
    let app = TestApp::new().await;
    let (slow, quick) = (Receiver::default(), Receiver::default());
    slow.then([Answer::Silence; 4]);
    hook(&app, "cli_all", format!("http://{}/hook", slow.listen().await)).await;
    hook(&app, "cli_all", format!("http://{}/hook", quick.listen().await)).await;
    let working = Working::on(&app);
    for _ in 0..6 {
        raise(&app, MERIDIAN, json!({})).await;
    }
    until("the quick one has all", async || quick.heard().len() == 6).await;
    until("four attempts at the slow one", async || slow.heard().len() == 4).await;
    let delivered = async || messages(&app).await.iter().filter(|one| one.delivered_at.is_some()).count() == 6;
    until("what was taken is written down", delivered).await;
    // Killed while four messages are under way, of which nobody knows whether they arrived.
    working.kill();
    let app = TestApp::on(Arc::clone(&app.folder)).await;
    let _working = Working::on(&app);
    all_delivered(&app).await;
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    for one in slow.heard() {
        *times.entry(one.id).or_default() += 1;
    }
    let mut times: Vec<_> = times.into_values().collect();
    times.sort_unstable();
    assert_eq!(times, [1, 1, 2, 2, 2, 2], "nothing is lost, and what came twice has the same id");
    assert_eq!(quick.heard().len(), 6);
}

#[tokio::test]
async fn a_message_that_nobody_takes_for_days_is_given_up_and_the_log_says_so() {
    let app = TestApp::new().await;
    let receiver = Receiver::default();
    receiver.then([Answer::Status(500), Answer::Status(503)]);
    let (id, _) = hook(&app, "cli_all", format!("http://{}/hook", receiver.listen().await)).await;
    let _working = Working::on(&app);
    raise(&app, MERIDIAN, json!({})).await;
    until("a first attempt", async || messages(&app).await[0].attempts == 1).await;
    app.advance(GIVE_UP);
    until("given up", async || messages(&app).await[0].failed_at.is_some()).await;
    let given_up = messages(&app).await[0].clone();
    assert_eq!((given_up.last_status, given_up.attempts), (Some(503), 2));
    assert!(app.state.metrics.text().contains("lockbox_webhooks_total{result=\"failed\"} 1"));
    let log = app.read(|tx| Ok(tx.events_after(&"org_provider".into(), 0, 200)?)).await;
    let failure = log.iter().find(|event| event.operation == "Webhook Failure").unwrap();
    assert_eq!(failure.details["message"], given_up.id.0.as_str());
    // What comes after it goes on.
    raise(&app, MERIDIAN, json!({})).await;
    until("the next one", async || messages(&app).await[1].delivered_at.is_some()).await;
    // What waits for a webhook that is removed is given up.
    receiver.then([Answer::Status(500)]);
    raise(&app, MERIDIAN, json!({})).await;
    until("it failed", async || messages(&app).await[2].attempts == 1).await;
    app.write(move |tx, env| webhooks::remove(tx, env, &origin(), &id)).await;
    assert!(messages(&app).await[2].failed_at.is_some());
    raise(&app, MERIDIAN, json!({})).await;
    assert_eq!(messages(&app).await.len(), 3);
    app.advance(webhooks::KEPT + TimeDelta::days(1));
    app.sweep().await;
    assert_eq!(messages(&app).await.len(), 0, "what is over is forgotten after a while");
}

#[tokio::test]
async fn while_a_secret_takes_over_messages_carry_both_signatures() {
    let app = TestApp::new().await;
    let receiver = Receiver::default();
    let (id, old) = hook(&app, "cli_all", format!("http://{}/hook", receiver.listen().await)).await;
    let _working = Working::on(&app);
    let made = app.write(move |tx, env| webhooks::rotate(tx, env, &origin(), &id, TimeDelta::hours(1))).await;
    raise(&app, MERIDIAN, json!({})).await;
    all_delivered(&app).await;
    app.advance(TimeDelta::hours(1));
    raise(&app, MERIDIAN, json!({})).await;
    all_delivered(&app).await;
    let [during, after] = receiver.heard().try_into().unwrap();
    let signed = |secret: &Secret, one: &Heard| sign(secret, &one.id, one.at, &one.body).unwrap();
    assert_eq!(during.signatures, format!("{} {}", signed(&made.secret, &during), signed(&old, &during)));
    assert_eq!(after.signatures, signed(&made.secret, &after));
}

/// A webhook that was added while its address was allowed goes nowhere once it is not.
#[tokio::test]
async fn messages_go_to_no_address_inside_unless_a_setting_names_it() {
    let app = TestApp::new().await;
    let receiver = Receiver::default();
    let port = receiver.listen().await.port();
    for host in ["127.0.0.1", "localhost"] {
        hook(&app, "cli_all", format!("http://{host}:{port}/hook")).await;
    }
    let (stop, stopped) = watch::channel(false);
    let closed = Sender::new(Guard::new(&[]), None).unwrap();
    let working = tokio::spawn(job::run(app.state.clone(), closed, stopped));
    raise(&app, MERIDIAN, json!({})).await;
    until("both refused", async || messages(&app).await.iter().all(|one| one.attempts == 1)).await;
    for one in messages(&app).await {
        assert!(one.last_error.unwrap().contains("is not a public address"));
    }
    assert_eq!(receiver.heard().len(), 0);
    stop.send(true).unwrap();
    working.await.unwrap();
}

/// The change and its message are written together, or neither is.
#[tokio::test]
async fn a_change_that_is_not_written_tells_nothing() {
    let app = TestApp::new().await;
    hook(&app, "cli_all", "https://hooks.example.com/".to_owned()).await;
    let request = raise(&app, MERIDIAN, json!({})).await;
    let before = messages(&app).await.len();
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let path = format!("/api/v1/lockbox-requests/{}/approve", request["id"].as_str().unwrap());
    approver.post_version(&path, "\"1\"", json!({"justification": "Fine."})).await.problem(412, "version_conflict");
    assert_eq!(messages(&app).await.len(), before);
    let terms = clients::Terms { name: "x".to_owned(), organization_ids: None, scopes: ClientScopes::all() };
    app.write(move |tx, env| clients::add(tx, env, &origin(), terms)).await;
    assert_eq!(messages(&app).await.len(), before);
}

#[tokio::test]
async fn a_message_of_which_cannot_be_written_that_it_went_does_not_go_out_without_end() {
    let (app, plan) = faulty().await;
    let receiver = Receiver::default();
    let address = receiver.listen().await;
    hook(&app, "cli_all", format!("http://{address}/hook")).await;
    raise(&app, MERIDIAN, json!({})).await;
    plan.fail_at(Plan::COMMIT);
    let _working = Working::on(&app);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let heard = receiver.heard();
    let mut copies = BTreeMap::new();
    heard.iter().for_each(|one| *copies.entry(one.id.clone()).or_insert(0) += 1);
    assert!(!copies.is_empty() && copies.values().all(|count| *count == 1), "{copies:?} in three seconds");
    plan.never_fail();
    until("told", async || messages(&app).await.iter().all(|one| one.delivered_at.is_some())).await;
    assert!(receiver.heard().len() > heard.len(), "what could not be written down went once more");
}
