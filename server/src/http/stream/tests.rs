//! What readers get to see, and when it ends.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::body::BodyDataStream;
use lockbox_api::events::Category;
use tokio_stream::StreamExt;

use super::*;
use crate::{
    clock::Clock,
    live::{Live, Stop},
    metrics::Metrics,
};

fn change(sequence: u64) -> Change {
    Change { sequence, category: Category::Activity, operation: "x".to_owned(), request_id: None }
}

fn hub() -> (Live, Stop) {
    let stop = Stop::default();
    (Live::new(Metrics::new(Clock::starting_at(None)), stop.clone()), stop)
}

/// A log that reaches up to `end`.
fn source(end: u64) -> StreamSource {
    StreamSource {
        after: Box::new(move |after, limit| {
            Box::pin(async move { Some((after + 1..=end).take(limit as usize).map(change).collect()) })
        }),
        still_valid: Box::new(|| Box::pin(async { true })),
        told: Arc::new(Change::clone),
    }
}

fn open(live: &Live, last: Option<u64>, source: StreamSource) -> BodyDataStream {
    let response = stream(live.subscribe(&"org_meridian".into()).unwrap(), last, source);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response.into_body().into_data_stream()
}

/// The next message, as text; `None` at the end of the stream.
async fn next(body: &mut BodyDataStream) -> Option<String> {
    let bytes = tokio::time::timeout(Duration::from_secs(600), body.next()).await.expect("a message or the end");
    bytes.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap())
}

async fn opened(live: &Live, last: Option<u64>, source: StreamSource) -> BodyDataStream {
    let mut body = open(live, last, source);
    assert_eq!(next(&mut body).await.unwrap(), ": open\nretry: 2000\n\n");
    body
}

#[tokio::test(start_paused = true)]
async fn changes_arrive_with_their_sequence() {
    let (live, _) = hub();
    let mut body = opened(&live, None, source(0)).await;
    live.publish(&"org_meridian".into(), &change(7));
    let message = next(&mut body).await.unwrap();
    let data = r#"{"sequence":7,"category":"activity","operation":"x","request_id":null}"#;
    assert_eq!(message, format!("event: change\nid: 7\ndata: {data}\n\n"));
}

#[tokio::test(start_paused = true)]
async fn a_break_is_caught_up_without_repeating() {
    let (live, _) = hub();
    let subscription_source = source(6);
    let mut body = opened(&live, Some(4), subscription_source).await;
    // Published while the log was being read: the same events as the log's.
    for sequence in [5, 6, 7] {
        live.publish(&"org_meridian".into(), &change(sequence));
    }
    for expected in ["id: 5", "id: 6", "id: 7"] {
        assert!(next(&mut body).await.unwrap().contains(expected), "{expected}");
    }
}

#[tokio::test(start_paused = true)]
async fn too_long_a_break_is_a_reset() {
    let (live, _) = hub();
    let mut body = opened(&live, Some(1), source(202)).await;
    assert_eq!(next(&mut body).await.unwrap(), "event: reset\ndata: {}\n\n");
    let mut body = opened(&live, Some(2), source(202)).await;
    assert!(next(&mut body).await.unwrap().contains("id: 3"));
    let unreadable = StreamSource { after: Box::new(|_, _| Box::pin(async { None })), ..source(0) };
    let mut body = opened(&live, Some(1), unreadable).await;
    assert!(next(&mut body).await.unwrap().starts_with("event: reset"));
}

#[tokio::test(start_paused = true)]
async fn what_a_listener_may_not_know_is_not_sent() {
    let (live, _) = hub();
    let bare = StreamSource { told: Arc::new(|it| Change { operation: String::new(), ..it.clone() }), ..source(2) };
    let mut body = opened(&live, Some(1), bare).await;
    live.publish(&"org_meridian".into(), &change(3));
    for expected in ["id: 2", "id: 3"] {
        let message = next(&mut body).await.unwrap();
        assert!(message.contains(expected) && !message.contains("\"x\""), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_session() {
    let (live, _) = hub();
    let valid = Arc::new(AtomicBool::new(true));
    let asked = Arc::new(AtomicUsize::new(0));
    let checks = StreamSource {
        still_valid: Box::new({
            let (valid, asked) = (Arc::clone(&valid), Arc::clone(&asked));
            move || {
                asked.fetch_add(1, Ordering::SeqCst);
                let valid = valid.load(Ordering::SeqCst);
                Box::pin(async move { valid })
            }
        }),
        ..source(0)
    };
    let mut body = opened(&live, None, checks).await;
    let begin = tokio::time::Instant::now();
    assert_eq!(next(&mut body).await.unwrap(), ": beat\n\n");
    assert_eq!(begin.elapsed().as_secs(), 15);
    valid.store(false, Ordering::SeqCst);
    assert_eq!(next(&mut body).await, None);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_the_server_stops() {
    let (live, stop) = hub();
    let mut body = opened(&live, None, source(0)).await;
    let begin = tokio::time::Instant::now();
    stop.begin();
    assert_eq!(next(&mut body).await, None);
    assert!(begin.elapsed().is_zero());
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_does_not_read_gets_a_reset_and_a_dead_one_is_let_go() {
    let (live, _) = hub();
    let mut body = opened(&live, None, source(0)).await;
    for sequence in 0..1_000 {
        live.publish(&"org_meridian".into(), &change(sequence));
        tokio::task::yield_now().await;
    }
    let mut seen = Vec::new();
    loop {
        let message = next(&mut body).await.unwrap();
        let reset = message.starts_with("event: reset");
        seen.push(message);
        if reset {
            break;
        }
    }
    assert!(seen.len() < 40, "bounded");

    let body = open(&live, None, source(0));
    for sequence in 0..100 {
        live.publish(&"org_meridian".into(), &change(sequence));
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    drop(body);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(live.subscribe(&"org_meridian".into()).is_some());
}
