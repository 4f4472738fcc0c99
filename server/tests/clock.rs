//! R13: time never gives an access back, and late sweeps let nothing through.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};

use lockbox_server::{app::time, jobs::sweep};

use crate::support::{
    Caller, TestApp,
    database::{faults, open},
    operations::{approved, raise},
    process::Server,
    world::{MERIDIAN, NORTHSTAR, question},
};

async fn allowed(app: &TestApp, request: &Value) -> Value {
    let grant = request["access"]["grant_id"].as_str().unwrap();
    app.provider().post(&format!("/provider/v1/grants/{grant}/check"), question(MERIDIAN)).await.is(200)
}

#[tokio::test]
async fn a_late_sweep_lets_neither_an_expired_request_nor_a_lapsed_access_through() {
    let app = TestApp::new().await;
    let waiting = raise(&app, MERIDIAN, json!({})).await;
    let open_access = approved(&app, MERIDIAN).await;
    assert_eq!(allowed(&app, &open_access).await["allowed"], true);
    app.advance(TimeDelta::minutes(240));
    assert_eq!(allowed(&app, &open_access).await, json!({"allowed": false, "reason": "lapsed"}));
    app.advance(TimeDelta::hours(96));
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let id = waiting["id"].as_str().unwrap();
    for what in ["approve", "deny"] {
        let path = format!("/api/v1/lockbox-requests/{id}/{what}");
        let late = approver.post_version(&path, "\"2\"", json!({"justification": "Late."})).await;
        let told = late.problem(409, "wrong_state")["detail"].as_str().unwrap().to_owned();
        assert!(told.contains("expired"), "{told}");
    }
    let cancel = json!({"engineer_id": "eng-417"});
    app.provider().post(&format!("/provider/v1/access-requests/{id}/cancel"), cancel.clone()).await.is(409);
    let done = format!("/provider/v1/access-requests/{}/complete", open_access["id"].as_str().unwrap());
    app.provider().post(&done, cancel).await.problem(409, "wrong_state");
    // Nothing is written yet, and yet everybody sees how it stands.
    for (request, status, access) in [(&waiting, "expired", "none"), (&open_access, "approved", "lapsed")] {
        let path = format!("/api/v1/lockbox-requests/{}", request["id"].as_str().unwrap());
        let seen = approver.get(&path).await.is(200);
        assert_eq!((seen["status"].as_str(), seen["access"]["state"].as_str()), (Some(status), Some(access)));
        let list = approver.get(&format!("/api/v1/lockbox-requests?status={status}")).await.is(200);
        assert!(list["items"].as_array().unwrap().iter().any(|item| item["id"] == request["id"]));
    }
    assert_eq!(approver.get("/api/v1/lockbox-requests?view=pending").await.is(200)["items"], json!([]));
    assert_eq!(approver.get("/api/v1/lockbox-requests?view=active").await.is(200)["items"], json!([]));
    assert_eq!(app.sweep().await, 2);
    assert_eq!(app.sweep().await, 0, "once");
    assert_eq!(faults(&open(app.folder.path())), Vec::<String>::new());
}

#[tokio::test]
async fn a_wall_clock_that_jumps_revives_nothing() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let until: lockbox_api::Time = serde_json::from_value(allowed(&app, &request).await["until"].clone()).unwrap();
    assert!(until - app.now() <= TimeDelta::minutes(240));
    // A jump back neither ends the access nor makes it longer.
    app.advance(TimeDelta::days(-1));
    assert_eq!(allowed(&app, &request).await["until"], json!(until));
    assert!(app.now() + TimeDelta::minutes(239) < until && app.now() + TimeDelta::minutes(241) > until);
    // A day ahead it is over, and stays so when the clock comes back.
    app.advance(TimeDelta::days(2));
    assert_eq!(allowed(&app, &request).await["allowed"], false);
    for back in [1, 2, 30] {
        app.advance(TimeDelta::days(-back));
        assert_eq!(allowed(&app, &request).await, json!({"allowed": false, "reason": "lapsed"}), "{back} days back");
    }
    assert!(app.state.env.clock.backward_jumps() > 0, "the jump is counted for the operator");
}

