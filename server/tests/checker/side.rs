//! What the checker talks to: the router in process, or a real process that is killed.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use lockbox_api::Time;
use lockbox_server::app::{Who, tokens};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::model::Model;
use crate::support::{
    Caller, Key, TestApp, Token,
    app::origin,
    database::{faults, open},
    process::{Http, Server},
    world::{self, KEY, MERIDIAN, NORTHSTAR},
};

/// A Lockbox that can be asked, moved in time and restarted.
pub trait Side {
    /// A call by the administrator of a customer, or by the provider; status and body.
    async fn call(
        &mut self,
        who: Option<usize>,
        method: &str,
        path: &str,
        if_match: &str,
        body: &Value,
    ) -> (u16, Value);
    /// The time that it has.
    async fn now(&mut self) -> Time;
    /// Moves the wall clock.
    async fn jump(&mut self, seconds: i64);
    /// Gives the job that writes down what time has done its turn.
    async fn sweep(&mut self);
    /// Ends the process and starts another on the same folder; the wall clock is the machine's again.
    async fn restart(&mut self);
    /// Where its data is.
    fn folder(&self) -> &Path;

    /// What is wrong with the database.
    fn faults(&self) -> Vec<String> {
        faults(&open(self.folder()))
    }

    /// Every grant has its ground in the log, before it began to hold.
    fn log_bears_out(&self, model: &Model) {
        let connection = open(self.folder());
        let mut statement = connection
            .prepare(
                "SELECT g.id, g.starts_at >= (SELECT min(e.time) FROM events e WHERE e.request_id = g.request_id
                     AND e.outcome = 'success' AND e.operation IN ('Approve Lockbox Request', 'Access Without Request'))
                     - 1000000 FROM grants g",
            )
            .unwrap();
        let rows =
            statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<bool>>(1)?))).unwrap();
        let mut known = BTreeSet::new();
        for row in rows {
            let (grant, ground) = row.unwrap();
            assert_eq!(ground, Some(true), "{grant} has no ground in the log");
            known.insert(grant);
        }
        let expected: BTreeSet<_> = model.requests.iter().filter_map(|request| request.grant.clone()).collect();
        assert_eq!(known, expected, "the grants are those that the model knows");
    }
}

/// A folder in memory where there is one: what is on trial is the answers, not the disk.
fn folder() -> Arc<TempDir> {
    let memory = Path::new("/dev/shm");
    Arc::new(if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap())
}

/// The router in this process.
pub struct InProcess {
    app: TestApp,
    admins: [Token; 2],
}

/// New tokens in place of those that an administrator has: they last a year, of which a run has several.
async fn admins(app: &TestApp) -> [Token; 2] {
    for customer in [MERIDIAN, NORTHSTAR] {
        let who = Who { person_id: customer.person("admin").as_str().into(), origin: origin() };
        app.write(move |tx, env| {
            for token in tx.tokens(&who.person_id)?.into_iter().filter(|token| token.revoked_at.is_none()) {
                tokens::revoke(tx, env, &who, &token.id)?;
            }
            Ok(())
        })
        .await;
    }
    [app.token(&MERIDIAN.person("admin")).await, app.token(&NORTHSTAR.person("admin")).await]
}

impl InProcess {
    pub async fn new() -> Self {
        let app = TestApp::on(folder()).await;
        app.write(world::make).await;
        let admins = admins(&app).await;
        Self { app, admins }
    }
}

impl Side for InProcess {
    async fn call(
        &mut self,
        who: Option<usize>,
        method: &str,
        path: &str,
        if_match: &str,
        body: &Value,
    ) -> (u16, Value) {
        let body = (!body.is_null()).then(|| body.to_string());
        let headers = [("if-match", if_match)];
        let answer = match who {
            Some(index) => self.admins[index].call(method, path, &headers, body).await,
            None => Key(self.app.clone(), KEY.to_owned()).call(method, path, &headers, body).await,
        };
        (answer.status.as_u16(), answer.json())
    }

    async fn now(&mut self) -> Time {
        let now = self.app.now();
        // As with every answer: nobody hears of a time that a restart would not reach.
        self.app.state.keep_time().await;
        now
    }

    async fn jump(&mut self, seconds: i64) {
        // From where Lockbox's clock stands: after a restart the machine's lies days behind it.
        self.app.state.hand.set(self.app.now() + TimeDelta::seconds(seconds));
    }

    async fn sweep(&mut self) {
        // A sweep writes so many at a time; the job comes again.
        while self.app.sweep().await > 0 {}
    }

    async fn restart(&mut self) {
        self.app = TestApp::on(Arc::clone(&self.app.folder)).await;
        self.admins = admins(&self.app).await;
    }

    fn folder(&self) -> &Path {
        self.app.folder.path()
    }
}

/// A real process, which ends by SIGKILL.
pub struct OverHttp {
    server: Option<Server>,
    http: Http,
    tokens: [String; 2],
    folder: Arc<TempDir>,
}

impl OverHttp {
    pub async fn new() -> Self {
        let app = TestApp::on(folder()).await;
        app.write(world::make).await;
        let tokens = admins(&app).await.map(|token| token.1);
        let folder = Arc::clone(&app.folder);
        drop(app);
        let server = Server::start(folder.path());
        let http = Http::connect(server.address).unwrap();
        Self { server: Some(server), http, tokens, folder }
    }
}

impl Side for OverHttp {
    async fn call(
        &mut self,
        who: Option<usize>,
        method: &str,
        path: &str,
        if_match: &str,
        body: &Value,
    ) -> (u16, Value) {
        let bearer = format!("Bearer {}", who.map_or(KEY, |index| &self.tokens[index]));
        let mut headers = vec![("authorization", bearer.as_str())];
        if !body.is_null() {
            headers.extend([("content-type", "application/json"), ("x-lockbox-request", "1")]);
        }
        if !if_match.is_empty() {
            headers.push(("if-match", if_match));
        }
        self.http.call(method, path, &headers, (!body.is_null()).then_some(body)).unwrap()
    }

    async fn now(&mut self) -> Time {
        let (status, session) = self.call(Some(0), "GET", "/api/v1/session", "", &Value::Null).await;
        assert_eq!(status, 200, "{session}");
        session["server_time"].as_str().unwrap().parse().unwrap()
    }

    async fn jump(&mut self, seconds: i64) {
        let body = json!({"now": self.now().await + TimeDelta::seconds(seconds)});
        let headers = [("content-type", "application/json")];
        let (status, answer) = self.http.call("POST", "/test/clock", &headers, Some(&body)).unwrap();
        assert_eq!(status, 204, "{answer}");
    }

    async fn sweep(&mut self) {
        // The process does it by itself, twice a second: wait until nothing is due.
        let begin = Instant::now();
        let due = "SELECT (SELECT count(*) FROM grants WHERE state = 'active' AND expires_at <= ?1) + (SELECT count(*)
            FROM requests WHERE status IN ('customer_notified', 'awaiting_internal_approval') AND decide_by <= ?1)";
        let now = self.now().await.timestamp_micros();
        let connection = open(self.folder.path());
        while connection.query_row(due, [now], |row| row.get::<_, i64>(0)).unwrap() > 0 {
            assert!(begin.elapsed() < Duration::from_secs(10), "the sweep does not come");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn restart(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
        let server = Server::start(self.folder.path());
        self.http = Http::connect(server.address).unwrap();
        self.server = Some(server);
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }
}
