//! `/provider/v1/access-requests`

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use lockbox_api::Time;
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    operations::raise,
    world::{MERIDIAN, NORTHSTAR, ask, with},
};

const PATH: &str = "/provider/v1/access-requests";

#[tokio::test]
async fn a_request_says_where_it_stands_and_why() {
    let app = TestApp::new().await;
    let answer = app.provider().post(PATH, ask(MERIDIAN)).await;
    let request = answer.is(201);
    assert_eq!(answer.etag(), format!("\"{}\"", request["version"]));
    assert_eq!(request["status"], "customer_notified");
    assert_eq!(request["evaluation"]["outcome"], "continued");
    assert_eq!(request["access"]["state"], "none");
    assert_eq!(request["decision"], Value::Null);
    let decide_by: Time = serde_json::from_value(request["decide_by"].clone()).unwrap();
    assert!((decide_by - app.now() - TimeDelta::hours(96)).abs() < TimeDelta::seconds(5), "the catalog's queue time");
    let kinds: Vec<_> = request["timeline"].as_array().unwrap().iter().map(|one| one["kind"].clone()).collect();
    assert_eq!(kinds, ["raised", "evaluated", "notified"]);
}

#[tokio::test]
async fn the_same_key_gives_the_same_request_and_another_body_is_refused() {
    let app = TestApp::new().await;
    let key = [("idempotency-key", "run-17")];
    let send = |body: Value| {
        let provider = app.provider();
        async move { provider.call("POST", PATH, &key, Some(body.to_string())).await }
    };
    let first = send(ask(MERIDIAN)).await;
    let again = send(ask(MERIDIAN)).await;
    assert_eq!(first.is(201)["id"], again.is(201)["id"]);
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(again.header("idempotency-replayed"), "true");
    send(with(ask(MERIDIAN), json!({"access_minutes": 60}))).await.problem(422, "idempotency_mismatch");
    app.advance(TimeDelta::hours(23));
    app.sweep().await;
    assert_eq!(send(ask(MERIDIAN)).await.is(201)["id"], first.json()["id"], "kept for 24 hours");
    app.advance(TimeDelta::hours(2));
    app.sweep().await;
    assert_ne!(send(ask(MERIDIAN)).await.is(201)["id"], first.json()["id"], "and not for ever");
}

#[tokio::test]
async fn without_need_of_consent_access_opens_with_the_reason() {
    let app = TestApp::new().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    // A protected environment of a service that has stores which nobody can protect.
    let flow = format!("/provider/v1/organizations/{}/environments/env_flow", MERIDIAN.id);
    app.provider().put(&flow, "", json!({"name": "Flow", "service": "power-platform"})).await.is(201);
    let setting = admin.get("/api/v1/lockbox").await;
    let policy = json!({"scope": "some", "environment_ids": [MERIDIAN.protected, "env_flow"]});
    admin.put("/api/v1/lockbox", &setting.etag(), json!({"enabled": true, "policy": policy})).await.is(200);
    let exclusion = |kind: &str| json!({"exclusion": {"kind": kind, "reason": "The service was down."}});
    let mut cases = vec![
        ("environment_not_protected", json!({"environment_id": MERIDIAN.open})),
        (
            "data_store_out_of_scope",
            json!({"environment_id": "env_flow", "operations": ["ReadStoredFilesViaLockbox"], "data_stores": ["storage"]}),
        ),
        (
            "no_customer_data",
            json!({"environment_id": "env_flow", "operations": ["GetDatabaseHealthViaLockbox"], "data_stores": [],
                "direct_data_access": false}),
        ),
    ];
    for kind in ["emergency", "incidental_exposure", "legal_demand"] {
        cases.push((kind, exclusion(kind)));
    }
    let mut script = exclusion("reviewed_maintenance_script");
    script["exclusion"]["script"] = json!({"id": "index-health 4.2", "reviewer": "Robin Lee"});
    cases.push(("reviewed_maintenance_script", script));
    cases.push(("lockbox_disabled", json!({})));
    for (reason, changes) in cases {
        if reason == "lockbox_disabled" {
            let setting = admin.get("/api/v1/lockbox").await;
            let off = json!({"enabled": false, "policy": setting.json()["policy"]});
            admin.put("/api/v1/lockbox", &setting.etag(), off).await.is(200);
        }
        let request = app.provider().post(PATH, with(ask(MERIDIAN), changes)).await.is(201);
        assert_eq!(
            (request["status"].as_str(), request["status_reason"].as_str()),
            (Some("not_required"), Some(reason))
        );
        assert_eq!(request["access"]["state"], "active", "{reason}");
        assert_eq!(request["decide_by"], Value::Null, "{reason}");
        // The customer can see it, in the list of such accesses and in the log.
        let list = admin.get("/api/v1/lockbox-requests?view=without_request").await.is(200);
        assert_eq!(list["items"][0]["id"], request["id"], "{reason}");
        let id = request["id"].as_str().unwrap();
        let log =
            admin.get(&format!("/api/v1/logs?request_id={id}&operation=Access%20Without%20Request")).await.is(200);
        assert_eq!(log["items"][0]["details"]["reason"], reason, "{log}");
        // And end it.
        let end = json!({"justification": "Not now."});
        admin.post(&format!("/api/v1/lockbox-requests/{id}/revoke"), end).await.is(200);
    }
}

