//! The hub that tells open pages what changed.
//!
//! Whoever writes publishes after the commit and never waits: every organisation has a bounded ring of the latest
//! changes, and a reader that falls behind is told to read everything again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lockbox_api::{
    ids::{OrganizationId, PersonId},
    stream::Change,
};
use tokio::sync::{broadcast, watch};

use crate::metrics::Metrics;

/// Changes that a reader may lag behind.
const RING: usize = 256;
/// Streams that one organisation may hold open, so that none can use up the server.
const STREAMS_MAX: usize = 1_000;
/// Streams that one person may hold open, so that none can use up what the others of the organisation need.
const STREAMS_OF_PERSON_MAX: usize = 32;

/// The hub. Cheap to clone.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    channels: Mutex<HashMap<OrganizationId, broadcast::Sender<Change>>>,
    of_people: Mutex<HashMap<PersonId, usize>>,
    metrics: Metrics,
    stop: Stop,
}

impl Live {
    /// A hub without readers, whose streams end when `stop` begins.
    #[must_use]
    pub fn new(metrics: Metrics, stop: Stop) -> Self {
        Self(Arc::new(Inner { channels: Mutex::default(), of_people: Mutex::default(), metrics, stop }))
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
        let (receiver, stop) = (channel.subscribe(), self.0.stop.clone());
        Some(Subscription { receiver, live: self.clone(), person: None, stop })
    }

    fn of_people(&self) -> MutexGuard<'_, HashMap<PersonId, usize>> {
        self.0.of_people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same for a person; none when this person has too many as well.
    #[must_use]
    pub fn subscribe_for(&self, organization: &OrganizationId, person: &PersonId) -> Option<Subscription> {
        let mut of_people = self.of_people();
        let open = of_people.get(person).copied().unwrap_or_default();
        if open >= STREAMS_OF_PERSON_MAX {
            return None;
        }
        let mut subscription = self.subscribe(organization)?;
        subscription.person = Some(person.clone());
        of_people.insert(person.clone(), open + 1);
        Some(subscription)
    }
}

/// One reader.
pub struct Subscription {
    receiver: broadcast::Receiver<Change>,
    live: Live,
    person: Option<PersonId>,
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
        if let Some(person) = &self.person {
            let mut of_people = self.live.of_people();
            match of_people.get_mut(person) {
                Some(open) if *open > 1 => *open -= 1,
                _ => drop(of_people.remove(person)),
            }
        }
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
        let ana = PersonId("per_ana".to_owned());
        let hers: Vec<_> =
            (0..STREAMS_OF_PERSON_MAX).map(|_| live.subscribe_for(&"org_northstar".into(), &ana).unwrap()).collect();
        assert!(live.subscribe_for(&"org_northstar".into(), &ana).is_none(), "one person can't hold them all");
        assert!(live.subscribe_for(&"org_northstar".into(), &PersonId("per_ben".to_owned())).is_some());
        drop(hers);
        assert!(live.subscribe_for(&"org_northstar".into(), &ana).is_some());
        assert!(live.of_people().is_empty(), "nothing is kept of nobody");
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
