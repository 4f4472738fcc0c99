//! Reported actions become events: how many are durable in a second, against SQLite inserting the same rows into the
//! same table and nothing else.

use std::{path::Path, time::Instant};

use rusqlite::{Connection, params_from_iter, types::Value as Cell};
use serde_json::{Value, json};

use crate::{
    Outcome,
    client::{Client, request},
    logs::Bench,
    process::own_cpu_seconds,
};

/// Actions per call, and how many in all.
const BATCHES: [(usize, usize); 3] = [(1, 300), (100, 10_000), (1_000, 20_000)];
/// Measurements of each; the median of their ratios is what counts.
const ROUNDS: usize = 3;

/// A grant under which actions can be reported.
pub(crate) struct Grant {
    id: String,
    /// When it was given, by the server's clock: actions happened then.
    at: String,
}

impl Grant {
    /// Asks for access where Lockbox is not switched on: it is given at once, and logged.
    pub(crate) fn open(bench: &Bench) -> Outcome<Self> {
        let mut client = Client::connect(bench.server.port)?;
        let mut put = |method: &str, path: &str, body: Value| -> Outcome<Value> {
            let call = request(method, path, &[("Authorization", &bench.provider)], &body.to_string());
            let (status, body) = client.send(&call)?;
            if status >= 300 {
                return Err(format!("{path} answered {status}: {}", String::from_utf8_lossy(&body)).into());
            }
            Ok(serde_json::from_slice(&body)?)
        };
        let of = "/provider/v1/organizations/org_bench";
        put("PUT", of, json!({"name": "Bench"}))?;
        let environment = json!({"name": "Bench", "service": "azure-sql-database", "has_database": true});
        put("PUT", &format!("{of}/environments/env_bench"), environment)?;
        let ticket = json!({"title": "Bench", "severity": "minimal", "environment_id": "env_bench"});
        put("PUT", &format!("{of}/service-requests/2611000000000001"), ticket)?;
        let ask = json!({
            "organization_id": "org_bench", "environment_id": "env_bench", "service_request_id": "2611000000000001",
            "engineer": {"id": "eng-417", "name": "Engineer 417", "jit_role": "support_engineer", "isolated_identity": true, "mfa": true},
            "operations": ["ExecuteSqlViaLockbox"], "data_stores": ["sql"], "targets": ["payroll.dbo.*"],
            "permission_level": "read", "direct_data_access": true, "reason_code": "customer_initiated_support",
            "justification": "Measurement", "access_minutes": 480,
        });
        let request = put("POST", "/provider/v1/access-requests", ask)?;
        let text = |pointer: &str| request.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let (id, at) = text("/access/grant_id").zip(text("/requested_at")).ok_or("no access was given")?;
        Ok(Self { id, at })
    }

    /// A call that reports actions; `name` must not come twice.
    pub(crate) fn report(&self, bench: &Bench, name: &str, count: usize) -> Vec<u8> {
        let actions: Vec<Value> = (0..count)
            .map(|number| {
                json!({"id": format!("{name}-{number}"), "time": self.at, "engineer_id": "eng-417",
                    "operation": "ExecuteSqlViaLockbox", "target": "payroll.dbo.Pay", "rows": number, "outcome": "success",
                    "statement": format!("SELECT Id, Amount FROM payroll.dbo.Pay WHERE Id = {number} AND State = 'archived'")})
            })
            .collect();
        let path = format!("/provider/v1/grants/{}/actions", self.id);
        request("POST", &path, &[("Authorization", &bench.provider)], &json!({ "actions": actions }).to_string())
    }
}

/// Prints events per second and processor time per event of both.
pub(crate) fn measure(bench: &Bench, database: &Path) -> Outcome {
    let grant = Grant::open(bench)?;
    println!(
        "\n{:<24} {:>12} {:>12} {:>8} {:>12} {:>12} {:>8}",
        "reported actions", "ours, 1/s", "bare, 1/s", "ratio", "ours, µs", "bare, µs", "ratio"
    );
    for (batch, total) in BATCHES {
        let mut rounds = Vec::new();
        for round in 0..ROUNDS {
            let first = newest(database)?;
            let calls: Vec<Vec<u8>> = (0..total / batch)
                .map(|call| grant.report(bench, &format!("a{batch}-{round}-{call}"), batch))
                .collect();
            let mut client = Client::connect(bench.server.port)?;
            let (cpu, start) = (bench.server.cpu_seconds()?, Instant::now());
            for call in &calls {
                let (status, body) = client.send(call)?;
                if status != 200 || !String::from_utf8_lossy(&body).contains(&format!("\"accepted\":{batch}")) {
                    return Err(format!("reporting answered {status}: {}", String::from_utf8_lossy(&body)).into());
                }
            }
            let ours = (total as f64 / start.elapsed().as_secs_f64(), bench.server.cpu_seconds()? - cpu);
            let bare = bare(database, first, total, batch)?;
            let each = |cpu: f64| cpu * 1e6 / total as f64;
            rounds.push([ours.0, bare.0, ours.0 / bare.0, each(ours.1), each(bare.1), bare.1 / ours.1]);
        }
        rounds.sort_by(|a, b| a[2].total_cmp(&b[2]));
        let [ours, bare, ratio, our_cpu, bare_cpu, cpu_ratio] = rounds[ROUNDS / 2];
        println!(
            "batches of {batch:<13} {ours:>12.0} {bare:>12.0} {ratio:>8.2} {our_cpu:>12.0} {bare_cpu:>12.0} {cpu_ratio:>8.2}"
        );
    }
    println!("goal for batches of 1000: 0.5");
    Ok(())
}

fn newest(database: &Path) -> Outcome<i64> {
    Ok(Connection::open(database)?.query_row("SELECT max(rowid) FROM events", [], |row| row.get(0))?)
}

/// The events that were just recorded, inserted into a table of the same columns that has its order as only index:
/// events per second, and seconds of processor time.
fn bare(database: &Path, after: i64, total: usize, batch: usize) -> Outcome<(f64, f64)> {
    let source = Connection::open(database)?;
    let table: String =
        source.query_row("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'events'", [], |row| {
            row.get(0)
        })?;
    let mut statement =
        source.prepare("SELECT * FROM events WHERE rowid > ?1 AND category = 'data_access' ORDER BY rowid")?;
    let width = statement.column_count();
    let rows: Vec<Vec<Cell>> = statement
        .query_map([after], |row| (0..width).map(|column| row.get(column)).collect())?
        .collect::<Result<_, _>>()?;
    if rows.len() != total {
        return Err(format!("{} events were recorded instead of {total}", rows.len()).into());
    }
    let folder = tempfile::tempdir()?;
    let mut bare = Connection::open(folder.path().join("bare.db"))?;
    bare.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;")?;
    bare.execute_batch(&table)?;
    bare.execute_batch("CREATE UNIQUE INDEX events_dense ON events (organization_id, sequence)")?;
    let insert = format!("INSERT INTO events VALUES ({})", vec!["?"; width].join(", "));
    let (cpu, start) = (own_cpu_seconds()?, Instant::now());
    for part in rows.chunks(batch) {
        let work = bare.transaction()?;
        for row in part {
            work.prepare_cached(&insert)?.execute(params_from_iter(row))?;
        }
        work.commit()?;
    }
    Ok((total as f64 / start.elapsed().as_secs_f64(), own_cpu_seconds()? - cpu))
}
