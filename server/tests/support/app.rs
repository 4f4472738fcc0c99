//! The server in process: its router over a database of its own, a clock that the test moves, and no jobs, so that
//! nothing happens that the test did not do.

use std::{path::Path, sync::Arc};

use axum::Router;
use chrono::TimeDelta;
use lockbox_api::{Time, ids::PersonId};
use lockbox_server::{
    app::{self, Origin},
    build_app,
    config::{Config, Settings},
    start,
    state::AppState,
    store::{
        ReadTx, WriteTx,
        sqlite::meter::{self, Side},
    },
};
use tempfile::TempDir;

use super::{Anonymous, Key, Person, Token, world};

/// A running server and its folder.
#[derive(Clone)]
pub struct TestApp {
    pub router: Router,
    pub state: AppState,
    pub folder: Arc<TempDir>,
}

impl TestApp {
    /// A server with the world of [`world::make`].
    pub async fn new() -> Self {
        Self::with(|state| state).await
    }

    /// The same, changed before anybody calls.
    pub async fn with(change: impl FnOnce(AppState) -> AppState) -> Self {
        let app = Self::on(Arc::new(tempfile::tempdir().unwrap())).await;
        app.write(world::make).await;
        let state = change(app.state.clone());
        Self { router: build_app(state.clone()), state, folder: app.folder }
    }

    /// A server on a folder that may have been used before: a restart.
    pub async fn on(folder: Arc<TempDir>) -> Self {
        let config = config(folder.path());
        let state = start::assemble(&config, config.listen).await.unwrap();
        Self { router: build_app(state.clone()), state, folder }
    }

    /// The time that the server has.
    pub fn now(&self) -> Time {
        self.state.env.now()
    }

    /// Moves the clock forward, or the wall clock back.
    pub fn advance(&self, by: TimeDelta) {
        self.state.hand.advance(by);
    }

    /// Writes down what time has done, as the job does.
    pub async fn sweep(&self) -> usize {
        self.write(|tx, env| app::sweep::sweep(tx, env, &origin())).await
    }

    /// Writes refused sign-ins into the log, as the job does; false where they could not be.
    pub async fn write_refused_sign_ins(&self) -> bool {
        lockbox_server::jobs::refused_sign_ins::write(&self.state).await
    }

    /// The statements that one side has run since this was asked last, with how often: what an answer's time depends on. Without
    /// what is due at any answer, whoever is answered: how far the clock has come, and upkeep of the log's index.
    pub fn statements(&self, side: Side) -> Vec<(String, i64)> {
        let costs = meter::take_of(side, &self.folder.path().join("lockbox.db"));
        let mut runs: Vec<_> = costs.into_iter().map(|(statement, cost)| (statement, cost.runs)).collect();
        runs.sort_unstable();
        // A read ends after its answer has gone out.
        runs.retain(|(statement, _)| statement != "ROLLBACK");
        if side == Side::Writes {
            runs.retain(|(statement, _)| !statement.contains("events_index") && !statement.contains("data_version"));
            // In a transaction of its own.
            let mark = runs.iter().any(|(statement, _)| statement.contains("clock_mark"));
            runs.retain(|(statement, runs)| {
                !(mark && *runs == 1 && ["BEGIN IMMEDIATE", "COMMIT"].contains(&statement.as_str())
                    || statement.contains("clock_mark"))
            });
        }
        runs
    }

    /// Something in one write transaction.
    pub async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn WriteTx, &app::Env) -> app::Result<T> + Send + 'static,
    ) -> T {
        let env = self.state.env.clone();
        self.state.store.write(move |tx| job(tx, &env)).await.unwrap()
    }

    /// Something on one view.
    pub async fn read<T: Send + 'static>(&self, job: impl FnOnce(&dyn ReadTx) -> app::Result<T> + Send + 'static) -> T {
        self.state.store.read(job).await.unwrap()
    }

    /// Nobody.
    pub fn anonymous(&self) -> Anonymous {
        Anonymous(self.clone())
    }

    /// A person of the world with a new session.
    pub async fn person(&self, id: &str) -> Person {
        let id = PersonId::from(id);
        let secret = self
            .write(move |tx, env| {
                let person = tx.person(&id)?.expect("a person of the world");
                Ok(app::session::begin(tx, env, &origin(), &person)?.0)
            })
            .await;
        Person(self.clone(), secret)
    }

    /// A person's new access token.
    pub async fn token(&self, id: &str) -> Token {
        let who = app::Who { person_id: id.into(), origin: origin() };
        let input = lockbox_api::administration::TokenCreate { name: "a test".to_owned(), expires_in_days: 365 };
        let made = self.write(move |tx, env| app::tokens::create(tx, env, &who, &input)).await;
        Token(self.clone(), made.secret)
    }

    /// The provider's service, for all organisations.
    pub fn provider(&self) -> Key {
        Key(self.clone(), world::KEY.to_owned())
    }

    /// A client that speaks of Northstar only.
    pub fn northstar_provider(&self) -> Key {
        Key(self.clone(), world::NORTHSTAR_KEY.to_owned())
    }
}

/// Where calls that don't come over HTTP come from.
pub fn origin() -> Origin {
    Origin { correlation_id: "req_test".to_owned(), client_ip: None }
}

/// The settings of a server in `folder`.
pub fn config(folder: &Path) -> Config {
    let folder = folder.to_owned();
    let env = move |name: &str| match name {
        "LOCKBOX_DATA_DIR" => Some(folder.clone().into_os_string()),
        "LOCKBOX_LISTEN" => Some("127.0.0.1:0".into()),
        "LOCKBOX_PUBLIC_URL" => Some("http://localhost:8080".into()),
        _ => None,
    };
    Config::load(&Settings::default(), &env, &|path| std::fs::read_to_string(path)).unwrap()
}
