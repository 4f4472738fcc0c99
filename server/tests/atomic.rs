//! R1: a change and its event are written together or not at all, wherever the database fails.

use std::sync::Arc;

use lockbox_server::store::{Store, sqlite::SqliteEngine};

use crate::support::{
    Caller, TestApp,
    database::{dump, faults, log_length, open},
    faults::{FaultyEngine, Plan},
    operations::{actor_of, call_for},
    schema::operations,
    world::MERIDIAN,
};

/// Questions that are asked with POST: they write nothing.
const SILENT: [&str; 3] = ["evaluate_jit_rules", "preview_lockbox", "check_grant"];

pub async fn faulty() -> (TestApp, Arc<Plan>) {
    let plan = Arc::new(Plan::default());
    plan.never_fail();
    let made = TestApp::new().await;
    let inner = SqliteEngine::open(&made.folder.path().join("lockbox.db"), 1).unwrap();
    let store = Store::new(FaultyEngine { inner, plan: Arc::clone(&plan) }, Arc::new(|_| {}));
    let mut state = made.state.clone();
    state.store = store;
    (TestApp { router: lockbox_server::build_app(state.clone()), state, folder: made.folder }, plan)
}

/// With which view the log opens is a person's own affair.
const UNLOGGED: [&str; 1] = ["set_log_start"];

#[tokio::test]
async fn whatever_fails_nothing_is_half_written_and_every_change_has_its_event() {
    let (app, plan) = faulty().await;
    let key = app.provider();
    let email = format!("reader@{}.example", MERIDIAN.short);
    let mut points = 0;
    for operation in operations().into_iter().filter(|one| !one.reads()) {
        let call = call_for(&app, &operation, MERIDIAN).await;
        let person = actor_of(&app, &operation).await;
        let (before, length) = (dump(&app), log_length(&app));
        let silent = SILENT.contains(&operation.id.as_str());
        let attempt = async || {
            app.state.sign_in_limit.succeeded(None, &email);
            if operation.is_provider() { call.by(&key).await } else { call.by(&person).await }
        };
        let commit = if silent { None } else { Some(Plan::COMMIT) };
        for point in commit.into_iter().chain(0..1_000) {
            plan.fail_at(point);
            let answer = attempt().await;
            if plan.has_failed() {
                answer.problem(500, "internal");
                assert_eq!(dump(&app), before, "{} failed at {point}", operation.id);
                points += 1;
                continue;
            }
            // Every point was passed: this is the call that succeeds.
            assert!(point != Plan::COMMIT && answer.status.is_success(), "{}: {}", operation.id, answer.text);
            break;
        }
        plan.never_fail();
        assert_eq!(dump(&app) == before, silent, "{} changes something", operation.id);
        let unlogged = silent || UNLOGGED.contains(&operation.id.as_str());
        assert_eq!(log_length(&app) == length, unlogged, "{} leaves an event", operation.id);
    }
    let faults = faults(&open(app.folder.path()));
    assert!(faults.is_empty(), "{faults:?}");
    println!("{points} points of failure, 0 differences");
    assert!(points > 150, "{points}");
}

/// The log's index and its counts are written when the transaction commits, behind every verb of the store.
#[tokio::test]
async fn where_the_index_of_the_log_cannot_be_written_nothing_is() {
    let app = TestApp::new().await;
    let operation = operations().into_iter().find(|one| one.id == "approve_lockbox_request").unwrap();
    let person = actor_of(&app, &operation).await;
    let database = rusqlite::Connection::open(app.folder.path().join("lockbox.db")).unwrap();
    for (table, aside) in [("events_index", "events_index_aside"), ("log_hours", "log_hours_aside")] {
        let call = call_for(&app, &operation, MERIDIAN).await;
        let before = dump(&app);
        database.execute_batch(&format!("ALTER TABLE {table} RENAME TO {aside}")).unwrap();
        call.by(&person).await.problem(500, "internal");
        database.execute_batch(&format!("ALTER TABLE {aside} RENAME TO {table}")).unwrap();
        assert_eq!(dump(&app), before, "{table}");
        call.by(&person).await.is(200);
        let faults = faults(&database);
        assert!(faults.is_empty(), "{faults:?}");
    }
}

/// Writes wait in a queue that has an end; who comes when it is full is told so at once, and nothing of theirs is done later.
#[tokio::test]
async fn when_the_queue_of_writes_is_full_the_rest_is_refused_and_left_undone() {
    /// Jobs that may wait for the writer.
    const QUEUE: usize = 1_024;
    const MORE: usize = 40;
    let app = TestApp::new().await;
    let key = app.provider();
    let (begun, is_begun) = std::sync::mpsc::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let store = app.state.store.clone();
    let held = tokio::spawn(async move {
        let hold = store.write(move |_| {
            begun.send(()).unwrap();
            let _ = released.recv();
            Ok::<_, lockbox_server::store::StoreError>(())
        });
        hold.await.unwrap();
    });
    tokio::task::spawn_blocking(move || is_begun.recv().unwrap()).await.unwrap();
    let calls: Vec<_> = (0..QUEUE + MORE)
        .map(|number| {
            let path = format!(
                "/provider/v1/organizations/{}/service-requests/{}",
                MERIDIAN.id,
                2_600_000_000_000_000 + number
            );
            let body = serde_json::json!({"title": format!("Ticket {number}"), "severity": "minimal"});
            let key = key.clone();
            tokio::spawn(async move { (number, key.put(&path, "", body).await) })
        })
        .collect();
    // Those that are refused answer while the writer is held: it is let go when they all have.
    let app_of_release = app.clone();
    let watch = tokio::spawn(async move {
        while app_of_release.state.metrics.text().matches("status=\"503\"").count() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        drop(release);
    });
    let mut refused = Vec::new();
    for call in calls {
        let (number, answer) = call.await.unwrap();
        if answer.status == 503 {
            answer.problem(503, "unavailable");
            refused.push(number);
        } else {
            answer.is(201);
        }
    }
    watch.await.unwrap();
    held.await.unwrap();
    assert!(!refused.is_empty() && refused.len() <= MORE, "{} were refused", refused.len());
    for number in refused {
        let ticket = format!("{}", 2_600_000_000_000_000 + number);
        let reader = app.person(&MERIDIAN.person("admin")).await;
        reader.get(&format!("/api/v1/service-requests/{ticket}")).await.problem(404, "not_found");
    }
}
