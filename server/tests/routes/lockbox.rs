//! `/api/v1/lockbox`

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    database::{faults, open as open_database},
    operations::{approved, raise},
    world::{MERIDIAN, ask, question, with},
};

const PATH: &str = "/api/v1/lockbox";

fn setting(scope: &str, ids: &[&str]) -> Value {
    json!({"enabled": true, "policy": {"scope": scope, "environment_ids": ids}, "reason": "Review."})
}

#[tokio::test]
async fn a_stale_setting_is_refused_and_loses_nothing() {
    let app = TestApp::new().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let read = admin.get(PATH).await;
    admin.put(PATH, "", setting("all", &[])).await.problem(428, "precondition_required");
    let saved = admin.put(PATH, &read.etag(), setting("all", &[])).await;
    assert_eq!(saved.is(200)["policy"]["scope"], "all");
    let stale = admin.put(PATH, &read.etag(), setting("none", &[])).await;
    assert_eq!(stale.problem(412, "version_conflict")["current_version"], saved.json()["version"]);
    assert_eq!(admin.get(PATH).await.json(), saved.json());
    let versions = admin.get("/api/v1/lockbox/versions").await.is(200)["items"].clone();
    let numbers: Vec<_> = versions.as_array().unwrap().iter().map(|one| one["version"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [3, 2, 1], "every version is kept");
    assert_eq!(versions[0]["updated_by"], "meridian admin");
    assert!(!versions[0]["changes"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_preview_tells_what_would_change_and_the_log_what_did() {
    let app = TestApp::new().await;
    let waiting = raise(&app, MERIDIAN, json!({})).await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let proposal = setting("some", &[MERIDIAN.open]);
    let preview = admin.post("/api/v1/lockbox/preview", proposal.clone()).await.is(200);
    assert_eq!(preview["gaining"][0]["id"], MERIDIAN.open);
    assert_eq!(preview["losing"][0]["id"], MERIDIAN.protected);
    assert_eq!(preview["pending"][0]["request_id"], waiting["id"]);
    assert_eq!(
        admin.get(PATH).await.json()["policy"]["environment_ids"],
        json!([MERIDIAN.protected]),
        "nothing is saved"
    );
    let etag = admin.get(PATH).await.etag();
    admin.put(PATH, &etag, proposal).await.is(200);
    let events = |operation: &str| {
        let (admin, path) = (admin.clone(), format!("/api/v1/logs?operation={operation}"));
        async move { admin.get(&path).await.is(200)["items"].as_array().unwrap().len() }
    };
    assert_eq!(events("Lockbox%20Policy%20Update").await, 2);
    let etag = admin.get(PATH).await.etag();
    admin.put(PATH, &etag, with(setting("some", &[MERIDIAN.open]), json!({"enabled": false}))).await.is(200);
    assert_eq!((events("Disable%20Lockbox").await, events("Lockbox%20Policy%20Update").await), (1, 2));
}

#[tokio::test]
async fn the_preview_tells_how_long_what_waits_could_have_been_decided() {
    let app = TestApp::new().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let hours = |hours: Value| with(setting("some", &[MERIDIAN.protected]), json!({"queue_hours": hours}));
    let etag = admin.get(PATH).await.etag();
    admin.put(PATH, &etag, hours(json!(12))).await.is(200);
    let waiting = raise(&app, MERIDIAN, json!({})).await;
    for (proposed, effect) in [
        (json!(6), Some("6 hours instead of 12 hours")),
        (json!(12), None),
        (json!(48), Some("2 days instead of 12 hours")),
        (json!(null), Some("4 days instead of 12 hours")),
    ] {
        let preview = admin.post("/api/v1/lockbox/preview", hours(proposed.clone())).await.is(200);
        let told = preview["pending"].as_array().unwrap();
        assert_eq!(told.len(), usize::from(effect.is_some()), "{proposed}: {preview}");
        if let Some(effect) = effect {
            assert_eq!(told[0]["request_id"], waiting["id"]);
            assert!(told[0]["effect"].as_str().unwrap().contains(effect), "{}", told[0]);
        }
    }
}

#[tokio::test]
async fn environments_never_change_the_policy() {
    let app = TestApp::new().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let before = admin.get(PATH).await.json();
    let body = json!({"name": "Copy", "service": "azure-sql-database", "has_database": true,
        "copied_from": MERIDIAN.protected});
    let copy = format!("/provider/v1/organizations/{}/environments/env_copy", MERIDIAN.id);
    app.provider().put(&copy, "", body.clone()).await.is(201);
    let removed = with(body, json!({"deleted": true}));
    assert_eq!(admin.get(PATH).await.json(), before);
    let list = admin.get("/api/v1/environments?q=Copy").await.is(200);
    assert_eq!(
        (&list["items"][0]["protected"], &list["items"][0]["copied_from"]),
        (&json!(false), &json!(MERIDIAN.protected))
    );
    app.provider().put(&copy, "", removed).await.is(200);
    assert_eq!(admin.get(PATH).await.json(), before);
    let there = with(ask(MERIDIAN), json!({"environment_id": "env_copy"}));
    let gone = app.provider().post("/provider/v1/access-requests", there).await;
    assert_eq!(gone.pointers(), ["/environment_id"]);
}

/// Found: an environment that was deleted kept its waiting requests and open grants, which could still be approved and used.
#[tokio::test]
async fn with_an_environment_goes_what_was_asked_for_it() {
    let app = TestApp::new().await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    for with_put in [false, true] {
        let id = format!("env_gone_{with_put}");
        let path = format!("/provider/v1/organizations/{}/environments/{id}", MERIDIAN.id);
        let body = json!({"name": "Gone soon", "service": "azure-sql-database", "has_database": true});
        app.provider().put(&path, "", body.clone()).await.is(201);
        protect(&app, &id).await;
        let there = json!({"environment_id": id});
        let open = raise(&app, MERIDIAN, there.clone()).await;
        let etag = format!("\"{}\"", open["version"]);
        let path_of = |request: &Value| format!("/api/v1/lockbox-requests/{}", request["id"].as_str().unwrap());
        let yes = json!({"justification": "Fine."});
        let open = approver.post_version(&format!("{}/approve", path_of(&open)), &etag, yes).await.is(200);
        let unasked =
            with(there.clone(), json!({"exclusion": {"kind": "emergency", "reason": "The region was down."}}));
        let unasked = raise(&app, MERIDIAN, unasked).await;
        let hidden = app.now() + TimeDelta::days(10);
        let hidden = json!({"exclusion": {"kind": "legal_demand", "reason": "Order 17.", "disclose_at": hidden}});
        let hidden = raise(&app, MERIDIAN, with(there.clone(), hidden)).await;
        let waiting = raise(&app, MERIDIAN, there.clone()).await;
        let inside = raise(&app, MERIDIAN, with(there, json!({"permission_level": "delete"}))).await;
        assert_eq!(inside["status"], "awaiting_internal_approval");
        let elsewhere = raise(&app, MERIDIAN, json!({})).await;
        let elsewhere_open = approved(&app, MERIDIAN).await;
        let mails = app.read(|tx| Ok(tx.newest_mails(1_000)?)).await.len();
        if with_put {
            app.provider().put(&path, "", with(body.clone(), json!({"deleted": true}))).await.is(200);
        } else {
            app.provider().call("DELETE", &path, &[], None).await.is(200);
        }
        let see = async |request: &Value| {
            let id = request["id"].as_str().unwrap();
            app.provider().get(&format!("/provider/v1/access-requests/{id}")).await.is(200)
        };
        for request in [&open, &unasked, &hidden] {
            let seen = see(request).await;
            assert_eq!(
                (&seen["status"], &seen["access"]["state"]),
                (&request["status"], &json!("completed")),
                "{seen}"
            );
            assert_eq!(seen["access"]["end_reason"], "The provider deleted the environment.");
            let grant = request["access"]["grant_id"].as_str().unwrap();
            let asked = with(question(MERIDIAN), json!({"environment_id": id}));
            let check = app.provider().post(&format!("/provider/v1/grants/{grant}/check"), asked).await.is(200);
            assert_eq!(check, json!({"allowed": false, "reason": "completed"}));
        }
        for request in [&waiting, &inside] {
            let seen = see(request).await;
            let state = (seen["status"].as_str(), seen["status_reason"].as_str());
            assert_eq!(state, (Some("cancelled"), Some("environment_deleted")), "{seen}");
        }
        assert_eq!(see(&elsewhere).await["status"], "customer_notified", "others go on");
        assert_eq!(see(&elsewhere_open).await["access"]["state"], "active");
        let etag = approver.get(&path_of(&waiting)).await.etag();
        let late = json!({"justification": "Go on."});
        let late = approver.post_version(&format!("{}/approve", path_of(&waiting)), &etag, late).await;
        assert_eq!(late.status.as_u16(), 409, "{}", late.text);
        let words = [
            (&open, "Lockbox Access Completion", "The provider deleted the environment: the access ended."),
            (&waiting, "Cancel Lockbox Request", "The provider deleted the environment: the request was cancelled."),
        ];
        for (request, operation, text) in words {
            let seen = approver.get(&path_of(request)).await.is(200);
            assert!(seen["timeline"].as_array().unwrap().iter().any(|step| step["text"] == text), "{seen}");
            let log = format!(
                "/api/v1/logs?request_id={}&operation={}",
                request["id"].as_str().unwrap(),
                operation.replace(' ', "+")
            );
            let log = approver.get(&log).await.is(200);
            assert_eq!(log["items"].as_array().unwrap().len(), 1, "{log}");
            assert_eq!(log["items"][0]["details"]["cause"], "environment_deleted", "{log}");
            assert_eq!(log["items"][0]["actor"]["kind"], "client");
        }
        // Who was asked is told; of the hidden demand nobody hears.
        let told = app.read(|tx| Ok(tx.newest_mails(1_000)?)).await;
        let of = |request: &Value| {
            let new = told.iter().take(told.len() - mails);
            new.filter(|mail| mail.link.as_deref().is_some_and(|link| link.ends_with(request["id"].as_str().unwrap())))
                .count()
        };
        assert!(of(&open) > 0 && of(&waiting) > 0 && of(&hidden) == 0 && of(&elsewhere) == 0);
        // Deleted again, nothing ends twice; and back again, nothing opens again.
        app.provider().call("DELETE", &path, &[], None).await.is(200);
        app.provider().put(&path, "", body).await.is(200);
        assert_eq!(see(&open).await["access"]["state"], "completed");
    }
    // What was kept from the customer comes into the log on its day, with the end of its access.
    app.advance(TimeDelta::days(11));
    app.sweep().await;
    assert_eq!(faults(&open_database(app.folder.path())), Vec::<String>::new());
}

/// Adds an environment to the policy.
async fn protect(app: &TestApp, id: &str) {
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let etag = admin.get(PATH).await.etag();
    let policy = json!({"scope": "some", "environment_ids": [MERIDIAN.protected, id]});
    admin.put(PATH, &etag, json!({"enabled": true, "policy": policy})).await.is(200);
}

#[tokio::test]
async fn what_the_provider_puts_again_unchanged_is_no_news() {
    let app = TestApp::new().await;
    let ticket = format!("/provider/v1/organizations/{}/service-requests/2611220000000017", MERIDIAN.id);
    let message = json!({"id": "m-1", "author": "provider", "author_name": "Robin", "at": app.now(), "text": "Hello."});
    let body = json!({"title": "Slow", "severity": "high", "messages": [message.clone()]});
    let organization = format!("/provider/v1/organizations/{}", MERIDIAN.id);
    app.provider().put(&ticket, "", body.clone()).await.is(201);
    app.provider().put(&organization, "", json!({"name": "Meridian"})).await.is(200);
    let log = || async { app.read(|tx| Ok(tx.events_after(&MERIDIAN.id.into(), 0, 10_000)?)).await };
    let before = log().await;
    app.provider().put(&ticket, "", body.clone()).await.is(200);
    app.provider().put(&organization, "", json!({"name": "Meridian"})).await.is(200);
    assert_eq!(log().await.len(), before.len());
    let more = json!({"id": "m-2", "author": "customer", "author_name": "Sam", "at": app.now(), "text": "Hello back."});
    let longer = with(body, json!({"messages": [message, more]}));
    app.provider().put(&ticket, "", longer).await.is(200);
    let last = log().await.pop().unwrap();
    assert_eq!((last.operation.as_str(), &last.details["messages"]), ("Support Request Update", &json!(1)));
}

#[tokio::test]
async fn the_preview_counts_every_waiting_request_and_names_the_first() {
    // More than are read at once, so that counting goes on behind the first part.
    const WAITING: usize = 507;
    const NAMED: usize = 200;
    let app = TestApp::new().await;
    for _ in 0..WAITING {
        raise(&app, MERIDIAN, json!({})).await;
    }
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let preview = admin.post("/api/v1/lockbox/preview", setting("none", &[])).await.is(200);
    assert_eq!(preview["pending_total"], WAITING);
    assert_eq!(preview["pending"].as_array().unwrap().len(), NAMED);
    let list = admin.get("/api/v1/lockbox-requests?view=pending&with_total=true&limit=200").await.is(200);
    assert_eq!(list["total"], WAITING, "of all rows, not of this page");
    let ids = |rows: &Value, name: &str| -> Vec<String> {
        rows.as_array().unwrap().iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&preview["pending"], "request_id"), ids(&list["items"], "id"), "the soonest to expire");
    let cursor = list["next_cursor"].as_str().unwrap();
    let next = format!("/api/v1/lockbox-requests?view=pending&with_total=true&limit=200&cursor={cursor}");
    assert_eq!(admin.get(&next).await.is(200)["total"], WAITING, "the same on every page");
    let plain = admin.get("/api/v1/lockbox-requests?view=pending").await.is(200);
    assert!(plain.get("total").is_none(), "only where it is asked for");
}
