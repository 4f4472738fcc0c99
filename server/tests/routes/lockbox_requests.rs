//! `/api/v1/lockbox-requests`

use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    operations::{approved, raise},
    world::{MERIDIAN, ask, with},
};

fn path(request: &Value, what: &str) -> String {
    format!("/api/v1/lockbox-requests/{}{what}", request["id"].as_str().unwrap())
}

fn etag(request: &Value) -> String {
    format!("\"{}\"", request["version"])
}

#[tokio::test]
async fn a_person_reads_looks_and_approves_for_a_shorter_time() {
    let app = TestApp::new().await;
    let request = raise(&app, MERIDIAN, json!({})).await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let read = approver.get(&path(&request, "")).await;
    for _ in 0..2 {
        approver.post(&path(&request, "/view"), json!({})).await.is(204);
    }
    let body = json!({"justification": "  Agreed with the owner.  ", "access_minutes": 60});
    let decided = approver.post_version(&path(&request, "/approve"), &read.etag(), body).await;
    let after = decided.is(200);
    assert_eq!(after["status"], "approved");
    assert_eq!(after["decision"]["justification"], "Agreed with the owner.");
    assert_eq!(after["decision"]["access_minutes"], 60);
    assert_eq!(after["decision"]["by"], "meridian approver");
    let time = |name: &str| serde_json::from_value::<lockbox_api::Time>(after["access"][name].clone()).unwrap();
    assert_eq!(time("expires_at") - time("starts_at"), chrono::TimeDelta::minutes(60));
    assert_ne!(decided.etag(), read.etag());
    let kinds: Vec<_> = after["timeline"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["raised", "evaluated", "notified", "viewed", "decided"], "a look is noted once");
}

#[tokio::test]
async fn a_decision_names_the_version_that_was_read() {
    let app = TestApp::new().await;
    let request = raise(&app, MERIDIAN, json!({})).await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let yes = json!({"justification": "Yes."});
    for what in ["/approve", "/deny"] {
        approver.post(&path(&request, what), yes.clone()).await.problem(428, "precondition_required");
        let stale = approver.post_version(&path(&request, what), "\"1\"", yes.clone()).await;
        assert_eq!(stale.problem(412, "version_conflict")["current_version"], request["version"]);
        for odd in ["*", "17", "\"1\", \"2\"", "\"x\""] {
            approver.post_version(&path(&request, what), odd, yes.clone()).await.problem(422, "invalid_parameter");
        }
    }
    approver.post_version(&path(&request, "/deny"), &etag(&request), yes).await.is(200);
}

#[tokio::test]
async fn the_second_decision_is_told_the_first() {
    let app = TestApp::new().await;
    let [approver, admin] =
        [app.person(&MERIDIAN.person("approver")).await, app.person(&MERIDIAN.person("admin")).await];
    for (first, outcome) in [("/approve", "approved"), ("/deny", "denied")] {
        let request = raise(&app, MERIDIAN, json!({})).await;
        let done =
            approver.post_version(&path(&request, first), &etag(&request), json!({"justification": "First."})).await;
        let done = done.is(200);
        for second in ["/approve", "/deny"] {
            for version in [etag(&request), etag(&done)] {
                let late =
                    admin.post_version(&path(&request, second), &version, json!({"justification": "Second."})).await;
                let told = late.problem(409, "already_decided");
                assert_eq!(told["decision"], done["decision"], "who, what and when");
                assert!(
                    told["detail"].as_str().unwrap().starts_with(&format!("meridian approver {outcome} ")),
                    "{told}"
                );
            }
        }
        let engineer = json!({"engineer_id": "eng-417"});
        let cancel = format!("/provider/v1/access-requests/{}/cancel", request["id"].as_str().unwrap());
        app.provider().post(&cancel, engineer).await.problem(409, "already_decided");
    }
}

