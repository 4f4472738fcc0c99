//! R9: one request, one decision, whatever races.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::support::{
    Caller, Key, TestApp, Token,
    app::origin,
    database::{Picture, faults, open},
    world::{MERIDIAN, ask, with},
};

const ROUNDS: usize = 1_000;
const RIVALS: usize = 64;
/// How the request can end, and what the log calls it.
const ENDS: [(&str, &str); 4] = [
    ("approved", "Approve Lockbox Request"),
    ("denied", "Deny Lockbox Request"),
    ("cancelled", "Cancel Lockbox Request"),
    ("expired", "Lockbox Request Expiry"),
];

/// One of the rivals: what it tries. `None`: it won. Otherwise what it was told about who did; null for the sweep,
/// which is told nothing.
async fn rival(
    number: usize,
    app: TestApp,
    people: Arc<[Token; 2]>,
    provider: Key,
    id: String,
    etag: String,
) -> Option<Value> {
    let person = &people[number / 4 % 2];
    let justified = json!({"justification": format!("Rival {number}.")});
    let customer = format!("/api/v1/lockbox-requests/{id}");
    let answer = match number % 4 {
        0 => person.post_version(&format!("{customer}/approve"), &etag, justified).await,
        1 => person.post_version(&format!("{customer}/deny"), &etag, justified).await,
        2 => {
            let body = json!({"engineer_id": "eng-417"});
            provider.post(&format!("/provider/v1/access-requests/{id}/cancel"), body).await
        }
        _ => {
            let swept = app.write(|tx, env| lockbox_server::app::sweep::sweep(tx, env, &origin())).await;
            return (swept == 0).then_some(Value::Null);
        }
    };
    (!answer.status.is_success()).then(|| answer.is(409))
}