#[tokio::test]
async fn a_restart_with_a_clock_that_is_behind_goes_on_after_the_last_event() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    app.advance(TimeDelta::days(1));
    assert_eq!(app.sweep().await, 1);
    let last = app.now();
    let folder = Arc::clone(&app.folder);
    drop(app);
    // The machine's clock is a day behind what the log knows.
    let app = TestApp::on(folder).await;
    assert!(app.now() >= last - TimeDelta::seconds(5), "{} after {last}", app.now());
    assert_eq!(allowed(&app, &request).await, json!({"allowed": false, "reason": "lapsed"}));
    raise(&app, MERIDIAN, json!({})).await;
    assert_eq!(faults(&open(app.folder.path())), Vec::<String>::new(), "times in the log only grow");
}

/// Another process on the same folder; its wall clock is the machine's, which the test has not moved.
async fn restarted(app: TestApp) -> TestApp {
    let folder = Arc::clone(&app.folder);
    drop(app);
    TestApp::on(folder).await
}

#[tokio::test]
async fn what_was_said_before_a_restart_holds_after_it_even_if_nothing_was_written() {
    let app = TestApp::new().await;
    let waiting = raise(&app, MERIDIAN, json!({})).await;
    let open_access = approved(&app, MERIDIAN).await;
    app.advance(TimeDelta::minutes(241));
    assert_eq!(allowed(&app, &open_access).await, json!({"allowed": false, "reason": "lapsed"}));
    let told = app.now();
    // Killed before the sweep, and the wall clock is set back by four hours.
    let app = restarted(app).await;
    assert!(app.now() >= told, "{} after {told}", app.now());
    assert_eq!(allowed(&app, &open_access).await, json!({"allowed": false, "reason": "lapsed"}));
    // The same for a request whose time to decide is over: nobody was told but the person who asked.
    let path = format!("/api/v1/lockbox-requests/{}", waiting["id"].as_str().unwrap());
    app.advance(TimeDelta::days(5));
    let approver = app.person(&MERIDIAN.person("approver")).await;
    assert_eq!(approver.get(&path).await.is(200)["status"], "expired");
    let app = restarted(app).await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let late = approver.post_version(&format!("{path}/approve"), "\"2\"", json!({"justification": "Late."})).await;
    late.problem(409, "wrong_state");
}

#[tokio::test]
async fn a_quiet_time_is_not_given_back_by_a_restart() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let until = allowed(&app, &request).await["until"].clone();
    // Nothing happens for hours; the job writes the time down.
    app.advance(TimeDelta::minutes(200));
    time::keep(&app.state.store, &app.state.env.clock, false).await.unwrap();
    let before = app.now();
    let app = restarted(app).await;
    assert!(app.now() >= before && app.now() < before + TimeDelta::seconds(30), "{} after {before}", app.now());
    assert_eq!(allowed(&app, &request).await["until"], until);
    app.state.hand.set(app.now() + TimeDelta::minutes(41));
    assert_eq!(allowed(&app, &request).await, json!({"allowed": false, "reason": "lapsed"}));
}

#[tokio::test]
async fn an_answer_waits_for_the_time_to_be_written_only_where_a_restart_would_not_reach_it() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let mark = |app: &TestApp| {
        let time = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        open(app.folder.path()).query_row("SELECT time FROM clock_mark", [], time).unwrap()
    };
    app.state.keep_time().await;
    app.advance(TimeDelta::minutes(1));
    let before = mark(&app);
    allowed(&app, &request).await;
    let jumped = mark(&app);
    assert!(jumped - before >= 60_000_000, "the wall clock jumped forward, which only this process knows");
    let begin = std::time::Instant::now();
    for _ in 0..50 {
        allowed(&app, &request).await;
    }
    // A machine that needs seconds for fifty questions has earned a mark.
    assert!(mark(&app) == jumped || begin.elapsed().as_secs() >= 3, "a check writes nothing");
}

