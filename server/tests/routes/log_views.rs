//! Saved views of the log.

use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    world::{MERIDIAN, NORTHSTAR},
};

fn view(name: &str, shared: bool) -> Value {
    json!({"name": name, "filter": "-outcome:success   actor:ana after:now-7d", "shared": shared})
}

#[tokio::test]
async fn a_view_is_saved_shared_opened_with_and_deleted() {
    let app = TestApp::new().await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let made = reader.post("/api/v1/logs/views", view("What failed", false)).await.is(201);
    assert_eq!(made["filter"], "actor:ana -outcome:success after:now-7d", "in its plain form");
    assert_eq!((&made["mine"], &made["start"], &made["version"]), (&json!(true), &json!(false), &json!(1)));
    assert_eq!(approver.get("/api/v1/logs/views").await.is(200)["items"], json!([]), "nobody else sees it");
    let id = made["id"].as_str().unwrap();
    let path = format!("/api/v1/logs/views/{id}");
    let put = |caller, version: &'static str, body: Value| {
        let path = path.clone();
        async move { Caller::call(caller, "PUT", &path, &[("if-match", version)], Some(body.to_string())).await }
    };
    put(&approver, "\"1\"", view("Mine now", true)).await.problem(404, "not_found");
    put(&reader, "\"7\"", view("What failed", true)).await.problem(412, "version_conflict");
    let shared = put(&reader, "\"1\"", view("What failed", true)).await.is(200);
    assert_eq!(shared["version"], 2);
    let seen = approver.get("/api/v1/logs/views").await.is(200);
    assert_eq!((&seen["items"][0]["mine"], &seen["items"][0]["owner"]), (&json!(false), &json!("meridian reader")));
    put(&approver, "\"2\"", view("Mine now", true)).await.problem(403, "not_allowed");
    approver.call("DELETE", &path, &[], None).await.problem(403, "not_allowed");

    let start = |caller, id: Value| async move {
        Caller::call(caller, "PUT", "/api/v1/logs/start", &[], Some(json!({"view_id": id}).to_string())).await
    };
    start(&approver, json!(id)).await.is(204);
    assert_eq!(approver.get("/api/v1/logs/views").await.is(200)["items"][0]["start"], true);
    assert_eq!(reader.get("/api/v1/logs/views").await.is(200)["items"][0]["start"], false, "each their own");
    // Whoever it is no longer shared with does not open the log with it any more.
    put(&reader, "\"2\"", view("What failed", false)).await.is(200);
    put(&reader, "\"3\"", view("What failed", true)).await.is(200);
    assert_eq!(approver.get("/api/v1/logs/views").await.is(200)["items"][0]["start"], false);
    start(&reader, json!(id)).await.is(204);
    start(&reader, Value::Null).await.is(204);
    assert_eq!(reader.get("/api/v1/logs/views").await.is(200)["items"][0]["start"], false);
    start(&reader, json!(id)).await.is(204);
    app.person(&MERIDIAN.person("admin")).await.call("DELETE", &path, &[], None).await.is(204);
    assert_eq!(reader.get("/api/v1/logs/views").await.is(200)["items"], json!([]));
    let events = reader.get("/api/v1/logs?operation=Log+View+Update").await.is(200);
    let changes: Vec<&Value> =
        events["items"].as_array().unwrap().iter().map(|event| &event["details"]["change"]).collect();
    assert_eq!(changes, ["deleted", "shared", "no longer shared", "shared"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_view_is_named() {
    let app = TestApp::new().await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    reader.post("/api/v1/logs/views", view("Night", false)).await.is(201);
    for (body, pointer) in [
        (view(" night ", false), "/name"),
        (view("", false), "/name"),
        (view("\u{202e}evil", false), "/name"),
        (view(&"n".repeat(81), false), "/name"),
        (json!({"name": "x", "filter": "outcome:maybe", "shared": false}), "/filter"),
        (json!({"name": "x", "filter": "colour:blue", "shared": false}), "/filter"),
        (json!({"name": "x", "filter": "\"open", "shared": false}), "/filter"),
    ] {
        let answer = reader.post("/api/v1/logs/views", body.clone()).await;
        answer.problem(422, "invalid_field");
        assert_eq!(answer.pointers()[0], pointer, "{body}");
    }
    // The name of somebody else's view is free.
    app.person(&MERIDIAN.person("admin")).await.post("/api/v1/logs/views", view("Night", false)).await.is(201);
    let foreign = app.person(&NORTHSTAR.person("reader")).await;
    let made = foreign.post("/api/v1/logs/views", view("Theirs", true)).await.is(201);
    let body = json!({"view_id": made["id"]}).to_string();
    let answer = reader.call("PUT", "/api/v1/logs/start", &[], Some(body)).await;
    answer.problem(422, "invalid_field");
    assert_eq!(answer.pointers(), ["/view_id"]);
}
