//! From settings to a server that can answer.

use chrono::TimeDelta;
use lockbox_api::{ids::OrganizationId, stream::Change};
use std::{net::SocketAddr, sync::Arc};

use crate::{
    app::{self, Env},
    catalog::Book,
    clock::Clock,
    config::{Config, ConfigError},
    demo,
    http::{health::ReadyCheck, middleware::SignInLimit, portal::Portal},
    jobs::Jobs,
    live::{Live, Stop},
    metrics::Metrics,
    notify::Mailer,
    password::{PasswordError, Passwords},
    random::Random,
    secret::Secret,
    state::{AppState, Changes},
    store::{Store, StoreError, sqlite::SqliteEngine},
};

/// Threads that read the database.
const READERS: usize = 4;

/// Why the server can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The catalog or the rules are wrong: file, line and field.
    #[error("{0}")]
    Data(String),
    /// The data folder or the database can't be used.
    #[error("{0}")]
    Folder(String),
    /// The database can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The demo can't be made.
    #[error("the demo could not be made: {0}")]
    Demo(String),
}

/// A server that can answer, with its jobs running.
pub struct Started {
    /// What handlers share.
    pub state: AppState,
    /// To be stopped before the process ends.
    pub jobs: Jobs,
}

/// Opens the data, checks catalog and rules, prepares the demo where it is asked for, and starts the jobs.
/// `bound`: where the server listens, for the links that it writes.
///
/// # Errors
/// [`StartError`], which prints as one line.
pub async fn start(config: &Config, bound: SocketAddr) -> Result<Started, StartError> {
    let state = assemble(config, bound).await?;
    let mailer = Arc::new(Mailer::new(config, &state.public_url)?);
    let jobs = Jobs::start(&state, mailer);
    Ok(Started { state, jobs })
}

/// Everything of [`start`] except the jobs: a server that answers, in which nothing happens by itself.
///
/// # Errors
/// [`StartError`], which prints as one line.
pub async fn assemble(config: &Config, bound: SocketAddr) -> Result<AppState, StartError> {
    // Before anything is written: a wrong file leaves no folder behind.
    let book = book(config)?;
    let store = open(config)?;
    let high_water = store.read(|tx| tx.high_water()).await?;
    #[cfg(feature = "test-hooks")]
    let (clock, hand) = Clock::settable_from_now(high_water);
    #[cfg(not(feature = "test-hooks"))]
    let clock = Clock::starting_at(high_water);
    let public_url = config.public_url(bound);
    let stop = Stop::default();
    let metrics = Metrics::new(clock.clone());
    let changes = Changes::default();
    let live = Live::new(metrics.clone(), stop.clone());
    let store = {
        let (changes, live, metrics) = (changes.clone(), live.clone(), metrics.clone());
        store.telling(Arc::new(move |organization: &OrganizationId, change: &Change| {
            metrics.event_written(change.category);
            changes.publish(organization, change);
            live.publish(organization, change);
        }))
    };
    let env = environment(config, book, clock, public_url.as_str());
    let passwords = Passwords::default();
    close_interrupted(&store, &env).await?;
    if config.demo {
        make_demo(&store, &env, &passwords).await?;
    }
    Ok(AppState {
        ready: ready(&store),
        portal: config.portal_dir.clone().map_or(Portal::Embedded, Portal::Folder),
        demo_accounts: if config.demo { demo::sign_in_accounts().into() } else { Arc::new([]) },
        config: Arc::new(config.clone()),
        sign_in_limit: SignInLimit::default(),
        public_url,
        store,
        env,
        changes,
        live,
        stop,
        metrics,
        passwords,
        #[cfg(feature = "test-hooks")]
        hand,
    })
}

/// The data and what use cases need, for commands at the machine: no server, no jobs, no mail.
///
/// # Errors
/// [`StartError`], which prints as one line.
pub async fn data(config: &Config) -> Result<(Store, Env), StartError> {
    let book = book(config)?;
    let store = open(config)?;
    let clock = Clock::starting_at(store.read(|tx| tx.high_water()).await?);
    let public_url = config.public_url(config.listen);
    let env = environment(config, book, clock, public_url.as_str());
    Ok((store, Env { mail: false, ..env }))
}

fn open(config: &Config) -> Result<Store, StartError> {
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|error| StartError::Folder(format!("--data-dir: {}: {error}", config.data_dir.display())))?;
    Ok(Store::new(SqliteEngine::open(&config.database, READERS)?, Arc::new(|_, _| {})))
}

fn book(config: &Config) -> Result<Book, StartError> {
    Book::open(config.catalog.clone(), config.jit_rules.clone()).map_err(|wrong| StartError::Data(wrong.to_string()))
}

fn environment(config: &Config, book: Book, clock: Clock, public_url: &str) -> Env {
    Env {
        clock,
        random: Random::system(),
        book,
        public_url: public_url.trim_end_matches('/').into(),
        mail: true,
        session_idle: length(config.session.idle),
        session_length: length(config.session.absolute),
        idempotency_retention: length(config.idempotency_retention),
        internal_approval: length(config.internal_approval),
        internal_approver_names: config.internal_approver_names,
    }
}

/// Ready means that the database answers and its log can be read.
fn ready(store: &Store) -> ReadyCheck {
    let store = store.clone();
    Arc::new(move || {
        let store = store.clone();
        Box::pin(async move {
            store.read(|tx| tx.high_water()).await.map(drop).map_err(|error: StoreError| error.to_string())
        })
    })
}

/// Exports that an earlier process was sending have ended with it.
async fn close_interrupted(store: &Store, env: &Env) -> Result<(), StartError> {
    if store.read(|tx| tx.running_exports()).await?.is_empty() {
        return Ok(());
    }
    let env = env.clone();
    let origin = app::Origin { correlation_id: env.random.prefixed("job_", env.now()), client_ip: None };
    let closed = store.write(move |tx| app::exports::close_interrupted(tx, &env, &origin)).await;
    closed.map(drop).map_err(|error: app::Error| StartError::Folder(format!("closing exports: {error}")))
}

/// A length of time from the settings, which keep all of them far below the largest.
fn length(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

async fn make_demo(store: &Store, env: &Env, passwords: &Passwords) -> Result<(), StartError> {
    let failed = |error: PasswordError| StartError::Demo(error.to_string());
    let hash = passwords.hash(Secret::new(demo::PASSWORD)).await.map_err(failed)?;
    let env = env.clone();
    store
        .write(move |tx| demo::prepare(tx, &env, &hash))
        .await
        .map_err(|error: app::Error| StartError::Demo(format!("{error:?}")))
}
