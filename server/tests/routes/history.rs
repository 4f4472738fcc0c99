//! The figures against a second opinion that knows nothing but the log and what was asked for, the lists that figures lead to,
//! and the table as a file.

mod opinion;
mod weeks;

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use lockbox_api::{Time, events::Event};
use serde_json::{Value, json};

use crate::support::{
    Caller, Person, TestApp,
    database::copies,
    events::Dice,
    operations::raise,
    world::{MERIDIAN, NORTHSTAR},
};
use opinion::Opinion;
use weeks::{Asked, weeks};

fn exact(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Compares the answer for a period with what the events say of it and of the period before.
async fn compare(app: &TestApp, reader: &Person, asked: &BTreeMap<String, Asked>, from: Time, to: Time) -> Opinion {
    let events: Vec<Event> = app.read(|tx| Ok(tx.events_after(&MERIDIAN.id.into(), 0, u32::MAX)?)).await;
    let now = app.now();
    let expected = opinion::of(&events, asked, from, to, now);
    let before = opinion::of(&events, asked, from - (to - from), from, now);
    let told = reader.get(&format!("/api/v1/history?from={}&to={}", exact(from), exact(to))).await.is(200);
    let faults = opinion::difference(&told, &told["previous"], (&expected, &before));
    assert_eq!(faults, Vec::<String>::new(), "{from} to {to}");
    expected
}

/// How many requests a list holds, page by page.
async fn listed(reader: &Person, query: &str) -> u64 {
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let page = reader.get(&format!("/api/v1/lockbox-requests?limit=7&{query}{cursor}")).await.is(200);
        count += page["items"].as_array().unwrap().len() as u64;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return count,
        }
    }
}

#[tokio::test]
async fn every_figure_equals_what_the_events_say() {
    let mut seen: BTreeMap<&str, f64> = BTreeMap::new();
    for seed in [99, 1, 2026] {
        let app = TestApp::new().await;
        let begin = app.now();
        let asked = weeks(&app, &mut Dice(seed), 45).await;
        let end = app.now();
        let reader = app.person(&MERIDIAN.person("reader")).await;
        let middle = begin + (end - begin) / 2;
        let whole = compare(&app, &reader, &asked, begin, end).await;
        // The period before holds the first half; and one whose days are few.
        compare(&app, &reader, &asked, middle, end).await;
        compare(&app, &reader, &asked, middle, middle + chrono::TimeDelta::days(9)).await;
        for (name, value) in &whole.figures {
            *seen.entry(name).or_default() += value.unwrap_or_default();
        }
        // What waited is over in a while, and what was open has lapsed, whether or not somebody wrote it down.
        app.advance(chrono::TimeDelta::days(30));
        let reader = app.person(&MERIDIAN.person("reader")).await;
        compare(&app, &reader, &asked, begin, end).await;
        app.sweep().await;
        compare(&app, &reader, &asked, begin, app.now()).await;
    }
    // Nothing was compared with nothing.
    for (name, value) in seen {
        assert!(value > 0.0, "{name} never came up");
    }
}

#[tokio::test]
async fn a_figure_leads_to_as_many_rows_as_it_counts() {
    let app = TestApp::new().await;
    let begin = app.now();
    let asked = weeks(&app, &mut Dice(7), 60).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let end = app.now();
    let expected = compare(&app, &reader, &asked, begin, end).await;
    let period = format!("from={}&to={}", exact(begin), exact(end));
    for (view, count) in &expected.views {
        assert_eq!(listed(&reader, &format!("view={view}&{period}")).await, *count, "{view}");
        assert!(*count > 0, "{view}");
    }
    for status in ["approved", "denied", "expired", "cancelled"] {
        let figure = expected.figures[status];
        let rows = listed(&reader, &format!("view=asked&status={status}&{period}")).await;
        assert_eq!(Some(rows as f64), figure, "{status}");
    }
    let waiting = listed(&reader, &format!("view=asked&status=customer_notified&{period}")).await;
    assert_eq!(Some(waiting as f64), expected.figures["pending"]);
    for (slice, filter, view) in [
        ("by_environment", "environment_id", "asked"),
        ("by_service", "service", "asked"),
        ("by_reason", "reason_code", "asked"),
        ("by_team", "team", "asked"),
        ("by_decider", "decided_by", "decided"),
        ("without_request", "status_reason", "without_request"),
    ] {
        assert!(expected.slices[slice].len() > 1, "{slice}");
        for (key, (count, approved, _)) in &expected.slices[slice] {
            let query = format!("view={view}&{filter}={}&{period}", key.replace(' ', "%20"));
            assert_eq!(listed(&reader, &query).await, *count, "{query}");
            assert_eq!(listed(&reader, &format!("{query}&status=approved")).await, *approved, "{query}");
        }
    }
    let refused = reader.get("/api/v1/lockbox-requests?reason_code=because").await;
    assert_eq!(refused.pointers(), ["reason_code"]);
}

