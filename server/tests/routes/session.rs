//! `/api/v1/session`: R15 and guessing.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use lockbox_server::{app::setup, config::PublicUrl};
use serde_json::json;

use crate::support::{
    Answer, Caller, Person, TestApp,
    app::origin,
    database::open,
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

#[tokio::test]
async fn an_unknown_account_looks_and_lasts_like_a_wrong_password() {
    let app = TestApp::new().await;
    let mut times = [Vec::new(), Vec::new()];
    let mut bodies = Vec::new();
    for round in 0..12 {
        for (at, who) in [email("admin"), format!("nobody{round}@meridian.example")].iter().enumerate() {
            app.state.sign_in_limit.succeeded(None, who);
            let begin = Instant::now();
            let answer = sign_in(&app, who, "wrong").await;
            times[at].push(begin.elapsed());
            answer.problem(401, "sign_in_failed");
            bodies.push(answer.comparable());
            assert_eq!(answer.header("set-cookie"), "");
        }
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    let fastest = times.map(|all| all.into_iter().min().unwrap());
    // The same class: neither skips the hash. A failure of a known account is also written down.
    assert!(fastest[1] * 3 > fastest[0] && fastest[0] * 3 > fastest[1], "{fastest:?}");
    let log = app.person(&MERIDIAN.person("reader")).await.get("/api/v1/logs?operation=Sign-in&outcome=failure").await;
    assert_eq!(log.is(200)["items"].as_array().unwrap().len(), 12);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_says_for_how_long() {
    let app = TestApp::new().await;
    for _ in 0..5 {
        sign_in(&app, &email("admin"), "wrong").await.problem(401, "sign_in_failed");
    }
    let slowed = sign_in(&app, &email("admin"), PASSWORD).await;
    slowed.problem(429, "too_many_requests");
    assert_eq!(slowed.header("retry-after"), "1");
    sign_in(&app, &email("reader"), PASSWORD).await.is(200);
    app.advance(TimeDelta::seconds(2));
    sign_in(&app, &email("admin"), PASSWORD).await.is(200);
}
