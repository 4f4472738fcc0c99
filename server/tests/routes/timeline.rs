//! The timeline of a request has every step and a bounded number of actions, and costs the same however many there are.

use chrono::TimeDelta;
use lockbox_server::store::sqlite::meter::{self, Side};
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    operations::approved,
    world::{MERIDIAN, ask, with},
};

/// Reports actions in one batch, refused ones where `operation` was not granted.
async fn act(app: &TestApp, request: &Value, name: &str, count: usize, operation: &str, statement: &str) {
    let path = format!("/provider/v1/grants/{}/actions", request["access"]["grant_id"].as_str().unwrap());
    let action = |number: usize| {
        json!({"id": format!("{name}-{number}"), "time": app.now(), "engineer_id": "eng-417", "operation": operation,
            "target": "payroll.dbo.Pay", "statement": statement, "rows": 1, "outcome": "success"})
    };
    for batch in (0..count).collect::<Vec<_>>().chunks(1_000) {
        let actions: Vec<Value> = batch.iter().copied().map(action).collect();
        let answer = app.provider().post(&path, json!({"actions": actions})).await.is(200);
        assert_eq!(answer["accepted"], batch.len());
    }
}

const INSIDE: &str = "ExecuteSqlViaLockbox";
const OUTSIDE: &str = "RestoreDatabaseCopyViaLockbox";

fn kinds<'a>(request: &'a Value, kind: &str) -> Vec<&'a Value> {
    request["timeline"].as_array().unwrap().iter().filter(|one| one["kind"] == kind).collect()
}

/// Steps of SQLite that a call cost on one side, the upkeep of the log's index left out: that is work for the event that
/// the call writes.
fn steps(app: &TestApp, side: Side) -> i64 {
    let costs = meter::take_of(side, &app.folder.path().join("lockbox.db"));
    costs.iter().filter(|(text, _)| !text.contains("events_index")).map(|(_, cost)| cost.steps).sum()
}

/// Found: every read of a request with 100,000 actions carried them all, and so did the answer of `End access`, within the
/// transaction that nobody else can write beside.
#[tokio::test(flavor = "multi_thread")]
async fn reading_and_ending_cost_the_same_with_any_number_of_actions() {
    let app = TestApp::new().await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let mut costs = Vec::new();
    for count in [100_usize, 10_000] {
        let request = approved(&app, MERIDIAN).await;
        let id = request["id"].as_str().unwrap();
        let path = format!("/api/v1/lockbox-requests/{id}");
        act(&app, &request, "first", 60, OUTSIDE, "DROP TABLE Pay").await;
        act(&app, &request, "then", count, INSIDE, "SELECT 1").await;
        let (_, _) = (steps(&app, Side::Reads), steps(&app, Side::Writes));
        let seen = approver.get(&path).await.is(200);
        let read = (steps(&app, Side::Reads), seen.to_string().len());
        app.provider().get(&format!("/provider/v1/access-requests/{id}")).await.is(200);
        let by_provider = steps(&app, Side::Reads);
        let ended = approver.post(&format!("{path}/revoke"), json!({"justification": "Enough."})).await.is(200);
        let end = (steps(&app, Side::Writes), ended.to_string().len());

        let beyond =
            json!({"actions": count + 60 - 150, "refused_actions": 10, "done_outside": 10, "faulty_reports": 0});
        for answer in [&seen, &ended] {
            assert_eq!((kinds(answer, "action").len(), kinds(answer, "refused").len()), (100, 50));
            assert_eq!(answer["timeline_left_out"], beyond);
            assert_eq!((kinds(answer, "raised").len(), kinds(answer, "decided").len()), (1, 1), "steps stay");
        }
        assert_eq!(kinds(&ended, "ended").len(), 1);
        let first = kinds(&ended, "first_use");
        assert_eq!(
            (first.len(), &first[0]["actor"]),
            (1, &json!("Engineer 417")),
            "also where that action is left out"
        );
        costs.push((count, read, by_provider, end));
    }
    println!("actions, (steps, bytes) to read, steps for the provider, (steps, bytes) to end: {costs:?}");
    let [(_, read, provider, end), (_, read_more, provider_more, end_more)] = costs[..] else { panic!("two sizes") };
    let about = |fewer: i64, more: i64| more <= fewer + fewer / 20 + 50 && fewer > 100;
    assert!(about(read.0, read_more.0) && about(provider, provider_more) && about(end.0, end_more.0), "{costs:?}");
    assert!(read_more.1 < read.1 + 1_000 && end_more.1 < end.1 + 1_000, "{costs:?}");
}

