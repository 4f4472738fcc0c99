//! The log's filters and counts against a second opinion that looks at every event, in every combination.

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;
use lockbox_api::{Time, clients::ClientScopes, events::Event};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    database::dump,
    events::{Dice, Opinion, any_filter, made_up, parameters},
    world::{Customer, MERIDIAN, NORTHSTAR, ask},
};

/// Appends events over some weeks to both logs; moves the clock behind them.
pub async fn filled(app: &TestApp, count: usize) {
    let begin = app.now();
    let end = app
        .write(move |tx, _| {
            let mut dice = Dice(17);
            let mut last = begin;
            for id in 0..count {
                let customer = if dice.roll(8) == 0 { NORTHSTAR } else { MERIDIAN };
                let event = made_up(&mut dice, id, last);
                last = tx.append_event(&customer.id.into(), event)?.time;
            }
            Ok(last)
        })
        .await;
    app.advance(end - begin + TimeDelta::minutes(1));
}

pub async fn all(app: &TestApp, customer: Customer) -> Vec<Event> {
    app.read(move |tx| Ok(tx.events_after(&customer.id.into(), 0, u32::MAX)?)).await
}

fn sequences(page: &Value) -> Vec<u64> {
    page["items"].as_array().unwrap().iter().map(|event| event["sequence"].as_u64().unwrap()).collect()
}

pub fn between(events: &[Event]) -> (Time, Time) {
    (events[0].time - TimeDelta::hours(1), events[events.len() - 1].time + TimeDelta::hours(1))
}

