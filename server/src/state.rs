//! What handlers share.

use std::{net::SocketAddr, sync::Arc};

use axum::extract::FromRef;
use lockbox_api::{catalog::Catalog, jit::JitRules};

use crate::{
    clock::Clock,
    config::{Config, PublicUrl},
    http::{
        health::ReadyCheck,
        middleware::{Caller, SecurityHeaders, SignInLimit},
        portal::Portal,
    },
    live::{Live, Stop},
    metrics::Metrics,
    password::Passwords,
    random::Random,
};

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
    /// Where people reach the server.
    pub public_url: PublicUrl,
    /// The time.
    pub clock: Clock,
    /// Ids and secrets.
    pub random: Random,
    /// Figures for operators.
    pub metrics: Metrics,
    /// Tells open pages what changed.
    pub live: Live,
    /// Begins when the server stops.
    pub stop: Stop,
    /// Checks passwords.
    pub passwords: Passwords,
    /// Slows down guessing.
    pub sign_in_limit: SignInLimit,
    /// The portal's files.
    pub portal: Portal,
    /// What the provider runs.
    pub catalog: Arc<Catalog>,
    /// The provider's rules.
    pub rules: Arc<JitRules>,
    /// Whether the database and the log are there.
    pub ready: ReadyCheck,
}

impl AppState {
    /// The state of a server that listens on `bound`.
    #[must_use]
    pub fn new(
        config: Config,
        bound: SocketAddr,
        clock: Clock,
        random: Random,
        catalog: Catalog,
        rules: JitRules,
        ready: ReadyCheck,
    ) -> Self {
        let metrics = Metrics::new(clock.clone());
        let stop = Stop::default();
        Self {
            public_url: config.public_url(bound),
            live: Live::new(metrics.clone(), stop.clone()),
            portal: config.portal_dir.clone().map_or(Portal::Embedded, Portal::Folder),
            passwords: Passwords::default(),
            sign_in_limit: SignInLimit::default(),
            catalog: Arc::new(catalog),
            rules: Arc::new(rules),
            config: Arc::new(config),
            clock,
            random,
            metrics,
            stop,
            ready,
        }
    }
}

impl FromRef<AppState> for Caller {
    fn from_ref(state: &AppState) -> Self {
        Self {
            clock: state.clock.clone(),
            random: state.random.clone(),
            metrics: state.metrics.clone(),
            trusted_proxies: state.config.trusted_proxies.clone().into(),
        }
    }
}

impl FromRef<AppState> for SecurityHeaders {
    fn from_ref(state: &AppState) -> Self {
        Self::new(&state.public_url)
    }
}

impl FromRef<AppState> for PublicUrl {
    fn from_ref(state: &AppState) -> Self {
        state.public_url.clone()
    }
}