#[tokio::test]
async fn rules_reject_or_ask_inside_the_provider_first() {
    let app = TestApp::new().await;
    let engineer = with(ask(MERIDIAN)["engineer"].clone(), json!({"mfa": false}));
    let rejected = raise(&app, MERIDIAN, json!({"engineer": engineer})).await;
    assert_eq!((rejected["status"].as_str(), rejected["status_reason"].as_str()), (Some("rejected"), Some("jit_rule")));
    assert!(rejected["evaluation"]["rules"].to_string().contains("mfa-required"), "{rejected}");
    assert!(rejected["timeline"].to_string().contains("rejected by the provider's rule mfa-required"), "{rejected}");

    let decide = |id: String, body: Value| {
        let provider = app.provider();
        async move { provider.post(&format!("{PATH}/{id}/internal-decision"), body).await }
    };
    let lead = json!({"approve": true, "approver_id": "lead-1", "approver_name": "Robin Lee", "role": "support_lead",
        "justification": "Needed."});
    for approve in [true, false] {
        let request = raise(&app, MERIDIAN, json!({"permission_level": "delete"})).await;
        let id = request["id"].as_str().unwrap().to_owned();
        assert_eq!(request["status"], "awaiting_internal_approval");
        let approver = app.person(&MERIDIAN.person("approver")).await;
        let early = format!("/api/v1/lockbox-requests/{id}/approve");
        let version = format!("\"{}\"", request["version"]);
        let early = approver.post_version(&early, &version, json!({"justification": "Yes."})).await;
        early.problem(409, "wrong_state");
        let own = decide(id.clone(), with(lead.clone(), json!({"approver_id": "ENG-417"}))).await;
        own.problem(422, "invalid_field");
        assert_eq!(own.pointers(), ["/approver_id"], "nobody decides what they asked for");
        let role = decide(id.clone(), with(lead.clone(), json!({"role": "support_engineer"}))).await;
        assert_eq!(role.pointers(), ["/role"]);
        let decided = decide(id.clone(), with(lead.clone(), json!({"approve": approve}))).await.is(200);
        assert_eq!(decided["status"], if approve { "customer_notified" } else { "rejected" });
        assert_eq!(decided["internal_decision"]["by"], "Stratus", "names are for the provider to allow");
        decide(id, lead.clone()).await.problem(409, "wrong_state");
    }
}

#[tokio::test]
async fn only_its_own_engineer_withdraws_a_request_and_only_once() {
    let app = TestApp::new().await;
    let request = raise(&app, MERIDIAN, json!({})).await;
    let path = format!("{PATH}/{}/cancel", request["id"].as_str().unwrap());
    let other = app.provider().post(&path, json!({"engineer_id": "eng-9"})).await;
    other.problem(422, "invalid_field");
    let cancelled = app.provider().post(&path, json!({"engineer_id": "eng-417"})).await.is(200);
    assert_eq!(
        (cancelled["status"].as_str(), cancelled["status_reason"].as_str()),
        (Some("cancelled"), Some("withdrawn"))
    );
    app.provider().post(&path, json!({"engineer_id": "eng-417"})).await.problem(409, "wrong_state");
}

