//! `GET /api/v1/stream`: the changes of an organisation as Server-Sent Events.

use std::{convert::Infallible, pin::Pin, sync::Arc, time::Duration};

use axum::response::{IntoResponse, Response, Sse, sse::Event};
use lockbox_api::stream::Change;
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};
use tokio_stream::wrappers::ReceiverStream;

use crate::live::{News, Subscription};

/// How often a sign of life is sent, and the right to listen checked again.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a browser waits before it connects again, ms.
const RETRY: Duration = Duration::from_secs(2);
/// Changes that are sent after a break; more, and reading everything again is cheaper.
const CATCH_UP_MAX: u32 = 200;
/// How long a reader may leave a message unread.
const PATIENCE: Duration = Duration::from_secs(30);

/// A boxed future.
pub type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The changes that a reader missed; `None` if they can't be had.
pub type Missed = Later<Option<Vec<Change>>>;

/// What a stream needs from outside.
pub struct StreamSource {
    /// The changes with a sequence above the first number, in order, at most as many as the second; `None` if they
    /// can't be had.
    pub after: Box<dyn Fn(u64, u32) -> Missed + Send + Sync>,
    /// Whether the session still holds. Asked at every heartbeat.
    pub still_valid: Box<dyn Fn() -> Later<bool> + Send + Sync>,
    /// What the listener is told of a change.
    pub told: Arc<dyn Fn(&Change) -> Change + Send + Sync>,
}

/// The answer: everything that changes from now on, and with `last_event_id` what changed since. Subscribe before
/// anything is read, or a change between reading and listening gets lost.
#[must_use]
pub fn stream(subscription: Subscription, last_event_id: Option<u64>, source: StreamSource) -> Response {
    let (send, receive) = mpsc::channel(16);
    tokio::spawn(async move {
        // An error means that nobody reads any more.
        let _ = run(subscription, last_event_id, &source, &send).await;
    });
    let mut response = Sse::new(ReceiverStream::new(receive)).into_response();
    // Proxies that collect answers before they pass them on would hold back the news.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    response
}

type Sender = mpsc::Sender<Result<Event, Infallible>>;

/// The reader has gone, or does not read.
struct Gone;

async fn run(
    mut subscription: Subscription,
    last_event_id: Option<u64>,
    source: &StreamSource,
    to: &Sender,
) -> Result<(), Gone> {
    send(to, Event::default().comment("open").retry(RETRY)).await?;
    let mut sent_up_to = 0;
    if let Some(last) = last_event_id {
        match (source.after)(last, CATCH_UP_MAX + 1).await {
            Some(missed) if missed.len() <= CATCH_UP_MAX as usize => {
                for change in missed {
                    sent_up_to = change.sequence;
                    send_change(to, &change, source).await?;
                }
            }
            _ => send_reset(to).await?,
        }
    }
    let stop = subscription.stop.clone();
    let mut beat = interval(HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat.reset();
    loop {
        tokio::select! {
            news = subscription.next() => match news {
                News::Change(change) if change.sequence > sent_up_to => send_change(to, &change, source).await?,
                News::Change(_) => {}
                News::Reset => send_reset(to).await?,
            },
            _ = beat.tick() => {
                if !(source.still_valid)().await {
                    return Ok(());
                }
                send(to, Event::default().comment("beat")).await?;
            }
            () = stop.begun() => return Ok(()),
            () = to.closed() => return Err(Gone),
        }
    }
}

async fn send_change(to: &Sender, change: &Change, source: &StreamSource) -> Result<(), Gone> {
    // A change is made of strings and numbers; writing it can't fail.
    let data = serde_json::to_string(&(source.told)(change)).unwrap_or_default();
    send(to, Event::default().event("change").id(change.sequence.to_string()).data(data)).await
}

async fn send_reset(to: &Sender) -> Result<(), Gone> {
    send(to, Event::default().event("reset").data("{}")).await
}

async fn send(to: &Sender, event: Event) -> Result<(), Gone> {
    to.send_timeout(Ok(event), PATIENCE).await.map_err(|_| Gone)
}

#[cfg(test)]
mod tests;
