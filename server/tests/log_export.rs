//! The log as a file: exactly what the filter lets through, whole or told not to be, and on record.

use std::{collections::BTreeSet, io::Write, process::Command};

use axum::body::Body;
use http_body_util::BodyExt;
use lockbox_api::{
    events::{Category, Event, Outcome},
    logs::LogFilter,
};
use serde_json::{Value, json};

use crate::{
    log_filters::{all, between, filled},
    support::{
        Answer, Caller, Person, TestApp,
        download::{self, breaks_off_without_the_right, sha256},
        events::{Dice, HOSTILE, Opinion, any_filter, made_up, parameters},
        world::{MERIDIAN, NORTHSTAR},
    },
};

async fn export(reader: &Person, query: &str) -> Answer {
    let answer = reader.get(&format!("/api/v1/logs/export?{query}")).await;
    answer.is(200);
    answer
}

/// The newest events, newest first.
pub async fn newest(app: &TestApp, count: usize) -> Vec<Event> {
    let mut events = all(app, MERIDIAN).await;
    events.reverse();
    events.truncate(count);
    events
}

#[tokio::test]
async fn every_format_holds_exactly_what_the_filter_lets_through() {
    let app = TestApp::new().await;
    filled(&app, 2_500).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let events = all(&app, MERIDIAN).await;
    let (from, to) = between(&events);
    let opinion = Opinion::of(&events, MERIDIAN);
    let mut dice = Dice(11);
    for round in 0..40 {
        let mut filter = any_filter(&mut dice, from, to);
        if round == 0 {
            filter =
                lockbox_api::logs::LogFilter { to: filter.to.or_else(|| Some(to.to_rfc3339())), ..Default::default() };
        }
        let expected: Vec<&Event> = events.iter().filter(|event| opinion.lets(&filter, event)).collect();
        let rest = format!("{}&to_sequence={}", parameters(&filter), events[events.len() - 1].sequence);
        let lines = export(&reader, &format!("format=ndjson{rest}")).await;
        let found: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let values: Vec<Value> = expected.iter().map(|event| serde_json::to_value(event).unwrap()).collect();
        assert!(found == values, "{filter:?}: {} instead of {}", found.len(), values.len());
        let csv = export(&reader, &format!("format=csv{rest}")).await;
        let rows = read_csv(&csv.text);
        assert_eq!(rows[0].len(), 17);
        let sequences: Vec<String> = rows[1..].iter().map(|row| row[0].clone()).collect();
        assert!(sequences == expected.iter().map(|event| event.sequence.to_string()).collect::<Vec<_>>(), "{filter:?}");
        for (row, event) in rows[1..].iter().zip(&expected) {
            assert_eq!(row[1], event.id.0);
            assert_eq!(row[2], serde_json::to_value(event.time).unwrap().as_str().unwrap());
            let details: Value = serde_json::from_str(&row[16]).unwrap();
            assert_eq!(details, Value::Object(event.details.clone()));
        }
    }
}

/// RFC 4180, read by the letter.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match (c, quoted) {
            ('"', true) if letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\r', false) if letters.peek() == Some(&'\n') => {
                letters.next();
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(c),
        }
    }
    assert!(cell.is_empty() && row.is_empty() && !quoted, "the file ends with a whole line");
    rows
}

