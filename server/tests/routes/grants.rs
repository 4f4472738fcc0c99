//! `/provider/v1/grants`

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use http_body_util::BodyExt;
use lockbox_api::clients::ClientScope;
use lockbox_server::app::clients::{self, Terms};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{
    Caller, TestApp,
    app::origin,
    operations::{approved, raise},
    world::{KEY, MERIDIAN, ask, question, with},
};

async fn check(app: &TestApp, request: &Value, changes: Value) -> Value {
    let grant = request["access"]["grant_id"].as_str().unwrap();
    app.provider().post(&format!("/provider/v1/grants/{grant}/check"), with(question(MERIDIAN), changes)).await.is(200)
}

#[tokio::test]
async fn a_grant_says_yes_to_what_was_approved_and_no_to_everything_else() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let yes = check(&app, &request, json!({})).await;
    assert_eq!(yes, json!({"allowed": true, "until": request["access"]["expires_at"]}));
    for (changes, reason) in [
        (json!({"engineer_id": "eng-9"}), "wrong_engineer"),
        (json!({"environment_id": MERIDIAN.open}), "wrong_environment"),
        (json!({"operation": "RestoreDatabaseCopyViaLockbox"}), "operation_not_granted"),
        (json!({"target": "hr.dbo.People"}), "target_not_granted"),
        (json!({"target": null}), "target_not_granted"),
    ] {
        assert_eq!(check(&app, &request, changes).await, json!({"allowed": false, "reason": reason}));
    }
}

#[tokio::test]
async fn access_that_ended_says_no_at_once() {
    let app = TestApp::new().await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let engineer = json!({"engineer_id": "eng-417", "note": "Done."});
    for how in ["revoked", "completed", "lapsed"] {
        let request = approved(&app, MERIDIAN).await;
        assert_eq!(check(&app, &request, json!({})).await["allowed"], true);
        let id = request["id"].as_str().unwrap();
        let customer = format!("/api/v1/lockbox-requests/{id}/revoke");
        let provider = format!("/provider/v1/access-requests/{id}/complete");
        match how {
            "revoked" => drop(approver.post(&customer, json!({"justification": "Enough."})).await.is(200)),
            "completed" => drop(app.provider().post(&provider, engineer.clone()).await.is(200)),
            _ => app.advance(TimeDelta::minutes(240)),
        }
        assert_eq!(check(&app, &request, json!({})).await, json!({"allowed": false, "reason": how}));
        // Nothing opens it again, and it ends once.
        let approver = app.person(&MERIDIAN.person("approver")).await;
        approver.post(&customer, json!({"justification": "Enough."})).await.problem(409, "wrong_state");
        app.provider().post(&provider, engineer.clone()).await.problem(409, "wrong_state");
    }
}

/// Found: rows at the limit of an integer made the count a floating-point number, and every later report of the grant failed.
#[tokio::test]
async fn rows_at_their_limit_are_counted_and_beyond_it_told_to_be_wrong() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let path = format!("/provider/v1/grants/{}/actions", request["access"]["grant_id"].as_str().unwrap());
    let act = async |id: String, rows: u64| {
        let action = json!({"id": id, "time": app.now(), "engineer_id": "eng-417", "operation": "ExecuteSqlViaLockbox",
            "target": "payroll.dbo.Pay", "rows": rows, "outcome": "success"});
        app.provider().post(&path, json!({"actions": [action]})).await.is(200)["results"][0].clone()
    };
    const MOST: u64 = 1_000_000_000_000;
    for (number, rows) in [MOST + 1, 1 << 53, i64::MAX as u64, u64::MAX].into_iter().enumerate() {
        let told = act(format!("wrong-{number}"), rows).await;
        assert_eq!((&told["result"], &told["detail"]), (&json!("invalid"), &json!("rows: At most 1000000000000.")));
    }
    assert_eq!(act("most".to_owned(), MOST).await["result"], "recorded");
    let organization = MERIDIAN.id.to_owned();
    let raised = rusqlite::params![(1_i64 << 53) - 7, organization];
    let sql = "UPDATE grants SET rows_touched = ?1 WHERE organization_id = ?2";
    rusqlite::Connection::open(app.folder.path().join("lockbox.db")).unwrap().execute(sql, raised).unwrap();
    for number in 0..3 {
        assert_eq!(act(format!("more-{number}"), MOST).await["result"], "recorded");
    }
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let told = reader.get("/api/v1/history").await.is(200);
    assert_eq!(
        told["current"]["rows_touched"],
        (1_u64 << 53) - 1,
        "a count that ends where numbers are no longer exact"
    );
}

