//! `/.well-known/jwks.json` and leases: verified by Node's own cryptography, which shares nothing with the server.

use std::{io::Write, process::Stdio};

use chrono::TimeDelta;
use lockbox_api::Time;
use lockbox_server::app::leases;
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    app::origin,
    operations::approved,
    world::{MERIDIAN, question, with},
};

const VERIFIER: &str = r#"
const { createPublicKey, verify } = require("node:crypto");
const { token, keys } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const parts = token.split(".");
const read = (part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
const head = read(parts[0]);
const key = keys.keys.find((one) => one.kid === head.kid);
const good = parts.length === 3 && head.alg === "EdDSA" && head.typ === "lockbox-lease+jwt" && key !== undefined
  && verify(null, Buffer.from(`${parts[0]}.${parts[1]}`), createPublicKey({ key, format: "jwk" }),
    Buffer.from(parts[2], "base64url"));
console.log(JSON.stringify(good ? { head, claims: read(parts[1]) } : null));
"#;

/// Head and claims as the other implementation reads them; null where the signature does not hold.
fn verified(token: &str, keys: &Value) -> Value {
    let mut node = std::process::Command::new("node");
    let node = node.args(["-e", VERIFIER]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut node = node.spawn().expect("the tests need Node.js, as README.md says");
    node.stdin.take().unwrap().write_all(json!({"token": token, "keys": keys}).to_string().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn check(app: &TestApp, request: &Value, changes: Value) -> Value {
    let grant = request["access"]["grant_id"].as_str().unwrap();
    let body = with(with(question(MERIDIAN), json!({"lease": true})), changes);
    app.provider().post(&format!("/provider/v1/grants/{grant}/check"), body).await.is(200)
}

async fn token(app: &TestApp, request: &Value) -> String {
    check(app, request, json!({})).await["lease"]["token"].as_str().unwrap().to_owned()
}

async fn keys(app: &TestApp) -> Value {
    let answer = app.anonymous().get("/.well-known/jwks.json").await;
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    answer.is(200)
}

fn seconds(time: &Value) -> i64 {
    time.as_str().unwrap().parse::<Time>().unwrap().timestamp()
}

#[tokio::test]
async fn a_lease_says_what_was_asked_and_others_can_verify_it() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let before = app.now().timestamp();
    let answer = check(&app, &request, json!({})).await;
    let lease = &answer["lease"];
    let keys = keys(&app).await;
    assert!(!keys.to_string().contains("\"d\""), "the private part stays inside");
    let read = verified(lease["token"].as_str().unwrap(), &keys);
    let claims = &read["claims"];
    let expected = json!({"iss": "http://localhost:8080", "sub": "eng-417", "organization_id": MERIDIAN.id,
        "environment_id": MERIDIAN.protected, "operation": "ExecuteSqlViaLockbox", "target": "payroll.dbo.Pay",
        "grant_id": request["access"]["grant_id"]});
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&claims[name], value, "{name}");
    }
    let (issued, end) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    assert!(issued >= before && issued <= app.now().timestamp() && end - issued == 30, "{claims}");
    assert_eq!(end, seconds(&lease["until"]));
    assert_ne!(verified(&token(&app, &request).await, &keys)["claims"]["jti"], claims["jti"]);

    // Whatever is changed in it, it is a lease no more.
    let whole = lease["token"].as_str().unwrap();
    let parts: Vec<&str> = whole.split('.').collect();
    let other: Vec<String> = token(&app, &approved(&app, MERIDIAN).await).await.split('.').map(str::to_owned).collect();
    for forged in [
        format!("{}.{}.{}", parts[0], other[1], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], other[2]),
        format!("{}.{}.", parts[0], parts[1]),
    ] {
        assert_eq!(verified(&forged, &keys), Value::Null);
    }
}