/// Found: every answer, that of `/healthz` among them, waited for the mark without an end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_hangs_holds_up_no_sign_of_life_and_reading_only_a_little() {
    let app = TestApp::new().await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let (release, hang) = std::sync::mpsc::channel::<()>();
    let store = app.state.store.clone();
    let hanging = tokio::spawn(async move {
        store
            .write(move |_| {
                let _ = hang.recv();
                Ok::<_, lockbox_server::store::StoreError>(())
            })
            .await
    });
    app.advance(TimeDelta::minutes(1));
    let within = std::time::Duration::from_secs(30);
    for path in ["/healthz", "/api/v1/session"] {
        let answer = tokio::time::timeout(within, approver.get(path)).await.expect("an answer");
        answer.is(200);
        assert!(!hanging.is_finished());
    }
    release.send(()).unwrap();
    hanging.await.unwrap().unwrap();
}

/// Found: one row that can't be read kept every expiry, lapse and disclosure of all organisations unwritten.
#[tokio::test]
async fn a_damaged_row_holds_up_no_other() {
    let app = TestApp::new().await;
    let (damaged, sound) = (approved(&app, MERIDIAN).await, approved(&app, NORTHSTAR).await);
    let until = app.now() + TimeDelta::hours(5);
    let exclusion = json!({"kind": "legal_demand", "reason": "Order 20.", "disclose_at": until});
    let hidden = raise(&app, NORTHSTAR, json!({"exclusion": exclusion})).await;
    let writer = rusqlite::Connection::open(app.folder.path().join("lockbox.db")).unwrap();
    let id = |request: &Value| request["id"].as_str().unwrap().to_owned();
    writer.execute("UPDATE requests SET operation_words = 'nonsense' WHERE id = ?1", [id(&damaged)]).unwrap();
    app.state.hand.set(until + TimeDelta::days(5));
    for _ in 0..2 {
        sweep::once(&app.state).await;
    }
    let admin = app.person(&NORTHSTAR.person("admin")).await;
    let lapse = format!("/api/v1/logs?request_id={}&operation=Lockbox%20Access%20Lapse", id(&sound));
    assert_eq!(admin.get(&lapse).await.is(200)["items"].as_array().unwrap().len(), 1, "once");
    admin.get(&format!("/api/v1/lockbox-requests/{}", id(&hidden))).await.is(200);
    let state = "SELECT state FROM grants WHERE request_id = ?1";
    let state: String = writer.query_row(state, [id(&damaged)], |row| row.get(0)).unwrap();
    assert_eq!(state, "active", "the damaged one waits for its repair; a check says no by the clock");
    assert_eq!(allowed(&app, &damaged).await, json!({"allowed": false, "reason": "lapsed"}));
}

#[tokio::test]
async fn while_anything_is_open_the_time_is_written_down_every_second() {
    let app = TestApp::new().await;
    approved(&app, MERIDIAN).await;
    let folder = Arc::clone(&app.folder);
    drop(app);
    let server = Server::start(folder.path());
    let mark = || {
        let time = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        open(folder.path()).query_row("SELECT time FROM clock_mark", [], time).unwrap()
    };
    // Nobody asks anything.
    let (begin, mut seen) = (std::time::Instant::now(), vec![mark()]);
    while seen.len() < 4 {
        assert!(begin.elapsed().as_secs() < 30, "{seen:?}");
        let now = mark();
        if now != seen[seen.len() - 1] {
            seen.push(now);
        }
        std::thread::yield_now();
    }
    assert!(seen.windows(2).all(|pair| pair[1] - pair[0] >= 1_000_000), "{seen:?}");
    // A process that ends as it should says where it stood, for a machine that starts anew.
    server.stop();
    let until = open(folder.path()).query_row("SELECT until - time FROM clock_mark", [], |row| row.get::<_, i64>(0));
    assert_eq!(until.unwrap(), 0);
}
