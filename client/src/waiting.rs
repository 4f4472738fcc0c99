//! Waiting for the answer, for hours if need be, without asking all the time.

use std::time::Duration;

use lockbox_api::{
    ids::RequestId,
    provider::WaitQuery,
    requests::{LockboxRequest, Status},
};
use tokio::time::Instant;

use crate::{Client, Error, Result, call::Call};

/// How long one call is held: below the 60 seconds that the server allows, and below the time-outs of usual proxies.
const HELD: Duration = Duration::from_secs(50);
/// How long Lockbox may be out of reach before waiting is given up: a restart, an update, a broken line.
const PATIENCE: Duration = Duration::from_secs(300);
/// Pause after a call that failed, or that was answered at once although nothing changed.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// What is known while waiting.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// The request as it is, not decided yet.
    Request(&'a LockboxRequest),
    /// Lockbox can't be reached just now; it is tried again.
    Lost(&'a Error),
}

/// Whether nothing is waited for any more: it was decided, or nobody had to be asked, or it ended.
#[must_use]
pub const fn is_settled(status: Status) -> bool {
    !matches!(status, Status::CustomerNotified | Status::AwaitingInternalApproval)
}

impl Client {
    /// The request as soon as its state changes, or as it is after `held` (at most 60 seconds).
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn request_held(&self, id: &RequestId, held: Duration) -> Result<LockboxRequest> {
        let held = held.min(Duration::from_secs(60));
        let query = WaitQuery { wait: u32::try_from(held.as_secs()).ok() };
        Ok(self.send(Call::get(&["access-requests", id.as_str()]).query(&query).held(held)).await?.0)
    }

    /// Waits until the request is decided or needs no decision any more, over as many calls as it takes. Without
    /// `patience` that ends when the request expires, at the latest.
    ///
    /// # Errors
    /// See [`Client`]; [`Error::NotDecided`] after `patience`; when Lockbox is out of reach for five minutes, why.
    pub async fn wait(&self, id: &RequestId, patience: Option<Duration>) -> Result<LockboxRequest> {
        self.wait_with(id, patience, |_| ()).await
    }

    /// The same, telling what is known after every call.
    ///
    /// # Errors
    /// As [`Client::wait`].
    pub async fn wait_with(
        &self,
        id: &RequestId,
        patience: Option<Duration>,
        mut tell: impl FnMut(News<'_>),
    ) -> Result<LockboxRequest> {
        let until = patience.and_then(|patience| Instant::now().checked_add(patience));
        let left = |now: Instant| until.map_or(HELD, |until| until.saturating_duration_since(now).min(HELD));
        // The first look is not held: whoever waits wants to know at once what for.
        let mut held = Duration::ZERO;
        let mut known: Option<LockboxRequest> = None;
        let mut lost_since: Option<Instant> = None;
        let mut pause = PAUSE;
        loop {
            let begun = Instant::now();
            match self.request_held(id, held).await {
                Ok(request) if is_settled(request.status) => return Ok(request),
                Ok(request) => {
                    lost_since = None;
                    tell(News::Request(&request));
                    let changed = known.as_ref().is_none_or(|known| known.version != request.version);
                    known = Some(request);
                    if changed || begun.elapsed() >= Duration::from_secs(1) {
                        pause = PAUSE;
                    } else {
                        // Answered at once and nothing new: something between us and Lockbox does not hold calls.
                        tokio::time::sleep(pause.min(left(Instant::now()))).await;
                        pause = (pause * 2).min(PAUSE_MAX);
                    }
                }
                Err(error) if error.is_transient() => {
                    let since = *lost_since.get_or_insert(begun);
                    if since.elapsed() >= PATIENCE || known.is_none() {
                        return Err(error);
                    }
                    tell(News::Lost(&error));
                    tokio::time::sleep(pause.min(left(Instant::now()))).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
                Err(error) => return Err(error),
            }
            let now = Instant::now();
            if until.is_some_and(|until| now >= until)
                && let Some(request) = known
            {
                return Err(Error::NotDecided(Box::new(request)));
            }
            // A call is held for whole seconds; the last one at least one.
            held = left(now).max(Duration::from_secs(1));
        }
    }
}
