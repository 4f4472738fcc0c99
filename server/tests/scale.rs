//! What the log costs with a million events, and that it hardly costs more than with a tenth of them: steps of SQLite's
//! virtual machine per call of the API, authorisation included. A count, so that a busy machine changes nothing.
//! `LOCKBOX_SCALE_EVENTS` sets another size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(unreachable_pub, unused_qualifications, missing_docs, reason = "nothing here is seen from outside")]
#![allow(clippy::print_stdout, clippy::allow_attributes, reason = "figures are printed for whoever reads the run")]
#![allow(dead_code, unused_imports, reason = "shared with the other tests and with the bench")]

#[path = "../../bench/src/generate.rs"]
mod generate;
mod support;

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use generate::{COMMON, Dice, Events, ORGANIZATIONS, RARE, organization};
use lockbox_api::{
    logs::{BEGINNINGS_MAX, NOT_TEXTS_MAX},
    session::Role,
};
use lockbox_server::store::{PersonRecord, sqlite::meter};
use serde_json::Value;
use support::{Caller, Person, TestApp, database};

const EVENTS: usize = 1_000_000;
/// So many of them are appended one by one and in small transactions: that is what leaves the index in many pieces, and
/// pieces are what a search pays for.
const ONE_BY_ONE: usize = 4_000;
/// So many events of a grant are asked for at least.
const FEW: usize = 3;
/// Steps that a page may cost, a search for words, and counts with histogram.
const PAGE: i64 = 3_000;
const TEXT: i64 = 5_000;
const SUMMARY: i64 = 100_000;
/// By how much ten times the events may raise a figure, and the steps of a few more pieces of index on top: how many there are
/// at a moment depends on what was written last.
const GROWTH: (f64, i64) = (1.3, 400);

/// What a call cost, and how much it answered.
struct Cost {
    limit: i64,
    steps: i64,
    scans: i64,
    rows: u64,
    /// The dearest statements, for whoever has to find out why.
    dearest: String,
}

/// A server over a log of a size.
struct Log {
    app: TestApp,
    events: usize,
    largest: Person,
    smallest: Person,
    costs: BTreeMap<String, Cost>,
}

impl Log {
    async fn of(events: usize) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let begin = Instant::now();
        let mut all = Events::new(1, events);
        let in_bulk = events - ONE_BY_ONE.min(events / 2);
        generate::fill(&folder.path().join("lockbox.db"), all.by_ref().take(in_bulk)).unwrap();
        println!("{events} events in {:.0} s", begin.elapsed().as_secs_f64());
        let app = TestApp::on(folder).await;
        let mut rest = all.peekable();
        let mut dice = Dice(9);
        while rest.peek().is_some() {
            let some: Vec<_> = rest.by_ref().take(1 + dice.roll(9)).collect();
            app.write(move |tx, _| {
                for (organization, event) in some {
                    tx.append_event(&organization, event)?;
                }
                Ok(())
            })
            .await;
        }
        let (largest, smallest) = (reader(&app, 0).await, reader(&app, ORGANIZATIONS - 1).await);
        Self { app, events, largest, smallest, costs: BTreeMap::new() }
    }

    /// Steps and full-scan steps of one call, and what it answered.
    async fn call(&mut self, limit: i64, of_smallest: bool, path: &str) -> Value {
        self.named(path, limit, of_smallest, path).await
    }

    /// The same, under a name that it has at every size.
    async fn named(&mut self, name: &str, limit: i64, of_smallest: bool, path: &str) -> Value {
        let reader = if of_smallest { &self.smallest } else { &self.largest };
        let _ = meter::take();
        let answer = reader.get(path).await.is(200);
        let costs = meter::take();
        let steps = costs.iter().map(|(_, cost)| cost.steps).sum();
        // The index reads its few settings once per connection.
        let scans =
            costs.iter().filter(|(text, _)| !text.contains("events_index_config")).map(|(_, cost)| cost.scans).sum();
        let tell = |(text, cost): &(String, meter::Cost)| {
            format!(
                "    {} steps in {} runs: {}\n",
                cost.steps,
                cost.runs,
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            )
        };
        let dearest = costs.iter().take(6).map(tell).collect();
        let rows =
            answer["items"].as_array().map_or_else(|| answer["total"].as_u64(), |items| Some(items.len() as u64));
        let rows = rows.unwrap();
        let what = format!("{name}{}", if of_smallest { " of the smallest" } else { "" });
        println!("{:>10} events {steps:>8} of {limit:>7} steps {rows:>8}  {what}", self.events);
        self.costs.insert(what, Cost { limit, steps, scans, rows, dearest });
        answer
    }

    /// How many events of an organisation have a text in their details, by looking at each of them.
    fn with_text(&self, number: usize, text: &str) -> u64 {
        let events = database::open(self.app.folder.path());
        let count: i64 = events
            .query_row(
                "SELECT count(*) FROM events WHERE organization_id = ?1 AND details LIKE '%' || ?2 || '%'",
                [organization(number).0.as_str(), text],
                |row| row.get(0),
            )
            .unwrap();
        count.unsigned_abs()
    }
}