#[tokio::test]
async fn more_beginnings_of_words_than_a_search_may_have_are_refused() {
    let app = TestApp::new().await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    for (query, name) in [
        ("q=aaa*+bbb*+ccc*+ddd*+aaa*", None),
        ("q=aaa*&not_q=bbb*+ccc*&not_q=ddd*+bbb", None),
        ("q=aaa*+bbb*+ccc*+ddd*+eee*", Some("q")),
        ("not_q=aaa*+bbb*+ccc*+ddd*+eee*", Some("not_q")),
        ("not_q=bbb*&not_q=ccc*+ddd*&q=aaa*+eee*", Some("not_q")),
    ] {
        for call in ["logs?", "logs/summary?", "logs/export?format=ndjson&"] {
            let answer = reader.get(&format!("/api/v1/{call}{query}")).await;
            let Some(name) = name else {
                assert_eq!(answer.status, 200, "{call}{query}: {}", answer.text);
                continue;
            };
            answer.problem(422, "invalid_parameter");
            assert_eq!(answer.pointers(), [name], "{call}{query}");
            assert!(answer.text.contains("At most 4 words end with a *"), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn any_combination_of_filters_finds_what_a_look_at_every_event_finds() {
    let app = TestApp::new().await;
    filled(&app, 3_000).await;
    let mut dice = Dice(4);
    let (mut found_something, mut found_nothing) = (0, 0);
    for customer in [MERIDIAN, NORTHSTAR] {
        let reader = app.person(&customer.person("reader")).await;
        let events = all(&app, customer).await;
        let opinion = Opinion::of(&events, customer);
        let (from, to) = between(&events);
        for _ in 0..150 {
            let filter = any_filter(&mut dice, from, to);
            let expected: Vec<u64> =
                events.iter().rev().filter(|e| opinion.lets(&filter, e)).map(|e| e.sequence).collect();
            let mut found = Vec::new();
            let mut cursor = String::new();
            let limit = 20 + dice.roll(181);
            loop {
                let path = format!("/api/v1/logs?limit={limit}{}{cursor}", parameters(&filter));
                let page = reader.get(&path).await.is(200);
                found.extend(sequences(&page));
                let Some(next) = page["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            // Reading the log adds to it: who reads data access is on record.
            found.retain(|sequence| *sequence <= events[events.len() - 1].sequence);
            assert!(found == expected, "{filter:?}: {} instead of {}", found.len(), expected.len());
            *(if expected.is_empty() { &mut found_nothing } else { &mut found_something }) += 1;
        }
    }
    assert!(found_something > 150 && found_nothing > 10, "{found_something} {found_nothing}");
}

/// What a field's counts are called, what its filter is called, its value.
type Field<'a> = (&'a str, &'a str, &'a dyn Fn(&Event) -> Option<String>);

/// The counts as the second opinion has them.
fn counted(events: &[&Event], key: impl Fn(&Event) -> Option<String>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for key in events.iter().filter_map(|event| key(event)) {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

fn told(counts: &Value) -> BTreeMap<String, u64> {
    let items = counts["items"].as_array().unwrap();
    assert_eq!(counts["distinct"], items.len());
    items.iter().map(|item| (item["value"].as_str().unwrap().to_owned(), item["count"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn counts_and_histogram_equal_those_of_the_events() {
    let app = TestApp::new().await;
    filled(&app, 3_000).await;
    let mut dice = Dice(5);
    let mut lengths = std::collections::BTreeSet::new();
    let (mut more, mut cut) = (0, 0);
    for customer in [MERIDIAN, NORTHSTAR] {
        let reader = app.person(&customer.person("reader")).await;
        let events = all(&app, customer).await;
        let (from, to) = between(&events);
        for round in 0..200 {
            let mut filter = any_filter(&mut dice, from, to);
            if round % 4 == 0 {
                // Short ranges, too.
                let begin = from + (to - from) / 211 * i32::try_from(dice.roll(200)).unwrap();
                let length = TimeDelta::seconds([600, 7_200, 100_000, 900_000][dice.roll(4)]);
                filter.from = Some(begin.to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
                filter.to = Some((begin + length).to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
            }
            let path = format!("/api/v1/logs/summary?{}", parameters(&filter).trim_start_matches('&'));
            let summary = reader.get(&path).await.is(200);
            // That others' doing is counted is on record, and counted.
            let events = all(&app, customer).await;
            let opinion = Opinion::of(&events, customer);
            let expected: Vec<&Event> = events.iter().filter(|event| opinion.lets(&filter, event)).collect();
            let context = || format!("{filter:?}: {summary}");
            if !filter.not_q.is_empty() && expected.len() > 2_500 {
                assert_eq!((&summary["total"], &summary["exact"]), (&json!(2_500), &json!(false)), "{}", context());
                continue;
            }
            assert_eq!((&summary["total"], &summary["exact"]), (&json!(expected.len()), &json!(true)), "{}", context());
            // Each field without what is asked of itself.
            let mut of = |field: &str, key: &dyn Fn(&Event) -> Option<String>| {
                let mut without = serde_json::to_value(&filter).unwrap();
                for name in [field.to_owned(), format!("not_{field}")] {
                    without[name] = json!([]);
                }
                let without = serde_json::from_value(without).unwrap();
                let left: Vec<&Event> = events.iter().filter(|event| opinion.lets(&without, event)).collect();
                more += usize::from(left.len() > expected.len());
                counted(&left, key)
            };
            let fields: [Field<'_>; 5] = [
                ("operations", "operation", &|e| Some(e.operation.clone())),
                ("actors", "actor", &|e| Some(e.actor.id.clone())),
                ("environments", "environment_id", &|e| e.environment_id.as_ref().map(|id| id.0.clone())),
                ("outcomes", "outcome", &|e| Some(e.outcome.to_string())),
                ("categories", "category", &|e| Some(e.category.to_string())),
            ];
            for (name, field, key) in fields {
                let (found, wanted) = (told(&summary[name]), of(field, key));
                if summary[name]["exact"] == true {
                    assert_eq!(found, wanted, "{name} {}", context());
                } else {
                    cut += 1;
                    // Events of no environment are counted, and not among them.
                    let sum = found.values().sum::<u64>();
                    assert!(sum == 500 || (name == "environments" && sum < 500), "{name} {sum} {}", context());
                    assert!(found.iter().all(|(value, count)| *count <= wanted[value]), "{name} {}", context());
                }
            }

            let length = summary["histogram"]["bucket_seconds"].as_i64().unwrap();
            lengths.insert(length);
            let bars = summary["histogram"]["buckets"].as_array().unwrap();
            assert!(bars.len() <= 121, "{}", context());
            let mut inside = 0;
            for (at, bar) in bars.iter().enumerate() {
                let start: Time = bar["start"].as_str().unwrap().parse().unwrap();
                if let Some(next) = bars.get(at + 1) {
                    let next: Time = next["start"].as_str().unwrap().parse().unwrap();
                    assert_eq!((next - start).num_seconds(), length);
                }
                let own: Vec<&Event> = expected
                    .iter()
                    .copied()
                    .filter(|event| event.time >= start && event.time < start + TimeDelta::seconds(length))
                    .collect();
                for outcome in ["success", "failure", "refused"] {
                    let count = own.iter().filter(|event| event.outcome.as_str() == outcome).count();
                    assert_eq!(bar[outcome], count, "{start} {outcome} {}", context());
                }
                inside += own.len();
            }
            assert_eq!(inside, expected.len(), "no event lies outside of the bars: {}", context());
        }
    }
    assert!(lengths.len() >= 4, "{lengths:?}");
    assert!(
        more > 100 && cut > 5,
        "{more} fields have more values without what is asked of them, {cut} were cut short"
    );
}

#[tokio::test]
async fn what_is_counted_one_by_one_says_where_it_stopped() {
    let app = TestApp::new().await;
    filled(&app, 6_500).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let told = reader.get("/api/v1/logs/summary?not_request_id=lbx_absent").await.is(200);
    let events = all(&app, MERIDIAN).await;
    let all = events.iter().filter(|event| event.details.contains_key("statement"));
    assert!(all.count() > 2_500);
    assert_eq!((&told["total"], &told["exact"]), (&json!(2_500), &json!(false)));
    assert_eq!(told["actors"]["exact"], false, "each value has at least so many");
    let from: Time = told["counted_from"].as_str().unwrap().parse().unwrap();
    assert_eq!(from, events[events.len() - 2_500].time);
    let bars = told["histogram"]["buckets"].as_array().unwrap();
    let sum: u64 =
        bars.iter().flat_map(|bar| ["success", "failure", "refused"].map(|o| bar[o].as_u64().unwrap())).sum();
    assert_eq!(sum, 2_500);
}

#[tokio::test]
async fn an_event_is_found_by_its_id_and_by_its_sequence_within_its_organisation_only() {
    let app = TestApp::new().await;
    filled(&app, 50).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let event = all(&app, MERIDIAN).await.pop().unwrap();
    for place in [event.id.0.clone(), event.sequence.to_string()] {
        assert_eq!(reader.get(&format!("/api/v1/logs/{place}")).await.is(200), serde_json::to_value(&event).unwrap());
    }
    for place in ["0", "999999", "evt_absent", "18446744073709551615", "%20"] {
        reader.get(&format!("/api/v1/logs/{place}")).await.problem(404, "not_found");
    }
    let stranger = app.person(&NORTHSTAR.person("reader")).await;
    stranger.get(&format!("/api/v1/logs/{}", event.id)).await.problem(404, "not_found");
}

#[tokio::test]
async fn wrong_filters_are_named() {
    let app = TestApp::new().await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let many: String = (0..51).map(|n| format!("&actor=a{n}")).collect();
    let texts: String = (0..11).map(|n| format!("&not_q=a{n}")).collect();
    for list in ["logs", "logs/summary"] {
        for (query, name) in [
            ("colour=blue", "colour"),
            ("outcome=maybe", "outcome"),
            ("not_category=none", "not_category"),
            ("actor=", "actor"),
            ("not_environment_id=", "not_environment_id"),
            ("from=now-1d&to=now-2d", "to"),
            ("from=2026-13-01T00:00:00Z", "from"),
            ("to=then", "to"),
            (&many, "actor"),
            (&format!("q={}", "x".repeat(201)), "q"),
            ("q=payroll%20ab*", "q"),
            ("not_q=%20", "not_q"),
            ("not_q=x&not_q=ab*", "not_q"),
            (&format!("not_q={}", "x".repeat(201)), "not_q"),
            (&texts, "not_q"),
        ] {
            let answer = reader.get(&format!("/api/v1/{list}?{query}")).await;
            answer.problem(422, "invalid_parameter");
            assert_eq!(answer.pointers(), [name], "{list} {query}");
        }
    }
}

/// Everything that index and counts say, in an order of their own.
fn derived(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    let mut tables = dump(app);
    tables.retain(|name, _| name.starts_with("log_"));
    let connection = Connection::open(app.folder.path().join("lockbox.db")).unwrap();
    connection.execute_batch("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, events_index, instance)").unwrap();
    let mut statement =
        connection.prepare("SELECT term || '|' || doc || '|' || col || '|' || offset FROM temp.words").unwrap();
    let mut words: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    words.sort();
    assert!(words.len() > 1_000);
    tables.insert("index".to_owned(), words);
    tables
}

#[tokio::test]
async fn a_database_from_before_is_indexed_and_counted_as_if_it_had_always_been() {
    let app = TestApp::new().await;
    filled(&app, 1_500).await;
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let old = Connection::open(folder.path().join("lockbox.db")).unwrap();
    old.execute_batch(include_str!("../migrations/sqlite/0001_start.sql")).unwrap();
    old.execute("ATTACH ?1 AS new", [app.folder.path().join("lockbox.db").to_str().unwrap()]).unwrap();
    let names = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'events_text%' AND name NOT LIKE 'sqlite_%'";
    let names: Vec<String> =
        old.prepare(names).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(names.len() > 12);
    for name in names {
        let columns: Vec<String> = old
            .prepare(&format!("SELECT name FROM pragma_table_info('{name}')"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let columns = columns.join(", ");
        if name == "api_clients" {
            // Each had one key, in its own row.
            let rows = "SELECT c.id, c.name, k.key_hash, c.organization_ids, c.created_at, k.last_used_at, c.revoked_at
                FROM new.api_clients c JOIN new.client_keys k ON k.client_id = c.id";
            old.execute_batch(&format!("INSERT INTO main.api_clients ({columns}) {rows}")).unwrap();
            continue;
        }
        // In log order, as they came.
        let order = if name == "events" || name == "organizations" { "ORDER BY rowid" } else { "" };
        old.execute_batch(&format!("INSERT INTO main.{name} ({columns}) SELECT {columns} FROM new.{name} {order}"))
            .unwrap();
    }
    old.pragma_update(None, "user_version", 1).unwrap();
    drop(old);
    let newer = TestApp::on(folder).await;
    let (before, again) = (derived(&app), derived(&newer));
    for (name, rows) in &before {
        assert_eq!(rows, &again[name], "{name}");
    }
    assert!(before["log_days"].len() > 5 && before["log_hours"].len() > 20);
    // A client from before may do what it could do, with the key that it has.
    let clients = newer.read(|tx| Ok(tx.api_clients()?)).await;
    assert!(clients.len() == 2 && clients.iter().all(|client| client.scopes == ClientScopes::all()), "{clients:?}");
    newer.provider().get("/provider/v1/catalog").await.is(200);
    let limited = newer.northstar_provider();
    limited.post("/provider/v1/access-requests", ask(NORTHSTAR)).await.is(201);
    limited.post("/provider/v1/access-requests", ask(MERIDIAN)).await.problem(404, "not_found");
}
