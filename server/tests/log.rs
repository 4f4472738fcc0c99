//! The log: nothing changes it, and no secret is in it or anywhere else.

use rusqlite::Connection;
use serde_json::json;

use crate::support::{
    Caller, TestApp,
    database::{dump, faults, open},
    operations::approved,
    world::{KEY, MERIDIAN, PASSWORD},
};

#[tokio::test]
async fn events_can_be_neither_changed_nor_removed() {
    let app = TestApp::new().await;
    approved(&app, MERIDIAN).await;
    let before = dump(&app);
    let connection = Connection::open(app.folder.path().join("lockbox.db")).unwrap();
    for statement in [
        "UPDATE events SET actor_name = 'nobody'",
        "UPDATE events SET details = '{}' WHERE sequence = 1",
        "UPDATE events SET sequence = sequence + 1000",
        "DELETE FROM events",
        "DELETE FROM events WHERE sequence = 1",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE sequence = 1",
    ] {
        assert!(connection.execute_batch(statement).is_err(), "{statement}");
    }
    // A second event in a place that is taken is refused as well.
    let again = "INSERT INTO events SELECT NULL, organization_id, sequence, 'evt_forged', time, category, operation,
        friendly_name, actor_id, actor_name, actor_kind, environment_id, request_id, service_request_id, grant_id, outcome,
        client_ip, correlation_id, details FROM events WHERE sequence = 1";
    assert!(connection.execute_batch(again).is_err());
    assert_eq!(dump(&app), before);
}

#[tokio::test]
async fn the_checks_of_these_tests_find_what_they_look_for() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let id = request["id"].as_str().unwrap();
    assert_eq!(faults(&open(app.folder.path())), Vec::<String>::new());
    let connection = Connection::open(app.folder.path().join("lockbox.db")).unwrap();
    for (forgery, repair) in [
        (
            "UPDATE requests SET status = 'denied' WHERE id = ?1",
            "UPDATE requests SET status = 'approved' WHERE id = ?1",
        ),
        (
            "UPDATE grants SET state = 'revoked', ended_at = 1 WHERE request_id = ?1",
            "UPDATE grants SET state = 'active', ended_at = NULL WHERE request_id = ?1",
        ),
        (
            "UPDATE organizations SET last_sequence = last_sequence + 1 WHERE ?1 <> ''",
            "UPDATE organizations SET last_sequence = last_sequence - 1 WHERE ?1 <> ''",
        ),
        (
            "UPDATE requests SET decided_at = decided_at + 1000000000000 WHERE id = ?1",
            "UPDATE requests SET decided_at = decided_at - 1000000000000 WHERE id = ?1",
        ),
        (
            "UPDATE grants SET actions = actions + 1 WHERE request_id = ?1",
            "UPDATE grants SET actions = actions - 1 WHERE request_id = ?1",
        ),
    ] {
        connection.execute(forgery, [id]).unwrap();
        assert!(!faults(&open(app.folder.path())).is_empty(), "{forgery}");
        connection.execute(repair, [id]).unwrap();
        assert_eq!(faults(&open(app.folder.path())), Vec::<String>::new(), "{repair}");
    }
}

#[tokio::test]
async fn no_secret_stands_in_the_database() {
    let app = TestApp::new().await;
    let email = format!("admin@{}.example", MERIDIAN.short);
    let signed_in = app.anonymous().post("/api/v1/session", json!({"email": email, "password": PASSWORD})).await;
    signed_in.is(200);
    let cookie = signed_in.header("set-cookie");
    let session = cookie.split(['=', ';']).nth(1).unwrap();
    let token = app.token(&MERIDIAN.person("admin")).await.1;
    approved(&app, MERIDIAN).await;
    let everything: Vec<String> = dump(&app).into_values().flatten().collect();
    for secret in [PASSWORD, session, &token, KEY] {
        assert!(secret.len() > 10 && !everything.iter().any(|row| row.contains(secret)));
    }
    let hash = everything.iter().find(|row| row.contains(&email) && row.contains("$argon2id$"));
    assert!(hash.is_some(), "passwords are kept as argon2id");
}
