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
            "operation": "RestoreDatabaseCopyViaLockbox", "outcome": "refused"});
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

    // Nothing is missing in the log, and the timeline says how many it leaves out.
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let counted =
        approver.get(&format!("/api/v1/logs/summary?request_id={id}&category=data_access&outcome=refused")).await;
    assert_eq!(counted.is(200)["total"], 1_005);
    let seen = approver.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    let steps = seen["timeline"].as_array().unwrap().iter().filter(|one| one["kind"] == "refused").count();
    assert_eq!(
        (steps, &seen["timeline_left_out"]),
        (100, &json!({"actions": 905, "refused_actions": 905, "done_outside": 0, "faulty_reports": 0}))
    );
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
    // With the disclosure it is.
    app.state.hand.set(until);
    app.sweep().await;
    assert_eq!(told(&app).await, ["Refused: 3 actions"]);
}

/// Found: what the provider reported as done was told as "The check said no", although nobody had asked and nothing was
/// stopped.
#[tokio::test]
async fn what_was_done_all_the_same_is_not_told_as_stopped() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let id = request["id"].as_str().unwrap();
    let path = format!("/provider/v1/grants/{}/actions", request["access"]["grant_id"].as_str().unwrap());
    let action = |id: &str, outcome: &str| {
        json!({"id": id, "time": app.now(), "engineer_id": "eng-417", "operation": "RestoreDatabaseCopyViaLockbox",
            "rows": 7, "outcome": outcome})
    };
    let batch = json!({"actions": [action("a", "success"), action("b", "failure"), action("c", "refused")]});
    let answer = app.provider().post(&path, batch).await.is(200);
    assert_eq!(answer["accepted"], 3);
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let seen = approver.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    let steps: Vec<_> = seen["timeline"].as_array().unwrap().iter().filter(|one| one["kind"] == "refused").collect();
    let told = |at: usize| (steps[at]["text"].as_str().unwrap(), &steps[at]["action"]["done_outside"]);
    assert!(told(0).0.contains("did, although it was not allowed") && told(0).1 == true, "{steps:?}");
    assert!(told(1).0.contains("tried, although it was not allowed, and failed") && told(1).1 == false, "{steps:?}");
    assert!(told(2).0.contains("was refused") && told(2).1 == false, "{steps:?}");
    let log = approver.get(&format!("/api/v1/logs?request_id={id}&outcome=refused")).await.is(200);
    let mut reported: Vec<_> =
        log["items"].as_array().unwrap().iter().map(|event| event["details"]["reported_outcome"].clone()).collect();
    reported.sort_by_key(ToString::to_string);
    assert_eq!(json!(reported), json!(["failure", "refused", "success"]));
    let mail = app.read(|tx| Ok(tx.newest_mails(100)?)).await;
    let mail = mail.iter().find(|mail| mail.subject.contains("outside the grant")).unwrap();
    assert!(mail.subject.starts_with("Done without permission: 1 action outside the grant"), "{}", mail.subject);
    assert!(mail.text.contains("reports 1 of them as done: nothing stopped it."), "{}", mail.text);
    assert!(!mail.text.contains("said no"), "{}", mail.text);
}

/// Found: an action with a fault in its report was nowhere; a `\b` in the statement hid it from the customer.
#[tokio::test]
async fn a_fault_in_its_report_hides_no_action() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let id = request["id"].as_str().unwrap();
    let path = format!("/provider/v1/grants/{}/actions", request["access"]["grant_id"].as_str().unwrap());
    let action = |changes: Value| {
        let good = json!({"id": "a", "time": app.now(), "engineer_id": "eng-417", "operation": "ExecuteSqlViaLockbox",
            "target": "payroll.dbo.Pay", "statement": "SELECT 1", "rows": 7, "outcome": "success"});
        json!({"actions": [with(good, changes)]})
    };
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let events = async || {
        let log = approver.get(&format!("/api/v1/logs?request_id={id}&category=data_access")).await.is(200);
        log["items"].as_array().unwrap().clone()
    };
    let faults: [(Value, &str, &str); 6] = [
        (json!({"statement": "DELETE\u{8} FROM Pay"}), "statement:", "DELETE\\u{8} FROM Pay"),
        (json!({"statement": "x".repeat(20_001)}), "statement:", ""),
        (json!({"target": "payroll\u{202e}.dbo"}), "target:", "payroll\\u{202e}.dbo"),
        (json!({"time": app.now() + TimeDelta::days(1)}), "time:", ""),
        (json!({"engineer_id": ""}), "engineer_id:", "unknown"),
        (json!({"operation": " "}), "operation:", "unknown"),
    ];
    for (number, (changes, fault, kept)) in faults.into_iter().enumerate() {
        for again in [false, true] {
            let answer = app.provider().post(&path, action(changes.clone())).await.is(200);
            assert_eq!((&answer["accepted"], &answer["results"][0]["result"]), (&json!(0), &json!("invalid")));
            let events = events().await;
            assert_eq!(events.len(), number + 1, "once for each fault; again: {again}");
            let event = &events[0];
            assert_eq!(
                (&event["outcome"], &event["details"]["refused_reason"]),
                (&json!("refused"), &json!("faulty_report"))
            );
            assert!(event["details"]["report_fault"].as_str().unwrap().starts_with(fault), "{event}");
            assert!(event.to_string().contains(&kept.replace('\\', "\\\\")), "{event}");
        }
    }
    let long = &events().await[4]["details"];
    assert_eq!(long["statement"].as_str().unwrap().len(), 20_000);
    assert_eq!(long["statement_sha256"].as_str().unwrap().len(), 64);
    assert!(events().await.iter().any(|event| event["actor"]["id"] == "unknown"), "the approved engineer is not named");
    // Mended and sent again with the same id, it is an action like any other.
    let mended = app.provider().post(&path, action(json!({}))).await.is(200);
    assert_eq!(mended["results"][0]["result"], "recorded");
    let mails = app.read(|tx| Ok(tx.newest_mails(100)?)).await;
    let first = mails.iter().find(|mail| mail.subject.contains("outside the grant")).unwrap();
    assert!(first.text.contains("can't be judged"), "{}", first.text);
    let seen = approver.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    assert!(seen["timeline"].to_string().contains("A faulty report about"), "{seen}");
    assert_eq!(
        crate::support::database::faults(&crate::support::database::open(app.folder.path())),
        Vec::<String>::new()
    );
}