#[tokio::test]
async fn hostile_text_leaves_as_text_in_every_field() {
    let app = TestApp::new().await;
    let texts: Vec<String> = HOSTILE.iter().map(|text| (*text).to_owned()).chain(["ü😀=".repeat(667)]).collect();
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let now = app.now();
    let hostile = texts.clone();
    app.write(move |tx, _| {
        for (number, text) in hostile.iter().enumerate() {
            let mut event = made_up(&mut Dice(9), number, now);
            event.operation.clone_from(text);
            event.friendly_name = Some(text.clone());
            event.actor.id.clone_from(text);
            event.actor.name.clone_from(text);
            event.environment_id = Some(text.as_str().into());
            event.request_id = Some(text.as_str().into());
            event.service_request_id = Some(text.as_str().into());
            event.grant_id = Some(text.as_str().into());
            event.client_ip = Some(text.clone());
            event.correlation_id.clone_from(text);
            event.details = json!({text.as_str(): text, "target": [text]}).as_object().unwrap().clone();
            tx.append_event(&MERIDIAN.id.into(), event)?;
        }
        Ok(())
    })
    .await;
    let events = newest(&app, texts.len()).await;
    let from = events.last().unwrap().sequence;
    let to = events[0].sequence;
    let csv = export(&reader, &format!("format=csv&from_sequence={from}&to_sequence={to}")).await;
    let rows = read_csv(&csv.text);
    assert_eq!(rows.len(), texts.len() + 1);
    for (row, text) in rows[1..].iter().zip(&texts) {
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
        }
        let harmless = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.clone() };
        assert_eq!(row[4], harmless);
    }
    let lines = export(&reader, &format!("format=ndjson&from_sequence={from}&to_sequence={to}")).await;
    assert_eq!(lines.text.lines().count(), texts.len(), "no text breaks a line");
    for (line, text) in lines.text.lines().zip(&texts) {
        let event: Event = serde_json::from_str(line).unwrap();
        assert_eq!((&event.operation, &event.actor.name, &event.correlation_id), (text, text, text));
        // And each is found by its own fields.
        if text.chars().count() <= 200 && !text.contains('\0') {
            let filter = lockbox_api::logs::LogFilter {
                operation: vec![text.clone()],
                actor: vec![text.clone()],
                request_id: vec![text.as_str().into()],
                correlation_id: vec![text.clone()],
                ..Default::default()
            };
            let found = reader.get(&format!("/api/v1/logs?{}", &parameters(&filter)[1..])).await.is(200);
            assert_eq!(found["items"].as_array().unwrap().len(), 1, "{text:?}");
            let counted = reader.get(&format!("/api/v1/logs/summary?{}", &parameters(&filter)[1..])).await.is(200);
            assert_eq!(counted["total"], 1);
        }
    }
}

#[tokio::test]
async fn an_export_is_on_record_with_rows_and_digest() {
    let app = TestApp::new().await;
    filled(&app, 2_500).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let before = newest(&app, 1).await[0].sequence;
    let answer = export(&reader, "format=csv&outcome=refused&from=now-9999d").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\"lockbox-log-"));
    let id = answer.header("lockbox-export-id");
    let told = reader.get(&format!("/api/v1/logs/exports/{id}")).await.is(200);
    let rows = read_csv(&answer.text).len() - 1;
    assert!(rows > 100);
    assert_eq!((&told["state"], &told["rows"]), (&json!("complete"), &json!(rows)));
    assert_eq!(told["sha256"], sha256(answer.text.as_bytes()));
    assert_eq!(told["bytes"], answer.text.len());
    assert_eq!((told["from_sequence"].as_u64(), told["to_sequence"].as_u64()), (Some(1), Some(before)));
    assert!(told["filter"].as_str().unwrap().starts_with("outcome:refused after:"), "{told}");
    let events = newest(&app, 2).await;
    assert_eq!((events[0].operation.as_str(), events[1].operation.as_str()), ("Export", "Export Start"));
    for (key, value) in [
        ("export_id", json!(id)),
        ("rows", json!(rows)),
        ("sha256", told["sha256"].clone()),
        ("state", json!("complete")),
    ] {
        assert_eq!(events[0].details[key], value);
    }
    assert_eq!(events[1].sequence, before + 1, "the beginning is on record before anything was sent");
    // Nobody else's business.
    let stranger = app.person(&NORTHSTAR.person("admin")).await;
    stranger.get(&format!("/api/v1/logs/exports/{id}")).await.problem(404, "not_found");
    // Who may not export leaves no trace of one.
    approver.get("/api/v1/logs/export?format=csv").await.problem(403, "not_allowed");
    assert_eq!(newest(&app, 1).await[0], events[0]);
}

#[tokio::test]
async fn an_export_goes_on_where_another_was_cut_off() {
    let app = TestApp::new().await;
    filled(&app, 900).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let whole = export(&reader, "format=ndjson&category=data_access").await;
    let end = whole.header("lockbox-export-to-sequence");
    let sequence = |line: &str| serde_json::from_str::<Value>(line).unwrap()["sequence"].as_u64().unwrap();
    let lines: Vec<&str> = whole.text.lines().collect();
    let last = sequence(lines[lines.len() / 3]);
    let from = last + 1;
    let rest =
        export(&reader, &format!("format=ndjson&category=data_access&from_sequence={from}&to_sequence={end}")).await;
    let expected: Vec<&str> = lines.into_iter().filter(|line| sequence(line) > last).collect();
    assert_eq!(rest.text.lines().collect::<Vec<_>>(), expected);
    for (query, name) in [
        ("format=csv&from_sequence=9&to_sequence=8", "to_sequence"),
        ("format=csv&from_sequence=18446744073709551615", "from_sequence"),
        ("format=xlsx", "format"),
        ("", "format"),
        ("format=csv&limit=5", "limit"),
        ("format=csv&from=now&to=now-1d", "to"),
    ] {
        let answer = reader.get(&format!("/api/v1/logs/export?{query}")).await;
        answer.problem(422, "invalid_parameter");
        assert_eq!(answer.pointers(), [name], "{query}");
    }
}