#[tokio::test]
async fn a_waiting_call_returns_with_the_decision_and_with_the_expiry() {
    let app = TestApp::new().await;
    let wait = |id: String| {
        let provider = app.provider();
        tokio::spawn(async move {
            let begin = Instant::now();
            let answer = provider.get(&format!("{PATH}/{id}?wait=20")).await.is(200);
            (answer["status"].as_str().unwrap().to_owned(), answer["access"]["state"].clone(), begin.elapsed())
        })
    };
    let request = raise(&app, MERIDIAN, json!({})).await;
    let id = request["id"].as_str().unwrap().to_owned();
    let waiting = wait(id.clone());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waiting.is_finished(), "it waits for a change");
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let version = format!("\"{}\"", request["version"]);
    let body = json!({"justification": "Yes.", "access_minutes": 1});
    let approved =
        approver.post_version(&format!("/api/v1/lockbox-requests/{id}/approve"), &version, body).await.is(200);
    let (status, _, took) = waiting.await.unwrap();
    assert!(status == "approved" && took < Duration::from_secs(2), "{status} {took:?}");

    // Nothing is written when time is over: the clock alone ends the wait.
    let ends: Time = serde_json::from_value(approved["access"]["expires_at"].clone()).unwrap();
    app.state.hand.set(ends - TimeDelta::milliseconds(400));
    let (_, access, took) = wait(id).await.unwrap();
    assert!(access == "lapsed" && took < Duration::from_secs(3), "{access} {took:?}");
    let request = raise(&app, MERIDIAN, json!({})).await;
    let decide_by: Time = serde_json::from_value(request["decide_by"].clone()).unwrap();
    app.state.hand.set(decide_by - TimeDelta::milliseconds(400));
    let (status, _, took) = wait(request["id"].as_str().unwrap().to_owned()).await.unwrap();
    assert!(status == "expired" && took < Duration::from_secs(3), "{status} {took:?}");
}

#[tokio::test]
async fn the_provider_lists_its_requests_newest_first_page_by_page() {
    let app = TestApp::new().await;
    let mut raised = Vec::new();
    for number in 0..5 {
        app.advance(TimeDelta::seconds(1));
        let customer = if number == 2 { NORTHSTAR } else { MERIDIAN };
        raised.push(raise(&app, customer, json!({})).await["id"].as_str().unwrap().to_owned());
    }
    raised.reverse();
    let ids = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    let list = |query: &str| {
        let (provider, path) = (app.provider(), format!("{PATH}?{query}"));
        async move { provider.get(&path).await.is(200) }
    };
    let whole = list("").await;
    assert_eq!((ids(&whole), &whole["next_cursor"]), (raised.clone(), &Value::Null));
    let row = &whole["items"][0];
    assert_eq!((&row["engineer_id"], &row["organization_id"]), (&json!("eng-417"), &json!(MERIDIAN.id)));
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = list(&format!("limit=2{cursor}")).await;
        seen.extend(ids(&page));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, raised, "each once, in order");

    let filtered = list(&format!("organization_id={}", NORTHSTAR.id)).await;
    assert_eq!(ids(&filtered), [raised[2].clone()]);
    assert_eq!(ids(&list("engineer_id=eng-9").await), Vec::<String>::new());
    assert_eq!(ids(&list("environment_id=env_payroll&engineer_id=eng-417").await).len(), 4);
    // A client of one organisation sees that one's only, and of others as little as of none.
    let scoped = app.northstar_provider();
    assert_eq!(ids(&scoped.get(PATH).await.is(200)), [raised[2].clone()]);
    for id in [MERIDIAN.id, "org_absent"] {
        let answer = scoped.get(&format!("{PATH}?organization_id={id}")).await.is(200);
        assert_eq!(answer, json!({"items": [], "next_cursor": null}));
    }

    // A status is told by the clock: nobody has swept.
    let engineer = json!({"engineer_id": "eng-417"});
    app.provider().post(&format!("{PATH}/{}/cancel", raised[0]), engineer).await.is(200);
    assert_eq!(ids(&list("status=cancelled").await), [raised[0].clone()]);
    assert_eq!(ids(&list("status=customer_notified").await), raised[1..]);
    app.advance(TimeDelta::hours(97));
    assert_eq!(ids(&list("status=customer_notified").await), Vec::<String>::new());
    let expired = list("status=expired").await;
    assert_eq!(ids(&expired), raised[1..]);
    assert_eq!(expired["items"][0]["status"], "expired");
}

