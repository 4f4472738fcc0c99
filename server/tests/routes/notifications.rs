//! Who is told about what: the outbox.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{
    Caller, TestApp,
    database::open,
    operations::raise,
    world::{Customer, MERIDIAN},
};

/// Who was written to about a request, with the link and the subject.
fn mails(app: &TestApp, id: &str) -> Vec<(String, String, String)> {
    let connection = open(app.folder.path());
    let mut statement = connection
        .prepare("SELECT recipient, link, subject FROM outbox WHERE request_id = ?1 ORDER BY created_at, recipient")
        .unwrap();
    let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn address(customer: Customer, who: &str) -> String {
    format!("{who}@{}.example", customer.short)
}

#[tokio::test]
async fn everybody_who_may_decide_and_the_desk_get_one_mail_each() {
    let app = TestApp::new().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    // The desk, and the approver once more in other letters.
    let addresses = json!({"addresses": [address(MERIDIAN, "Desk"), address(MERIDIAN, "APPROVER")]});
    admin.put("/api/v1/notifications", "\"2\"", addresses).await.is(200);
    let request = raise(&app, MERIDIAN, json!({})).await;
    let id = request["id"].as_str().unwrap();
    let sent = mails(&app, id);
    let recipients: BTreeSet<String> = sent.iter().map(|(recipient, _, _)| recipient.to_lowercase()).collect();
    let expected = ["admin", "approver", "desk"].map(|who| address(MERIDIAN, who));
    assert_eq!(recipients, expected.into_iter().collect(), "not the reader, not the approver of another environment");
    assert_eq!(sent.len(), 3, "one per mailbox: {sent:?}");
    assert!(sent.iter().all(|(_, link, _)| link == request["url"].as_str().unwrap()));
    let text: String = open(app.folder.path())
        .query_row("SELECT text FROM outbox WHERE request_id = ?1 LIMIT 1", [id], |row| row.get(0))
        .unwrap();
    for part in
        ["Engineer 417", "Run SQL statements", "meridian env_payroll", "Deadlocks in the nightly run", "UTC", id]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
}

/// An approver limited to one environment hears of that one, and of no other; an unlimited one hears of both. Each mail of
/// a request's life: that it asks, that it was decided, that something was refused.
#[tokio::test]
async fn an_approver_is_told_of_the_environments_that_they_approve_for_and_of_no_other() {
    let app = TestApp::new().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let before = admin.get("/api/v1/lockbox").await;
    let all = json!({"enabled": true, "policy": {"scope": "all"}});
    admin.put("/api/v1/lockbox", &before.etag(), all).await.is(200);
    let limited = address(MERIDIAN, "limited");
    for (environment, of_limited) in [(MERIDIAN.protected, false), (MERIDIAN.open, true)] {
        let request = raise(&app, MERIDIAN, json!({"environment_id": environment})).await;
        assert_eq!(request["status"], "customer_notified");
        let id = request["id"].as_str().unwrap();
        let told = |after: usize| {
            let sent = mails(&app, id).into_iter().skip(after).map(|(recipient, ..)| recipient.to_lowercase());
            sent.collect::<BTreeSet<String>>()
        };
        let mut expected: BTreeSet<String> = ["admin", "approver", "desk"].map(|who| address(MERIDIAN, who)).into();
        if of_limited {
            expected.insert(limited.clone());
        }
        assert_eq!(told(0), expected, "asked for {environment}");
        let etag = format!("\"{}\"", request["version"]);
        let path = format!("/api/v1/lockbox-requests/{id}/approve");
        let open = admin.post_version(&path, &etag, json!({"justification": "Yes."})).await.is(200);
        assert_eq!(told(expected.len()), expected, "decided for {environment}");
        let action = json!({"id": "a-1", "time": app.now(), "engineer_id": "eng-417", "outcome": "success",
            "operation": "CaptureMemoryDump", "target": "elsewhere"});
        let grant = open["access"]["grant_id"].as_str().unwrap();
        let answer =
            app.provider().post(&format!("/provider/v1/grants/{grant}/actions"), json!({"actions": [action]})).await;
        assert_eq!(answer.is(200)["results"][0]["result"], "refused");
        assert_eq!(told(2 * expected.len()), expected, "warned for {environment}");
        assert_eq!(mails(&app, id).len(), 3 * expected.len(), "one each");
    }
}

#[tokio::test]
async fn whatever_comes_of_it_is_told_as_well() {
    let app = TestApp::new().await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let request = raise(&app, MERIDIAN, json!({})).await;
    let id = request["id"].as_str().unwrap();
    let path = format!("/api/v1/lockbox-requests/{id}");
    let version = format!("\"{}\"", request["version"]);
    let asked = mails(&app, id).len();
    approver.post_version(&format!("{path}/approve"), &version, json!({"justification": "Yes."})).await.is(200);
    assert_eq!(mails(&app, id).len(), 2 * asked, "approved");
    approver.post(&format!("{path}/revoke"), json!({"justification": "Enough."})).await.is(200);
    assert_eq!(mails(&app, id).len(), 3 * asked, "ended");
    for what in ["expiry", "withdrawal", "closing"] {
        let request = raise(&app, MERIDIAN, json!({})).await;
        let id = request["id"].as_str().unwrap();
        match what {
            "expiry" => {
                app.advance(TimeDelta::hours(96));
                assert_eq!(app.sweep().await, 1);
            }
            "withdrawal" => {
                let path = format!("/provider/v1/access-requests/{id}/cancel");
                app.provider().post(&path, json!({"engineer_id": "eng-417"})).await.is(200);
            }
            _ => {
                let ticket = request["service_request_id"].as_str().unwrap();
                let member = app.person(&MERIDIAN.person("member")).await;
                member.post(&format!("/api/v1/service-requests/{ticket}/close"), json!({})).await.is(200);
            }
        }
        assert_eq!(mails(&app, id).len(), 2 * asked, "{what}");
    }
}

#[tokio::test]
async fn a_request_that_was_refused_leaves_no_mail() {
    let app = TestApp::new().await;
    let count = |app: &TestApp| {
        let connection = open(app.folder.path());
        connection.query_row("SELECT count(*) FROM outbox", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    app.provider().post("/provider/v1/access-requests", json!({"organization_id": MERIDIAN.id})).await.is(422);
    assert_eq!(count(&app), 0);
}
