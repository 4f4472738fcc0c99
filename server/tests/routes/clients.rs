//! API clients: what a key may do, whom it may speak of, and how long it is taken.

use chrono::TimeDelta;
use lockbox_api::clients::{ClientScope, ClientScopes};
use lockbox_server::{
    app::clients::{self, NewKey, Terms},
    jobs::last_use,
};
use serde_json::{Value, json};

use crate::support::{
    Caller, Key, TestApp,
    app::origin,
    operations::{approved, call_for},
    schema::{document, operations},
    world::{MERIDIAN, NORTHSTAR, ask, question},
};

async fn client(app: &TestApp, organizations: Option<&[&str]>, scopes: ClientScopes) -> (NewKey, Key) {
    let organization_ids = organizations.map(|ids| ids.iter().map(|id| (*id).into()).collect());
    let terms = Terms { name: "Another service".to_owned(), organization_ids, scopes };
    let made = app.write(move |tx, env| clients::add(tx, env, &origin(), terms)).await;
    (made.clone(), Key(app.clone(), made.key))
}

/// The scope of each provider operation, as the description names it.
fn scope_of(operation: &str) -> ClientScope {
    let document = document();
    let paths = document["paths"].as_object().unwrap().values();
    let all = paths.flat_map(|item| item.as_object().unwrap().values());
    let found = all.filter(|one| one["operationId"] == operation).collect::<Vec<_>>();
    let [only] = found.as_slice() else { panic!("{operation}: {found:?}") };
    let scopes = only["security"][0]["key"].as_array().unwrap();
    assert_eq!(scopes.len(), 1, "{operation} names the scope that it needs");
    ClientScope::parse(scopes[0].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn every_provider_call_needs_its_scope_and_no_other() {
    let app = TestApp::new().await;
    let mut used = Vec::new();
    for operation in operations().into_iter().filter(|one| one.is_provider()) {
        let scope = scope_of(&operation.id);
        used.push(scope);
        let (_, only) = client(&app, None, [scope].into_iter().collect()).await;
        let rest = ClientScope::ALL.iter().copied().filter(|other| *other != scope).collect();
        let (_, others) = client(&app, None, rest).await;
        let call = call_for(&app, &operation, MERIDIAN).await;
        let refused = call.by(&others).await;
        let problem = refused.problem(403, "insufficient_scope");
        assert!(problem["detail"].as_str().unwrap().contains(&format!("the scope {scope},")), "{problem}");
        assert!(refused.header("www-authenticate").contains(&format!("scope=\"{scope}\"")), "{operation:?}");
        // What the thing is that is asked about makes no difference to whoever may not ask.
        assert_eq!(call.at(&others, &call.absent).await.comparable(), refused.comparable(), "{}", operation.id);
        let done = call.by(&only).await;
        assert!(done.status.is_success(), "{} with {scope}: {}", operation.id, done.text);
    }
    for scope in ClientScope::ALL {
        assert!(used.contains(scope), "no call needs {scope}");
    }
}

#[tokio::test]
async fn a_client_of_several_organisations_speaks_of_those_alone() {
    let app = TestApp::new().await;
    let third = json!({"name": "Third Ltd"});
    app.provider().put("/provider/v1/organizations/org_third", "", third.clone()).await.is(201);
    let (made, key) = client(&app, Some(&[NORTHSTAR.id, "org_third", NORTHSTAR.id]), ClientScopes::all()).await;
    let raise = |key: Key, customer| async move { key.post("/provider/v1/access-requests", ask(customer)).await };
    raise(key.clone(), NORTHSTAR).await.is(201);
    key.put("/provider/v1/organizations/org_third", "", third.clone()).await.is(200);
    raise(key.clone(), MERIDIAN).await.problem(404, "not_found");
    // What is changed holds for the next call.
    let terms = Terms {
        name: "Meridian's".to_owned(),
        organization_ids: Some(vec![MERIDIAN.id.into()]),
        scopes: ClientScopes::all(),
    };
    let id = made.client_id.clone();
    app.write(move |tx, env| clients::update(tx, env, &origin(), &id, terms)).await;
    raise(key.clone(), MERIDIAN).await.is(201);
    raise(key, NORTHSTAR).await.problem(404, "not_found");
    // An organisation that nobody has sent can't be named.
    let terms =
        Terms { name: "x".to_owned(), organization_ids: Some(vec!["org_none".into()]), scopes: ClientScopes::all() };
    let env = app.state.env.clone();
    let refused = app.state.store.write(move |tx| clients::add(tx, &env, &origin(), terms)).await;
    assert!(refused.unwrap_err().to_string().contains("1 wrong field"));
}

#[tokio::test]
async fn after_a_rotation_both_keys_are_taken_until_the_overlap_is_over() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let check = format!("/provider/v1/grants/{}/check", request["access"]["grant_id"].as_str().unwrap());
    let (made, first) = client(&app, None, ClientScopes::all()).await;
    let rotate = |overlap: TimeDelta| {
        let id = made.client_id.clone();
        let app = app.clone();
        async move {
            let (key, end) = app.write(move |tx, env| clients::rotate(tx, env, &origin(), &id, overlap)).await;
            (Key(app, key.key), end)
        }
    };
    let (second, end) = rotate(TimeDelta::hours(2)).await;
    for key in [&first, &second] {
        key.get("/provider/v1/catalog").await.is(200);
        key.post(&check, question(MERIDIAN)).await.is(200);
    }
    // Another rotation gives the first key no more time.
    let (third, _) = rotate(TimeDelta::hours(200)).await;
    app.advance(end - app.now() - TimeDelta::seconds(1));
    first.post(&check, question(MERIDIAN)).await.is(200);
    app.advance(TimeDelta::seconds(1));
    first.post(&check, question(MERIDIAN)).await.problem(401, "not_authenticated");
    first.get("/provider/v1/catalog").await.problem(401, "not_authenticated");
    for key in [&second, &third] {
        key.post(&check, question(MERIDIAN)).await.is(200);
    }
    // Without an overlap, at once.
    let (fourth, _) = rotate(TimeDelta::zero()).await;
    second.post(&check, question(MERIDIAN)).await.problem(401, "not_authenticated");
    third.get("/provider/v1/catalog").await.problem(401, "not_authenticated");
    fourth.post(&check, question(MERIDIAN)).await.is(200);
    // It is still one client: what one key raised, the other finds by its idempotency key.
    let again = [("idempotency-key", "k-1")];
    let raised = fourth.call("POST", "/provider/v1/access-requests", &again, Some(ask(MERIDIAN).to_string())).await;
    let (fifth, _) = rotate(TimeDelta::zero()).await;
    let found = fifth.call("POST", "/provider/v1/access-requests", &again, Some(ask(MERIDIAN).to_string())).await;
    assert_eq!(raised.is(201)["id"], found.is(201)["id"]);
    // The end of a client is the end of all its keys.
    let id = made.client_id.clone();
    app.write(move |tx, env| clients::revoke(tx, env, &origin(), &id)).await;
    fifth.post(&check, question(MERIDIAN)).await.problem(401, "not_authenticated");
    fifth.get("/provider/v1/catalog").await.problem(401, "not_authenticated");
    let (id, env) = (made.client_id.clone(), app.state.env.clone());
    let late = app.state.store.write(move |tx| clients::rotate(tx, &env, &origin(), &id, TimeDelta::zero())).await;
    assert!(late.unwrap_err().to_string().contains("revoked"));
}

#[tokio::test]
async fn the_last_use_is_kept_without_a_write_for_each_call() {
    let app = TestApp::new().await;
    let (made, key) = client(&app, None, ClientScopes::all()).await;
    let last = |app: TestApp| {
        let id = made.client_id.clone();
        async move { app.read(move |tx| Ok(tx.client_keys(&id)?[0].last_used_at)).await }
    };
    app.anonymous().get("/provider/v1/catalog").await.problem(401, "not_authenticated");
    Key(app.clone(), "lbk_guessed".to_owned()).get("/provider/v1/catalog").await.problem(401, "not_authenticated");
    last_use::write(&app.state.store, &app.state.last_uses).await;
    assert_eq!(last(app.clone()).await, None);
    let before = app.now();
    key.get("/provider/v1/catalog").await.is(200);
    assert_eq!(last(app.clone()).await, None, "a call writes nothing");
    last_use::write(&app.state.store, &app.state.last_uses).await;
    let first = last(app.clone()).await.unwrap();
    assert!(first >= before);
    // A grant check counts as well.
    app.advance(TimeDelta::minutes(5));
    key.post("/provider/v1/grants/grt_none/check", question(MERIDIAN)).await.problem(404, "not_found");
    last_use::write(&app.state.store, &app.state.last_uses).await;
    assert!(last(app.clone()).await.unwrap() >= first + TimeDelta::minutes(5));
    assert!(app.state.last_uses.unwritten().is_empty());
}

#[tokio::test]
async fn every_change_is_in_the_log_of_whom_it_concerns_and_in_no_other() {
    let app = TestApp::new().await;
    let (limited, key) = client(&app, Some(&[MERIDIAN.id]), ClientScopes::all()).await;
    let (everywhere, _) = client(&app, None, ClientScopes::all()).await;
    let ids = [limited.client_id.clone(), everywhere.client_id.clone()];
    app.write(move |tx, env| {
        for id in &ids {
            clients::rotate(tx, env, &origin(), id, TimeDelta::hours(1))?;
        }
        let terms = Terms {
            name: "Moved".to_owned(),
            organization_ids: Some(vec![NORTHSTAR.id.into()]),
            scopes: ClientScopes::all(),
        };
        clients::update(tx, env, &origin(), &ids[0], terms)?;
        clients::revoke(tx, env, &origin(), &ids[0])
    })
    .await;
    let events = |organization: &str| {
        let organization = organization.into();
        let app = app.clone();
        async move {
            let all = app.read(move |tx| Ok(tx.events_after(&organization, 0, 200)?)).await;
            all.into_iter().filter(|event| event.operation.starts_with("API Client")).collect::<Vec<_>>()
        }
    };
    let names = |events: &[lockbox_api::events::Event]| {
        events.iter().map(|one| one.operation.replace("API Client ", "")).collect::<Vec<_>>()
    };
    let (own, meridian, northstar) =
        (events("org_provider").await, events(MERIDIAN.id).await, events(NORTHSTAR.id).await);
    assert_eq!(names(&own), ["Creation", "Creation", "Key Rotation", "Key Rotation", "Update", "Revocation"]);
    assert_eq!(names(&meridian), ["Creation", "Key Rotation", "Update"]);
    assert_eq!(names(&northstar), ["Update", "Revocation"]);
    let speaks = |event: &lockbox_api::events::Event| event.details["speaks_of_you"].clone();
    assert_eq!((speaks(&meridian[2]), speaks(&northstar[0])), (Value::Bool(false), Value::Bool(true)));
    let text = |events: &[lockbox_api::events::Event]| serde_json::to_string(events).unwrap();
    assert!(!text(&meridian).contains(NORTHSTAR.id) && !text(&northstar).contains(MERIDIAN.id), "{northstar:?}");
    for all in [&own, &meridian, &northstar] {
        assert!(!text(all).contains("lbk_"), "no key is in a log");
        assert!(!text(all).contains(&key.1));
    }
}