/// Whether a loser was told of the end that the request really came to.
fn names_the_winner(told: &Value, after: &Value) -> bool {
    let detail = told["detail"].as_str().unwrap_or_default();
    match (told["type"].as_str(), after["status"].as_str()) {
        (None, _) => told.is_null(),
        (Some("/problems/already_decided"), Some("approved" | "denied")) => {
            let (first, decision) = (&told["decision"], &after["decision"]);
            ["by", "at", "outcome", "justification"].iter().all(|fact| first[fact] == decision[fact])
                && first["outcome"] == after["status"]
                && detail.contains(decision["by"].as_str().unwrap())
        }
        (Some("/problems/wrong_state"), Some(ended @ ("expired" | "cancelled"))) => detail.contains(ended),
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_rivals_exactly_one_wins_a_thousand_times() {
    let begin = Instant::now();
    let app = TestApp::new().await;
    let provider = app.provider();
    let people = Arc::new([app.token(&MERIDIAN.person("approver")).await, app.token(&MERIDIAN.person("admin")).await]);
    // An hour to decide, so that a thousand edges fit into a token's life.
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let setting = admin.get("/api/v1/lockbox").await;
    let policy = setting.json()["policy"].clone();
    let hour = json!({"enabled": true, "policy": policy, "queue_hours": 1});
    admin.put("/api/v1/lockbox", &setting.etag(), hour).await.is(200);
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..ROUNDS {
        let body = with(ask(MERIDIAN), json!({"justification": format!("Round {round}.")}));
        let raised = provider.post("/provider/v1/access-requests", body).await;
        let (etag, request) = (raised.etag(), raised.is(201));
        let id = request["id"].as_str().unwrap().to_owned();
        let decide_by: lockbox_api::Time = serde_json::from_value(request["decide_by"].clone()).unwrap();
        // In three of four rounds the time to decide ends during the race.
        if round % 4 != 0 {
            app.state.hand.set(decide_by - TimeDelta::microseconds(i64::try_from(round % 16).unwrap() * 250));
        }
        let start = Arc::new(Barrier::new(RIVALS));
        let rivals: Vec<_> = (0..RIVALS)
            .map(|at| {
                let (app, people, start) = (app.clone(), Arc::clone(&people), Arc::clone(&start));
                let (provider, id, etag) = (provider.clone(), id.clone(), etag.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    // Whoever is first differs from round to round.
                    rival((at * 13 + round) % RIVALS, app, people, provider, id, etag).await
                })
            })
            .collect();
        let (mut winners, mut losers) = (0, Vec::new());
        for rival in rivals {
            match rival.await.unwrap() {
                None => winners += 1,
                Some(told) => losers.push(told),
            }
        }
        // Where only time won, nobody may have written it down yet.
        winners += app.sweep().await;
        assert_eq!(winners, 1, "round {round}");
        let after = provider.get(&format!("/provider/v1/access-requests/{id}")).await.is(200);
        for told in losers {
            assert!(names_the_winner(&told, &after), "round {round}: {told} beside {after}");
        }
        let status = after["status"].as_str().unwrap().to_owned();
        if status == "approved" {
            let end = json!({"engineer_id": "eng-417"});
            provider.post(&format!("/provider/v1/access-requests/{id}/complete"), end).await.is(200);
        }
        *ends.entry(status).or_default() += 1;
    }
    let connection = open(app.folder.path());
    let faults = faults(&connection);
    assert!(faults.is_empty(), "{faults:?}");
    let picture = Picture::take(&connection);
    assert_eq!(picture.rows.len(), ROUNDS);
    for (id, row) in &picture.rows {
        let ended: Vec<_> = ENDS.iter().filter(|(_, event)| picture.count(id, event) > 0).collect();
        assert!(ended.len() == 1 && ended[0].0 == row.status, "{id} {row:?} {ended:?}");
        assert_eq!(picture.count(id, ended[0].1), 1, "{id}");
    }
    println!("{ROUNDS} rounds of {RIVALS}: {ends:?} in {:?}", begin.elapsed());
    assert!(ENDS.iter().all(|(status, _)| ends.contains_key(*status)), "each kind of rival won sometimes: {ends:?}");
}

/// Rounds and rivals of the race inside the provider.
const INSIDE: (usize, usize) = (200, 32);

/// One of the rivals inside, and whether it won.
async fn rival_inside(number: usize, app: TestApp, people: Arc<[Token; 2]>, id: String, etag: String) -> bool {
    let body = json!({"justification": format!("Rival {number}.")});
    let place = format!("/api/v1/internal-approvals/{id}");
    let answer = match number % 4 {
        0 => people[0].post_version(&format!("{place}/approve"), &etag, body).await,
        1 => people[1].post_version(&format!("{place}/reject"), &etag, body).await,
        2 => {
            let body = json!({"approve": true, "approver_id": "lead-9", "approver_name": "Lead 9",
                "role": "support_lead", "justification": "By the service."});
            app.provider().post(&format!("/provider/v1/access-requests/{id}/internal-decision"), body).await
        }
        _ => return app.write(|tx, env| lockbox_server::app::sweep::sweep(tx, env, &origin())).await > 0,
    };
    if answer.status.is_success() {
        return true;
    }
    let told = answer.problem(409, "wrong_state")["detail"].as_str().unwrap().to_owned();
    if number % 4 < 2 {
        let known = ["provider lead (", "provider second (", "Lead 9 (", "Nobody decided in time"];
        assert!(known.iter().any(|first| told.starts_with(first)), "{told}");
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_rivals_inside_the_provider_exactly_one_wins() {
    let app = TestApp::with(|mut state| {
        state.env.internal_approval = TimeDelta::hours(1);
        state
    })
    .await;
    let people = Arc::new([app.token("per_provider_lead").await, app.token("per_provider_second").await]);
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..INSIDE.0 {
        let delete = with(ask(MERIDIAN), json!({"permission_level": "delete"}));
        let raised = app.provider().post("/provider/v1/access-requests", delete).await;
        let (etag, request) = (raised.etag(), raised.is(201));
        let id = request["id"].as_str().unwrap().to_owned();
        let decide_by: lockbox_api::Time = serde_json::from_value(request["decide_by"].clone()).unwrap();
        if round % 4 != 0 {
            app.state.hand.set(decide_by - TimeDelta::microseconds(i64::try_from(round % 16).unwrap() * 250));
        }
        let start = Arc::new(Barrier::new(INSIDE.1));
        let rivals: Vec<_> = (0..INSIDE.1)
            .map(|at| {
                let (app, people, start) = (app.clone(), Arc::clone(&people), Arc::clone(&start));
                let (id, etag) = (id.clone(), etag.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    rival_inside((at * 13 + round) % INSIDE.1, app, people, id, etag).await
                })
            })
            .collect();
        let mut winners = 0;
        for rival in rivals {
            winners += usize::from(rival.await.unwrap());
        }
        // Where only time won, nobody may have written it down yet.
        winners += app.sweep().await;
        assert_eq!(winners, 1, "round {round}");
        let after = app.provider().get(&format!("/provider/v1/access-requests/{id}")).await.is(200);
        let status = after["status"].as_str().unwrap().to_owned();
        let decided = after["internal_decisions"].as_array().unwrap().len();
        assert_eq!(decided, usize::from(status != "expired"), "{after}");
        if status == "customer_notified" {
            // Out of the way of the clock, which the next round moves on.
            let end = json!({"engineer_id": "eng-417"});
            app.provider().post(&format!("/provider/v1/access-requests/{id}/cancel"), end).await.is(200);
        }
        *ends.entry(status).or_default() += 1;
    }
    let faults = faults(&open(app.folder.path()));
    assert!(faults.is_empty(), "{faults:?}");
    println!("{} rounds of {} inside: {ends:?}", INSIDE.0, INSIDE.1);
    for status in ["customer_notified", "rejected", "expired"] {
        assert!(ends.contains_key(status), "each kind of rival won sometimes: {ends:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_at_once_raises_one_request() {
    let app = TestApp::new().await;
    let calls: Vec<_> = (0..RIVALS)
        .map(|_| {
            let provider = app.provider();
            tokio::spawn(async move {
                let body = Some(ask(MERIDIAN).to_string());
                let key = [("idempotency-key", "once")];
                provider.call("POST", "/provider/v1/access-requests", &key, body).await.is(201)["id"].to_string()
            })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for call in calls {
        ids.insert(call.await.unwrap());
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(Picture::take(&open(app.folder.path())).rows.len(), 1);
}
