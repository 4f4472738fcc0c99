//! What works by itself keeps to its pace when something fails or hangs, and ends in time.

use std::{path::Path, sync::Arc, time::Duration};

use chrono::TimeDelta;
use lockbox_server::{
    config::{Config, PublicUrl, Settings, Smtp, SmtpTls},
    jobs::Jobs,
    notify::Mailer,
    webhooks::{Guard, Sender},
};
use tokio::{net::TcpListener, time::Instant};

use crate::{
    atomic::faulty,
    support::{Caller, TestApp, faults::Plan, operations::raise, world::MERIDIAN},
};

pub fn mailer(set: impl FnOnce(&mut Config)) -> Arc<Mailer> {
    let none = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    let mut config = Config::load(&Settings::default(), &|_| None, &none).unwrap();
    set(&mut config);
    Arc::new(Mailer::new(&config, &PublicUrl::parse("https://lockbox.example").unwrap()).unwrap())
}

pub fn start(app: &TestApp, mailer: Arc<Mailer>) -> Jobs {
    Jobs::start(&app.state, mailer, Sender::new(Guard::new(&[]), None).unwrap())
}

/// Mails that were handed over, by what the metrics say.
fn sent(app: &TestApp) -> u64 {
    let text = app.state.metrics.text();
    let line = text.lines().find(|line| line.contains("mails_total{result=\"sent\"}"));
    line.and_then(|line| line.rsplit(' ').next()).map_or(0, |count| count.parse().unwrap())
}

