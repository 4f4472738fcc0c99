//! The figures against a second opinion that knows nothing but the log, and the table as a file.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use lockbox_api::{Time, events::Event};
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    events::Dice,
    operations::raise,
    world::{MERIDIAN, NORTHSTAR},
};

/// Requests of every fate over some weeks, with actions under those that were let in.
async fn some_weeks(app: &TestApp, dice: &mut Dice) {
    let approvers = [app.person(&MERIDIAN.person("approver")).await, app.person(&MERIDIAN.person("admin")).await];
    for number in 0..60 {
        let team = ["Database support", "Storage", "Compute"][dice.roll(3)];
        let reason = ["customer_initiated_support", "production_alert"][dice.roll(2)];
        let mut changes = json!({"access_minutes": 30 + dice.roll(300), "reason_code": reason});
        changes["engineer"] = json!({"id": format!("eng-{}", dice.roll(3)), "name": "Engineer", "team": team,
            "jit_role": "support_engineer", "isolated_identity": true, "mfa": true});
        match dice.roll(6) {
            0 => changes["exclusion"] = json!({"kind": "emergency", "reason": "The service is down."}),
            1 => changes["environment_id"] = json!(MERIDIAN.open),
            _ => {}
        }
        let request = raise(app, MERIDIAN, changes).await;
        let (id, etag) = (request["id"].as_str().unwrap(), format!("\"{}\"", request["version"]));
        app.advance(TimeDelta::seconds(60 + i64::try_from(dice.roll(40_000)).unwrap()));
        let mut grant = request["access"]["grant_id"].as_str().map(str::to_owned);
        if request["status"] == "customer_notified" {
            // A session ends after a while without use.
            let who = if dice.roll(3) == 0 { &approvers[1] } else { &approvers[0] };
            let who =
                app.person(if who.1 == approvers[1].1 { "per_meridian_admin" } else { "per_meridian_approver" }).await;
            let path = |verb: &str| format!("/api/v1/lockbox-requests/{id}/{verb}");
            let body = json!({"justification": format!("=Decided {number}, \"so\"")});
            match dice.roll(5) {
                0 => drop(who.post_version(&path("deny"), &etag, body).await.is(200)),
                1 => {
                    let path = format!("/provider/v1/access-requests/{id}/cancel");
                    app.provider()
                        .post(&path, json!({"engineer_id": request["engineer"]["id"], "note": "Not needed."}))
                        .await
                        .is(200);
                }
                2 => app.advance(TimeDelta::days(5)),
                _ => {
                    let approved = who.post_version(&path("approve"), &etag, body).await.is(200);
                    grant = approved["access"]["grant_id"].as_str().map(str::to_owned);
                }
            }
            app.sweep().await;
        }
        if let Some(grant) = grant {
            let begin = app.now();
            let engineer = request["engineer"]["id"].clone();
            for part in 0..dice.roll(4) {
                app.advance(TimeDelta::minutes(1 + i64::try_from(dice.roll(25)).unwrap()));
                let operation = if dice.roll(5) == 0 { "Other" } else { "ExecuteSqlViaLockbox" };
                let actions = json!({"actions": [{"id": format!("a-{part}"), "time": app.now(), "engineer_id": engineer,
                    "operation": operation, "target": "payroll.dbo.Pay", "rows": dice.roll(500), "outcome": "success"}]});
                app.provider().post(&format!("/provider/v1/grants/{grant}/actions"), actions).await.is(200);
            }
            assert!(app.now() >= begin);
        }
        app.sweep().await;
    }
    app.advance(TimeDelta::days(1));
    app.sweep().await;
}

fn nearest_rank(values: &mut [f64], percent: usize) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    (values.len() * percent).div_ceil(100).checked_sub(1).map(|at| values[at])
}

