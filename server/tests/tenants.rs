//! R18: what belongs to another organisation does not exist.

use lockbox_server::store::sqlite::meter::Side;
use serde_json::{Value, json};

use crate::support::{
    Answer, Caller, TestApp,
    operations::{approved, call_for, raise},
    schema::operations,
    world::{MERIDIAN, NORTHSTAR, ask, with},
};

#[tokio::test]
async fn a_foreign_thing_answers_exactly_like_one_that_does_not_exist() {
    let app = TestApp::new().await;
    let mut compared = 0;
    for operation in operations() {
        let call = call_for(&app, &operation, MERIDIAN).await;
        if call.path == call.absent {
            continue;
        }
        // Absent first, once: the first call of a session may note that it is in use. Then each with what it ran.
        let (mut answers, mut ran) = (Vec::new(), Vec::new());
        let person = app.person(&NORTHSTAR.person("admin")).await;
        for path in [&call.absent, &call.path, &call.absent] {
            let _ = (app.statements(Side::Reads), app.statements(Side::Writes));
            answers.push(if operation.is_provider() {
                call.at(&app.northstar_provider(), path).await
            } else {
                call.at(&person, path).await
            });
            ran.push([app.statements(Side::Reads), app.statements(Side::Writes)]);
        }
        let pair = [&answers[1], &answers[2]];
        // The same statements: the time that an answer takes does not tell either.
        assert_eq!(ran[1], ran[2], "{}", operation.id);
        pair[0].problem(404, "not_found");
        assert_eq!(pair[0].comparable(), pair[1].comparable(), "{}", operation.id);
        let names = |answer: &Answer| {
            let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            names.sort();
            names
        };
        assert_eq!(names(pair[0]), names(pair[1]), "{}", operation.id);
        compared += 1;
    }
    assert!(compared >= 18, "{compared} operations name a thing");
}

#[tokio::test]
async fn a_foreign_id_in_a_body_answers_like_one_that_does_not_exist() {
    let app = TestApp::new().await;
    let scoped = app.northstar_provider();
    let raise = |changes: Value| {
        let body = with(ask(NORTHSTAR), changes);
        let scoped = scoped.clone();
        async move { scoped.post("/provider/v1/access-requests", body).await }
    };
    for (field, foreign) in [
        ("organization_id", MERIDIAN.id),
        ("environment_id", MERIDIAN.protected),
        ("service_request_id", MERIDIAN.ticket),
    ] {
        let there = raise(json!({field: foreign})).await;
        let nowhere = raise(json!({field: "absent"})).await;
        assert!(there.status.is_client_error());
        assert_eq!(there.comparable(), nowhere.comparable(), "{field}");
    }
    let admin = app.person(&NORTHSTAR.person("admin")).await;
    let setting = |environment: &str| json!({"enabled": true, "policy": {"scope": "some", "environment_ids": [environment]}, "reason": "Try."});
    let there = admin.post("/api/v1/lockbox/preview", setting(MERIDIAN.protected)).await;
    let nowhere = admin.post("/api/v1/lockbox/preview", setting("env_absent")).await;
    there.problem(422, "invalid_field");
    assert_eq!(there.comparable(), nowhere.comparable());
    for filter in ["environment_id", "service_request_id"] {
        let id = if filter == "environment_id" { MERIDIAN.protected } else { MERIDIAN.ticket };
        for list in ["lockbox-requests", "logs"] {
            let there = admin.get(&format!("/api/v1/{list}?{filter}={id}")).await;
            assert_eq!(there.is(200)["items"], json!([]), "{list} {filter}");
        }
    }
}

