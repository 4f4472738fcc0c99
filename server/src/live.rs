//! The hub that tells open pages what changed.
//!
//! Whoever writes publishes after the commit and never waits: every organisation has a bounded ring of the latest
//! changes, and a reader that falls behind is told to read everything again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use lockbox_api::{ids::OrganizationId, stream::Change};
use tokio::sync::{broadcast, watch};

use crate::metrics::Metrics;

/// Changes that a reader may lag behind.
const RING: usize = 256;
/// Streams that one organisation may hold open, so that none can use up the server.
const STREAMS_MAX: usize = 1_000;

/// The hub. Cheap to clone.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    channels: Mutex<HashMap<OrganizationId, broadcast::Sender<Change>>>,
    metrics: Metrics,
    stop: Stop,
}

impl Live {
    /// A hub without readers, whose streams end when `stop` begins.
    #[must_use]
    pub fn new(metrics: Metrics, stop: Stop) -> Self {
        Self(Arc::new(Inner { channels: Mutex::default(), metrics, stop }))
    }

    /// Tells every reader of the organisation. Never blocks; without readers nothing happens.
    pub fn publish(&self, organization: &OrganizationId, change: &Change) {
        let mut channels = self.0.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(channel) = channels.get(organization)
            && channel.send(change.clone()).is_err()
        {
            // The last reader has gone.
            channels.remove(organization);
        }
    }

    /// Begins to listen: nothing that is published from now on is missed without being told so. `None` when the
    /// organisation has too many streams open.
    #[must_use]
    pub fn subscribe(&self, organization: &OrganizationId) -> Option<Subscription> {
        let mut channels = self.0.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let channel = channels.entry(organization.clone()).or_insert_with(|| broadcast::Sender::new(RING));
        if channel.receiver_count() >= STREAMS_MAX {
            return None;
        }
        self.0.metrics.streams(1);
        Some(Subscription { receiver: channel.subscribe(), live: self.clone(), stop: self.0.stop.clone() })
    }
}

/// One reader.
pub struct Subscription {
    receiver: broadcast::Receiver<Change>,
    live: Live,
    /// Begins when the server stops.
    pub(crate) stop: Stop,
}

/// What a reader is told.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// Something changed.
    Change(Change),
    /// More changed than could be kept: read everything again.
    Reset,
}

impl Subscription {
    /// The next news; waits for it.
    pub async fn next(&mut self) -> News {
        match self.receiver.recv().await {
            Ok(change) => News::Change(change),
            Err(broadcast::error::RecvError::Lagged(_)) => News::Reset,
            // The hub drops a channel only when it has no reader. Should that ever change, the reader starts afresh.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.live.0.metrics.streams(-1);
    }
}

/// Tells everything that goes on for long that the server stops. Cheap to clone.
#[derive(Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Begins to stop.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it begins.
    pub async fn begun(&self) {
        let mut receiver = self.0.subscribe();
        // The sender lives as long as `self`; should it not, waiting is over as well.
        let _ = receiver.wait_for(|begun| *begun).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use lockbox_api::events::Category;

    pub(crate) fn change(sequence: u64) -> Change {
        Change { sequence, category: Category::Activity, operation: "x".to_owned(), request_id: None }
    }

    fn hub() -> (Live, Metrics) {
        let metrics = Metrics::new(Clock::starting_at(None));
        (Live::new(metrics.clone(), Stop::default()), metrics)
    }

    #[tokio::test]
    async fn readers_hear_their_own_organisation_in_order() {
        let (live, _) = hub();
        let mut meridian = live.subscribe(&"org_meridian".into()).unwrap();
        let mut northstar = live.subscribe(&"org_northstar".into()).unwrap();
        live.publish(&"org_meridian".into(), &change(1));
        live.publish(&"org_northstar".into(), &change(7));
        live.publish(&"org_meridian".into(), &change(2));
        assert_eq!(meridian.next().await, News::Change(change(1)));
        assert_eq!(meridian.next().await, News::Change(change(2)));
        assert_eq!(northstar.next().await, News::Change(change(7)));
    }

    #[tokio::test]
    async fn a_slow_reader_is_told_to_start_afresh_and_nobody_waits_for_it() {
        let (live, _) = hub();
        let mut slow = live.subscribe(&"org_meridian".into()).unwrap();
        for sequence in 0..1_000 {
            live.publish(&"org_meridian".into(), &change(sequence));
        }
        assert_eq!(slow.next().await, News::Reset);
        assert_eq!(slow.next().await, News::Change(change(1_000 - 256)));
    }

    #[tokio::test]
    async fn streams_are_counted_and_bounded() {
        let (live, metrics) = hub();
        let streams: Vec<_> = (0..STREAMS_MAX).map(|_| live.subscribe(&"org_meridian".into()).unwrap()).collect();
        assert!(live.subscribe(&"org_meridian".into()).is_none());
        assert!(live.subscribe(&"org_northstar".into()).is_some());
        assert!(metrics.text().contains("lockbox_event_streams 1000\n"));
        drop(streams);
        assert!(metrics.text().contains("lockbox_event_streams 0\n"));
        live.publish(&"org_meridian".into(), &change(1));
        assert!(!live.0.channels.lock().unwrap().contains_key(&"org_meridian".into()), "nothing is kept for nobody");
    }

    #[tokio::test]
    async fn stopping_reaches_whoever_waits_before_and_after() {
        let stop = Stop::default();
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.begun().await }
        });
        tokio::task::yield_now().await;
        assert!(!stop.has_begun());
        stop.begin();
        waiting.await.unwrap();
        stop.begun().await;
        assert!(stop.has_begun());
    }
}