#[tokio::test]
async fn every_figure_equals_what_the_events_say() {
    let app = TestApp::new().await;
    let begin = app.now();
    some_weeks(&app, &mut Dice(99)).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let from = begin.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let history = reader.get(&format!("/api/v1/history?from={from}")).await.is(200);
    let events: Vec<Event> = app.read(|tx| Ok(tx.events_after(&MERIDIAN.id.into(), 0, u32::MAX)?)).await;
    let named = |operation: &str| {
        events.iter().filter(|e| e.operation == operation && e.outcome.as_str() == "success").collect::<Vec<_>>()
    };
    let figures = &history["current"];
    let count = |operation: &str| named(operation).len() as u64;
    let (approved, denied) = (count("Approve Lockbox Request"), count("Deny Lockbox Request"));
    let (expired, cancelled) = (count("Lockbox Request Expiry"), count("Cancel Lockbox Request"));
    let without = count("Access Without Request");
    for (name, expected) in [
        ("approved", approved),
        ("denied", denied),
        ("expired", expired),
        ("cancelled", cancelled),
        ("pending", 0),
        ("requests", approved + denied + expired + cancelled),
        ("without_request", without),
    ] {
        assert_eq!(figures[name], expected, "{name}: {figures}");
        assert!(expected > 1 || name == "pending", "{name} {expected}");
    }
    assert_eq!(figures["approval_rate"].as_f64(), Some(approved as f64 / (approved + denied) as f64));
    assert_eq!(figures["expired_share"].as_f64(), Some(expired as f64 / (approved + denied + expired) as f64));

    let asked: BTreeMap<_, Time> =
        named("Notify Lockbox Request").iter().map(|e| (e.request_id.clone(), e.time)).collect();
    let decisions: Vec<&Event> =
        [named("Approve Lockbox Request"), named("Deny Lockbox Request")].into_iter().flatten().collect();
    let mut times: Vec<f64> = decisions.iter().map(|e| (e.time - asked[&e.request_id]).as_seconds_f64()).collect();
    let close = |told: &Value, expected: Option<f64>| {
        assert!((told.as_f64().unwrap() - expected.unwrap()).abs() < 0.01, "{told} {expected:?}");
    };
    close(&figures["median_seconds_to_decide"], nearest_rank(&mut times, 50));
    close(&figures["p95_seconds_to_decide"], nearest_rank(&mut times, 95));

    let actions: Vec<&Event> = events.iter().filter(|e| e.category.as_str() == "data_access").collect();
    let done: Vec<&&Event> = actions.iter().filter(|e| e.outcome.as_str() != "refused").collect();
    assert_eq!(figures["actions"], actions.len());
    assert_eq!(figures["refused_actions"], actions.len() - done.len());
    assert!(done.len() > 10 && actions.len() > done.len());
    // What was done outside the grant has touched its rows all the same.
    let touched =
        actions.iter().filter(|e| e.outcome.as_str() != "refused" || e.details["reported_outcome"] == "success");
    let rows: u64 = touched.map(|e| e.details.get("rows").and_then(Value::as_u64).unwrap_or(0)).sum();
    assert_eq!(figures["rows_touched"], rows);
    let mut spans: BTreeMap<_, (Time, Time)> = BTreeMap::new();
    for event in &done {
        let at: Time = event.details["happened_at"].as_str().unwrap().parse().unwrap();
        let span = spans.entry(event.grant_id.clone()).or_insert((at, at));
        *span = (span.0.min(at), span.1.max(at));
    }
    let used: f64 = spans.values().map(|(first, last)| (*last - *first).as_seconds_f64() / 3_600.0).sum();
    close(&figures["hours_used"], Some(used));

    let told = |slice: &str| -> BTreeMap<String, u64> {
        let all = history[slice].as_array().unwrap().iter();
        all.map(|one| (one["key"].as_str().unwrap().to_owned(), one["count"].as_u64().unwrap())).collect()
    };
    let mut deciders = BTreeMap::new();
    for event in &decisions {
        *deciders.entry(event.actor.id.clone()).or_insert(0) += 1;
    }
    assert_eq!(told("by_decider"), deciders);
    assert!(deciders.len() == 2);
    for slice in ["by_environment", "by_service", "by_reason", "by_team"] {
        assert_eq!(told(slice).values().sum::<u64>(), approved + denied + expired + cancelled, "{slice}");
    }
    assert_eq!(told("without_request").values().sum::<u64>(), without);
    let days = history["by_day"].as_array().unwrap();
    for (name, expected) in [("approved", approved), ("denied", denied), ("expired", expired), ("cancelled", cancelled)]
    {
        assert_eq!(days.iter().map(|day| day[name].as_u64().unwrap()).sum::<u64>(), expected, "{name}");
    }
    // Nothing happened before.
    assert_eq!(history["previous"]["requests"], 0);

    let csv = reader.get(&format!("/api/v1/history/requests.csv?from={from}")).await;
    csv.is(200);
    let lines: Vec<&str> = csv.text.split("\r\n").collect();
    assert_eq!(
        lines.len() as u64,
        2 + count("Create Lockbox Request"),
        "a head, every request, and the last line's end"
    );
    assert!(csv.text.contains(",\"'=Decided "), "no cell is a formula");
    let export = app.read(|tx| Ok(tx.events_after(&MERIDIAN.id.into(), 0, u32::MAX)?.pop().unwrap())).await;
    assert_eq!((export.operation.as_str(), &export.details["what"]), ("Export", &json!("history")));
    assert_eq!(export.details["rows"], count("Create Lockbox Request"));
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
