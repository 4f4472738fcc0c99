//! `bench logs`: the log with so many events: newest page, filters, counts, many readers at once, reported actions,
//! export, memory, browser. Steps of SQLite's virtual machine are asserted by the server's test `scale`, which the same command runs.

use std::{
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use lockbox_api::{clients::ClientScopes, session::Role};
use lockbox_server::{
    app::session::hash,
    password::Passwords,
    secret::Secret,
    store::{ApiClientRecord, ClientKeyRecord, PersonRecord, Store, StoreError, TokenRecord, sqlite::SqliteEngine},
};
use rusqlite::{Connection, OpenFlags};

use crate::{
    Outcome, browser,
    client::{Client, request},
    crowd, export,
    generate::{self, Events, organization},
    goals::{Goal, Goals},
    grants::compare,
    ingest,
    process::{Server, own_cpu_seconds},
    queries,
};

/// The columns of an event, in the order of the files that leave the log.
pub(crate) const COLUMNS: &str = "sequence, id, time, category, operation, friendly_name, actor_id, actor_name, \
    actor_kind, environment_id, request_id, service_request_id, grant_id, outcome, client_ip, correlation_id, details";
/// An administrator's access token, and the provider's key.
const TOKEN: &str = "lbt_bench_0123456789abcdefghijklmnop";
const KEY: &str = "lbk_bench_0123456789abcdefghijklmnop";
/// How the same administrator signs in with a browser; the account lives as long as the made-up log.
pub(crate) const ACCOUNT: (&str, &str) = ("bench@example.com", "only-for-measuring");
/// The seed of the events that are measured.
pub(crate) const SEED: u64 = 1;
/// What can be measured.
const PARTS: [&str; 7] = ["memory", "newest", "queries", "export", "ingest", "crowd", "browser"];
/// Memory that is the idle server's own, at most, MiB.
const IDLE: f64 = 40.0;
/// Until a started server is ready, at most, seconds by the clock; the median of so many starts counts.
const READY: f64 = 0.3;
const STARTS: usize = 5;
/// How long a server that was used rests until its memory is looked at.
const REST: Duration = Duration::from_secs(5);
/// Processor time of the newest 50 over that of the least endpoint, at most.
const NEWEST: f64 = 1.5;

/// A server over a log, and how to speak to it.
pub(crate) struct Bench {
    pub(crate) server: Server,
    serve: Command,
    /// The header of somebody who may read and export.
    pub(crate) reader: String,
    /// The header of the provider.
    pub(crate) provider: String,
}

impl Bench {
    /// Starts the server anew, for figures that must not depend on what was measured before.
    pub(crate) fn restart(&mut self) -> Outcome {
        self.server.restart(&mut self.serve)
    }
}

/// Measures with so many events, and prints. `lockbox`: path of the server's binary. `parts`: what to measure; nothing
/// named: everything.
pub(crate) fn run(lockbox: &str, events: usize, parts: &[&str]) -> Outcome {
    let folder = tempfile::tempdir()?;
    fill(folder.path(), events, SEED)?;
    measure(lockbox, folder.path(), parts)
}

/// Makes the events, the same for the same seed, and the accounts that read and write them. The folder is made where there is
/// none; one that holds a log already is left alone.
pub(crate) fn fill(folder: &Path, events: usize, seed: u64) -> Outcome {
    let database = folder.join("lockbox.db");
    if database.exists() {
        return Err(format!("{} is there already", database.display()).into());
    }
    std::fs::create_dir_all(folder)?;
    let (begin, cpu) = (Instant::now(), own_cpu_seconds()?);
    generate::fill(&database, Events::new(seed, events))?;
    println!(
        "\n=== {events} events (seed {seed}): made in {:.0} s ({:.0} s of processor time), {} MiB ===",
        begin.elapsed().as_secs_f64(),
        own_cpu_seconds()? - cpu,
        std::fs::metadata(&database)?.len() >> 20
    );
    tokio::runtime::Runtime::new()?.block_on(accounts(&database))
}

/// Measures with the events that [`fill`] made in this folder.
pub(crate) fn measure(lockbox: &str, folder: &Path, parts: &[&str]) -> Outcome {
    let database = folder.join("lockbox.db");
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(part)) {
        return Err(format!("there is no part `{unknown}`; there are {}", PARTS.join(", ")).into());
    }
    let wanted = |part| parts.is_empty() || parts.contains(&part);
    let mut goals = Goals::default();
    let mut serve = Command::new(lockbox);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--data-dir"]).arg(folder);
    let server = Server::start(&mut serve)?;
    let mut bench = Bench { server, serve, reader: format!("Bearer {TOKEN}"), provider: format!("Bearer {KEY}") };
    if wanted("memory") {
        memory(&mut bench, &mut goals)?;
    }
    if wanted("newest") {
        newest(&bench, &database, &mut goals)?;
    }
    if wanted("queries") {
        queries::measure(&bench, &mut goals)?;
    }
    if wanted("export") {
        export::measure(&mut bench, &database, &mut goals)?;
    }
    if wanted("ingest") {
        ingest::measure(&bench, &database, &mut goals)?;
    }
    if wanted("crowd") {
        crowd::measure(&bench, &mut goals)?;
    }
    if wanted("browser") {
        browser::measure(&bench, &mut goals)?;
    }
    println!("private memory at the end: {:.1} MiB", bench.server.private_mib()?);
    goals.judge()
}

