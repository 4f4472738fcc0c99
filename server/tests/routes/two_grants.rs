//! Two grants for the same engineer and environment are independent: however one ends, and over a restart.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    operations::raise,
    world::{MERIDIAN, question},
};

/// Access for so many minutes, for a support request of its own.
async fn granted(app: &TestApp, minutes: u32) -> Value {
    let request = raise(app, MERIDIAN, json!({"access_minutes": minutes})).await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let path = format!("/api/v1/lockbox-requests/{}/approve", request["id"].as_str().unwrap());
    let version = format!("\"{}\"", request["version"]);
    approver.post_version(&path, &version, json!({"justification": "Fine."})).await.is(200)
}

async fn check(app: &TestApp, request: &Value) -> Value {
    let path = format!("/provider/v1/grants/{}/check", request["access"]["grant_id"].as_str().unwrap());
    app.provider().post(&path, question(MERIDIAN)).await.is(200)
}

/// What a report of an action that happens now becomes.
async fn act(app: &TestApp, request: &Value) -> String {
    let path = format!("/provider/v1/grants/{}/actions", request["access"]["grant_id"].as_str().unwrap());
    let action = json!({"id": format!("a-{}", app.now().timestamp_micros()), "time": app.now(), "engineer_id": "eng-417",
        "operation": "ExecuteSqlViaLockbox", "target": "payroll.dbo.Pay", "outcome": "success"});
    let answer = app.provider().post(&path, json!({"actions": [action]})).await.is(200);
    answer["results"][0]["result"].as_str().unwrap().to_owned()
}

/// Ends the first access, and returns the reason that a check gives from then on.
async fn end(app: &TestApp, how: &str, request: &Value) -> &'static str {
    let (id, ticket) = (request["id"].as_str().unwrap(), request["service_request_id"].as_str().unwrap());
    let engineer = json!({"engineer_id": "eng-417"});
    match how {
        "revoked" => {
            let path = format!("/api/v1/lockbox-requests/{id}/revoke");
            let approver = app.person(&MERIDIAN.person("approver")).await;
            approver.post(&path, json!({"justification": "Enough."})).await.is(200);
            return "revoked";
        }
        "completed" => {
            app.provider().post(&format!("/provider/v1/access-requests/{id}/complete"), engineer).await.is(200);
        }
        "closed by the customer" => {
            let member = app.person(&MERIDIAN.person("member")).await;
            member.post(&format!("/api/v1/service-requests/{ticket}/close"), json!({})).await.is(200);
        }
        "closed by the provider" => {
            let path = format!("/provider/v1/organizations/{}/service-requests/{ticket}", MERIDIAN.id);
            let body = json!({"title": "Slow", "severity": "high", "closed": true});
            app.provider().put(&path, "", body).await.is(200);
        }
        _ => {
            app.advance(TimeDelta::minutes(60));
            if how == "lapsed and written" {
                app.sweep().await;
            }
            return "lapsed";
        }
    }
    "completed"
}

#[tokio::test]
async fn however_one_ends_the_other_goes_on() {
    for how in
        ["revoked", "completed", "closed by the customer", "closed by the provider", "lapsed", "lapsed and written"]
    {
        // Whichever was opened first.
        for turned in [false, true] {
            let mut app = TestApp::new().await;
            let mut both = [granted(&app, 60).await, granted(&app, 60).await];
            both[usize::from(!turned)] = granted(&app, 240).await;
            let [ends, stays] = if turned { [&both[1], &both[0]] } else { [&both[0], &both[1]] };
            for request in [ends, stays] {
                assert_eq!(check(&app, request).await["allowed"], true, "{how}");
            }
            let reason = end(&app, how, ends).await;
            for restarted in [false, true] {
                if restarted {
                    app = TestApp::on(Arc::clone(&app.folder)).await;
                }
                let here = format!("{how}, turned: {turned}, restarted: {restarted}");
                assert_eq!(check(&app, ends).await, json!({"allowed": false, "reason": reason}), "{here}");
                let until = &stays["access"]["expires_at"];
                assert_eq!(check(&app, stays).await, json!({"allowed": true, "until": until}), "{here}");
                assert_eq!((act(&app, ends).await.as_str(), act(&app, stays).await.as_str()), ("refused", "recorded"));
                let path = format!("/provider/v1/access-requests/{}", stays["id"].as_str().unwrap());
                let seen = app.provider().get(&path).await.is(200);
                assert_eq!(
                    (&seen["access"]["state"], &seen["version"]),
                    (&json!("active"), &stays["version"]),
                    "{here}"
                );
                let ended = seen["timeline"].as_array().unwrap().iter().any(|step| step["kind"] == "ended");
                assert!(!ended, "{here}");
            }
        }
    }
}

/// What becomes of a third request of the same engineer for the same environment ends neither.
#[tokio::test]
async fn a_request_that_leads_to_no_access_touches_none() {
    let app = TestApp::new().await;
    let both = [granted(&app, 240).await, granted(&app, 240).await];
    let approver = app.person(&MERIDIAN.person("approver")).await;
    for how in ["cancelled", "denied", "withdrawn with its support request"] {
        let third = raise(&app, MERIDIAN, json!({})).await;
        let (id, ticket) = (third["id"].as_str().unwrap(), third["service_request_id"].as_str().unwrap());
        match how {
            "cancelled" => {
                let path = format!("/provider/v1/access-requests/{id}/cancel");
                app.provider().post(&path, json!({"engineer_id": "eng-417"})).await.is(200);
            }
            "denied" => {
                let path = format!("/api/v1/lockbox-requests/{id}/deny");
                let version = format!("\"{}\"", third["version"]);
                approver.post_version(&path, &version, json!({"justification": "No."})).await.is(200);
            }
            _ => {
                let member = app.person(&MERIDIAN.person("member")).await;
                member.post(&format!("/api/v1/service-requests/{ticket}/close"), json!({})).await.is(200);
            }
        }
        for request in &both {
            assert_eq!(check(&app, request).await["allowed"], true, "{how}");
        }
    }
}
