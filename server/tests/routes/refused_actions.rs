//! Refused actions are told to people: at once, and then in digests.

use chrono::TimeDelta;
use lockbox_rules::alerts::PAUSE;
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    operations::approved,
    world::{MERIDIAN, with},
};

/// Reports `count` actions that lie outside the grant, one call each.
async fn refuse(app: &TestApp, request: &Value, name: &str, count: u32) {
    let path = format!("/provider/v1/grants/{}/actions", request["access"]["grant_id"].as_str().unwrap());
    for number in 0..count {
        let action = json!({"id": format!("{name}-{number}"), "time": app.now(), "engineer_id": "eng-417",
            "operation": "RestoreDatabaseCopyViaLockbox", "outcome": "success"});
        let answer = app.provider().post(&path, json!({"actions": [action]})).await.is(200);
        assert_eq!(answer["results"][0]["result"], "refused");
    }
}

/// The subjects of the mails about refused actions to one of the people who may decide, oldest first.
async fn told(app: &TestApp) -> Vec<String> {
    let mails = app.read(|tx| Ok(tx.newest_mails(10_000)?)).await;
    let address = format!("approver@{}.example", MERIDIAN.short);
    let about =
        |subject: &str| subject.starts_with("Refused: ").then(|| subject.split(" outside").next().unwrap().to_owned());
    mails.iter().rev().filter(|mail| mail.to == address).filter_map(|mail| about(&mail.subject)).collect()
}

#[tokio::test]
async fn a_thousand_refused_actions_give_one_mail_at_once_and_a_digest() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    refuse(&app, &request, "a", 1_000).await;
    assert_eq!(told(&app).await, ["Refused: 1 action"]);
    app.sweep().await;
    assert_eq!(told(&app).await.len(), 1, "the pause is not over");
    app.advance(PAUSE);
    app.sweep().await;
    app.sweep().await;
    assert_eq!(told(&app).await, ["Refused: 1 action", "Refused: 999 more actions"]);
    // The next one waits again, also where the access has ended meanwhile.
    refuse(&app, &request, "b", 2).await;
    assert_eq!(told(&app).await.len(), 2);
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let id = request["id"].as_str().unwrap();
    approver.post(&format!("/api/v1/lockbox-requests/{id}/revoke"), json!({"justification": "Enough."})).await.is(200);
    app.advance(PAUSE);
    app.sweep().await;
    assert_eq!(told(&app).await.last().unwrap(), "Refused: 2 more actions");
    // After a quiet while, the first is told at once again.
    app.advance(PAUSE);
    refuse(&app, &request, "c", 3).await;
    assert_eq!(told(&app).await.last().unwrap(), "Refused: 1 more action");
    assert_eq!(told(&app).await.len(), 4);

    // Nothing is missing in the log and in the timeline.
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let counted =
        approver.get(&format!("/api/v1/logs/summary?request_id={id}&category=data_access&outcome=refused")).await;
    assert_eq!(counted.is(200)["total"], 1_005);
    let seen = approver.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    let steps = seen["timeline"].as_array().unwrap().iter().filter(|one| one["kind"] == "refused").count();
    assert_eq!(steps, 1_005);
}

#[tokio::test]
async fn each_request_has_its_own_pause_and_a_restart_keeps_it() {
    let app = TestApp::new().await;
    let (first, second) = (approved(&app, MERIDIAN).await, approved(&app, MERIDIAN).await);
    refuse(&app, &first, "a", 2).await;
    refuse(&app, &second, "a", 2).await;
    assert_eq!(told(&app).await, ["Refused: 1 action", "Refused: 1 action"]);
    let app = TestApp::on(std::sync::Arc::clone(&app.folder)).await;
    refuse(&app, &first, "b", 2).await;
    assert_eq!(told(&app).await.len(), 2);
    app.advance(PAUSE + TimeDelta::seconds(1));
    app.sweep().await;
    let mut told = told(&app).await.split_off(2);
    told.sort();
    assert_eq!(told, ["Refused: 1 more action", "Refused: 3 more actions"]);
}

#[tokio::test]
async fn what_may_not_be_told_yet_is_not_told_by_an_alert_either() {
    let app = TestApp::new().await;
    let until = app.now() + TimeDelta::days(3);
    let exclusion = json!({"kind": "legal_demand", "reason": "Court order 1.", "disclose_at": until});
    let body = with(crate::support::world::ask(MERIDIAN), json!({"exclusion": exclusion}));
    let request = app.provider().post("/provider/v1/access-requests", body).await.is(201);
    refuse(&app, &request, "a", 3).await;
    app.advance(PAUSE);
    app.sweep().await;
    assert_eq!(told(&app).await, Vec::<String>::new());
}
