//! From settings to a server that can answer.

use chrono::TimeDelta;
use lockbox_api::{ids::OrganizationId, stream::Change};
use std::{
    fs::OpenOptions,
    io::ErrorKind,
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Mutex, time::Instant};

use crate::{
    app::{self, Env},
    catalog::Book,
    clock::Clock,
    config::{Config, ConfigError},
    demo,
    http::{health::ReadyCheck, middleware::SignInLimit, portal::Portal},
    jobs::Jobs,
    last_use::LastUses,
    leases::Leases,
    live::{Live, Stop},
    metrics::Metrics,
    notify::Mailer,
    password::{PasswordError, Passwords},
    random::Random,
    refused_sign_ins::RefusedSignIns,
    secret::Secret,
    state::{AppState, Changes},
    store::{Store, StoreError, sqlite::SqliteEngine},
    webhooks::{Guard, Sender},
};

/// Threads that read the database.
const READERS: usize = 4;

/// Why the server can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
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
    let as_given = |error| config.as_given(error);
    let mailer = Arc::new(Mailer::new(config, &state.public_url).map_err(as_given)?);
    let guard = Guard::new(&config.webhook_networks);
    let sender = Sender::new(guard, config.webhook_ca_file.as_deref()).map_err(as_given)?;
    let jobs = Jobs::start(&state, mailer, sender);
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
    let (clock, hand) = Clock::settable_from_now(Some(&high_water));
    #[cfg(not(feature = "test-hooks"))]
    let clock = Clock::starting_at(Some(&high_water));
    let public_url = config.public_url(bound);
    let stop = Stop::default();
    let metrics = Metrics::new(clock.clone());
    let changes = Changes::default();
    let live = Live::new(metrics.clone(), stop.clone());
    let store = {
        let (changes, live, metrics) = (changes.clone(), live.clone(), metrics.clone());
        store.telling(Arc::new(move |committed: &[(OrganizationId, Change)]| {
            changes.publish(committed);
            // What stands aside is for the provider's own waiting calls: no customer hears of it.
            for (organization, change) in committed.iter().filter(|(_, change)| change.sequence > 0) {
                metrics.event_written(change.category);
                live.publish(organization, change);
            }
        }))
    };
    let env = environment(config, book, clock, public_url.as_str());
    let passwords = Passwords::default();
    app::time::keep(&store, &env.clock, false).await?;
    close_interrupted(&store, &env).await?;
    {
        let env = env.clone();
        let made = store.write(move |tx| app::leases::ensure(tx, &env)).await;
        made.map_err(|error: app::Error| StartError::Folder(format!("the key that signs leases: {error}")))?;
    }
    if config.demo {
        make_demo(&store, &env, &passwords).await?;
    }
    Ok(AppState {
        ready: ready(&store, &env.clock, WRITABLE),
        portal: config.portal_dir.clone().map_or(Portal::Embedded, Portal::Folder),
        demo_accounts: if config.demo { demo::sign_in_accounts().into() } else { Arc::new([]) },
        config: Arc::new(config.clone()),
        sign_in_limit: SignInLimit::default(),
        refused_sign_ins: RefusedSignIns::default(),
        last_uses: LastUses::default(),
        keeping_time: Arc::default(),
        leases: Leases::default(),
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
    let clock = Clock::starting_at(Some(&store.read(|tx| tx.high_water()).await?));
    let public_url = config.public_url(config.listen);
    let env = environment(config, book, clock, public_url.as_str());
    Ok((store, Env { mail: false, ..env }))
}

fn open(config: &Config) -> Result<Store, StartError> {
    // Mails that were written as files name people, tickets and reasons.
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data_dir).map_err(|error| {
        StartError::Folder(format!("{}: {}: {error}", config.called("data_dir"), config.data_dir.display()))
    })?;
    let in_folder = config.database.starts_with(&config.data_dir);
    let setting = config.called(if in_folder { "data_dir" } else { "database_url" });
    let wrong = |error: &dyn std::fmt::Display| {
        StartError::Folder(format!("{setting}: {}: {error}", config.database.display()))
    };
    // Password hashes and the keys that sign leases are in it: whoever else has an account on the machine reads neither.
    // SQLite gives the files beside it the same mode.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&config.database) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(wrong(&error)),
        _ => {}
    }
    let engine = SqliteEngine::open(&config.database, READERS).map_err(|error| wrong(&error))?;
    Ok(Store::new(engine, Arc::new(|_| {})))
}

/// Catalog and rules. A wrong file is a wrong setting; the line names it, and the file's line and field.
pub(crate) fn book(config: &Config) -> Result<Book, StartError> {
    Book::open(config.catalog.clone(), config.jit_rules.clone()).map_err(|wrong| {
        let is_rules = config.jit_rules.as_ref().is_some_and(|file| wrong.file == file.display().to_string());
        let setting = config.called(if is_rules { "jit_rules" } else { "catalog" });
        ConfigError::new(setting, wrong.to_string()).into()
    })
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

/// For so long a write that went well stands for the next one.
const WRITABLE: Duration = Duration::from_secs(3);

/// Ready means that the database answers, that its log can be read, and that something can be written so that it stays: how
/// far the clock has come, which changes nothing else. Asked often, it writes once in `stands`.
#[must_use]
pub fn ready(store: &Store, clock: &Clock, stands: Duration) -> ReadyCheck {
    let (store, clock) = (store.clone(), clock.clone());
    let last: Arc<Mutex<Option<Instant>>> = Arc::default();
    Arc::new(move || {
        let (store, clock, last) = (store.clone(), clock.clone(), Arc::clone(&last));
        Box::pin(async move {
            store.read(|tx| tx.high_water()).await.map(drop).map_err(|error: StoreError| error.to_string())?;
            let mut last = last.lock().await;
            if last.is_none_or(|last| last.elapsed() >= stands) {
                *last = None;
                let written = app::time::keep(&store, &clock, false).await;
                written.map_err(|error| format!("nothing can be written: {error}"))?;
                *last = Some(Instant::now());
            }
            Ok(())
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
fn length(duration: Duration) -> TimeDelta {
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