/// A gate that has lost its memory asks for what is open now.
#[tokio::test]
async fn the_provider_lists_its_requests_by_the_state_of_their_access() {
    let app = TestApp::new().await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let id_of = |request: Value| request["id"].as_str().unwrap().to_owned();
    let waits = id_of(raise(&app, MERIDIAN, json!({})).await);
    let mut open = Vec::new();
    for minutes in [10, 20, 30, 40] {
        let request = raise(&app, MERIDIAN, json!({"access_minutes": minutes})).await;
        let path = format!("/api/v1/lockbox-requests/{}/approve", request["id"].as_str().unwrap());
        let version = format!("\"{}\"", request["version"]);
        approver.post_version(&path, &version, json!({"justification": "Yes."})).await.is(200);
        open.push(id_of(request));
    }
    let unasked = id_of(raise(&app, NORTHSTAR, json!({"exclusion": {"kind": "emergency", "reason": "Down."}})).await);
    let [short, completed, revoked, long] = <[String; 4]>::try_from(open).unwrap();
    let listed = |state: &str| {
        let (provider, path) = (app.provider(), format!("{PATH}?access_state={state}"));
        async move {
            let page = provider.get(&path).await.is(200);
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["id"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        }
    };
    let newest_first = |ids: &[&String]| {
        let mut ids: Vec<String> = ids.iter().map(|id| (*id).clone()).collect();
        ids.sort_unstable_by(|one, other| other.cmp(one));
        ids
    };
    assert_eq!(listed("active").await, newest_first(&[&short, &completed, &revoked, &long, &unasked]));
    assert_eq!(listed("none").await, std::slice::from_ref(&waits));
    let done = json!({"engineer_id": "eng-417"});
    app.provider().post(&format!("{PATH}/{completed}/complete"), done).await.is(200);
    let end = json!({"justification": "Enough."});
    approver.post(&format!("/api/v1/lockbox-requests/{revoked}/revoke"), end).await.is(200);
    // The clock alone ends the short one; the sweep only writes it down.
    app.advance(TimeDelta::minutes(11));
    for swept in [false, true] {
        if swept {
            app.sweep().await;
        }
        assert_eq!(listed("active").await, newest_first(&[&long, &unasked]), "{swept}");
        assert_eq!(listed("lapsed").await, std::slice::from_ref(&short), "{swept}");
        assert_eq!(listed("completed").await, std::slice::from_ref(&completed));
        assert_eq!(listed("revoked").await, std::slice::from_ref(&revoked));
        assert_eq!(listed("none").await, std::slice::from_ref(&waits));
    }
    let of_one = format!("active&organization_id={}", NORTHSTAR.id);
    assert_eq!(listed(&of_one).await, std::slice::from_ref(&unasked), "together with other filters");
    assert_eq!(listed("active&status=approved").await, [long]);
    let scoped = app.northstar_provider().get(&format!("{PATH}?access_state=active")).await.is(200);
    assert_eq!(scoped["items"].as_array().unwrap().len(), 1, "of its own organisation only");
    app.provider().get(&format!("{PATH}?access_state=open")).await.problem(422, "invalid_parameter");
}

#[tokio::test]
async fn a_demand_that_the_customer_must_not_know_of_is_in_the_provider_s_list() {
    let app = TestApp::new().await;
    let until = app.now() + TimeDelta::days(30);
    let exclusion = json!({"kind": "legal_demand", "reason": "Order 17.", "disclose_at": until});
    let hidden = raise(&app, MERIDIAN, json!({"exclusion": exclusion})).await;
    let listed = app.provider().get(PATH).await.is(200);
    assert_eq!(listed["items"][0]["id"], hidden["id"]);
    let admin = app.person(&MERIDIAN.person("admin")).await;
    assert_eq!(admin.get("/api/v1/lockbox-requests").await.is(200)["items"], json!([]));
}
