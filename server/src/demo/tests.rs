use std::{collections::BTreeMap, sync::Arc};

use chrono::{TimeDelta, Utc};
use lockbox_api::{events::Event, requests::Status};

use super::*;
use crate::{
    catalog::Book,
    random::Random,
    store::{LogFilter, Order, ReadTx, Store, StoreError, sqlite::SqliteEngine},
};

fn environment() -> Env {
    #[expect(clippy::disallowed_methods, reason = "the demo is made relative to the real day")]
    let now = Utc::now();
    Env {
        clock: Clock::stopped_at(now),
        random: Random::seeded(7),
        book: Book::open(None, None).unwrap(),
        public_url: "http://localhost:8080".into(),
        mail: true,
        session_idle: TimeDelta::minutes(15),
        session_length: TimeDelta::hours(12),
        idempotency_retention: TimeDelta::hours(24),
        internal_approval: TimeDelta::hours(12),
        internal_approver_names: false,
    }
}

async fn made() -> (tempfile::TempDir, Store, Env) {
    let folder = tempfile::tempdir().unwrap();
    let engine = SqliteEngine::open(&folder.path().join("demo.db"), 1).unwrap();
    let store = Store::new(engine, Arc::new(|_| {}));
    let env = environment();
    let cloned = env.clone();
    store.write(move |tx| prepare(tx, &cloned, "no hash")).await.unwrap();
    (folder, store, env)
}

async fn log(store: &Store, organization: &'static str) -> Vec<Event> {
    store.read(move |tx| tx.events_after(&organization.into(), 0, 10_000)).await.unwrap()
}

#[tokio::test]
async fn the_demo_shows_every_way_a_request_can_go() {
    let (_folder, store, env) = made().await;
    let now = env.now();
    let filter = RequestFilter { limit: 500, ..RequestFilter::default() };
    let requests = store.read(move |tx| tx.requests(&people::MERIDIAN.into(), &filter, now)).await.unwrap();
    let mut by_status: BTreeMap<Status, usize> = BTreeMap::new();
    for request in &requests {
        *by_status.entry(request.status).or_default() += 1;
    }
    for status in Status::ALL {
        if *status != Status::Cancelled {
            assert!(by_status.contains_key(status), "no request is {status}: {by_status:?}");
        }
    }
    assert!(
        requests.iter().any(|request| request.asked_minutes.is_some_and(|asked| asked > request.access_minutes)),
        "a rule shortens none"
    );
    let open = RequestFilter { view: Some(RequestView::Active), limit: 10, ..RequestFilter::default() };
    let open = store.read(move |tx| tx.requests(&people::MERIDIAN.into(), &open, now)).await.unwrap();
    assert_eq!(open.len(), 1, "one access is open");
    assert!(open[0].grant.as_ref().unwrap().refused_actions > 0, "and something outside it was tried");
}

#[tokio::test]
async fn its_log_is_dense_and_ordered_and_its_mail_is_about_what_waits() {
    let (_folder, store, env) = made().await;
    for organization in [people::MERIDIAN, people::NORTHSTAR] {
        let events = log(&store, organization).await;
        assert!(events.len() > 20);
        assert!(events.iter().zip(1..).all(|(event, sequence)| event.sequence == sequence));
        assert!(events.is_sorted_by_key(|event| event.time));
        assert!(events.last().unwrap().time <= env.now());
    }
    let mails = store.read(|tx| tx.newest_mails(100)).await.unwrap();
    assert!(!mails.is_empty() && mails.iter().all(|mail| mail.link.is_some()), "{mails:?}");
}

#[tokio::test]
async fn a_second_start_adds_nothing_while_requests_wait() {
    let (_folder, store, env) = made().await;
    let before = log(&store, people::MERIDIAN).await.len();
    store.write(move |tx| prepare(tx, &env, "no hash")).await.unwrap();
    assert_eq!(log(&store, people::MERIDIAN).await.len(), before);
}

#[tokio::test]
async fn free_text_finds_a_statement_and_only_in_its_own_organisation() {
    let (_folder, store, _env) = made().await;
    let find = |organization: &'static str| {
        let store = store.clone();
        async move {
            let filter = LogFilter {
                values: lockbox_api::logs::LogFilter { q: Some("TimeZoneDef*".to_owned()), ..Default::default() },
                limit: 100,
                ..LogFilter::default()
            };
            let mut found = 0;
            let count = move |tx: &dyn ReadTx| {
                tx.events(&organization.into(), &filter, Order::NewestFirst, &mut |_| {
                    found += 1;
                    true
                })?;
                Ok::<_, StoreError>(found)
            };
            store.read(count).await.unwrap()
        }
    };
    assert!(find(people::MERIDIAN).await > 0);
    assert_eq!(find(people::NORTHSTAR).await, 0);
}
