//! What all handlers share. Cheap to clone.

use std::sync::Arc;

use lockbox_api::{
    ids::{OrganizationId, RequestId},
    session::DemoAccount,
    stream::Change,
};
use tokio::sync::broadcast;

use crate::{app::Env, password::Passwords, store::Store};

/// Changes that a slow waiter may lag behind before it reads again on its own.
const CHANGES_KEPT: usize = 4_096;

/// What all handlers share.
#[derive(Clone)]
pub struct AppState {
    /// The data.
    pub store: Store,
    /// Clock, randomness, catalog, rules.
    pub env: Env,
    /// Committed changes, as they happen.
    pub changes: Changes,
    /// Password checks, a few at a time.
    pub passwords: Passwords,
    /// Settings that handlers look at.
    pub settings: Arc<Settings>,
}

/// Settings that handlers look at.
#[derive(Clone, Debug)]
pub struct Settings {
    /// True where the portal is reached by TLS: the session cookie is then bound to the host.
    pub secure: bool,
    /// True in the demo: accounts are offered and mail can be read.
    pub demo: bool,
    /// The demo's accounts.
    pub demo_accounts: Vec<DemoAccount>,
}

/// Tells waiters within the process what was committed. Everything told is a hint to read again.
#[derive(Clone)]
pub struct Changes(broadcast::Sender<(OrganizationId, Change)>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::Sender::new(CHANGES_KEPT))
    }
}

impl Changes {
    /// Tells everybody who listens; nobody listening is fine.
    pub fn publish(&self, organization: &OrganizationId, change: &Change) {
        let _ = self.0.send((organization.clone(), change.clone()));
    }

    /// Listens from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<(OrganizationId, Change)> {
        self.0.subscribe()
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
