//! R13: time never gives an access back, and late sweeps let nothing through.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    database::{faults, open},
    operations::{approved, raise},
    world::{MERIDIAN, question},
};

async fn allowed(app: &TestApp, request: &Value) -> Value {
    let grant = request["access"]["grant_id"].as_str().unwrap();
    app.provider().post(&format!("/provider/v1/grants/{grant}/check"), question(MERIDIAN)).await.is(200)
}

#[tokio::test]
async fn a_late_sweep_lets_neither_an_expired_request_nor_a_lapsed_access_through() {
    let app = TestApp::new().await;
    let waiting = raise(&app, MERIDIAN, json!({})).await;
    let open_access = approved(&app, MERIDIAN).await;
    assert_eq!(allowed(&app, &open_access).await["allowed"], true);
    app.advance(TimeDelta::minutes(240));
    assert_eq!(allowed(&app, &open_access).await, json!({"allowed": false, "reason": "lapsed"}));
    app.advance(TimeDelta::hours(96));
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let id = waiting["id"].as_str().unwrap();
    for what in ["approve", "deny"] {
        let path = format!("/api/v1/lockbox-requests/{id}/{what}");
        let late = approver.post_version(&path, "\"2\"", json!({"justification": "Late."})).await;
        let told = late.problem(409, "wrong_state")["detail"].as_str().unwrap().to_owned();
        assert!(told.contains("expired"), "{told}");
    }
    let cancel = json!({"engineer_id": "eng-417"});
    app.provider().post(&format!("/provider/v1/access-requests/{id}/cancel"), cancel.clone()).await.is(409);
    let done = format!("/provider/v1/access-requests/{}/complete", open_access["id"].as_str().unwrap());
    app.provider().post(&done, cancel).await.problem(409, "wrong_state");
    // Nothing is written yet, and yet everybody sees how it stands.
    for (request, status, access) in [(&waiting, "expired", "none"), (&open_access, "approved", "lapsed")] {
        let path = format!("/api/v1/lockbox-requests/{}", request["id"].as_str().unwrap());
        let seen = approver.get(&path).await.is(200);
        assert_eq!((seen["status"].as_str(), seen["access"]["state"].as_str()), (Some(status), Some(access)));
        let list = approver.get(&format!("/api/v1/lockbox-requests?status={status}")).await.is(200);
        assert!(list["items"].as_array().unwrap().iter().any(|item| item["id"] == request["id"]));
    }
    assert_eq!(approver.get("/api/v1/lockbox-requests?view=pending").await.is(200)["items"], json!([]));
    assert_eq!(approver.get("/api/v1/lockbox-requests?view=active").await.is(200)["items"], json!([]));
    assert_eq!(app.sweep().await, 2);
    assert_eq!(app.sweep().await, 0, "once");
    assert_eq!(faults(&open(app.folder.path())), Vec::<String>::new());
}

#[tokio::test]
async fn a_wall_clock_that_jumps_revives_nothing() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let until: lockbox_api::Time = serde_json::from_value(allowed(&app, &request).await["until"].clone()).unwrap();
    assert!(until - app.now() <= TimeDelta::minutes(240));
    // A jump back neither ends the access nor makes it longer.
    app.advance(TimeDelta::days(-1));
    assert_eq!(allowed(&app, &request).await["until"], json!(until));
    assert!(app.now() + TimeDelta::minutes(239) < until && app.now() + TimeDelta::minutes(241) > until);
    // A day ahead it is over, and stays so when the clock comes back.
    app.advance(TimeDelta::days(2));
    assert_eq!(allowed(&app, &request).await["allowed"], false);
    for back in [1, 2, 30] {
        app.advance(TimeDelta::days(-back));
        assert_eq!(allowed(&app, &request).await, json!({"allowed": false, "reason": "lapsed"}), "{back} days back");
    }
    assert!(app.state.env.clock.backward_jumps() > 0, "the jump is counted for the operator");
}

#[tokio::test]
async fn a_restart_with_a_clock_that_is_behind_goes_on_after_the_last_event() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    app.advance(TimeDelta::days(1));
    assert_eq!(app.sweep().await, 1);
    let last = app.now();
    let folder = Arc::clone(&app.folder);
    drop(app);
    // The machine's clock is a day behind what the log knows.
    let app = TestApp::on(folder).await;
    assert!(app.now() >= last - TimeDelta::seconds(5), "{} after {last}", app.now());
    assert_eq!(allowed(&app, &request).await, json!({"allowed": false, "reason": "lapsed"}));
    raise(&app, MERIDIAN, json!({})).await;
    assert_eq!(faults(&open(app.folder.path())), Vec::<String>::new(), "times in the log only grow");
}
