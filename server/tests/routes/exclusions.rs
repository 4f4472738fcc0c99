//! Access without a request: acknowledged by a person, and a legal demand that may not be disclosed before a date.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    database::{dump, faults, open},
    operations::raise,
    world::{MERIDIAN, NORTHSTAR, ask, question, with},
};

const RAISE: &str = "/provider/v1/access-requests";

fn emergency() -> Value {
    json!({"exclusion": {"kind": "emergency", "reason": "The region was down."}})
}

#[tokio::test]
async fn it_is_shown_until_a_person_acknowledges_it_once_with_a_comment() {
    let app = TestApp::new().await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let unacknowledged = async || {
        let list = approver.get("/api/v1/lockbox-requests?view=unacknowledged").await.is(200);
        let ids = list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    let first = raise(&app, MERIDIAN, emergency()).await;
    app.advance(TimeDelta::seconds(1));
    let second = raise(&app, MERIDIAN, emergency()).await;
    // Not asked because the policy does not ask: nothing to acknowledge.
    let open = raise(&app, MERIDIAN, with(emergency(), json!({"environment_id": MERIDIAN.open}))).await;
    let id = |request: &Value| request["id"].as_str().unwrap().to_owned();
    assert_eq!(unacknowledged().await, [id(&first), id(&second)], "oldest first");
    assert_eq!((&first["needs_acknowledgement"], &open["needs_acknowledgement"]), (&json!(true), &json!(false)));

    let path = |request: &Value| format!("/api/v1/lockbox-requests/{}/acknowledge", id(request));
    for wrong in [json!({"comment": " "}), json!({"comment": "x".repeat(2_001)})] {
        let answer = approver.post(&path(&first), wrong).await;
        answer.problem(422, "invalid_field");
        assert_eq!(answer.pointers(), ["/comment"]);
    }
    let reader = app.person(&MERIDIAN.person("reader")).await;
    reader.post(&path(&first), json!({"comment": "Seen."})).await.problem(403, "not_allowed");
    let done =
        approver.post(&path(&first), json!({"comment": " Seen; the post-mortem is due on Friday. "})).await.is(200);
    assert_eq!(done["acknowledgement"]["comment"], "Seen; the post-mortem is due on Friday.");
    assert_eq!(
        (done["acknowledgement"]["by"].as_str(), &done["needs_acknowledgement"]),
        (Some("meridian approver"), &json!(false))
    );
    assert_eq!(unacknowledged().await, [id(&second)]);
    let again = approver.post(&path(&first), json!({"comment": "Me too."})).await.problem(409, "wrong_state");
    assert!(again["detail"].as_str().unwrap().starts_with("meridian approver acknowledged it at "), "{again}");
    approver.post(&path(&open), json!({"comment": "Seen."})).await.problem(409, "wrong_state");
    let asked = raise(&app, MERIDIAN, json!({})).await;
    approver.post(&path(&asked), json!({"comment": "Seen."})).await.problem(409, "wrong_state");

    let log = approver.get("/api/v1/logs?operation=Acknowledge%20Access%20Without%20Request").await.is(200);
    let outcomes: Vec<_> = log["items"].as_array().unwrap().iter().map(|event| event["outcome"].clone()).collect();
    assert_eq!(outcomes, ["success", "refused"], "the reader's attempt is on the record as well");
    let timeline = done["timeline"].as_array().unwrap();
    assert!(timeline.iter().any(|step| step["text"].as_str().unwrap().contains("acknowledged the access. “Seen;")));
    assert_eq!(faults(&crate::support::database::open(app.folder.path())), Vec::<String>::new());
}

#[tokio::test]
async fn each_kind_of_exclusion_is_told_with_what_belongs_to_it() {
    let app = TestApp::new().await;
    let send =
        async |exclusion: Value| app.provider().post(RAISE, with(ask(MERIDIAN), json!({"exclusion": exclusion}))).await;
    let later = app.now() + TimeDelta::days(10);
    let script = json!({"id": "index-health 4.2", "reviewer": "Robin Lee"});
    for (exclusion, field) in [
        (json!({"kind": "reviewed_maintenance_script", "reason": "R."}), "/exclusion/script"),
        (json!({"kind": "emergency", "reason": "R.", "script": script}), "/exclusion/script"),
        (json!({"kind": "emergency", "reason": "R.", "disclose_at": later}), "/exclusion/disclose_at"),
        (json!({"kind": "legal_demand", "reason": "R.", "disclose_at": app.now()}), "/exclusion/disclose_at"),
        (
            json!({"kind": "legal_demand", "reason": "R.", "disclose_at": app.now() + TimeDelta::days(4_000)}),
            "/exclusion/disclose_at",
        ),
        (
            json!({"kind": "reviewed_maintenance_script", "reason": "R.",
                "script": {"id": "s", "reviewer": "ENGINEER 417"}}),
            "/exclusion/script/reviewer",
        ),
        (json!({"kind": "emergency", "reason": " "}), "/exclusion/reason"),
    ] {
        let answer = send(exclusion.clone()).await;
        answer.problem(422, "invalid_field");
        assert_eq!(answer.pointers(), [field], "{exclusion}");
    }
    let request =
        send(json!({"kind": "reviewed_maintenance_script", "reason": "Weekly.", "script": script})).await.is(201);
    assert_eq!(request["status_reason"], "reviewed_maintenance_script");
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let id = request["id"].as_str().unwrap();
    let seen = admin.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    assert_eq!(seen["exclusion"]["script"], script);
    let log = admin.get(&format!("/api/v1/logs?request_id={id}&operation=Access%20Without%20Request")).await.is(200);
    assert_eq!(log["items"][0]["details"]["script"]["reviewer"], "Robin Lee");
}

/// Everything that the customer's administrator can read, without what only tells the time.
async fn everything(app: &TestApp) -> Vec<String> {
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let mut found = Vec::new();
    for path in [
        "lockbox-requests",
        "lockbox-requests?view=recent",
        "lockbox-requests?view=active",
        "lockbox-requests?view=pending",
        "lockbox-requests?view=without_request",
        "lockbox-requests?view=unacknowledged",
        "lockbox-requests?q=eng-417",
        "lockbox-requests?status=not_required",
        "logs?category=data_access",
        "logs?q=eng-417",
        "logs?operation=Access%20Without%20Request",
        "logs?outcome=refused",
        "environments",
        "service-requests",
        &format!("service-requests/{}", MERIDIAN.ticket),
        "lockbox",
    ] {
        found.push(admin.get(&format!("/api/v1/{path}")).await.text);
    }
    let mut history = admin.get("/api/v1/history").await.is(200);
    for field in ["from", "to", "by_day"] {
        history.as_object_mut().unwrap().remove(field);
    }
    found.push(history.to_string());
    found
}

/// The tables that a customer's log, mail and counters are made of.
fn told(app: &TestApp) -> Vec<String> {
    let tables = dump(app);
    // What the test itself does to look on is logged, too.
    let own = ["Sign-in", "Read Audit Log"];
    let log = tables["events"].iter().filter(|row| !own.iter().any(|word| row.contains(word)));
    log.chain(&tables["outbox"]).cloned().collect()
}

#[tokio::test]
async fn a_legal_demand_is_invisible_until_its_date_and_whole_from_then_on() {
    let app = TestApp::new().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let before = (everything(&app).await, told(&app));
    let mut heard = app.state.live.subscribe(&MERIDIAN.id.into()).unwrap();
    let disclose_at = app.now() + TimeDelta::days(90);
    let demand = json!({"exclusion": {"kind": "legal_demand", "reason": "Order 17/2026.", "disclose_at": disclose_at}});
    let request = app.provider().post(RAISE, with(ask(MERIDIAN), demand)).await.is(201);
    assert_eq!(
        (request["status"].as_str(), request["status_reason"].as_str()),
        (Some("not_required"), Some("legal_demand"))
    );
    let (id, grant) = (request["id"].as_str().unwrap(), request["access"]["grant_id"].as_str().unwrap());

    // The provider works under it; what lies outside the grant is refused here as anywhere.
    let check = app.provider().post(&format!("/provider/v1/grants/{grant}/check"), question(MERIDIAN)).await.is(200);
    assert_eq!(check["allowed"], true);
    let happened = app.now();
    let actions = json!({"actions": [
        {"id": "a-1", "time": happened, "engineer_id": "eng-417", "operation": "ExecuteSqlViaLockbox",
            "target": "payroll.dbo.Pay", "outcome": "success"},
        {"id": "a-2", "time": happened, "engineer_id": "eng-417", "operation": "Other", "outcome": "success"}]});
    let results = app.provider().post(&format!("/provider/v1/grants/{grant}/actions"), actions).await.is(200);
    assert_eq!(
        (&results["results"][0]["result"], &results["results"][1]["result"]),
        (&json!("recorded"), &json!("refused"))
    );
    let done = json!({"engineer_id": "eng-417"});
    let done = app.provider().post(&format!("{RAISE}/{id}/complete"), done).await.is(200);
    let steps = |request: &Value| {
        let kinds =
            request["timeline"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap().to_owned());
        kinds.collect::<Vec<_>>()
    };
    assert_eq!(
        steps(&done),
        ["raised", "evaluated", "not_required", "first_use", "action", "refused", "ended"],
        "for the provider"
    );

    let absent = format!("{}0absent", id);
    for what in ["", "/acknowledge", "/revoke", "/approve", "/view"] {
        let call = async |id: &str| {
            let path = format!("/api/v1/lockbox-requests/{id}{what}");
            let body = json!({"comment": "Seen.", "justification": "Now."});
            let field = if what == "/acknowledge" { "justification" } else { "comment" };
            match what {
                "" => admin.get(&path).await,
                "/view" => admin.call("POST", &path, &[], None).await,
                _ => admin.post_version(&path, "\"1\"", with(body, json!({field: null}))).await,
            }
        };
        let (hidden, nowhere) = (call(id).await, call(&absent).await);
        hidden.problem(404, "not_found");
        assert_eq!(hidden.comparable(), nowhere.comparable(), "{what}");
    }
    let later = app.now() + TimeDelta::days(89);
    for moment in ["now", "the day before"] {
        if moment == "the day before" {
            app.state.hand.set(later);
        }
        app.sweep().await;
        if moment == "now" {
            assert_eq!(everything(&app).await, before.0, "{moment}");
        }
        for text in everything(&app).await {
            assert!(!text.contains(id) && !text.contains("Order 17") && !text.contains(grant), "{moment}: {text}");
        }
        assert_eq!(told(&app), before.1, "{moment}: no event, no mail");
    }
    // News of signing in aside, nothing was told to open pages.
    while let Ok(news) = tokio::time::timeout(std::time::Duration::from_millis(50), heard.next()).await {
        assert!(!format!("{news:?}").contains(id), "{news:?}");
    }

    // Its time has come, but only the sweep writes it down: a log line and a visible request come together.
    app.state.hand.set(disclose_at);
    let admin = app.person(&MERIDIAN.person("admin")).await;
    admin.get(&format!("/api/v1/lockbox-requests/{id}")).await.problem(404, "not_found");
    assert_eq!(app.sweep().await, 1);
    assert_eq!(app.sweep().await, 0, "once");
    let seen = admin.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    assert_eq!(seen["needs_acknowledgement"], true);
    assert!(steps(&seen).contains(&"refused".to_owned()) && steps(&seen).contains(&"not_required".to_owned()));
    let list = admin.get("/api/v1/lockbox-requests?view=unacknowledged").await.is(200);
    assert_eq!(list["items"][0]["id"], id);
    let log = admin.get(&format!("/api/v1/logs?request_id={id}")).await.is(200);
    let events = log["items"].as_array().unwrap();
    assert_eq!(events.len(), 6, "{log}");
    for event in events {
        let at: lockbox_api::Time = serde_json::from_value(event["details"]["happened_at"].clone()).unwrap();
        let recorded: lockbox_api::Time = serde_json::from_value(event["time"].clone()).unwrap();
        assert!(at < happened + TimeDelta::minutes(1) && recorded >= disclose_at, "both times are told: {event}");
    }
    let mails: Vec<String> = dump(&app)["outbox"].iter().filter(|mail| mail.contains(id)).cloned().collect();
    let (outside, told): (Vec<_>, Vec<_>) =
        mails.iter().partition(|mail| mail.contains("Done without permission: 1 action"));
    assert!(!told.is_empty() && told.iter().all(|mail| mail.contains("Order 17/2026.")), "{mails:?}");
    assert!(!outside.is_empty(), "what was done outside the grant is told now: {mails:?}");
    assert_eq!(faults(&open(app.folder.path())), Vec::<String>::new(), "the log is dense and ordered");
}

#[tokio::test]
async fn a_copy_of_what_is_protected_is_told_and_never_changes_the_policy() {
    let app = TestApp::new().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let before = admin.get("/api/v1/lockbox").await.is(200);
    let put = async |id: &str, changes: Value| {
        let body = with(json!({"name": id, "service": "azure-sql-database"}), changes);
        let path = format!("/provider/v1/organizations/{}/environments/{id}", MERIDIAN.id);
        app.provider().put(&path, "", body).await.status.as_u16()
    };
    assert_eq!(put("env_copy", json!({"copied_from": MERIDIAN.protected})).await, 201);
    assert_eq!(put("env_second", json!({"copied_from": "env_copy"})).await, 201);
    assert_eq!(put("env_restored", json!({"restored_from": MERIDIAN.protected})).await, 201);
    assert_eq!(put("env_fresh", json!({"copied_from": MERIDIAN.open})).await, 201);
    // What it is decides what is asked before it is reached: the log tells what it was, too.
    assert_eq!(put("env_fresh", json!({"copied_from": MERIDIAN.open, "service": "power-platform"})).await, 200);
    let log = admin.get("/api/v1/logs?operation=Environment+Update&limit=1").await.is(200);
    let details = &log["items"][0]["details"];
    assert_eq!(
        (&details["service"], &details["before"]["service"]),
        (&json!("power-platform"), &json!("azure-sql-database"))
    );
    let warnings = async || {
        let list = admin.get("/api/v1/environments").await.is(200);
        let warned = list["items"].as_array().unwrap().iter().filter(|one| !one["unprotected_copy_of"].is_null());
        let mut warned: Vec<_> =
            warned.map(|one| format!("{} of {}", one["id"], one["unprotected_copy_of"]).replace('"', "")).collect();
        warned.sort();
        warned
    };
    let of = |id: &str| format!("{id} of {}", MERIDIAN.protected);
    assert_eq!(warnings().await, [of("env_copy"), of("env_restored"), of("env_second")]);
    // Found: a rename, which says nothing of the origin, made the warning vanish. What is a copy stays one.
    for id in ["env_copy", "env_restored"] {
        assert_eq!(put(id, json!({"name": "Renamed"})).await, 200);
        assert_eq!(put(id, json!({"copied_from": null, "restored_from": null})).await, 200);
    }
    assert_eq!(warnings().await, [of("env_copy"), of("env_restored"), of("env_second")]);
    // Another origin that is named is taken.
    assert_eq!(put("env_second", json!({"copied_from": MERIDIAN.open})).await, 200);
    assert_eq!(warnings().await, [of("env_copy"), of("env_restored")]);
    assert_eq!(put("env_second", json!({"copied_from": "env_copy"})).await, 200);
    // An origin is an environment of this organisation, and another one.
    for origin in ["env_nowhere", NORTHSTAR.protected, "env_copy"] {
        for field in ["copied_from", "restored_from"] {
            let body = with(json!({"name": "C", "service": "azure-sql-database"}), json!({field: origin}));
            let path = format!("/provider/v1/organizations/{}/environments/env_copy", MERIDIAN.id);
            let answer = app.provider().put(&path, "", body).await;
            answer.problem(422, "invalid_field");
            assert_eq!(answer.pointers(), [format!("/{field}")], "{origin}");
        }
    }
    assert_eq!(put("env_restored", json!({"restored_from": MERIDIAN.protected, "deleted": true})).await, 200);
    assert_eq!(warnings().await, [of("env_copy"), of("env_second")]);
    assert_eq!(admin.get("/api/v1/lockbox").await.is(200), before, "none of this touches the policy");
    let etag = admin.get("/api/v1/lockbox").await.etag();
    let policy = json!({"scope": "some", "environment_ids": [MERIDIAN.protected, "env_copy"]});
    admin.put("/api/v1/lockbox", &etag, json!({"enabled": true, "policy": policy})).await.is(200);
    assert_eq!(warnings().await, ["env_second of env_copy"]);
    let log = admin.get("/api/v1/logs?operation=Environment%20Update&q=env_restored").await.is(200);
    assert_eq!(log["items"][1]["details"]["restored_from"], MERIDIAN.protected, "{log}");
}

#[tokio::test]
async fn an_environment_is_deleted_once_by_either_way_and_the_policy_stays() {
    let app = TestApp::new().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let setting = admin.get("/api/v1/lockbox").await.is(200);
    let path = format!("/provider/v1/organizations/{}/environments/{}", MERIDIAN.id, MERIDIAN.protected);
    let events = async || {
        let log = admin.get("/api/v1/logs?operation=Environment%20Update").await.is(200);
        log["items"].as_array().unwrap().clone()
    };
    let before = events().await.len();
    let delete = async || app.provider().call("DELETE", &path, &[], None).await;
    assert_eq!(delete().await.is(200), json!({"created": false}));
    app.advance(TimeDelta::minutes(5));
    delete().await.is(200);
    let told = events().await;
    assert_eq!(told.len(), before + 1, "once");
    assert_eq!(
        (&told[0]["details"]["deleted"], &told[0]["details"]["environment"]),
        (&json!(true), &json!(MERIDIAN.protected))
    );
    let gone = admin.get("/api/v1/environments?include_deleted=true").await.is(200);
    let gone = gone["items"].as_array().unwrap().iter().find(|one| one["id"] == MERIDIAN.protected).unwrap().clone();
    assert!(gone["deleted_at"].is_string() && gone["name"].as_str().unwrap().contains("payroll"), "{gone}");
    assert_eq!(admin.get("/api/v1/lockbox").await.is(200), setting, "the policy is never changed by it");
    // Putting it brings it back, and putting it as deleted takes it away again.
    for (deleted, created) in [(false, false), (true, false)] {
        let body =
            json!({"name": "Payroll", "service": "azure-sql-database", "has_database": true, "deleted": deleted});
        let stored = app.provider().call("PUT", &path, &[], Some(body.to_string())).await.is(200);
        assert_eq!(stored, json!({"created": created}));
    }
    assert_eq!(events().await.len(), before + 3);
    let nobody = format!("/provider/v1/organizations/{}/environments/env_unknown", MERIDIAN.id);
    app.provider().call("DELETE", &nobody, &[], None).await.problem(404, "not_found");
}