async fn reader(app: &TestApp, number: usize) -> Person {
    let id = format!("per_reader_{number}");
    let person = PersonRecord {
        id: id.as_str().into(),
        organization_id: organization(number),
        email: format!("reader@{number}.example"),
        name: "Reader".to_owned(),
        password_hash: None,
        roles: vec![Role::LockboxReader],
        approver_environment_ids: None,
        engineer_ids: Vec::new(),
        last_sign_in_at: None,
        version: 1,
    };
    app.write(move |tx, _| Ok(tx.put_person(&person)?)).await;
    app.person(&id).await
}

/// What stands for a value in the queries, and the value.
type Words = Vec<(&'static str, String)>;

fn said(query: &str, words: &Words) -> String {
    words.iter().fold(query.to_owned(), |path, (word, value)| path.replace(word, value))
}

/// Words of the queries below and the value that stands for each in this log: a call must mean the same at every size, and a value
/// that never occurred is answered without a look at the index.
async fn standing_for(log: &Log, last: u64) -> Words {
    let find = async |query: String| log.largest.get(&format!("/api/v1/logs{query}")).await.is(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let half = (last / 2).to_string();
    let made = find(format!("?operation=Create+Lockbox+Request&cursor={half}")).await;
    // Nobody works under a request that was denied: few events have its id.
    let denied = find(format!("?operation=Deny+Lockbox+Request&cursor={half}")).await;
    // The grant of the middle that the most was done under.
    let done = find(format!("?category=data_access&cursor={half}")).await;
    let mut grants: BTreeMap<String, usize> = BTreeMap::new();
    for event in done["items"].as_array().unwrap() {
        *grants.entry(text(&event["grant_id"])).or_default() += 1;
    }
    let (grant, times) = grants.into_iter().max_by_key(|(_, times)| *times).unwrap();
    assert!(times >= FEW, "{grant} stands in {times} events");
    // The values that occur least, most frequent first as they are told.
    let counts = find("/summary?category=data_access".to_owned()).await;
    let rarest = |field: &str| text(&counts[field]["items"].as_array().unwrap().last().unwrap()["value"]);
    vec![
        ("HALF", half),
        ("DENIED", text(&denied["items"][0]["request_id"])),
        ("REQUEST", text(&made["items"][0]["request_id"])),
        ("SERVICE", text(&made["items"][0]["service_request_id"])),
        ("CORRELATION", text(&made["items"][0]["correlation_id"])),
        ("GRANT", grant),
        ("ENGINEER", rarest("actors")),
        ("OPERATION", rarest("operations")),
        ("ENVIRONMENT", rarest("environments")),
    ]
}

/// Pages of every kind, any combination of filters however rare its meeting, at any depth.
async fn pages(log: &mut Log, words: &Words) {
    let mut pages = vec![
        String::new(),
        // Depths are shares of the log: the same call at every size.
        "cursor=HALF".to_owned(),
        "cursor=60".to_owned(),
        "from=now-7d".to_owned(),
        "from=now-90d&to=now-80d&outcome=refused".to_owned(),
        "actor=Ana+Ruiz".to_owned(),
        "not_outcome=success".to_owned(),
        "not_category=activity&not_category=data_access".to_owned(),
        "category=data_access&not_outcome=success&not_actor=eng-000".to_owned(),
        "correlation_id=req_00000000000000000000000007&outcome=failure".to_owned(),
        "operation=Deny+Lockbox+Request&operation=Sign-in&not_actor=Ana+Ruiz&to=now-300d".to_owned(),
        "actor=ENGINEER&operation=OPERATION&outcome=refused&environment_id=ENVIRONMENT".to_owned(),
        "actor=ENGINEER&operation=OPERATION&outcome=refused&not_environment_id=ENVIRONMENT&cursor=HALF".to_owned(),
        "actor=nobody&operation=OPERATION&outcome=refused&environment_id=ENVIRONMENT".to_owned(),
        "environment_id=env_19_0".to_owned(),
        "not_actor=eng-000&not_actor=eng-001&not_actor=eng-002&not_actor=Ana+Ruiz&not_operation=Sign-in\
         &not_operation=ExecuteSqlViaLockbox&not_environment_id=env_00_0&not_environment_id=env_00_1&not_outcome=refused"
            .to_owned(),
    ];
    // By id: all that there is, so many that every size has them, with other filters, and everything but them.
    for id in [
        "request_id=REQUEST",
        "request_id=DENIED",
        "grant_id=GRANT",
        "service_request_id=SERVICE",
        "correlation_id=CORRELATION",
    ] {
        pages.push(id.to_owned());
        for rest in ["limit=1", "outcome=refused&actor=ENGINEER", "not_category=activity&not_category=data_access"] {
            pages.push(format!("{id}&{rest}"));
        }
        for rest in ["cursor=HALF", "category=data_access", "not_outcome=success&to=now-100d"] {
            pages.push(format!("not_{id}&{rest}"));
        }
    }
    for several in [
        "grant_id=GRANT&limit=3",
        "request_id=DENIED&limit=3",
        "service_request_id=SERVICE&limit=3",
        "grant_id=GRANT&not_service_request_id=SERVICE&not_request_id=DENIED&limit=3",
        "not_grant_id=GRANT&not_service_request_id=SERVICE&not_request_id=REQUEST&not_request_id=DENIED&not_correlation_id=CORRELATION",
    ] {
        pages.push(several.to_owned());
    }
    let mut dice = Dice(3);
    let parts = [
        "actor=eng-007",
        "actor=eng-050",
        "not_actor=eng-001",
        "category=data_access",
        "outcome=refused",
        "outcome=failure",
        "environment_id=env_00_9",
        "not_environment_id=env_00_0",
        "operation=OpenRemoteDesktopViaLockbox",
        "operation=Sign-in",
        "not_operation=ExecuteSqlViaLockbox",
        "from=now-400d",
        "to=now-100d",
        "not_outcome=success",
    ];
    for _ in 0..60 {
        let mut chosen: Vec<&str> = (0..1 + dice.roll(4)).map(|_| parts[dice.roll(parts.len())]).collect();
        chosen.sort_unstable();
        chosen.dedup_by_key(|part| part.split('=').next().unwrap().to_owned());
        let cursor = if dice.roll(2) == 0 { "&cursor=HALF" } else { "" };
        pages.push(format!("{}{cursor}", chosen.join("&")));
    }
    for query in &pages {
        log.named(query, PAGE, false, &format!("/api/v1/logs?{}", said(query, words))).await;
    }
    log.call(PAGE, true, "/api/v1/logs?category=data_access").await;
}

/// Words that nearly every event has, few have and none has; in the largest log and in the smallest.
async fn texts(log: &mut Log) {
    for word in [COMMON, RARE, "absent", "select", "payr*", "lbx_0000*", "env_00_1"] {
        for rest in ["", "&outcome=failure", "&from=now-30d&actor=eng-003", "&cursor=1000"] {
            log.call(TEXT, false, &format!("/api/v1/logs?q={word}{rest}")).await;
        }
        log.call(TEXT, true, &format!("/api/v1/logs?q={word}")).await;
        // Left out, alone and from what another word finds.
        for rest in ["", "&outcome=failure", "&q=select", "&cursor=1000"] {
            log.call(TEXT, false, &format!("/api/v1/logs?not_q={word}{rest}")).await;
        }
        log.call(TEXT, true, &format!("/api/v1/logs?not_q={word}")).await;
    }
    // As many as there may be, and as many beginnings of words.
    let beginning = |number| if number < BEGINNINGS_MAX { "payr*" } else { "payroll" };
    let many: String =
        (0..NOT_TEXTS_MAX).map(|number| format!("&not_q={}+{COMMON}+word{number}", beginning(number))).collect();
    log.named("ten texts left out", TEXT, false, &format!("/api/v1/logs?q={COMMON}{many}")).await;
    for (word, number) in
        [(COMMON, 0), (COMMON, ORGANIZATIONS - 1), (RARE, 0), (RARE, ORGANIZATIONS - 1), ("absent", 0)]
    {
        let smallest = number > 0;
        let answer = log.call(TEXT, smallest, &format!("/api/v1/logs?q={word}")).await;
        let found = answer["items"].as_array().unwrap().len() as u64;
        assert_eq!(found, log.with_text(number, word).min(50), "{word} in log {number}");
    }
    assert!(log.with_text(0, COMMON) > 50 && log.with_text(0, "absent") == 0, "the words are what their names say");
}

async fn summaries(log: &mut Log, words: &Words) {
    for query in [
        "",
        "from=now-90d",
        "from=now-28d",
        "from=now-7d",
        "from=now-24h",
        "from=now-1h",
        "from=now-60d&to=now-20d",
        "actor=Ana+Ruiz",
        "not_outcome=success",
        "category=data_access&operation=ExecuteSqlViaLockbox&from=now-400d",
        "outcome=refused&environment_id=env_00_9",
        "q=payroll",
        "q=zanzibar",
        "q=absent",
        "correlation_id=CORRELATION",
        "request_id=DENIED",
        "grant_id=GRANT",
        "service_request_id=SERVICE&not_outcome=success",
        "not_request_id=REQUEST",
        "not_grant_id=GRANT&category=data_access",
        "not_service_request_id=SERVICE&not_correlation_id=CORRELATION",
        "q=zanzibar&not_q=payroll",
        "q=payroll&actor=eng-003&from=now-100d",
    ] {
        let path = format!("/api/v1/logs/summary?{}", said(query, words));
        let answer = log.named(&format!("counts {query}"), SUMMARY, false, &path).await;
        // What no hour counts in advance is counted one by one, up to a bound.
        let one_by_one = ["q=", "request_id=", "grant_id=", "correlation_id="].iter().any(|id| query.contains(id));
        let bounded = one_by_one && answer["total"].as_u64() >= Some(2_500);
        assert_eq!(answer["exact"], !bounded, "{query}");
        log.named(&format!("counts {query}"), SUMMARY, true, &path).await;
    }
}

async fn measured(events: usize) -> BTreeMap<String, Cost> {
    let mut log = Log::of(events).await;
    let newest = log.largest.get("/api/v1/logs/summary").await.is(200);
    let last = newest["last_sequence"].as_u64().unwrap();
    assert!(last > events as u64 / 4 && newest["total"] == last && newest["exact"] == true, "{last}");
    let words = standing_for(&log, last).await;
    pages(&mut log, &words).await;
    texts(&mut log).await;
    summaries(&mut log, &words).await;
    log.costs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_events_cost_what_a_few_do() {
    let events = std::env::var("LOCKBOX_SCALE_EVENTS").map_or(EVENTS, |text| text.parse().unwrap());
    let (fewer, more) = (measured(events / 10).await, measured(events).await);
    let mut wrong = Vec::new();
    for (what, cost) in fewer.iter().chain(&more) {
        if cost.steps > cost.limit || cost.scans > 0 {
            wrong.push(format!(
                "{what}: {} steps of {}, {} of full scans\n{}",
                cost.steps, cost.limit, cost.scans, cost.dearest
            ));
        }
    }
    // Counts read the broken hours at either end event by event, up to a bound: they have the limit above alone.
    let mut compared = 0;
    for (what, more) in more.iter().filter(|(_, cost)| cost.limit < SUMMARY) {
        let fewer = &fewer[what];
        // Where there are more rows to tell, telling them costs more.
        if fewer.rows == more.rows {
            compared += 1;
            let most = (fewer.steps as f64 * GROWTH.0) as i64 + GROWTH.1;
            if more.steps > most {
                wrong.push(format!(
                    "{what}: {} steps, and {} with a tenth of the events\n{}",
                    more.steps, fewer.steps, more.dearest
                ));
            }
        }
    }
    assert!(compared > 60, "{compared} calls tell as many rows at both sizes");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
