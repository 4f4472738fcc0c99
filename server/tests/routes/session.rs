//! `/api/v1/session`: R15 and guessing.

use std::time::Duration;

use chrono::TimeDelta;
use lockbox_server::{app::setup, config::PublicUrl, refused_sign_ins::RefusedSignIns, store::sqlite::meter::Side};
use serde_json::json;

use crate::support::{
    Answer, Caller, Person, TestApp,
    app::origin,
    database::open,
    faults::Plan,
    world::{MERIDIAN, PASSWORD},
};

const PATH: &str = "/api/v1/session";

fn email(who: &str) -> String {
    format!("{who}@{}.example", MERIDIAN.short)
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.anonymous().post(PATH, json!({"email": email, "password": password})).await
}

/// The cookie's secret.
fn secret(answer: &Answer) -> String {
    answer.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned()
}

fn last_seen(app: &TestApp) -> i64 {
    let newest = "SELECT max(last_seen_at) FROM sessions";
    open(app.folder.path()).query_row(newest, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_session_begins_idles_out_ends_and_is_never_the_old_one() {
    let app = TestApp::new().await;
    let first = sign_in(&app, &email("APPROVER"), PASSWORD).await;
    assert_eq!(first.is(200)["person"]["id"], MERIDIAN.person("approver"));
    let session = Person(app.clone(), secret(&first));
    session.get(PATH).await.is(200);
    // Used every ten minutes it lives, also beyond the idle time, and ends at twelve hours all the same.
    for _ in 0..71 {
        app.advance(TimeDelta::minutes(10));
        let before = last_seen(&app);
        session.get(PATH).await.is(200);
        // The use is written down behind the answer's back.
        for _ in 0..200 {
            if last_seen(&app) > before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    app.advance(TimeDelta::minutes(10));
    session.get(PATH).await.problem(401, "not_authenticated");

    let second = Person(app.clone(), secret(&sign_in(&app, &email("approver"), PASSWORD).await));
    app.advance(TimeDelta::minutes(15));
    second.get(PATH).await.problem(401, "not_authenticated");

    // Fixation: a cookie that somebody else set is never taken over, and a new sign-in ends the browser's old session.
    let third = Person(app.clone(), secret(&sign_in(&app, &email("approver"), PASSWORD).await));
    let body = json!({"email": email("approver"), "password": PASSWORD}).to_string();
    let renewed = third.call("POST", PATH, &[], Some(body)).await;
    assert_ne!(secret(&renewed), third.1);
    third.get(PATH).await.problem(401, "not_authenticated");
    let fourth = Person(app.clone(), secret(&renewed));
    let both = fourth.call("GET", PATH, &[("cookie", &format!("lockbox={}; lockbox=forged", fourth.1))], None).await;
    both.problem(401, "not_authenticated");
    let out = fourth.delete(PATH).await;
    out.is(204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    fourth.get(PATH).await.problem(401, "not_authenticated");
    let log = app.person(&MERIDIAN.person("reader")).await.get("/api/v1/logs?operation=Sign-out").await.is(200);
    assert!(!log["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_cookie_has_every_flag() {
    let app = TestApp::new().await;
    let plain = sign_in(&app, &email("admin"), PASSWORD).await.header("set-cookie");
    assert!(plain.starts_with("lockbox=") && plain.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{plain}");
    assert_eq!(plain.split(['=', ';']).nth(1).unwrap().len(), 64, "256 bits");
    let secure = TestApp::with(|mut state| {
        state.public_url = PublicUrl::parse("https://lockbox.example").unwrap();
        state
    })
    .await;
    let cookie = sign_in(&secure, &email("admin"), PASSWORD).await.header("set-cookie");
    assert!(cookie.starts_with("__Host-Http-lockbox="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_new_password_ends_every_session() {
    let app = TestApp::new().await;
    let session = Person(app.clone(), secret(&sign_in(&app, &email("reader"), PASSWORD).await));
    session.get(PATH).await.is(200);
    let hash = app.state.passwords.hash(lockbox_server::secret::Secret::new("another long one")).await.unwrap();
    app.write(move |tx, env| setup::set_password(tx, env, &origin(), &email("reader"), hash)).await;
    session.get(PATH).await.problem(401, "not_authenticated");
    sign_in(&app, &email("reader"), PASSWORD).await.problem(401, "sign_in_failed");
    sign_in(&app, &email("reader"), "another long one").await.is(200);
}

/// Failed sign-ins in the log of the accounts' organisation.
async fn failures(app: &TestApp) -> usize {
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let log = reader.get("/api/v1/logs?operation=Sign-in&outcome=failure").await.is(200);
    log["items"].as_array().unwrap().len()
}

/// Found: the answer about a known account waited for a durable write, that about an unknown one for nothing, and the time
/// told which accounts there are.
#[tokio::test]
async fn an_unknown_account_takes_the_same_steps_as_a_wrong_password() {
    let app = TestApp::new().await;
    let mut answers = Vec::new();
    for round in 0..3 {
        for who in [email("admin"), format!("nobody{round}@meridian.example")] {
            let _ = (app.statements(Side::Reads), app.statements(Side::Writes));
            let answer = sign_in(&app, &who, "wrong").await;
            answer.problem(401, "sign_in_failed");
            assert_eq!(answer.header("set-cookie"), "");
            let written = app.statements(Side::Writes);
            assert_eq!(written, [], "{who}: no answer waits for the disk");
            answers.push((answer.comparable(), app.statements(Side::Reads)));
        }
    }
    assert!(answers[0].1.iter().any(|(statement, _)| statement.contains("people")), "{:?}", answers[0]);
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    assert_eq!(failures(&app).await, 0);
    assert!(app.write_refused_sign_ins().await && app.write_refused_sign_ins().await);
    assert_eq!(failures(&app).await, 3, "the known ones are in the log, once");
}

#[tokio::test]
async fn what_waits_for_the_log_is_bounded_and_kept_until_it_can_be_written() {
    let (app, plan) = crate::atomic::faulty().await;
    let mut state = app.state.clone();
    state.refused_sign_ins = RefusedSignIns::holding(3);
    let app = TestApp { router: lockbox_server::build_app(state.clone()), state, folder: app.folder };
    plan.fail_at(Plan::COMMIT);
    for who in [email("admin"), email("nobody"), email("reader")] {
        sign_in(&app, &who, "wrong").await.problem(401, "sign_in_failed");
    }
    assert!(!app.write_refused_sign_ins().await);
    // Nobody guesses on while nothing can be written, and that, too, is the same for all accounts.
    for (who, password) in [(email("admin"), "wrong"), (email("nobody"), "wrong"), (email("member"), PASSWORD)] {
        let full = sign_in(&app, &who, password).await;
        full.problem(503, "unavailable");
        assert_ne!(full.header("retry-after"), "");
    }
    plan.never_fail();
    assert!(app.write_refused_sign_ins().await);
    assert_eq!(failures(&app).await, 2);
    sign_in(&app, &email("member"), PASSWORD).await.is(200);
    sign_in(&app, &email("admin"), "wrong").await.problem(401, "sign_in_failed");
    // The job writes without being asked, and a stop leaves nothing behind.
    let jobs = crate::jobs::start(&app, crate::jobs::mailer(|config| config.data_dir = app.folder.path().to_owned()));
    for _ in 0..100 {
        if failures(&app).await == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    sign_in(&app, &email("approver"), "wrong").await.problem(401, "sign_in_failed");
    jobs.stop().await;
    assert_eq!(failures(&app).await, 4);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_says_for_how_long() {
    let app = TestApp::new().await;
    // At once: looking at five passwords one after another takes longer than the first wait on a slow machine.
    let who = email("admin");
    let tries = futures_util::future::join_all((0..6).map(|_| sign_in(&app, &who, "wrong"))).await;
    let (slowed, failed): (Vec<_>, Vec<_>) = tries.into_iter().partition(|answer| answer.status == 429);
    assert_eq!((slowed.len(), failed.len()), (1, 5));
    slowed[0].problem(429, "too_many_requests");
    assert_eq!(slowed[0].header("retry-after"), "1");
    failed.iter().for_each(|answer| drop(answer.problem(401, "sign_in_failed")));
    sign_in(&app, &email("reader"), PASSWORD).await.is(200);
    app.advance(TimeDelta::seconds(2));
    sign_in(&app, &email("admin"), PASSWORD).await.is(200);
}