#[tokio::test]
async fn actions_are_recorded_refused_recognised_or_told_to_be_wrong() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let grant = request["access"]["grant_id"].as_str().unwrap();
    let path = format!("/provider/v1/grants/{grant}/actions");
    let action = |id: &str, changes: Value| {
        let good = json!({"id": id, "time": app.now(), "engineer_id": "eng-417", "operation": "ExecuteSqlViaLockbox",
            "target": "payroll.dbo.Pay", "statement": "SELECT <b>1</b>", "rows": 3, "outcome": "success"});
        with(good, changes)
    };
    let batch = json!({"actions": [
        action("a-1", json!({})),
        action("a-2", json!({"operation": "RestoreDatabaseCopyViaLockbox"})),
        action("a-3", json!({"engineer_id": "eng-9"})),
        action("a-4", json!({"time": app.now() - TimeDelta::days(1)})),
        action("a-5", json!({"time": app.now() + TimeDelta::days(1)})),
        action("a-6", json!({"target": "a\u{0}b"})),
        action("a-7", json!({"outcome": "failure"})),
        action("a-8", json!({"outcome": "refused"})),
        action("a-1", json!({})),
    ]});
    let answer = app.provider().post(&path, batch).await.is(200);
    let results: Vec<_> =
        answer["results"].as_array().unwrap().iter().map(|one| one["result"].as_str().unwrap()).collect();
    assert_eq!(
        results,
        ["recorded", "refused", "refused", "refused", "invalid", "invalid", "recorded", "refused", "duplicate"]
    );
    assert_eq!(answer["accepted"], 6);
    let again = app.provider().post(&path, json!({"actions": [action("a-1", json!({}))]})).await.is(200);
    assert_eq!(again["results"][0]["result"], "duplicate");
    // Found: whatever else was reported with a known id was taken for the known action, and nobody saw it.
    let others = ["DELETE FROM Pay", "DROP TABLE Pay", "DROP TABLE Pay"];
    let others = others.map(|statement| action("a-1", json!({"statement": statement})));
    let behind = app.provider().post(&path, json!({"actions": others})).await.is(200);
    for result in behind["results"].as_array().unwrap() {
        assert_eq!(result["result"], "invalid");
        assert!(result["detail"].as_str().unwrap().starts_with("id: another action"), "{result}");
    }

    let approver = app.person(&MERIDIAN.person("approver")).await;
    let id = request["id"].as_str().unwrap();
    let seen = approver.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    let steps = |kind: &str| {
        let timeline = seen["timeline"].as_array().unwrap();
        timeline.iter().filter(|one| one["kind"] == kind).cloned().collect::<Vec<_>>()
    };
    assert_eq!((steps("action").len(), steps("refused").len()), (2, 8));
    let seen_behind = |statement: &str| {
        let faulty = steps("refused").into_iter().filter(|one| one["action"]["statement"] == statement);
        faulty.filter(|one| one["text"].to_string().contains("another action under this grant")).count()
    };
    assert_eq!((seen_behind("DELETE FROM Pay"), seen_behind("DROP TABLE Pay")), (1, 1), "each of them once");
    assert_eq!(steps("action")[0]["action"]["statement"], "SELECT <b>1</b>", "kept as it was sent");
    let other = steps("refused").into_iter().find(|one| one["actor"] == "eng-9");
    assert!(other.is_some(), "somebody else under the grant is never named as the engineer who was approved");
    let refused = approver.get(&format!("/api/v1/logs?request_id={id}&category=data_access&outcome=refused")).await;
    assert_eq!(refused.is(200)["items"].as_array().unwrap().len(), 8);

    // After the end, what is said to have been done before it counts, what is said to be done after it is refused.
    let before = app.now();
    approver.post(&format!("/api/v1/lockbox-requests/{id}/revoke"), json!({"justification": "Enough."})).await.is(200);
    app.advance(TimeDelta::seconds(2));
    let late = json!({"actions": [action("b-1", json!({"time": before})), action("b-2", json!({}))]});
    let late = app.provider().post(&path, late).await.is(200);
    assert_eq!((&late["results"][0]["result"], &late["results"][1]["result"]), (&json!("recorded"), &json!("refused")));
}

