//! R1: a change and its event are written together or not at all, wherever the database fails.

use std::sync::Arc;

use lockbox_server::store::{Store, sqlite::SqliteEngine};

use crate::support::{
    TestApp,
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