#[tokio::test]
async fn a_mail_of_which_cannot_be_written_that_it_went_does_not_go_out_without_end() {
    let (app, plan) = faulty().await;
    raise(&app, MERIDIAN, serde_json::json!({})).await;
    plan.fail_at(Plan::COMMIT);
    let folder = tempfile::tempdir().unwrap();
    let jobs = start(&app, mailer(|config| config.data_dir = folder.path().to_owned()));
    tokio::time::sleep(Duration::from_secs(3)).await;
    let copies = sent(&app);
    assert!((1..=3).contains(&copies), "{copies} copies in three seconds");
    plan.never_fail();
    for _ in 0..200 {
        if sent(&app) >= copies + 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(sent(&app) >= copies + 3, "the disk has room again: everybody is told");
    jobs.stop().await;
}

#[tokio::test]
async fn a_mail_server_that_never_answers_does_not_hold_up_the_stop() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let smtp = Smtp { host: "127.0.0.1".to_owned(), port, tls: SmtpTls::None, credentials: None, ca_file: None };
    let app = TestApp::new().await;
    raise(&app, MERIDIAN, serde_json::json!({})).await;
    let jobs = start(&app, mailer(|config| config.smtp = Some(smtp)));
    let held = silent.accept().await.unwrap();
    let begin = Instant::now();
    jobs.stop().await;
    assert!(begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
    drop(held);
}

#[tokio::test]
async fn whoever_waits_for_a_decision_hears_when_the_server_stops() {
    let app = TestApp::new().await;
    let request = raise(&app, MERIDIAN, serde_json::json!({})).await;
    let path = format!("/provider/v1/access-requests/{}?wait=60", request["id"].as_str().unwrap());
    let provider = app.provider();
    let waiting = tokio::spawn(async move { provider.get(&path).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    app.state.stop.begin();
    let answer = tokio::time::timeout(Duration::from_secs(5), waiting).await.expect("it is answered").unwrap();
    assert_eq!(answer.is(200)["status"], "customer_notified");
}

/// Ids of the mails that there are.
async fn mails(app: &TestApp) -> Vec<String> {
    app.read(|tx| Ok(tx.newest_mails(1_000)?)).await.into_iter().map(|mail| mail.id.0).collect()
}

/// Found: sent mail was kept for ever, with names, tickets and justifications.
#[tokio::test]
async fn mail_is_forgotten_thirty_days_after_it_went_or_was_given_up() {
    let app = TestApp::new().await;
    raise(&app, MERIDIAN, serde_json::json!({})).await;
    let now = app.now();
    let due = app.read(move |tx| Ok(tx.mails_due(now, 100)?)).await;
    let ids: Vec<_> = due.into_iter().map(|mail| mail.id).collect();
    assert!(ids.len() > 2, "{ids:?}");
    let (sent, given_up) = (ids[0].clone(), ids[1].clone());
    app.write(move |tx, env| {
        tx.mail_sent(&sent, env.now())?;
        Ok(tx.mail_failed(&given_up, "no such mailbox", env.now(), None)?)
    })
    .await;
    app.advance(TimeDelta::days(30) - TimeDelta::minutes(1));
    app.sweep().await;
    let there = mails(&app).await;
    assert!(ids.iter().all(|id| there.contains(&id.0)), "{there:?}");
    app.advance(TimeDelta::minutes(2));
    app.sweep().await;
    let there = mails(&app).await;
    let kept: Vec<bool> = ids.iter().map(|id| there.contains(&id.0)).collect();
    assert!(!kept[0] && !kept[1] && kept[2..].iter().all(|kept| *kept), "what still waits is kept: {kept:?}");
}

fn smtp(listener: &TcpListener) -> Smtp {
    let port = listener.local_addr().unwrap().port();
    Smtp { host: "127.0.0.1".to_owned(), port, tls: SmtpTls::None, credentials: None, ca_file: None }
}

/// Found: one slow delivery held up every other one, and a mail server that was down was asked for each mail in turn.
#[tokio::test]
async fn deliveries_go_side_by_side_and_leave_a_server_alone_that_cannot_be_reached() {
    let app = TestApp::new().await;
    for _ in 0..4 {
        raise(&app, MERIDIAN, serde_json::json!({})).await;
    }
    let now = app.now();
    assert!(app.read(move |tx| Ok(tx.mails_due(now, 100)?)).await.len() > 8);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = smtp(&silent);
    let jobs = start(&app, mailer(|config| config.smtp = Some(settings)));
    let mut held = Vec::new();
    let (long, short) = (Duration::from_secs(20), Duration::from_millis(1_500));
    for _ in 0..4 {
        held.push(tokio::time::timeout(long, silent.accept()).await.expect("four at a time").unwrap());
    }
    assert!(tokio::time::timeout(short, silent.accept()).await.is_err(), "and no fifth");
    jobs.stop().await;
    drop(held);

    let closing = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = smtp(&closing);
    // Those that were cut off before are due again later.
    app.advance(TimeDelta::minutes(1));
    let jobs = start(&app, mailer(|config| config.smtp = Some(settings)));
    let mut tried = 0;
    while let Ok(connection) = tokio::time::timeout(if tried == 0 { long } else { short }, closing.accept()).await {
        drop(connection.unwrap());
        tried += 1;
    }
    assert!((1..=4).contains(&tried), "{tried} connections to a server that hangs up");
    jobs.stop().await;
}

/// Found: a full or read-only disk read as ready.
#[tokio::test]
async fn a_server_that_can_write_nothing_is_not_ready() {
    let (app, plan) = faulty().await;
    let with = |stands| {
        let mut state = app.state.clone();
        state.ready = lockbox_server::start::ready(&state.store, &state.env.clock, stands);
        TestApp { router: lockbox_server::build_app(state.clone()), state, folder: Arc::clone(&app.folder) }.anonymous()
    };
    let (always, once) = (with(Duration::ZERO), with(Duration::MAX));
    always.get("/readyz").await.is(200);
    once.get("/readyz").await.is(200);
    plan.fail_at(Plan::ANY_COMMIT);
    for _ in 0..2 {
        always.get("/readyz").await.problem(503, "unavailable");
    }
    // A write that went well stands for a while: a tool that asks often costs the disk little.
    once.get("/readyz").await.is(200);
    plan.never_fail();
    always.get("/readyz").await.is(200);
}

/// Mails that are due now.
async fn due(app: &TestApp) -> Vec<lockbox_api::ids::MailId> {
    let now = app.now();
    app.read(move |tx| Ok(tx.mails_due(now, 100)?)).await.into_iter().map(|mail| mail.id).collect()
}

/// Found: mail was given up after 75 hours, while people may have 96 to decide.
#[tokio::test]
async fn mail_is_not_given_up_while_its_request_can_still_be_decided() {
    let app = TestApp::new().await;
    let request = raise(&app, MERIDIAN, serde_json::json!({})).await;
    let decide_by: lockbox_api::Time = serde_json::from_value(request["decide_by"].clone()).unwrap();
    assert!(decide_by - app.now() > TimeDelta::hours(90), "{decide_by}");
    let first = due(&app).await;
    assert!(!first.is_empty());
    // Nobody listens there any more.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = smtp(&gone);
    drop(gone);
    for (hours, given_up) in [(80, false), (20, true)] {
        app.advance(TimeDelta::hours(hours));
        let settings = settings.clone();
        let jobs = start(&app, mailer(|config| config.smtp = Some(settings)));
        for round in 0.. {
            // Every mail was tried once: then none is due, whether it waits or was given up.
            if due(&app).await.is_empty() {
                break;
            }
            assert!(round < 600, "the mails are tried");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        jobs.stop().await;
        let reader = app.person(&MERIDIAN.person("reader")).await;
        let log = reader.get("/api/v1/logs?operation=Notification%20Failure").await.is(200);
        assert_eq!(log["items"].as_array().unwrap().len(), if given_up { first.len() } else { 0 }, "{hours}: {log}");
    }
}
