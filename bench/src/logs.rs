//! `bench logs`: the log with so many events: newest page, filters, counts, export, ingest, memory. Steps of SQLite's
//! virtual machine are asserted by the server's test `scale`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    sync::Arc,
    time::Instant,
};

use chrono::{TimeDelta, Utc};
use lockbox_api::{administration::TokenCreate, session::Role};
use lockbox_server::{
    app::{self, Env, Origin, Who},
    clock::Clock,
    random::Random,
    store::{NewEvent, PersonRecord, Store, sqlite::SqliteEngine},
};
use rusqlite::{Connection, params};

use crate::{
    Outcome,
    client::{Client, request},
    generate::{self, COMMON, Events, organization},
    grants::compare,
    process::Server,
};

/// Pages per measurement of one query.
const PAGES: usize = 300;

/// Measures and prints. `lockbox`: path of the server's binary.
pub(crate) fn run(lockbox: &str, events: usize) -> Outcome {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("lockbox.db");
    let runtime = tokio::runtime::Runtime::new()?;
    let begin = Instant::now();
    let token = runtime.block_on(make(&database, events))?;
    let size = std::fs::metadata(&database)?.len() >> 20;
    let rate = events as f64 / begin.elapsed().as_secs_f64();
    println!(
        "{events} events in {:.0} s ({rate:.0}/s) by the product's own verb; {size} MiB",
        begin.elapsed().as_secs_f64()
    );

    let server = Server::start(
        Command::new(lockbox)
            .args(["serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--data-dir"])
            .arg(folder.path()),
    )?;
    println!("private memory, just started: {:.1} MiB (goal: 40)", server.private_mib()?);
    let limit = Server::start(Command::new(std::env::current_exe()?).arg("limit").arg(&database))?;
    let bearer = format!("Bearer {token}");
    let proof = ("Authorization", bearer.as_str());
    let ours = request("GET", "/api/v1/logs", &[proof], "");
    let least = request("GET", "/newest", &[], "");
    println!("{:<38} {:>12} {:>12} {:>8} {:>12}", "", "ours, µs", "least, µs", "ratio", "ours, /s");
    compare("newest 50 (goal: 1.5)", &server, &[ours], &limit, &[least])?;

    println!("\n{:<64} {:>12}", "", "CPU, µs");
    for (what, path) in [
        ("one filter", "/api/v1/logs?actor=eng-003"),
        (
            "rare combination",
            "/api/v1/logs?actor=eng-050&operation=ReadPipelineDefinitionViaLockbox&outcome=refused&environment_id=env_00_9",
        ),
        ("everything left out", "/api/v1/logs?not_category=activity&not_category=data_access"),
        ("page in the middle", "/api/v1/logs?cursor=100000&not_outcome=success"),
        ("common word", &format!("/api/v1/logs?q={COMMON}")),
        ("absent word", "/api/v1/logs?q=absent"),
        ("common beginning of a word", "/api/v1/logs?q=lbx_0000"),
        ("counts and histogram, all", "/api/v1/logs/summary"),
        ("counts and histogram, filtered", "/api/v1/logs/summary?not_outcome=success&from=now-400d"),
        ("counts of a common word (bounded)", &format!("/api/v1/logs/summary?q={COMMON}")),
    ] {
        let call = request("GET", path, &[proof], "");
        let mut client = Client::connect(server.port)?;
        client.send(&call)?;
        let pages = if path.contains("summary") { PAGES / 6 } else { PAGES };
        let before = server.cpu_seconds()?;
        for _ in 0..pages {
            if client.send(&call)?.0 != 200 {
                return Err(format!("{path} failed").into());
            }
        }
        println!("{what:<64} {:>12.0}", (server.cpu_seconds()? - before) * 1e6 / pages as f64);
    }
    println!();
    for format in ["csv", "ndjson", "parquet"] {
        export(&server, &bearer, format)?;
    }
    sqlite_csv(&database)?;
    ingest(&runtime)?;
    println!("private memory at the end: {:.1} MiB", server.private_mib()?);
    Ok(())
}

/// Fills a database, and gives an administrator of the largest organisation a token.
async fn make(database: &std::path::Path, events: usize) -> Outcome<String> {
    let store = Store::new(SqliteEngine::open(database, 1)?, Arc::new(|_, _| {}));
    let end = Utc::now() - TimeDelta::minutes(1);
    generate::fill(&store, 1, events, end).await?;
    let env = Env {
        clock: Clock::starting_at(store.read(|tx| tx.high_water()).await?),
        random: Random::system(),
        catalog: Arc::new(lockbox_server::catalog::load_catalog(None)?),
        rules: Arc::new(lockbox_server::catalog::load_rules(None, &lockbox_server::catalog::load_catalog(None)?)?),
        public_url: String::new(),
        mail: false,
        session_idle: TimeDelta::hours(1),
        session_length: TimeDelta::hours(1),
        idempotency_retention: TimeDelta::hours(1),
    };
    let made = store
        .write(move |tx| {
            let id = "per_bench".into();
            tx.put_person(&PersonRecord {
                id,
                organization_id: organization(0),
                email: "bench@example.com".to_owned(),
                name: "Bench".to_owned(),
                password_hash: None,
                roles: vec![Role::GlobalAdministrator],
                approver_environment_ids: None,
                last_sign_in_at: None,
                version: 1,
            })?;
            let origin = Origin { correlation_id: "req_bench".to_owned(), client_ip: None };
            let who = Who { person_id: "per_bench".into(), origin };
            app::tokens::create(tx, &env, &who, &TokenCreate { name: "bench".to_owned(), expires_in_days: 1 })
        })
        .await?;
    Ok(made.secret)
}