#[tokio::test]
async fn a_justification_is_needed_and_more_than_was_asked_for_is_not_given() {
    let app = TestApp::new().await;
    let request = raise(&app, MERIDIAN, json!({})).await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let long = "x".repeat(2_001);
    for (body, pointer) in [
        (json!({"justification": ""}), "/justification"),
        (json!({"justification": " \n "}), "/justification"),
        (json!({"justification": long}), "/justification"),
        (json!({"justification": "Yes.", "access_minutes": 0}), "/access_minutes"),
        (json!({"justification": "Yes.", "access_minutes": 241}), "/access_minutes"),
    ] {
        let refused = approver.post_version(&path(&request, "/approve"), &etag(&request), body).await;
        refused.problem(422, "invalid_field");
        assert_eq!(refused.pointers(), [pointer]);
    }
    let exactly = json!({"justification": "x".repeat(2_000), "access_minutes": 240});
    approver.post_version(&path(&request, "/approve"), &etag(&request), exactly).await.is(200);
}

#[tokio::test]
async fn nobody_decides_what_they_asked_for_and_the_attempt_is_kept() {
    let app = TestApp::new().await;
    for same in [MERIDIAN.person("approver").to_uppercase(), format!("Approver@{}.example", MERIDIAN.short)] {
        let engineer = with(ask(MERIDIAN)["engineer"].clone(), json!({"id": same}));
        let request = raise(&app, MERIDIAN, json!({"engineer": engineer})).await;
        let approver = app.person(&MERIDIAN.person("approver")).await;
        let own =
            approver.post_version(&path(&request, "/approve"), &etag(&request), json!({"justification": "Me."})).await;
        own.problem(403, "not_allowed");
        let log =
            approver.get(&format!("/api/v1/logs?outcome=refused&request_id={}", request["id"].as_str().unwrap())).await;
        let event = log.is(200)["items"][0].clone();
        assert_eq!(
            (event["operation"].as_str(), event["outcome"].as_str()),
            (Some("Approve Lockbox Request"), Some("refused"))
        );
        let still = approver.get(&path(&request, "")).await.is(200);
        assert_eq!(still["status"], "customer_notified");
    }
}

#[tokio::test]
async fn a_role_that_is_taken_away_holds_for_the_very_next_call() {
    let app = TestApp::new().await;
    let request = raise(&app, MERIDIAN, json!({})).await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let token = app.token(&MERIDIAN.person("approver")).await;
    approver.get(&path(&request, "")).await.is(200);
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let member = format!("/api/v1/members/{}", MERIDIAN.person("approver"));
    admin.put(&member, "\"1\"", json!({"roles": ["lockbox_reader"]})).await.is(200);
    let yes = json!({"justification": "Yes."});
    approver.post_version(&path(&request, "/approve"), &etag(&request), yes.clone()).await.problem(403, "not_allowed");
    token.post_version(&path(&request, "/approve"), &etag(&request), yes).await.problem(403, "not_allowed");
    admin.put(&member, "\"2\"", json!({"roles": []})).await.is(200);
    approver.get(&path(&request, "")).await.problem(404, "not_found");
    admin.put(&member, "\"1\"", json!({"roles": []})).await.problem(412, "version_conflict");
    let own = format!("/api/v1/members/{}", MERIDIAN.person("admin"));
    admin.put(&own, "\"1\"", json!({"roles": ["member"]})).await.problem(409, "wrong_state");
}

#[tokio::test]
async fn pages_of_the_list_are_whole_and_in_order() {
    let app = TestApp::new().await;
    for number in 0..7 {
        raise(&app, MERIDIAN, json!({"justification": format!("Number {number} of 100%_done.")})).await;
    }
    approved(&app, MERIDIAN).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    for view in ["pending", "recent", "all", "active"] {
        let whole = reader.get(&format!("/api/v1/lockbox-requests?view={view}")).await.is(200)["items"].clone();
        let mut pages = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = reader.get(&format!("/api/v1/lockbox-requests?view={view}&limit=3{cursor}")).await.is(200);
            pages.extend(page["items"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(Value::Array(pages), whole, "{view}");
    }
    let found = |q: &str| {
        let (reader, path) = (reader.clone(), format!("/api/v1/lockbox-requests?q={q}"));
        async move { reader.get(&path).await.is(200)["items"].as_array().unwrap().len() }
    };
    assert_eq!((found("100%25_done").await, found("100%25%25").await, found("Number%203").await), (7, 0, 1));
}
