//! What the log costs with a million events: steps of SQLite's virtual machine per call of the API, authorisation
//! included. A count, so that a busy machine changes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(unreachable_pub, unused_qualifications, missing_docs, reason = "nothing here is seen from outside")]
#![allow(clippy::print_stdout, clippy::allow_attributes, reason = "figures are printed for whoever reads the run")]
#![allow(dead_code, unused_imports, reason = "shared with the other tests")]

#[path = "../../bench/src/generate.rs"]
mod generate;
mod support;

use std::sync::Arc;

use generate::{COMMON, Dice, ORGANIZATIONS, RARE, organization};
use lockbox_api::session::Role;
use lockbox_server::store::{PersonRecord, sqlite::meter};
use support::{Caller, Person, TestApp};

const EVENTS: usize = 1_000_000;

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
        last_sign_in_at: None,
        version: 1,
    };
    app.write(move |tx, _| Ok(tx.put_person(&person)?)).await;
    app.person(&id).await
}

/// Steps and full-scan steps of one call, and what it answered.
async fn cost(reader: &Person, path: &str) -> (i64, i64, serde_json::Value) {
    // The first call compiles its statements; steps are the same either way.
    let _ = meter::take();
    let answer = reader.get(path).await.is(200);
    let (steps, scans) = meter::take();
    (steps, scans, answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_events_cost_what_a_few_do() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let app = TestApp::on(folder).await;
    let begin = std::time::Instant::now();
    generate::fill(&app.state.store, 1, EVENTS, app.now()).await.unwrap();
    println!("{EVENTS} events in {:.0} s", begin.elapsed().as_secs_f64());

    let largest = reader(&app, 0).await;
    let smallest = reader(&app, ORGANIZATIONS - 1).await;
    let newest = largest.get("/api/v1/logs/summary").await.is(200);
    let last = newest["last_sequence"].as_u64().unwrap();
    assert!(last > 250_000 && newest["total"] == last && newest["exact"] == true, "{last}");
    let mut wrong = Vec::new();
    let mut check = |what: &str, limit: i64, (steps, scans, answer): (i64, i64, serde_json::Value)| {
        let rows = answer["items"].as_array().map_or(0, Vec::len);
        println!("{steps:>8} of {limit:>7} steps {rows:>4} rows  {what}");
        if steps > limit || scans > 0 {
            wrong.push(format!("{what}: {steps} steps, {scans} of full scans"));
        }
        answer
    };
    let mut pages = vec![
        String::new(),
        format!("cursor={}", last / 2),
        "cursor=60".to_owned(),
        "from=now-7d".to_owned(),
        "from=now-90d&to=now-80d&outcome=refused".to_owned(),
        "actor=Ana+Ruiz".to_owned(),
        "not_outcome=success".to_owned(),
        "not_category=activity&not_category=data_access".to_owned(),
        "category=data_access&not_outcome=success&not_actor=eng-000".to_owned(),
        "request_id=lbx_00000000000000000000000042".to_owned(),
        "correlation_id=req_00000000000000000000000007&outcome=failure".to_owned(),
        "operation=Deny+Lockbox+Request&operation=Sign-in&not_actor=Ana+Ruiz&to=now-300d".to_owned(),
        "actor=eng-059&operation=ReadPipelineDefinitionViaLockbox&outcome=refused&environment_id=env_00_9".to_owned(),
        "environment_id=env_19_0".to_owned(),
    ];
    // Any combination, however rare its meeting, at any depth.
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
        let cursor = if dice.roll(2) == 0 {
            format!("&cursor={}", dice.roll(usize::try_from(last).unwrap()))
        } else {
            String::new()
        };
        pages.push(format!("{}{cursor}", chosen.join("&")));
    }
    for query in &pages {
        check(&format!("page: {query}"), 3_000, cost(&largest, &format!("/api/v1/logs?{query}")).await);
    }
    check("page of the smallest", 3_000, cost(&smallest, "/api/v1/logs?category=data_access").await);
    for word in [COMMON, RARE, "absent", "select", "lbx_0000", "env_00_1"] {
        for rest in ["", "&outcome=failure", "&from=now-30d&actor=eng-003", "&cursor=1000"] {
            check(&format!("text: {word}{rest}"), 5_000, cost(&largest, &format!("/api/v1/logs?q={word}{rest}")).await);
        }
        let answer =
            check(&format!("text: {word}, smallest"), 5_000, cost(&smallest, &format!("/api/v1/logs?q={word}")).await);
        if word == COMMON {
            assert_eq!(answer["items"].as_array().unwrap().len(), 50);
        }
    }
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
        "request_id=lbx_00000000000000000000000042",
        "q=payroll&actor=eng-003&from=now-100d",
    ] {
        let answer = check(
            &format!("summary: {query}"),
            100_000,
            cost(&largest, &format!("/api/v1/logs/summary?{query}")).await,
        );
        let exact = query.starts_with("q=payroll");
        assert_eq!(answer["exact"], !exact || answer["total"].as_u64() < Some(2_500), "{query}");
        check(
            &format!("summary: {query}, smallest"),
            100_000,
            cost(&smallest, &format!("/api/v1/logs/summary?{query}")).await,
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
