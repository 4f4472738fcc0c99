//! What all handlers share. Cheap to clone.

use std::{sync::Arc, time::Duration};

use lockbox_api::{
    ids::{OrganizationId, RequestId},
    session::DemoAccount,
    stream::Change,
};
use tokio::sync::{broadcast, watch};

use crate::{
    app::{self, Env},
    config::{Config, PublicUrl},
    http::{health::ReadyCheck, middleware::SignInLimit, portal::Portal},
    last_use::LastUses,
    leases::Leases,
    live::{Live, Stop},
    metrics::Metrics,
    password::Passwords,
    refused_sign_ins::RefusedSignIns,
    store::Store,
};

/// Changes that a slow waiter may lag behind before it reads again on its own.
const CHANGES_KEPT: usize = 4_096;

/// What all handlers share.
#[derive(Clone)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
    /// Where people reach the server.
    pub public_url: PublicUrl,
    /// The data.
    pub store: Store,
    /// Clock, randomness, catalog, rules.
    pub env: Env,
    /// Committed changes, for waiters within the process.
    pub changes: Changes,
    /// Committed changes, for open pages.
    pub live: Live,
    /// Begins when the server stops.
    pub stop: Stop,
    /// Figures for operators.
    pub metrics: Metrics,
    /// Password checks, a few at a time.
    pub passwords: Passwords,
    /// Slows down guessing.
    pub sign_in_limit: SignInLimit,
    /// Refused sign-ins that are not in the log yet.
    pub refused_sign_ins: RefusedSignIns,
    /// When keys of API clients were used.
    pub last_uses: LastUses,
    /// Held while the clock's mark is written, so that those who need one don't write one each.
    pub keeping_time: Arc<tokio::sync::Mutex<()>>,
    /// Signs leases.
    pub leases: Leases,
    /// The portal's files.
    pub portal: Portal,
    /// Whether the database and the log are there.
    pub ready: ReadyCheck,
    /// The demo's accounts; empty outside the demo.
    pub demo_accounts: Arc<[DemoAccount]>,
    /// Moves the clock, in tests.
    #[cfg(feature = "test-hooks")]
    pub hand: crate::clock::ClockHand,
}

/// How long an answer waits until the time is written down.
const KEEPING_TIME: Duration = Duration::from_secs(2);

impl AppState {
    /// To be done before an answer leaves: what it says of the time must hold after a restart, too. Writes only where a
    /// restart would not reach the time that the clock has answered, which is rare while the sweep runs.
    pub async fn keep_time(&self) {
        let clock = &self.env.clock;
        if !clock.is_ahead_of_mark() {
            return;
        }
        let keep = async {
            let _keeping = self.keeping_time.lock().await;
            if clock.is_ahead_of_mark() { app::time::keep(&self.store, clock, false).await.map(drop) } else { Ok(()) }
        };
        // A disk that is full or hangs must not hide from people what they may read; what is answered holds at least until
        // a restart.
        match tokio::time::timeout(KEEPING_TIME, keep).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, "the time could not be written down: a restart may go back behind it")
            }
            Err(_) => tracing::error!("the time could not be written down in time: a restart may go back behind it"),
        }
    }

    /// True where the portal is reached by TLS: the session cookie is then bound to the host.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.public_url.is_https()
    }
}

/// Tells waiters within the process what was committed. Everything told is a hint to read again.
#[derive(Clone)]
pub struct Changes {
    each: broadcast::Sender<(OrganizationId, Change)>,
    commits: watch::Sender<()>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { each: broadcast::Sender::new(CHANGES_KEPT), commits: watch::Sender::default() }
    }
}

impl Changes {
    /// Tells everybody who listens; nobody listening is fine.
    pub fn publish(&self, committed: &[(OrganizationId, Change)]) {
        if self.each.receiver_count() > 0 {
            for change in committed {
                let _ = self.each.send(change.clone());
            }
        }
        self.commits.send_replace(());
    }

    /// Listens for commits, whatever is in them: any number of them between two looks are one.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<()> {
        self.commits.subscribe()
    }

    /// Listens from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<(OrganizationId, Change)> {
        self.each.subscribe()
    }

    /// Returns when something about the request was committed, or when changes were missed.
    pub async fn about(receiver: &mut broadcast::Receiver<(OrganizationId, Change)>, request: &RequestId) {
        loop {
            match receiver.recv().await {
                Ok((_, change)) if change.request_id.as_ref() != Some(request) => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                // The sender lives as long as the state; without it nothing will ever change.
                Err(broadcast::error::RecvError::Closed) => return std::future::pending().await,
            }
        }
    }
}