#[tokio::test]
async fn a_foreign_environment_in_what_is_written_answers_like_one_that_does_not_exist() {
    let app = TestApp::new().await;
    let (admin, scoped) = (app.person(&NORTHSTAR.person("admin")).await, app.northstar_provider());
    let (foreign, absent) = (MERIDIAN.protected, "env_absent");
    let told =
        |answer: Answer, id: &str| (answer.status.as_u16(), answer.comparable().1.to_string().replace(id, "env"));
    for id in ["open_service_request", "update_member", "put_service_request", "put_environment", "update_lockbox"] {
        let operation = operations().into_iter().find(|one| one.id == id).expect(id);
        let mut answers = Vec::new();
        for environment in [foreign, absent] {
            let call = call_for(&app, &operation, NORTHSTAR).await;
            let mut body = call.body.clone().unwrap();
            match id {
                "update_member" => {
                    body["roles"] = json!(["lockbox_approver"]);
                    body["approver_environment_ids"] = json!([environment]);
                }
                "put_environment" => body["copied_from"] = json!(environment),
                "update_lockbox" => body["policy"] = json!({"scope": "some", "environment_ids": [environment]}),
                _ => body["environment_id"] = json!(environment),
            }
            let headers = [("if-match", call.if_match.as_str())];
            let answer = if operation.is_provider() {
                scoped.call(&call.method, &call.path, &headers, Some(body.to_string())).await
            } else {
                admin.call(&call.method, &call.path, &headers, Some(body.to_string())).await
            };
            // The environment is what is wrong, and nothing else.
            let pointers: &[&str] = match id {
                "update_member" => &["/approver_environment_ids/0"],
                "update_lockbox" => &["/policy/environment_ids/0"],
                "put_environment" => &["/copied_from"],
                _ => &["/environment_id"],
            };
            assert_eq!(answer.pointers(), pointers, "{id}: {}", answer.text);
            // Things made for the call differ in their own numbers.
            let own = call.path.rsplit('/').next().unwrap_or_default().to_owned();
            let (status, text) = told(answer, environment);
            answers.push((status, text.replace(&own, "own")));
        }
        assert!(id == "put_environment" || answers[0].0 == 422, "{id}: {answers:?}");
        assert_eq!(answers[0], answers[1], "{id}");
    }
}

/// Everything that Northstar's administrator can read, without what only tells the time.
async fn everything(app: &TestApp, mut found: Vec<String>) -> Vec<String> {
    let admin = app.person(&NORTHSTAR.person("admin")).await;
    for operation in operations().into_iter().filter(|one| one.is_customer() && one.reads()) {
        if operation.id != "follow_changes" {
            let call = call_for(app, &operation, NORTHSTAR).await;
            found.push(call.by(&admin).await.text);
        }
    }
    for search in ["meridian", "payroll", "Deadlocks", "eng-417"] {
        for list in ["lockbox-requests", "logs", "service-requests", "environments"] {
            found.push(admin.get(&format!("/api/v1/{list}?q={search}&limit=200")).await.text);
        }
    }
    found
}

#[tokio::test]
async fn nothing_of_one_organisation_shows_in_what_the_other_reads() {
    let app = TestApp::new().await;
    let stream = app.person(&NORTHSTAR.person("reader")).await.call("GET", "/api/v1/stream", &[], None).await;
    assert_eq!(stream.status, 200);
    let mut heard = app.state.live.subscribe(&NORTHSTAR.id.into()).unwrap();
    let figures = |app: TestApp| async move {
        let reader = app.person(&NORTHSTAR.person("reader")).await;
        let mut history = reader.get("/api/v1/history").await.is(200);
        for (_, value) in history.as_object_mut().unwrap().iter_mut() {
            if value.as_str().is_some_and(|text| text.ends_with('Z')) {
                *value = Value::Null;
            }
        }
        history
    };
    let before = figures(app.clone()).await;
    let log =
        |app: TestApp| async move { app.read(|tx| Ok(tx.events_after(&NORTHSTAR.id.into(), 0, 10_000)?)).await.len() };
    let sequence = log(app.clone()).await;
    let _ = heard_so_far(&mut heard).await;

    let request = approved(&app, MERIDIAN).await;
    let pending = raise(&app, MERIDIAN, json!({})).await;
    let grant = request["access"]["grant_id"].as_str().unwrap();
    let action = json!({"actions": [{"id": "a-1", "time": app.now(), "engineer_id": "eng-417", "operation": "Other",
        "outcome": "success"}]});
    app.provider().post(&format!("/provider/v1/grants/{grant}/actions"), action).await.is(200);

    assert_eq!(log(app.clone()).await, sequence, "no event in the other log");
    assert_eq!(heard_so_far(&mut heard).await, 0, "no news in the other stream");
    assert_eq!(figures(app.clone()).await["period"], before["period"], "no figure moved");
    assert_eq!(figures(app.clone()).await, before, "no figure moved");
    let secrets = [
        MERIDIAN.id,
        MERIDIAN.protected,
        MERIDIAN.open,
        MERIDIAN.ticket,
        "per_meridian",
        request["id"].as_str().unwrap(),
        pending["id"].as_str().unwrap(),
        grant,
    ];
    for text in everything(&app, Vec::new()).await {
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

/// How much news has come; waits a moment for more.
async fn heard_so_far(stream: &mut lockbox_server::live::Subscription) -> usize {
    let mut count = 0;
    while tokio::time::timeout(std::time::Duration::from_millis(50), stream.next()).await.is_ok() {
        count += 1;
    }
    count
}
