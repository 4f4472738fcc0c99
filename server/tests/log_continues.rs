//! Names in an export's filter mean for the whole file what they meant when it began: over all of its parts, and for whoever
//! goes on with it.

use axum::body::Body;
use chrono::TimeDelta;
use http_body_util::BodyExt;
use lockbox_api::{
    Time,
    events::{Actor, ActorKind},
};
use serde_json::{Value, json};

use crate::{
    atomic::faulty,
    log_export::newest,
    support::{
        Answer, Caller, Person, TestApp, download,
        events::{Dice, made_up},
        world::{MERIDIAN, NORTHSTAR},
    },
};

/// A filter whose every name is the beginning of others.
const NAMES: &str =
    "environment_id=payr&not_environment_id=old&actor=an&not_actor=hanna&operation=app&not_operation=applyn";
const ENVIRONMENTS: [(&str, &str); 4] =
    [("e0", "Payroll"), ("e1", "Payroll copy"), ("e2", "Old payroll"), ("e3", "Warehouse")];
const ACTORS: [&str; 4] = ["Ana Ruiz", "Ana-Hanna", "Hanna An", "Bo"];
const OPERATIONS: [&str; 3] = ["Approve Lockbox Request", "Apply", "Reject"];

async fn put(app: &TestApp, id: &str, name: &str) {
    let path = format!("/provider/v1/organizations/{}/environments/{id}", MERIDIAN.id);
    let answer = app.provider().put(&path, "", json!({"name": name, "service": "azure-sql-database"})).await;
    assert!(answer.status == 201 || answer.status == 200, "{}", answer.text);
}

/// Appends events, each with whatever of the names; when the last one happened.
async fn append(
    app: &TestApp,
    ids: std::ops::Range<usize>,
    actors: &'static [&'static str],
    operations: &'static [&'static str],
) -> Time {
    let begin = app.now();
    app.write(move |tx, _| {
        let (mut dice, mut last) = (Dice(5), begin);
        for id in ids {
            let mut event = made_up(&mut dice, id, last);
            event.environment_id = Some(dice.pick(&ENVIRONMENTS.map(|(id, _)| id)).into());
            let actor = dice.roll(actors.len());
            event.actor =
                Actor { id: format!("per_{}", actors[actor]), name: actors[actor].to_owned(), kind: ActorKind::Person };
            event.operation = dice.pick(operations).to_owned();
            last = tx.append_event(&MERIDIAN.id.into(), event)?.time;
        }
        Ok(last)
    })
    .await
}

async fn named(count: usize) -> TestApp {
    let app = TestApp::new().await;
    for (id, name) in ENVIRONMENTS {
        put(&app, id, name).await;
    }
    let end = append(&app, 0..count, &ACTORS, &OPERATIONS).await;
    app.advance(end - app.now() + TimeDelta::minutes(1));
    app
}

/// From now on every name stands for something else.
async fn rename(app: &TestApp) {
    put(app, "e0", "Wages").await;
    put(app, "e3", "Payroll of the warehouse").await;
    put(app, "e4", "payr").await;
    put(app, "e1", "old").await;
    append(app, 90_000..90_020, &["an", "hanna"], &["app", "applyn"]).await;
}