/// An export of which the caller takes the parts one by one.
async fn begin(app: &TestApp, reader: &Person, query: &str) -> (String, Body) {
    let response = download::begin(app, reader, &format!("/api/v1/logs/export?{query}")).await;
    (response.headers()["lockbox-export-id"].to_str().unwrap().to_owned(), response.into_body())
}

#[tokio::test]
async fn what_happens_meanwhile_is_not_in_it() {
    let app = TestApp::new().await;
    filled(&app, 3_000).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let until = newest(&app, 1).await[0].sequence;
    let (_, mut body) = begin(&app, &reader, "format=ndjson").await;
    let mut text = body.frame().await.unwrap().unwrap().into_data().unwrap().to_vec();
    let now = app.now();
    app.write(move |tx, _| {
        for id in 0..50 {
            tx.append_event(&MERIDIAN.id.into(), made_up(&mut Dice(3), 90_000 + id, now))?;
        }
        Ok(())
    })
    .await;
    text.extend(body.collect().await.unwrap().to_bytes());
    let text = String::from_utf8(text).unwrap();
    assert!(text.len() > 1 << 20, "more than one part: {}", text.len());
    let sequences: Vec<u64> =
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, (1..=until).collect::<Vec<_>>());
}

#[tokio::test]
async fn whoever_goes_away_stops_it_and_the_log_says_so() {
    let app = TestApp::new().await;
    filled(&app, 6_000).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let mut changes = app.state.changes.subscribe();
    let (id, mut body) = begin(&app, &reader, "format=csv").await;
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    let running = reader.get(&format!("/api/v1/logs/exports/{id}")).await.is(200);
    assert_eq!((&running["state"], &running["ended_at"]), (&json!("running"), &Value::Null));
    drop(body);
    // The end is written behind the caller's back; the commit tells.
    while changes.recv().await.unwrap().1.operation != "Export" {}
    let told = reader.get(&format!("/api/v1/logs/exports/{id}")).await.is(200);
    assert_eq!((&told["state"], &told["bytes"]), (&json!("cancelled"), &json!(first.len())));
    assert_eq!(told["sha256"], sha256(&first));
    let event = newest(&app, 1).await.remove(0);
    assert_eq!((event.operation.as_str(), event.outcome.as_str()), ("Export", "failure"));
    assert_eq!((&event.details["state"], &event.details["rows"]), (&json!("cancelled"), &told["rows"]));
    assert!(told["rows"].as_u64().unwrap() < newest(&app, 1).await[0].sequence / 2, "the rest was not read");
}

#[tokio::test]
async fn whoever_loses_the_right_gets_no_more() {
    let app = TestApp::new().await;
    filled(&app, 6_000).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let (id, body) = begin(&app, &reader, "format=csv").await;
    assert!(breaks_off_without_the_right(&app, body).await, "a file that is not whole never ends as one that is");
    let admin = app.person(&MERIDIAN.person("admin")).await;
    assert_eq!(admin.get(&format!("/api/v1/logs/exports/{id}")).await.is(200)["state"], "failed");
}

#[tokio::test]
async fn whoever_signs_out_gets_no_more() {
    let app = TestApp::new().await;
    filled(&app, 6_000).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let (_, mut body) = begin(&app, &reader, "format=csv").await;
    body.frame().await.unwrap().unwrap();
    reader.delete("/api/v1/session").await.is(204);
    let mut cut = false;
    while let Some(frame) = body.frame().await {
        cut = frame.is_err();
    }
    assert!(cut, "the session that asked for it is over");
}

#[tokio::test]
async fn an_export_that_the_server_did_not_survive_is_closed_at_the_next_start() {
    let app = TestApp::new().await;
    filled(&app, 3_000).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let (id, body) = begin(&app, &reader, "format=csv").await;
    let again = TestApp::on(app.folder.clone()).await;
    let reader = again.person(&MERIDIAN.person("reader")).await;
    assert_eq!(reader.get(&format!("/api/v1/logs/exports/{id}")).await.is(200)["state"], "failed");
    // The newest is the reader's second sign-in.
    let event = newest(&again, 2).await.remove(1);
    assert_eq!(
        (event.operation.as_str(), event.outcome.as_str(), event.actor.id.as_str()),
        ("Export", "failure", "system")
    );
    drop(body);
}