/// Takes an export as fast as it comes; watches the server's memory.
fn export(server: &Server, bearer: &str, format: &str) -> Outcome {
    let idle = server.private_mib()?;
    let cpu = server.cpu_seconds()?;
    let begin = Instant::now();
    let mut stream = TcpStream::connect(("127.0.0.1", server.port))?;
    let head = format!(
        "GET /api/v1/logs/export?format={format} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {bearer}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut buffer = vec![0; 1 << 20];
    let (mut bytes, mut first, mut most) = (0_usize, None, idle);
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        first.get_or_insert_with(|| begin.elapsed());
        let before = bytes >> 24;
        bytes += count;
        if bytes >> 24 > before {
            most = most.max(server.private_mib()?);
        }
    }
    println!(
        "export {format:<8} {:>6.1} s wall, {:>5.1} s CPU, {:>5} MiB, first byte after {:.0} ms, memory grew by {:.1} MiB",
        begin.elapsed().as_secs_f64(),
        server.cpu_seconds()? - cpu,
        bytes >> 20,
        first.map_or(0.0, |first| first.as_secs_f64() * 1e3),
        most - idle
    );
    Ok(())
}

/// The same rows and columns by SQLite's own program.
fn sqlite_csv(database: &std::path::Path) -> Outcome {
    let query = "SELECT sequence, id, time, category, operation, friendly_name, actor_id, actor_name, actor_kind, environment_id, \
        request_id, service_request_id, grant_id, outcome, client_ip, correlation_id, details FROM events \
        WHERE organization_id = 'org_00' ORDER BY sequence";
    let begin = Instant::now();
    let mut child =
        Command::new("sqlite3").args(["-readonly", "-csv"]).arg(database).arg(query).stdout(Stdio::piped()).spawn()?;
    let mut out = child.stdout.take().ok_or("no output")?;
    let bytes = std::io::copy(&mut out, &mut std::io::sink())?;
    child.wait()?;
    println!("sqlite3 -csv    {:>6.1} s wall, {:>18} MiB", begin.elapsed().as_secs_f64(), bytes >> 20);
    Ok(())
}

/// Events appended and on disk, against the same rows in the same table without index and counts.
fn ingest(runtime: &tokio::runtime::Runtime) -> Outcome {
    for batch in [1, 100, 1_000] {
        let total = if batch == 1 { 500 } else { 20_000 };
        let folder = tempfile::tempdir()?;
        let store = Store::new(SqliteEngine::open(&folder.path().join("ours.db"), 1)?, Arc::new(|_, _| {}));
        let all: Vec<(usize, NewEvent)> = Events::new(5, total, Utc::now()).collect();
        runtime.block_on(generate::fill(&store, 1, 0, Utc::now()))?;
        let begin = Instant::now();
        for part in all.chunks(batch) {
            let part = part.to_vec();
            runtime.block_on(store.write(move |tx| {
                for (number, event) in part {
                    tx.append_event(&organization(number), event)?;
                }
                Ok::<_, app::Error>(())
            }))?;
        }
        let ours = total as f64 / begin.elapsed().as_secs_f64();
        let mut bare = Connection::open(folder.path().join("bare.db"))?;
        bare.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        let text = include_str!("../../server/migrations/sqlite/0001_start.sql");
        let start = text.find("CREATE TABLE events (").ok_or("no table")?;
        let table = text[start..].split(";").next().ok_or("no table")?.replace("REFERENCES organizations (id)", "");
        bare.execute_batch(&table)?;
        bare.execute_batch("CREATE UNIQUE INDEX events_dense ON events (organization_id, sequence)")?;
        let begin = Instant::now();
        let mut sequence = 0_i64;
        for part in all.chunks(batch) {
            let tx = bare.transaction()?;
            for (number, e) in part {
                sequence += 1;
                tx.prepare_cached("INSERT INTO events VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)")?
                    .execute(params![
                        organization(*number).0, sequence, e.id.0, e.time.timestamp_micros(), e.category.as_str(), e.operation,
                        e.friendly_name, e.actor.id, e.actor.name, e.actor.kind.as_str(), e.environment_id.as_ref().map(|id| &id.0),
                        e.request_id.as_ref().map(|id| &id.0), e.service_request_id.as_ref().map(|id| &id.0),
                        e.grant_id.as_ref().map(|id| &id.0), e.outcome.as_str(), e.client_ip, e.correlation_id,
                        serde_json::to_string(&e.details)?
                    ])?;
            }
            tx.commit()?;
        }
        let least = total as f64 / begin.elapsed().as_secs_f64();
        println!(
            "append in batches of {batch:>5}: {ours:>8.0}/s durable, bare table {least:>8.0}/s, ratio {:.2}",
            ours / least
        );
    }
    Ok(())
}
