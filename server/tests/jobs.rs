//! What works by itself keeps to its pace when something fails or hangs, and ends in time.

use std::{path::Path, sync::Arc, time::Duration};

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