/// What pyarrow and DuckDB find in a Parquet file. DuckDB asks by the statistics of the row groups, too.
const READ_PARQUET: &str = r#"
import json, sys, duckdb, pyarrow.parquet as pq
path = sys.argv[1]
file = pq.ParquetFile(path)
groups = [file.metadata.row_group(i) for i in range(file.num_row_groups)]
table = pq.read_table(path)
rows = table.to_pylist()
duck = lambda query: duckdb.sql(query.replace("FILE", f"'{path}'")).fetchall()
print(json.dumps({
    "rows": table.num_rows, "types": {f.name: str(f.type) for f in table.schema},
    "groups": [g.num_rows for g in groups], "read": [file.read_row_group(i).num_rows for i in range(len(groups))],
    "codecs": sorted({g.column(i).compression for g in groups for i in range(17)}),
    "sequences": [r["sequence"] for r in rows], "details": [json.loads(r["details"]) for r in rows],
    "times": [r["time"].isoformat() for r in rows], "environments": [r["environment_id"] for r in rows],
    "duck": duck("select count(*), sum(sequence), count(environment_id), count(distinct id) from FILE")[0],
    "duck_groups": [r[0] for r in duck("select any_value(row_group_num_rows) from parquet_metadata(FILE) group by row_group_id order by row_group_id")],
    "refused": duck("select count(*) from FILE where outcome = 'refused'")[0][0],
    "later": duck("select count(*) from FILE where sequence > (select median(sequence) from FILE)")[0][0],
}))"#;

#[tokio::test]
async fn duckdb_and_pyarrow_read_the_parquet() {
    let app = TestApp::new().await;
    filled(&app, 4_000).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let all = all(&app, MERIDIAN).await;
    let python = std::env::var("LOCKBOX_TEST_PYTHON").expect(
        "LOCKBOX_TEST_PYTHON must name a Python with duckdb and pyarrow: run `cargo xtask test`, which installs one",
    );
    let part =
        LogFilter { category: vec![Category::DataAccess], not_outcome: vec![Outcome::Success], ..LogFilter::default() };
    for filter in [LogFilter::default(), part] {
        let events: Vec<&Event> = all.iter().filter(|event| Opinion::of(&all, MERIDIAN).lets(&filter, event)).collect();
        let rest = format!("{}&to_sequence={}", parameters(&filter), all[all.len() - 1].sequence);
        let answer = export(&reader, &format!("format=parquet{rest}")).await;
        assert_eq!(answer.header("content-type"), "application/vnd.apache.parquet");
        let mut file = tempfile::NamedTempFile::with_suffix(".parquet").unwrap();
        file.write_all(&answer.bytes).unwrap();
        let output = Command::new(&python).args(["-c", READ_PARQUET]).arg(file.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(told["rows"], events.len());
        assert_eq!(told["types"]["time"], "timestamp[us, tz=UTC]");
        assert_eq!((&told["types"]["sequence"], &told["types"]["details"]), (&json!("int64"), &json!("string")));
        assert_eq!(told["codecs"], json!(["ZSTD"]));
        let groups: Vec<u64> = serde_json::from_value(told["groups"].clone()).unwrap();
        assert!(groups.len() > 1 && groups.iter().sum::<u64>() == events.len() as u64, "{groups:?}");
        assert_eq!((&told["read"], &told["duck_groups"]), (&told["groups"], &told["groups"]));
        let sum: u64 = events.iter().map(|event| event.sequence).sum();
        let placed = events.iter().filter(|event| event.environment_id.is_some()).count();
        let ids: BTreeSet<_> = events.iter().map(|event| &event.id).collect();
        assert_eq!(told["duck"], json!([events.len(), sum, placed, ids.len()]));
        assert_eq!(told["refused"], events.iter().filter(|event| event.outcome == Outcome::Refused).count());
        assert_eq!(told["later"], events.len() / 2);
        for (at, event) in events.iter().enumerate() {
            assert_eq!(told["sequences"][at], event.sequence);
            assert_eq!(told["details"][at], Value::Object(event.details.clone()));
            assert_eq!(told["environments"][at], json!(event.environment_id));
            let time: lockbox_api::Time = told["times"][at].as_str().unwrap().parse().unwrap();
            assert_eq!(time, event.time);
        }
    }
}