#[tokio::test]
async fn a_request_that_nobody_approved_has_no_grant() {
    let app = TestApp::new().await;
    let request = raise(&app, MERIDIAN, json!({})).await;
    assert_eq!(request["access"]["grant_id"], Value::Null);
    let id = request["id"].as_str().unwrap();
    for guess in [id.replace("lbx_", "grt_"), id.to_owned(), "grt_".to_owned()] {
        let path = format!("/provider/v1/grants/{guess}/check");
        app.provider().post(&path, question(MERIDIAN)).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn two_grants_of_one_engineer_and_environment_are_independent() {
    let app = TestApp::new().await;
    let (first, second) = (approved(&app, MERIDIAN).await, approved(&app, MERIDIAN).await);
    assert_ne!(first["access"]["grant_id"], second["access"]["grant_id"]);
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let path = format!("/api/v1/lockbox-requests/{}/revoke", first["id"].as_str().unwrap());
    approver.post(&path, json!({"justification": "Enough."})).await.is(200);
    assert_eq!(check(&app, &first, json!({})).await, json!({"allowed": false, "reason": "revoked"}));
    assert_eq!(check(&app, &second, json!({})).await["allowed"], true, "the other one goes on");
    let seen = approver.get(&format!("/api/v1/lockbox-requests/{}", second["id"].as_str().unwrap())).await.is(200);
    assert_eq!(seen["access"]["state"], "active");
}

#[tokio::test]
async fn a_key_that_was_revoked_asks_nothing_more() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let path = format!("/provider/v1/grants/{}/check", request["access"]["grant_id"].as_str().unwrap());
    app.provider().post(&path, question(MERIDIAN)).await.is(200);
    app.write(|tx, env| clients::revoke(tx, env, &origin(), &"cli_all".into())).await;
    app.provider().post(&path, question(MERIDIAN)).await.problem(401, "not_authenticated");
    // Without a key even a wrong question and an impossible id are answered with nothing but that.
    for path in [path.clone(), format!("/provider/v1/grants/{}/check", "x".repeat(300))] {
        app.provider().post(&path, json!({"wrong": 1})).await.problem(401, "not_authenticated");
        app.anonymous().post(&path, json!({"wrong": 1})).await.problem(401, "not_authenticated");
    }
}

/// Whoever asks after the customer was told that access has ended gets no, however many ask at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_check_that_begins_after_the_end_was_told_says_yes() {
    let app = TestApp::new().await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    for _ in 0..20 {
        let request = approved(&app, MERIDIAN).await;
        let ended = Arc::new(AtomicBool::new(false));
        let askers: Vec<_> = (0..4)
            .map(|_| {
                let (app, request, ended) = (app.clone(), request.clone(), Arc::clone(&ended));
                tokio::spawn(async move {
                    let mut late = 0;
                    while late < 5 {
                        let begun_after = ended.load(SeqCst);
                        let allowed = check(&app, &request, json!({})).await["allowed"] == true;
                        assert!(!(begun_after && allowed), "yes after the end");
                        late += usize::from(begun_after);
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        let path = format!("/api/v1/lockbox-requests/{}/revoke", request["id"].as_str().unwrap());
        approver.post(&path, json!({"justification": "Enough."})).await.is(200);
        ended.store(true, SeqCst);
        for asker in askers {
            asker.await.unwrap();
        }
    }
}

/// A body that is held back until `first` has happened.
fn late(first: impl Future<Output = ()> + Send + 'static, body: Value) -> Body {
    Body::from_stream(futures_util::stream::once(async move {
        first.await;
        Ok::<_, std::convert::Infallible>(body.to_string())
    }))
}

async fn send(app: &TestApp, path: &str, body: Body) -> (u16, Value) {
    let request = Request::post(path).header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {KEY}")).body(body).unwrap();
    let response = app.router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

/// Found: a caller that sent its body slowly was answered by what held when it began, up to 30 s before.
#[tokio::test]
async fn a_check_whose_body_comes_late_is_answered_by_what_holds_then() {
    let app = TestApp::new().await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let request = approved(&app, MERIDIAN).await;
    let check = format!("/provider/v1/grants/{}/check", request["access"]["grant_id"].as_str().unwrap());
    let revoke = format!("/api/v1/lockbox-requests/{}/revoke", request["id"].as_str().unwrap());
    let end = async move { drop(approver.post(&revoke, json!({"justification": "Enough."})).await.is(200)) };
    let answer = send(&app, &check, late(end, question(MERIDIAN))).await;
    assert_eq!(answer, (200, json!({"allowed": false, "reason": "revoked"})));

    let request = approved(&app, MERIDIAN).await;
    let check = format!("/provider/v1/grants/{}/check", request["access"]["grant_id"].as_str().unwrap());
    let hand = app.state.hand.clone();
    let answer =
        send(&app, &check, late(async move { hand.advance(TimeDelta::minutes(240)) }, question(MERIDIAN))).await;
    assert_eq!(answer, (200, json!({"allowed": false, "reason": "lapsed"})));
}

/// How a key loses its power while a call is under way, and what the caller is told then.
const LOSSES: [(&str, u16, &str); 3] = [
    ("revoke", 401, "/problems/not_authenticated"),
    ("rotate", 401, "/problems/not_authenticated"),
    ("narrow", 403, "/problems/insufficient_scope"),
];

async fn lose(app: TestApp, how: &'static str) {
    let id = "cli_all".into();
    app.write(move |tx, env| match how {
        "revoke" => clients::revoke(tx, env, &origin(), &id),
        // The key got out: no overlap.
        "rotate" => clients::rotate(tx, env, &origin(), &id, TimeDelta::zero()).map(drop),
        _ => {
            let scopes = [ClientScope::Catalog].into_iter().collect();
            let terms = Terms { name: "Narrow".to_owned(), organization_ids: None, scopes };
            clients::update(tx, env, &origin(), &id, terms)
        }
    })
    .await;
}

/// Found: a rotated key and a scope that was taken away went on for as long as a body was on its way.
#[tokio::test]
async fn a_key_that_loses_its_power_while_the_body_is_on_its_way_does_nothing() {
    /// Path and body of a call about a request.
    type Asked = fn(&Value) -> (String, Value);
    let paths: [Asked; 4] = [
        |request| {
            (
                format!("/provider/v1/grants/{}/check", request["access"]["grant_id"].as_str().unwrap()),
                question(MERIDIAN),
            )
        },
        |_| ("/provider/v1/access-requests".to_owned(), ask(MERIDIAN)),
        |request| {
            let path = format!("/provider/v1/access-requests/{}/complete", request["id"].as_str().unwrap());
            (path, json!({"engineer_id": "eng-417"}))
        },
        |_| ("/provider/v1/jit-rules/evaluate".to_owned(), ask(MERIDIAN)),
    ];
    for (how, status, problem) in LOSSES {
        for path in paths {
            let app = TestApp::new().await;
            let request = approved(&app, MERIDIAN).await;
            let (path, body) = path(&request);
            let answer = send(&app, &path, late(lose(app.clone(), how), body)).await;
            assert_eq!((answer.0, &answer.1["type"]), (status, &json!(problem)), "{how} {path}");
        }
    }
}

#[tokio::test]
async fn a_key_that_loses_its_power_while_a_call_waits_reads_nothing_more() {
    for (how, status, problem) in LOSSES {
        let app = TestApp::new().await;
        let request = raise(&app, MERIDIAN, json!({})).await;
        let path = format!("/provider/v1/access-requests/{}?wait=20", request["id"].as_str().unwrap());
        let provider = app.provider();
        let mut waiting = tokio::spawn(async move { provider.get(&path).await });
        let held = tokio::time::timeout(std::time::Duration::from_millis(100), &mut waiting).await;
        assert!(held.is_err(), "it waits");
        lose(app.clone(), how).await;
        let approver = app.person(&MERIDIAN.person("approver")).await;
        let deny = format!("/api/v1/lockbox-requests/{}/deny", request["id"].as_str().unwrap());
        let version = format!("\"{}\"", request["version"]);
        approver.post_version(&deny, &version, json!({"justification": "No."})).await.is(200);
        let answer = waiting.await.unwrap();
        assert_eq!((answer.status.as_u16(), &answer.json()["type"]), (status, &json!(problem)), "{how}");
    }
}
