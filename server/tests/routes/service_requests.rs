//! `/api/v1/service-requests`

use serde_json::json;

use crate::support::{
    Caller, TestApp,
    operations::{approved, raise, ticket},
    world::{MERIDIAN, ask, question, with},
};

#[tokio::test]
async fn closing_ends_the_access_and_withdraws_what_waits_whoever_closes() {
    let app = TestApp::new().await;
    let member = app.person(&MERIDIAN.person("member")).await;
    for by_provider in [false, true] {
        let request = approved(&app, MERIDIAN).await;
        let number = request["service_request_id"].as_str().unwrap().to_owned();
        let waiting = with(ask(MERIDIAN), json!({"service_request_id": number}));
        let waiting = app.provider().post("/provider/v1/access-requests", waiting).await.is(201);
        let other = raise(&app, MERIDIAN, json!({})).await;
        if by_provider {
            let path = format!("/provider/v1/organizations/{}/service-requests/{number}", MERIDIAN.id);
            let body = json!({"title": "Slow", "severity": "high", "closed": true});
            app.provider().put(&path, "", body).await.is(200);
        } else {
            member.post(&format!("/api/v1/service-requests/{number}/close"), json!({})).await.is(200);
        }
        let grant = request["access"]["grant_id"].as_str().unwrap();
        let check =
            app.provider().post(&format!("/provider/v1/grants/{grant}/check"), question(MERIDIAN)).await.is(200);
        assert_eq!(check, json!({"allowed": false, "reason": "completed"}));
        let see = |id: &serde_json::Value| {
            let (provider, id) = (app.provider(), id.as_str().unwrap().to_owned());
            async move { provider.get(&format!("/provider/v1/access-requests/{id}")).await.is(200) }
        };
        let waiting = see(&waiting["id"]).await;
        assert_eq!(
            (waiting["status"].as_str(), waiting["status_reason"].as_str()),
            (Some("cancelled"), Some("service_request_closed"))
        );
        assert_eq!(see(&other["id"]).await["status"], "customer_notified", "others go on");
        let again = with(ask(MERIDIAN), json!({"service_request_id": number}));
        let again = app.provider().post("/provider/v1/access-requests", again).await;
        assert_eq!(again.pointers(), ["/service_request_id"]);
        let path = format!("/api/v1/service-requests/{number}");
        member.post(&format!("{path}/close"), json!({})).await.problem(409, "wrong_state");
        member.post(&format!("{path}/messages"), json!({"text": "Wait."})).await.problem(409, "wrong_state");
        // Keeping it in step opens nothing again, whoever closed it.
        let put = format!("/provider/v1/organizations/{}/service-requests/{number}", MERIDIAN.id);
        for closed in [json!({}), json!({"closed": false})] {
            let body = with(json!({"title": "Still slow", "severity": "high"}), closed);
            app.provider().put(&put, "", body).await.is(200);
            let kept = member.get(&path).await.is(200);
            assert_eq!((&kept["title"], kept["closed_at"].is_string()), (&json!("Still slow"), true));
        }
    }
}

#[tokio::test]
async fn a_member_follows_their_own_and_no_others() {
    let app = TestApp::new().await;
    let member = app.person(&MERIDIAN.person("member")).await;
    let own = ticket(&app, MERIDIAN).await;
    let of_provider = app.provider().post("/provider/v1/access-requests", ask(MERIDIAN)).await.is(201);
    let mine = raise(&app, MERIDIAN, json!({})).await;
    member.get(&format!("/api/v1/service-requests/{own}")).await.is(200);
    let other = member.get(&format!("/api/v1/service-requests/{}", MERIDIAN.ticket)).await;
    let absent = member.get("/api/v1/service-requests/0000").await;
    other.problem(404, "not_found");
    assert_eq!(other.comparable(), absent.comparable());
    let path = |request: &serde_json::Value| format!("/api/v1/lockbox-requests/{}", request["id"].as_str().unwrap());
    member.get(&path(&mine)).await.is(200);
    member.get(&path(&of_provider)).await.problem(404, "not_found");
    for list in ["service-requests", "lockbox-requests"] {
        let text = member.get(&format!("/api/v1/{list}")).await.text;
        assert!(!text.contains(MERIDIAN.ticket) && !text.contains(of_provider["id"].as_str().unwrap()), "{list}");
    }
}

#[tokio::test]
async fn a_conversation_is_kept_as_text_in_order() {
    let app = TestApp::new().await;
    let member = app.person(&MERIDIAN.person("member")).await;
    let number = ticket(&app, MERIDIAN).await;
    let path = format!("/api/v1/service-requests/{number}");
    for text in ["First <b>line</b>\nsecond", "Again"] {
        member.post(&format!("{path}/messages"), json!({"text": text})).await.is(201);
    }
    let read = member.get(&path).await.is(200);
    let texts: Vec<_> = read["messages"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["First <b>line</b>\nsecond", "Again"]);
}

/// Found: the portal took whoever bears the same name for the one who opened it.
#[tokio::test]
async fn whose_a_support_request_is_does_not_go_by_names() {
    let app = TestApp::new().await;
    let number = ticket(&app, MERIDIAN).await;
    let (member, admin) = (MERIDIAN.person("member"), MERIDIAN.person("admin"));
    let (one, other) = (member.clone(), admin.clone());
    app.write(move |tx, _| {
        for id in [one, other] {
            let mut person = tx.person(&id.as_str().into())?.unwrap();
            person.name = "Sam Doe".to_owned();
            tx.put_person(&person)?;
        }
        Ok(())
    })
    .await;
    for (who, mine) in [(&member, true), (&admin, false)] {
        let seen = app.person(who).await.get(&format!("/api/v1/service-requests/{number}")).await.is(200);
        assert_eq!(seen["opened_by_me"], mine, "{who}");
    }
}

/// Found: of more than 200 Lockbox requests the page showed 200 and said nothing of the others, and the question before closing
/// counted only those.
#[tokio::test]
async fn every_request_of_a_support_request_is_counted_also_beyond_those_that_are_shown() {
    let app = TestApp::new().await;
    let open = approved(&app, MERIDIAN).await;
    let number = open["service_request_id"].as_str().unwrap().to_owned();
    let body = with(ask(MERIDIAN), json!({"service_request_id": number}));
    for _ in 0..203 {
        app.provider().post("/provider/v1/access-requests", body.clone()).await.is(201);
    }
    let last = app.provider().post("/provider/v1/access-requests", body).await.is(201);
    let cancel = format!("/provider/v1/access-requests/{}/cancel", last["id"].as_str().unwrap());
    app.provider().post(&cancel, json!({"engineer_id": "eng-417"})).await.is(200);
    let member = app.person(&MERIDIAN.person("member")).await;
    let path = format!("/api/v1/service-requests/{number}");
    let counts = |found: &serde_json::Value| {
        let shown = found["requests"].as_array().unwrap().len();
        (shown, found["lockbox_requests"].as_u64(), found["waiting"].as_u64(), found["access_open"].as_u64())
    };
    assert_eq!(counts(&member.get(&path).await.is(200)), (200, Some(205), Some(203), Some(1)));
    let closed = member.post(&format!("{path}/close"), json!({})).await.is(200);
    assert_eq!(counts(&closed), (200, Some(205), Some(0), Some(0)), "closing ends them all");
    // What the page leads to has every one.
    let all =
        member.get(&format!("/api/v1/lockbox-requests?view=all&service_request_id={number}&with_total=true")).await;
    assert_eq!(all.is(200)["total"], 205);
}