#[tokio::test]
async fn twenty_thousand_decisions_are_counted_and_told_a_part_at_a_time() {
    const COUNT: usize = 20_000;
    let app = TestApp::new().await;
    let request = raise(&app, MERIDIAN, json!({})).await;
    let id = request["id"].as_str().unwrap().to_owned();
    app.advance(chrono::TimeDelta::minutes(30));
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let etag = format!("\"{}\"", request["version"]);
    let path = format!("/api/v1/lockbox-requests/{id}/deny");
    approver.post_version(&path, &etag, json!({"justification": "Not tonight."})).await.is(200);
    copies(&app, &id, COUNT);
    app.advance(chrono::TimeDelta::minutes(1));
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let answer = reader.get("/api/v1/history").await;
    let told = answer.is(200);
    assert!(answer.bytes.len() < 300_000, "no answer grows with the requests: {}", answer.bytes.len());
    assert_eq!((&told["current"]["denied"], &told["by_decider"][0]["count"]), (&json!(COUNT), &json!(COUNT)));
    assert_eq!((told["decided"].as_array().unwrap().len(), &told["decided_truncated"]), (200, &json!(true)));
    let mut ids: Vec<String> =
        told["decided"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    let mut cursor = told["decided_next"].as_str().map(str::to_owned);
    let period = format!("from={}&to={}", told["from"].as_str().unwrap(), told["to"].as_str().unwrap());
    while let Some(next) = cursor {
        let page = format!("/api/v1/lockbox-requests?view=decided&limit=200&{period}&cursor={next}");
        let page = reader.get(&page).await.is(200);
        ids.extend(page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        cursor = page["next_cursor"].as_str().map(str::to_owned);
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), COUNT, "each decision once, also those beyond the first part");
}

/// Found: with a `to` of long ago alone, the period began after its end, and `to` was told to be wrong.
#[tokio::test]
async fn a_period_without_a_beginning_is_the_28_days_before_its_end() {
    let app = TestApp::new().await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let told = reader.get("/api/v1/history?to=2026-03-29T00:00:00Z").await.is(200);
    assert_eq!((&told["from"], &told["to"]), (&json!("2026-03-01T00:00:00Z"), &json!("2026-03-29T00:00:00Z")));
}

#[tokio::test]
async fn the_table_holds_every_request_of_the_period() {
    let app = TestApp::new().await;
    let begin = app.now();
    let asked = weeks(&app, &mut Dice(5), 25).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let from = exact(begin);
    let expected = compare(&app, &reader, &asked, begin, app.now()).await.views["all"];
    let csv = reader.get(&format!("/api/v1/history/requests.csv?from={from}")).await;
    csv.is(200);
    let lines: Vec<&str> = csv.text.split("\r\n").collect();
    assert_eq!(lines.len() as u64, 2 + expected, "a head, every request, and the last line's end");
    assert!(csv.text.contains(",\"'=Decided "), "no cell is a formula");
    let export = app.read(|tx| Ok(tx.events_after(&MERIDIAN.id.into(), 0, u32::MAX)?.pop().unwrap())).await;
    assert_eq!((export.operation.as_str(), &export.details["what"]), ("Export", &json!("history")));
    assert_eq!(export.details["rows"], expected);
}

#[tokio::test]
async fn an_organisation_without_requests_has_figures_of_nothing() {
    let app = TestApp::new().await;
    let reader = app.person(&NORTHSTAR.person("reader")).await;
    let history = reader.get("/api/v1/history").await.is(200);
    assert_eq!((&history["current"]["requests"], &history["current"]["approval_rate"]), (&json!(0), &Value::Null));
    assert_eq!((&history["by_decider"], &history["decided"]), (&json!([]), &json!([])));
    assert_eq!(reader.get("/api/v1/history/requests.csv").await.text.matches("\r\n").count(), 1);
}

#[tokio::test]
async fn a_period_the_wrong_way_round_is_refused_by_name() {
    let app = TestApp::new().await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    for list in ["history", "history/requests.csv"] {
        for query in ["from=now-1d&to=now-2d", "from=2026-11-21T00:00:00Z&to=2026-11-20T00:00:00Z"] {
            let answer = reader.get(&format!("/api/v1/{list}?{query}")).await;
            answer.problem(422, "invalid_parameter");
            assert_eq!(answer.pointers(), ["to"], "{list}?{query}");
        }
    }
}
