//! The table of a period's requests as a file: whole or told not to be, in parts however many requests there are, and on
//! record.

use chrono::TimeDelta;
use http_body_util::BodyExt;
use lockbox_api::events::Event;
use serde_json::json;

use crate::support::{
    Caller, TestApp,
    database::copies,
    download::{begin, breaks_off_without_the_right, sha256},
    operations::raise,
    world::MERIDIAN,
};

const REQUESTS: usize = 6_000;

/// One request, and copies of it.
async fn many(app: &TestApp) {
    let changes = json!({"justification": format!("=Deadlocks, \"again\". {}", "Every night. ".repeat(10))});
    let id = raise(app, MERIDIAN, changes).await["id"].as_str().unwrap().to_owned();
    app.advance(TimeDelta::minutes(1));
    copies(app, &id, REQUESTS);
}

const TABLE: &str = "/api/v1/history/requests.csv";

async fn newest(app: &TestApp) -> Event {
    app.read(|tx| Ok(tx.events_after(&MERIDIAN.id.into(), 0, u32::MAX)?.pop().unwrap())).await
}

#[tokio::test]
async fn many_requests_leave_in_parts_and_each_of_them_once() {
    let app = TestApp::new().await;
    many(&app).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let mut body = begin(&app, &reader, TABLE).await.into_body();
    let (mut bytes, mut parts) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let part = frame.unwrap().into_data().unwrap();
        assert!(part.len() < 1 << 20, "no part grows with the table: {}", part.len());
        bytes.extend_from_slice(&part);
        parts += 1;
    }
    assert!(parts > 3, "{parts} parts of {} bytes", bytes.len());
    let text = String::from_utf8(bytes).unwrap();
    let mut ids: Vec<&str> = text.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids.remove(0), "request_id");
    assert_eq!(ids.len(), REQUESTS);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), REQUESTS, "each once");
    assert!(text.lines().skip(1).all(|line| line.contains("\"'=Deadlocks, \"\"again\"\".")), "no cell is a formula");

    let event = newest(&app).await;
    assert_eq!((event.operation.as_str(), event.outcome.as_str()), ("Export", "success"));
    let told = ["what", "state", "rows", "bytes", "sha256"].map(|name| event.details[name].clone());
    let expected =
        [json!("history"), json!("complete"), json!(REQUESTS), json!(text.len()), json!(sha256(text.as_bytes()))];
    assert_eq!(told, expected);
    let start = reader.get("/api/v1/logs?operation=Export+Start").await.is(200);
    assert_eq!(start["items"][0]["details"]["what"], "history");
}

#[tokio::test]
async fn whoever_goes_away_stops_the_table_and_the_log_says_so() {
    let app = TestApp::new().await;
    many(&app).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let mut changes = app.state.changes.subscribe();
    let mut body = begin(&app, &reader, TABLE).await.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    drop(body);
    // The end is written behind the caller's back; the commit tells.
    while changes.recv().await.unwrap().1.operation != "Export" {}
    let event = newest(&app).await;
    assert_eq!((event.operation.as_str(), event.outcome.as_str()), ("Export", "failure"));
    assert_eq!((&event.details["state"], &event.details["bytes"]), (&json!("cancelled"), &json!(first.len())));
    assert_eq!(event.details["sha256"], sha256(&first));
    assert!(event.details["rows"].as_u64().unwrap() < REQUESTS as u64 / 2, "the rest was not read");
}

#[tokio::test]
async fn whoever_loses_the_right_gets_no_more_of_the_table() {
    let app = TestApp::new().await;
    many(&app).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let body = begin(&app, &reader, TABLE).await.into_body();
    assert!(breaks_off_without_the_right(&app, body).await, "a file that is not whole never ends as one that is");
    assert_eq!(newest(&app).await.details["state"], "failed");
}