/// An administrator of the largest organisation with a token, and the provider's key.
async fn accounts(database: &Path) -> Outcome {
    let store = Store::new(SqliteEngine::open(database, 1)?, Arc::new(|_| {}));
    let at = generate::begin();
    let password_hash = Some(Passwords::default().hash(Secret::new(ACCOUNT.1)).await?);
    store
        .write(move |tx| {
            let person = PersonRecord {
                id: "per_bench".into(),
                organization_id: organization(0),
                email: ACCOUNT.0.to_owned(),
                name: "Bench".to_owned(),
                password_hash,
                roles: vec![Role::GlobalAdministrator],
                approver_environment_ids: None,
                engineer_ids: Vec::new(),
                last_sign_in_at: None,
                version: 1,
            };
            tx.put_person(&person)?;
            tx.put_token(&TokenRecord {
                id: "tok_bench".into(),
                organization_id: organization(0),
                person_id: person.id,
                name: "bench".to_owned(),
                secret_hash: hash(TOKEN),
                created_at: at,
                expires_at: at + TimeDelta::days(2_000),
                last_used_at: None,
                revoked_at: None,
            })?;
            let client = ApiClientRecord {
                id: "cli_bench".into(),
                name: "bench".to_owned(),
                organization_ids: None,
                scopes: ClientScopes::all(),
                created_at: at,
                revoked_at: None,
            };
            tx.put_api_client(&client)?;
            tx.put_client_key(&ClientKeyRecord {
                id: "key_bench".into(),
                client_id: client.id.clone(),
                key_hash: hash(KEY),
                created_at: at,
                ends_at: None,
                last_used_at: None,
            })?;
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(())
}

/// The server's own memory when it has just started and when it has been used and rests, and how soon it is ready.
fn memory(bench: &mut Bench, goals: &mut Goals) -> Outcome {
    let mut ready = Vec::new();
    for _ in 0..STARTS {
        let begin = Instant::now();
        bench.restart()?;
        ready.push(begin.elapsed().as_secs_f64());
    }
    ready.sort_by(f64::total_cmp);
    println!("ready after {:.3} s by the clock (goal: {READY})", ready[STARTS / 2]);
    goals.add("ready after the start, seconds by the clock", ready[STARTS / 2], Goal::AtMost(READY));
    let begun = bench.server.private_mib()?;
    let mut client = Client::connect(bench.server.port)?;
    for (path, calls) in
        [("/api/v1/logs", 100), ("/api/v1/logs?q=payroll&not_outcome=success", 20), ("/api/v1/logs/summary", 5)]
    {
        let call = request("GET", path, &[("Authorization", &bench.reader)], "");
        for _ in 0..calls {
            if client.send(&call)?.0 != 200 {
                return Err(format!("{path} failed").into());
            }
        }
    }
    std::thread::sleep(REST);
    let idle = bench.server.private_mib()?;
    println!(
        "private memory of the idle server: {begun:.1} MiB when it has begun, {idle:.1} after use (goal: {IDLE:.0})"
    );
    goals.add("private memory of the idle server, used before, MiB", idle, Goal::AtMost(IDLE));
    Ok(())
}

/// The newest 50 against a minimal axum endpoint and a bare prepared statement that answer the same rows.
fn newest(bench: &Bench, database: &Path, goals: &mut Goals) -> Outcome {
    let limit = Server::start(Command::new(std::env::current_exe()?).arg("limit").arg(database))?;
    let ours = request("GET", "/api/v1/logs", &[("Authorization", &bench.reader)], "");
    let least = request("GET", "/newest", &[], "");
    let size = |port, call: &[u8]| -> Outcome<usize> { Ok(Client::connect(port)?.send(call)?.1.len()) };
    println!(
        "newest 50: {} bytes of JSON, {} by the minimal endpoint",
        size(bench.server.port, &ours)?,
        size(limit.port, &least)?
    );
    println!("{:<44} {:>12} {:>12} {:>8} {:>12}", "", "ours, µs", "least, µs", "ratio", "ours, 1/s");
    let ratio = compare(&format!("newest 50 (goal: {NEWEST})"), &bench.server, &[ours], &limit, &[least])?;
    goals.add("newest 50, processor time over the least", ratio, Goal::AtMost(NEWEST));

    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    let text = format!("SELECT {COLUMNS} FROM events WHERE organization_id = ?1 ORDER BY sequence DESC LIMIT 50");
    let mut statement = connection.prepare(&text)?;
    let (times, before) = (3_000, own_cpu_seconds()?);
    for _ in 0..times {
        let mut rows = statement.query([organization(0).0])?;
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            for column in 3..17 {
                bytes += row.get_ref(column)?.as_str_or_null()?.map_or(0, str::len);
            }
        }
        std::hint::black_box(bytes);
    }
    println!("{:<44} {:>25.1}", "a bare prepared statement", (own_cpu_seconds()? - before) * 1e6 / f64::from(times));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Events, SEED, fill};

    /// One number for the first events of a seed (FNV-1a over their JSON).
    fn number(seed: u64) -> u64 {
        let mut number = 0xcbf2_9ce4_8422_2325_u64;
        for (organization, event) in Events::new(seed, 10_000) {
            for byte in format!("{organization} {}\n", serde_json::to_string(&event).unwrap()).bytes() {
                number = (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        number
    }

    #[test]
    fn a_seed_makes_the_same_events_everywhere_and_another_seed_makes_others() {
        // Figures of different days and machines are compared: whoever changes the events on purpose changes this number.
        assert_eq!(number(SEED), 12_249_684_129_031_548_306, "the events of the measurements");
        assert_eq!(number(7), number(7));
        assert_ne!(number(7), number(SEED));
    }

    #[test]
    fn a_log_that_is_there_is_not_filled_again() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new");
        fill(&new, 300, 7).unwrap();
        let before = std::fs::read(new.join("lockbox.db")).unwrap();
        let refused = fill(&new, 300, 8).unwrap_err().to_string();
        assert!(refused.ends_with("lockbox.db is there already"), "{refused}");
        assert!(before == std::fs::read(new.join("lockbox.db")).unwrap());
    }
}
