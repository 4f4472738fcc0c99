//! Weeks in which requests of every fate are raised, the same for the same seed.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp, events::Dice, operations::raise, world::MERIDIAN};

/// What was asked for: the log does not repeat all of it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub environment: String,
    pub service: String,
    pub reason: String,
    pub team: String,
}

/// A second protected environment, of another service.
async fn more_environments(app: &TestApp) {
    let put = json!({"name": "Ledger", "service": "azure-sql-managed-instance", "region": "West Europe",
        "has_database": true, "copied_from": null, "deleted": false});
    let path = format!("/provider/v1/organizations/{}/environments/env_ledger", MERIDIAN.id);
    let answer = app.provider().call("PUT", &path, &[], Some(put.to_string())).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let etag = admin.get("/api/v1/lockbox").await.etag();
    let policy =
        json!({"enabled": true, "policy": {"scope": "some", "environment_ids": [MERIDIAN.protected, "env_ledger"]}});
    admin.call("PUT", "/api/v1/lockbox", &[("if-match", &etag)], Some(policy.to_string())).await.is(200);
}

/// Raises `count` requests and lets the dice say what becomes of them. Returns what was asked for, by request.
pub async fn weeks(app: &TestApp, dice: &mut Dice, count: usize) -> BTreeMap<String, Asked> {
    more_environments(app).await;
    let mut asked = BTreeMap::new();
    for number in 0..count {
        let team = dice.pick(&["Database support", "Storage", "Compute", ""]);
        let reason = dice.pick(&["customer_initiated_support", "production_alert"]);
        let environment = dice.pick(&[MERIDIAN.protected, MERIDIAN.protected, "env_ledger"]);
        let mut changes = json!({"access_minutes": 30 + dice.roll(300), "reason_code": reason,
            "environment_id": environment, "engineer": {"id": format!("eng-{}", dice.roll(3)), "name": "Engineer",
            "team": Some(team).filter(|team| !team.is_empty()), "jit_role": "support_engineer",
            "isolated_identity": true, "mfa": true}});
        match dice.roll(10) {
            0 => changes["exclusion"] = json!({"kind": "emergency", "reason": "The service is down."}),
            1 => {
                changes["exclusion"] = json!({"kind": "legal_demand", "reason": "Order 1.",
                    "disclose_at": app.now() + TimeDelta::days(600)});
            }
            2 => changes["environment_id"] = json!(MERIDIAN.open),
            3 => changes["engineer"]["mfa"] = json!(false),
            4 | 5 => changes["permission_level"] = json!("delete"),
            _ => {}
        }
        let environment = changes["environment_id"].as_str().unwrap().to_owned();
        let request = raise(app, MERIDIAN, changes).await;
        let service =
            if environment == "env_ledger" { "azure-sql-managed-instance" } else { "azure-sql-database" }.to_owned();
        let what = Asked { environment, service, reason: reason.to_owned(), team: team.to_owned() };
        asked.insert(request["id"].as_str().unwrap().to_owned(), what);
        // Some are left as they are: pending, inside or before the customer.
        if dice.roll(8) > 0 {
            app.advance(TimeDelta::seconds(60 + i64::try_from(dice.roll(30_000)).unwrap()));
            go_on(app, dice, request, number).await;
        }
        if dice.roll(3) == 0 {
            app.sweep().await;
        }
    }
    asked
}

/// What becomes of a request: inside the provider, with the customer, and of its access.
async fn go_on(app: &TestApp, dice: &mut Dice, mut request: Value, number: usize) {
    let id = request["id"].as_str().unwrap().to_owned();
    let of_provider = |verb: &str| format!("/provider/v1/access-requests/{id}/{verb}");
    let ending = json!({"engineer_id": request["engineer"]["id"], "note": "Done."});
    if request["status"] == "awaiting_internal_approval" {
        match dice.roll(5) {
            0 => drop(app.provider().post(&of_provider("cancel"), ending.clone()).await.is(200)),
            1 => app.advance(TimeDelta::days(9)),
            fate => {
                let decision = json!({"approve": fate > 2, "approver_id": "lead-1", "approver_name": "Robin Lee",
                    "role": "support_lead", "justification": "Needed."});
                request = app.provider().post(&of_provider("internal-decision"), decision).await.is(200);
                app.advance(TimeDelta::minutes(7));
            }
        }
    }
    if request["status"] == "customer_notified" {
        let who = ["approver", "approver", "admin"][dice.roll(3)];
        let who = app.person(&MERIDIAN.person(who)).await;
        let path = |verb: &str| format!("/api/v1/lockbox-requests/{id}/{verb}");
        let body = json!({"justification": format!("=Decided {number}, \"so\"")});
        let etag = format!("\"{}\"", request["version"]);
        match dice.roll(7) {
            0 => drop(who.post_version(&path("deny"), &etag, body).await.is(200)),
            1 => drop(app.provider().post(&of_provider("cancel"), ending.clone()).await.is(200)),
            2 => app.advance(TimeDelta::days(5)),
            fate => {
                let mut body = body;
                if fate == 3 {
                    body["access_minutes"] = json!(30);
                }
                request = who.post_version(&path("approve"), &etag, body).await.is(200);
            }
        }
    }
    let Some(grant) = request["access"]["grant_id"].as_str() else { return };
    let engineer = request["engineer"]["id"].clone();
    for part in 0..dice.roll(4) {
        app.advance(TimeDelta::minutes(1 + i64::try_from(dice.roll(25)).unwrap()));
        let operation = if dice.roll(5) == 0 { "Other" } else { "ExecuteSqlViaLockbox" };
        let outcome = if dice.roll(4) == 0 { "failure" } else { "success" };
        let actions = json!({"actions": [{"id": format!("a-{part}"), "time": app.now(), "engineer_id": engineer,
            "operation": operation, "target": "payroll.dbo.Pay", "rows": dice.roll(500), "outcome": outcome}]});
        app.provider().post(&format!("/provider/v1/grants/{grant}/actions"), actions).await.is(200);
    }
    // The access may be over by now; then these are refused, and it has lapsed.
    match dice.roll(3) {
        0 => {
            let approver = app.person(&MERIDIAN.person("approver")).await;
            let path = format!("/api/v1/lockbox-requests/{id}/revoke");
            approver.post(&path, json!({"justification": "Enough."})).await;
        }
        1 => drop(app.provider().post(&of_provider("complete"), ending).await),
        _ => {}
    }
}
