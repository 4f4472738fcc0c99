//! `/api/v1/tokens`

use chrono::TimeDelta;
use lockbox_server::app::{Origin, setup, tokens::LIVE_MAX};
use serde_json::json;

use crate::support::{Caller, TestApp, Token, world::MERIDIAN};

#[tokio::test]
async fn a_token_works_until_it_is_revoked_or_over() {
    let app = TestApp::new().await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let make = |days: u32| {
        let reader = reader.clone();
        async move { reader.post("/api/v1/tokens", json!({"name": "Reports", "expires_in_days": days})).await.is(201) }
    };
    let made = make(30).await;
    let token = Token(app.clone(), made["secret"].as_str().unwrap().to_owned());
    assert!(token.1.starts_with("lbt_"));
    token.get("/api/v1/logs").await.is(200);
    // Its use is written down, for whoever wonders whether it is still needed.
    let mut used = json!(null);
    for _ in 0..100 {
        used = reader.get("/api/v1/tokens").await.is(200)["items"][0]["last_used_at"].clone();
        if used.is_string() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(used.is_string());
    // It says when it ends, not when a session would.
    assert_eq!(token.get("/api/v1/session").await.is(200)["expires_at"], made["token"]["expires_at"]);
    let id = made["token"]["id"].as_str().unwrap();
    let other = app.person(&MERIDIAN.person("admin")).await;
    other.delete(&format!("/api/v1/tokens/{id}")).await.problem(404, "not_found");
    reader.delete(&format!("/api/v1/tokens/{id}")).await.is(204);
    token.get("/api/v1/logs").await.problem(401, "not_authenticated");
    reader.delete(&format!("/api/v1/tokens/{id}")).await.problem(404, "not_found");

    let short = Token(app.clone(), make(1).await["secret"].as_str().unwrap().to_owned());
    short.get("/api/v1/logs").await.is(200);
    app.advance(TimeDelta::days(1));
    short.get("/api/v1/logs").await.problem(401, "not_authenticated");
}

#[tokio::test]
async fn a_stolen_token_is_not_the_end() {
    let app = TestApp::new().await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let body = json!({"name": "Reports", "expires_in_days": 30});
    let made = reader.post("/api/v1/tokens", body.clone()).await.is(201);
    let token = Token(app.clone(), made["secret"].as_str().unwrap().to_owned());
    token.post("/api/v1/tokens", body.clone()).await.problem(403, "not_allowed");
    for _ in 1..LIVE_MAX {
        reader.post("/api/v1/tokens", body.clone()).await.is(201);
    }
    reader.post("/api/v1/tokens", body.clone()).await.problem(409, "wrong_state");
    token.get("/api/v1/logs").await.is(200);
    // Whoever changes the password because somebody knew it means the tokens as well.
    app.write(|tx, env| {
        let origin = Origin { correlation_id: "cli_test".to_owned(), client_ip: None };
        setup::set_password(tx, env, &origin, "reader@meridian.example", "no hash".to_owned())
    })
    .await;
    token.get("/api/v1/logs").await.problem(401, "not_authenticated");
    let again = app.person(&MERIDIAN.person("reader")).await;
    let all = again.get("/api/v1/tokens").await.is(200)["items"].clone();
    assert!(all.as_array().unwrap().iter().all(|one| one["revoked_at"].is_string()), "{all}");
    again.post("/api/v1/tokens", body).await.is(201);
}