async fn export(reader: &Person, query: &str) -> Answer {
    let answer = reader.get(&format!("/api/v1/logs/export?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

fn sequence(line: &str) -> u64 {
    serde_json::from_str::<Value>(line).unwrap()["sequence"].as_u64().unwrap()
}

#[tokio::test]
async fn what_is_renamed_or_appears_meanwhile_changes_nothing_in_the_file() {
    let app = named(6_000).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let filter = NAMES.replace("&not_actor=hanna&operation=app&not_operation=applyn", "");
    let whole = export(&reader, &format!("format=ndjson&{filter}")).await;
    let to = whole.header("lockbox-export-to-sequence");
    assert!(whole.text.len() > 1 << 20, "more parts than are made ahead: {}", whole.text.len());
    let path = format!("/api/v1/logs/export?format=ndjson&{filter}&to_sequence={to}");
    let mut body: Body = download::begin(&app, &reader, &path).await.into_body();
    let mut text = body.frame().await.unwrap().unwrap().into_data().unwrap().to_vec();
    rename(&app).await;
    text.extend(body.collect().await.unwrap().to_bytes());
    assert!(text == whole.text.as_bytes(), "{} bytes instead of {}", text.len(), whole.text.len());
}

#[tokio::test]
async fn an_export_is_gone_on_with_by_what_its_names_stood_for_when_it_began() {
    let app = named(900).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let lines = export(&reader, &format!("format=ndjson&{NAMES}&from=now-9999d&q=req*")).await;
    let rows: Vec<&str> = lines.text.lines().collect();
    assert!(rows.len() > 30, "{}", rows.len());
    let table = export(&reader, &format!("format=csv&{NAMES}&to=now")).await;
    rename(&app).await;
    app.advance(TimeDelta::days(9_000));
    let reader = app.person(&MERIDIAN.person("reader")).await;
    // Twice: what goes on can be cut off as well.
    let mut id = lines.header("lockbox-export-id").to_owned();
    for part in [2, 3] {
        let at = rows.len() - rows.len() / part;
        let rest = export(&reader, &format!("continues={id}&from_sequence={}", sequence(rows[at - 1]) + 1)).await;
        assert_eq!(rest.text.lines().collect::<Vec<_>>(), rows[at..], "{part}");
        assert_eq!(rest.header("content-type"), "application/x-ndjson");
        assert_eq!(rest.header("lockbox-export-to-sequence"), lines.header("lockbox-export-to-sequence"));
        let before = std::mem::replace(&mut id, rest.header("lockbox-export-id").to_owned());
        let told = reader.get(&format!("/api/v1/logs/exports/{id}")).await.is(200);
        let first = reader.get(&format!("/api/v1/logs/exports/{before}")).await.is(200);
        assert_eq!((&told["continues"], &told["filter"]), (&json!(before), &first["filter"]));
        assert_eq!(newest(&app, 2).await[1].details["continues"], json!(before), "on record as well");
    }
    // As it was said before, from the beginning, and behind the end.
    let csv = table.header("lockbox-export-id").to_owned();
    let to = table.header("lockbox-export-to-sequence").parse::<u64>().unwrap();
    assert_eq!(export(&reader, &format!("continues={csv}&format=csv&to_sequence={to}")).await.text, table.text);
    let nothing = export(&reader, &format!("continues={csv}&from_sequence={}", to + 1)).await;
    assert_eq!(nothing.text.lines().count(), 1, "{}", nothing.text);
    for (query, name) in [
        (format!("continues={csv}&format=ndjson"), "format"),
        (format!("continues={csv}&to_sequence={}", to - 1), "to_sequence"),
        (format!("continues={csv}&actor=an"), "actor"),
        (format!("continues={csv}&not_environment_id=old"), "not_environment_id"),
        (format!("continues={csv}&from=now-1d"), "from"),
        (format!("continues={csv}&to=now"), "to"),
        (format!("continues={csv}&q=x"), "q"),
        (format!("continues={csv}&not_q=x"), "not_q"),
        (format!("continues={csv}&from_sequence=18446744073709551615"), "from_sequence"),
        // What it goes on with began behind this.
        (format!("continues={id}&from_sequence=1"), "from_sequence"),
    ] {
        let answer = reader.get(&format!("/api/v1/logs/export?{query}")).await;
        answer.problem(422, "invalid_parameter");
        assert_eq!(answer.pointers(), [name], "{query}");
    }
}

#[tokio::test]
async fn only_whoever_began_an_export_goes_on_with_it() {
    let app = named(60).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let id = export(&reader, "format=csv").await.header("lockbox-export-id").to_owned();
    let begun = newest(&app, 1).await;
    for (customer, role) in [(MERIDIAN, "admin"), (NORTHSTAR, "reader"), (NORTHSTAR, "admin")] {
        let other = app.person(&customer.person(role)).await;
        // Whatever else is wrong: nobody learns that there is such an export.
        for rest in ["", "&format=ndjson", "&q=x"] {
            let answer = other.get(&format!("/api/v1/logs/export?continues={id}{rest}")).await;
            answer.problem(404, "not_found");
        }
    }
    reader.get("/api/v1/logs/export?continues=exp_none").await.problem(404, "not_found");
    let approver = app.person(&MERIDIAN.person("approver")).await;
    approver.get(&format!("/api/v1/logs/export?continues={id}")).await.problem(403, "not_allowed");
    assert!(
        newest(&app, 5)
            .await
            .iter()
            .all(|event| event.sequence <= begun[0].sequence || event.operation != "Export Start")
    );
    export(&reader, &format!("continues={id}")).await;
}

#[tokio::test]
async fn an_export_from_before_its_meaning_was_kept_is_not_gone_on_with() {
    let app = named(60).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let id = export(&reader, "format=csv").await.header("lockbox-export-id").to_owned();
    let old = rusqlite::Connection::open(app.folder.path().join("lockbox.db")).unwrap();
    assert_eq!(old.execute("UPDATE log_exports SET meaning = NULL WHERE id = ?1", [&id]).unwrap(), 1);
    let answer = reader.get(&format!("/api/v1/logs/export?continues={id}")).await;
    answer.problem(422, "invalid_parameter");
    assert_eq!(answer.pointers(), ["continues"]);
}

#[tokio::test]
async fn an_export_searches_before_it_writes() {
    // What writes can't search here: a search may take long, and whoever approves or revokes would wait for it.
    let (app, _) = faulty().await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    export(&reader, "format=ndjson&q=pay*&actor=a").await;
}