#[tokio::test]
async fn a_lease_comes_with_a_yes_alone_and_only_when_it_is_asked_for() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    assert_eq!(check(&app, &request, json!({"lease": null})).await.get("lease"), None);
    assert_eq!(check(&app, &request, json!({"lease": false})).await.get("lease"), None);
    let no = check(&app, &request, json!({"engineer_id": "eng-9"})).await;
    assert_eq!(no, json!({"allowed": false, "reason": "wrong_engineer"}));
    // Shortly before the end it is shorter.
    let until = request["access"]["expires_at"].as_str().unwrap().parse::<Time>().unwrap();
    app.advance(until - app.now() - TimeDelta::seconds(10));
    let lease = check(&app, &request, json!({})).await["lease"].clone();
    assert!(seconds(&lease["until"]) <= until.timestamp() && seconds(&lease["until"]) >= app.now().timestamp() + 8);
    app.advance(until - app.now() - TimeDelta::milliseconds(600));
    let last = check(&app, &request, json!({})).await;
    assert_eq!(last["allowed"], true);
    // Whole seconds: there is one only where one of them begins before the end.
    assert!(last.get("lease").is_none_or(|lease| seconds(&lease["until"]) <= until.timestamp()), "{last}");
    app.advance(TimeDelta::seconds(1));
    assert_eq!(check(&app, &request, json!({})).await, json!({"allowed": false, "reason": "lapsed"}));
}

/// Lockbox's clock does not go back with the machine's: a lease that was dated by it would hold for an hour too long.
#[tokio::test]
async fn a_lease_is_dated_by_the_clock_that_verifiers_compare_with() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let ahead = app.now();
    app.advance(TimeDelta::hours(-1));
    assert!(app.now() >= ahead);
    let lease = check(&app, &request, json!({})).await["lease"].clone();
    assert!(seconds(&lease["until"]) <= (ahead - TimeDelta::hours(1)).timestamp() + 31, "{lease}");
}

#[tokio::test]
async fn keys_take_over_from_one_another_and_outlive_a_restart() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let kid = |token: &str, keys: &Value| verified(token, keys)["head"]["kid"].clone();
    let first = kid(&token(&app, &request).await, &keys(&app).await);
    let rotate = |app: TestApp, at_once| async move {
        let key = app.write(move |tx, env| leases::rotate(tx, env, &origin(), at_once)).await;
        // A running server looks once a second; what this test says is not when it looked last.
        let mut state = app.state.clone();
        state.leases = lockbox_server::leases::Leases::default();
        (key.id, TestApp { router: lockbox_server::build_app(state.clone()), state, folder: app.folder })
    };
    let (second, app) = rotate(app, false).await;
    let published = keys(&app).await;
    assert_eq!(published["keys"].as_array().unwrap().len(), 2, "the next key is published before it signs");
    let old = token(&app, &request).await;
    assert_eq!(kid(&old, &published), first);
    app.advance(leases::AHEAD);
    let new = token(&app, &request).await;
    assert_eq!(kid(&new, &published), second.as_str(), "who fetched the keys before can verify it");
    assert_eq!(kid(&old, &keys(&app).await), first, "the last leases of the one before can be verified");
    app.advance(leases::TAIL);
    let published = keys(&app).await;
    assert_eq!(published["keys"].as_array().unwrap().len(), 1);
    assert_eq!(verified(&old, &published), Value::Null);
    app.sweep().await;

    // A restart keeps the key; nobody has to fetch another.
    let again = TestApp::on(std::sync::Arc::clone(&app.folder)).await;
    assert_eq!(keys(&again).await, published);
    assert_eq!(kid(&token(&app, &request).await, &published), second.as_str());
    // A key that got out ends at once.
    let (third, app) = rotate(app, true).await;
    let published = keys(&app).await;
    assert_eq!(published["keys"].as_array().unwrap().len(), 1);
    assert_eq!(kid(&token(&app, &request).await, &published), third.as_str());
    let rows = app.read(|tx| Ok(tx.lease_keys()?)).await;
    assert_eq!(rows.len(), 1, "the private part of a key that has ended is gone");
    let log = app.read(|tx| Ok(tx.events_after(&"org_provider".into(), 0, 200)?)).await;
    assert_eq!(log.iter().filter(|event| event.operation == "Lease Key Rotation").count(), 2);
}

#[tokio::test]
async fn nobody_else_on_the_machine_reads_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let app = TestApp::new().await;
    let files = std::fs::read_dir(app.folder.path()).unwrap().map(Result::unwrap);
    let files: Vec<_> = files.filter(|file| file.file_name().to_string_lossy().starts_with("lockbox.db")).collect();
    assert!(files.len() >= 2, "the database and what SQLite writes beside it: {files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}
