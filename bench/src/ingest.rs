//! Reported actions become events: how many are durable in a second, against SQLite inserting the same rows.

use std::{path::Path, time::Instant};

use lockbox_api::events::Category;
use lockbox_server::store::sqlite::bulk::index_rows;
use rusqlite::{Connection, TransactionBehavior, params, params_from_iter, types::Value as Cell};
use serde_json::{Value, json};

use crate::{
    Outcome,
    client::{Client, request},
    goals::{Goal, Goals},
    logs::Bench,
    process::own_cpu_seconds,
};

/// Actions per call, and how many in all.
const BATCHES: [(usize, usize); 3] = [(1, 300), (100, 10_000), (1_000, 20_000)];
/// Measurements of each; the median of their ratios is what counts.
const ROUNDS: usize = 3;
/// Speed against SQLite inserting the same rows, by processor time, in the largest batches, at least.
const GOAL: f64 = 0.5;

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

/// Prints events per second and processor time per event, of ours and of SQLite alone: with the same rows in the same
/// tables, indexes and triggers of the same database, and with the rows of the log alone in a table that has only its order
/// for an index.
pub(crate) fn measure(bench: &Bench, database: &Path, goals: &mut Goals) -> Outcome {
    let grant = Grant::open(bench)?;
    let mut same = Same::open(database)?;
    println!(
        "\n{:<22} {:>22} {:>30} {:>30}",
        "reported actions", "ours", "SQLite, the same rows", "SQLite, a bare table"
    );
    println!(
        "{:<22} {:>11} {:>10} {:>11} {:>10} {:>7} {:>11} {:>10} {:>7}",
        "", "1/s", "µs", "1/s", "µs", "ratio", "1/s", "µs", "ratio"
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
            let rows = recorded(database, first, total)?;
            let bare = bare(database, &rows, batch)?;
            rounds.push([ours, same.insert(database, first, rows, batch)?, bare]);
        }
        // Ratios by processor time: others use this machine, and a flush takes as long as the disk likes.
        rounds.sort_by(|a, b| (a[1].1 / a[0].1).total_cmp(&(b[1].1 / b[0].1)));
        let [ours, same, bare] = rounds[ROUNDS / 2];
        let each = |cpu: f64| cpu * 1e6 / total as f64;
        println!(
            "batches of {batch:<11} {:>11.0} {:>10.0} {:>11.0} {:>10.0} {:>7.2} {:>11.0} {:>10.0} {:>7.2}",
            ours.0,
            each(ours.1),
            same.0,
            each(same.1),
            same.1 / ours.1,
            bare.0,
            each(bare.1),
            bare.1 / ours.1
        );
        if batch == BATCHES[BATCHES.len() - 1].0 {
            goals.add(
                format!("reported actions in batches of {batch}, speed against SQLite"),
                same.1 / ours.1,
                Goal::AtLeast(GOAL),
            );
        }
    }
    println!("goal for the largest batches, the same rows: {GOAL}");
    Ok(())
}

/// An event as the table has it.
type Row = Vec<Cell>;

fn newest(database: &Path) -> Outcome<i64> {
    Ok(Connection::open(database)?.query_row("SELECT max(rowid) FROM events", [], |row| row.get(0))?)
}

/// The events that were just recorded.
fn recorded(database: &Path, after: i64, total: usize) -> Outcome<Vec<Row>> {
    let source = Connection::open(database)?;
    let mut statement =
        source.prepare("SELECT * FROM events WHERE rowid > ?1 AND category = 'data_access' ORDER BY rowid")?;
    let width = statement.column_count();
    let rows: Vec<Row> = statement
        .query_map([after], |row| (0..width).map(|column| row.get(column)).collect())?
        .collect::<Result<_, _>>()?;
    if rows.len() != total {
        return Err(format!("{} events were recorded instead of {total}", rows.len()).into());
    }
    Ok(rows)
}

fn inserting(table: &str, width: usize) -> String {
    format!("INSERT INTO {table} VALUES ({})", vec!["?"; width].join(", "))
}

/// The same rows once more, under another organisation's name: the event, its entry in the index, the action's id.
struct Same {
    connection: Connection,
    sequence: i64,
}

impl Same {
    fn open(database: &Path) -> Outcome<Self> {
        let connection = Connection::open(database)?;
        connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;")?;
        Ok(Self { connection, sequence: 0 })
    }

    /// Events per second, and seconds of processor time.
    fn insert(&mut self, database: &Path, after: i64, mut rows: Vec<Row>, batch: usize) -> Outcome<(f64, f64)> {
        let mut entries = index_rows(database, after, Category::DataAccess)?;
        let mut rowid = newest(database)?;
        for (row, entry) in rows.iter_mut().zip(&mut entries) {
            (rowid, self.sequence) = (rowid + 1, self.sequence + 1);
            entry.0 = rowid;
            row[0] = Cell::Integer(rowid);
            row[1] = Cell::Text("org_bare".to_owned());
            row[2] = Cell::Integer(self.sequence);
            if let Cell::Text(id) = &mut row[3] {
                // Ids grow with time; a letter in front would put these at the other end of their index.
                id.push('b');
            }
        }
        let insert = inserting("events", rows.first().map_or(0, Vec::len));
        let (cpu, start) = (own_cpu_seconds()?, Instant::now());
        for (rows, entries) in rows.chunks(batch).zip(entries.chunks(batch)) {
            let work = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut action = work.prepare_cached("INSERT INTO grant_actions VALUES (?1, ?2, ?3, ?4)")?;
            let mut index =
                work.prepare_cached("INSERT INTO events_index (rowid, facets, text) VALUES (?1, ?2, ?3)")?;
            let mut event = work.prepare_cached(&insert)?;
            for (row, (rowid, ..)) in rows.iter().zip(entries) {
                event.execute(params_from_iter(row))?;
                action.execute(params!["grt_bare", rowid.to_string(), rowid, rowid.to_le_bytes().repeat(2)])?;
            }
            // Last, as the product does it: a guarded table between them makes the index write after every row.
            for (rowid, facets, text) in entries {
                index.execute(params![rowid, facets, text])?;
            }
            drop((action, index, event));
            work.commit()?;
        }
        Ok((rows.len() as f64 / start.elapsed().as_secs_f64(), own_cpu_seconds()? - cpu))
    }
}

/// The same events in a table of the same columns that has its order as only index: events per second, and seconds of
/// processor time.
fn bare(database: &Path, rows: &[Row], batch: usize) -> Outcome<(f64, f64)> {
    let table: String = Connection::open(database)?.query_row(
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'events'",
        [],
        |row| row.get(0),
    )?;
    let folder = tempfile::tempdir()?;
    let mut bare = Connection::open(folder.path().join("bare.db"))?;
    bare.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;")?;
    bare.execute_batch(&table)?;
    bare.execute_batch("CREATE UNIQUE INDEX events_dense ON events (organization_id, sequence)")?;
    let insert = inserting("events", rows.first().map_or(0, Vec::len));
    let (cpu, start) = (own_cpu_seconds()?, Instant::now());
    for part in rows.chunks(batch) {
        let work = bare.transaction()?;
        for row in part {
            work.prepare_cached(&insert)?.execute(params_from_iter(row))?;
        }
        work.commit()?;
    }
    Ok((rows.len() as f64 / start.elapsed().as_secs_f64(), own_cpu_seconds()? - cpu))
}