#[tokio::test]
async fn the_newest_actions_are_shown_and_the_log_has_them_all() {
    let app = TestApp::new().await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let request = approved(&app, MERIDIAN).await;
    let id = request["id"].as_str().unwrap();
    let path = format!("/api/v1/lockbox-requests/{id}");
    act(&app, &request, "a", 60, INSIDE, "SELECT 'old'").await;
    let all = approver.get(&path).await.is(200);
    assert_eq!((kinds(&all, "action").len(), &all["timeline_left_out"]), (60, &Value::Null));
    app.advance(TimeDelta::minutes(1));
    act(&app, &request, "b", 70, INSIDE, "SELECT 'new'").await;
    let seen = approver.get(&path).await.is(200);
    assert_eq!(
        seen["timeline_left_out"],
        json!({"actions": 30, "refused_actions": 0, "done_outside": 0, "faulty_reports": 0})
    );
    let new = kinds(&seen, "action").iter().filter(|one| one["action"]["statement"] == "SELECT 'new'").count();
    assert_eq!((kinds(&seen, "action").len(), new), (100, 70));

    let (mut found, mut cursor) = (0, String::new());
    loop {
        let page = approver.get(&format!("/api/v1/logs?request_id={id}&category=data_access{cursor}")).await.is(200);
        found += page["items"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, 130);

    // Long statements: the answer stays of a size that a page can be read with.
    act(&app, &request, "c", 100, INSIDE, &"x".repeat(20_000)).await;
    let seen = approver.get(&path).await.is(200);
    assert!(seen.to_string().len() < 300_000, "{}", seen.to_string().len());
    let shown = kinds(&seen, "action").len();
    assert!(shown > 4, "{shown}");
    assert_eq!(seen["timeline_left_out"]["actions"], 230 - shown);
}

#[tokio::test]
async fn what_stands_aside_is_told_within_the_same_bounds() {
    let app = TestApp::new().await;
    let until = app.now() + TimeDelta::days(3);
    let exclusion = json!({"kind": "legal_demand", "reason": "Court order 1.", "disclose_at": until});
    let body = with(ask(MERIDIAN), json!({"exclusion": exclusion}));
    let request = app.provider().post("/provider/v1/access-requests", body).await.is(201);
    let id = request["id"].as_str().unwrap();
    act(&app, &request, "first", 60, OUTSIDE, "DROP TABLE Pay").await;
    act(&app, &request, "then", 200, INSIDE, "SELECT 1").await;
    let told = |answer: &Value| {
        let number = |kind| kinds(answer, kind).len();
        (number("action"), number("refused"), number("raised"), answer["timeline_left_out"].clone())
    };
    let expected =
        (100, 50, 1, json!({"actions": 110, "refused_actions": 10, "done_outside": 10, "faulty_reports": 0}));
    let path = format!("/provider/v1/access-requests/{id}");
    assert_eq!(told(&app.provider().get(&path).await.is(200)), expected);
    let ended = app.provider().post(&format!("{path}/complete"), json!({"engineer_id": "eng-417"})).await.is(200);
    assert_eq!((told(&ended), kinds(&ended, "ended").len()), (expected.clone(), 1));
    app.state.hand.set(until);
    app.sweep().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    assert_eq!(told(&admin.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200)), expected);
}

/// Found: a refused attempt to approve stood in the timeline as "approved the request: access opened".
#[tokio::test]
async fn an_attempt_that_was_refused_is_no_step() {
    let app = TestApp::new().await;
    let request = app.provider().post("/provider/v1/access-requests", ask(MERIDIAN)).await.is(201);
    let id = request["id"].as_str().unwrap();
    let path = format!("/api/v1/lockbox-requests/{id}");
    let reader = app.person(&MERIDIAN.person("reader")).await;
    reader.post_version(&format!("{path}/approve"), "\"1\"", json!({"justification": "I would."})).await.is(403);
    let seen = reader.get(&path).await.is(200);
    assert_eq!(kinds(&seen, "decided"), Vec::<&Value>::new());
    let log = reader.get(&format!("/api/v1/logs?request_id={id}&outcome=refused")).await.is(200);
    assert_eq!(log["items"][0]["operation"], "Approve Lockbox Request", "the log has it");
}
