//! `bench grants`: the constant question, the way in for new requests, and reported actions.

use std::{process::Command, time::Instant};

use serde_json::{Value, json};

use crate::{
    Outcome,
    client::{Client, request},
    process::Server,
};

const KEY: (&str, &str) = ("Authorization", "Bearer lbk_demo_provider");
/// Pairs of measurements; the median of their ratios is what counts.
const ROUNDS: usize = 7;
/// Requests per measurement, over [`CONNECTIONS`] connections.
const REQUESTS: usize = 8_000;
const CONNECTIONS: usize = 4;

/// Processor time of a grant check over that of the least endpoint, at most.
const GOAL: f64 = 3.0;

/// Live grants in the database, one table each.
const LIVE: [usize; 2] = [1_000, 100_000];
/// Grants that the questions go round, so that not one row alone is warm.
const ASKED: usize = 1_000;

/// Measures and prints a table. `lockbox`: path of the server's binary.
pub(crate) fn run(lockbox: &str) -> Outcome {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let serve = || {
        // As people run it: what the log of the process costs is part of what a check costs.
        let arguments = ["serve", "--demo", "--listen", "127.0.0.1:0", "--data-dir"];
        Server::start(Command::new(lockbox).args(arguments).arg(&data))
    };
    let mut server = serve()?;
    let grant = open_grant(&server)?;
    let mut missed = Vec::new();
    println!("{:<38} {:>12} {:>12} {:>8} {:>12}", "", "ours, µs", "least, µs", "ratio", "ours, 1/s");
    let (health, hello) = (vec![request("GET", "/healthz", &[], "")], vec![request("GET", "/hello", &[], "")]);
    for live in LIVE {
        drop(server);
        let grants = multiply(&data.join("lockbox.db"), &grant, live)?;
        server = serve()?;
        let copy = folder.path().join(format!("limit-{live}.db"));
        rusqlite::Connection::open(data.join("lockbox.db"))?.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
        let limit = Server::start(Command::new(std::env::current_exe()?).arg("limit").arg(&copy))?;
        let question = json!({"engineer_id": "eng-417", "environment_id": "env_payroll",
            "operation": "ExecuteSqlViaLockbox", "target": "payroll.dbo.Pay"})
        .to_string();
        let every = (grants.len() / ASKED).max(1);
        let asked: Vec<&String> = grants.iter().step_by(every).collect();
        let path = |prefix: &str, id: &str| format!("{prefix}/grants/{id}/check");
        let ours: Vec<_> =
            asked.iter().map(|id| request("POST", &path("/provider/v1", id), &[KEY], &question)).collect();
        let least: Vec<_> = asked.iter().map(|id| request("POST", &path("", id), &[], &question)).collect();
        for (ours, least) in ours.iter().zip(&least) {
            expect(&server, ours, "\"allowed\":true")?;
            expect(&limit, least, "\"allowed\":true")?;
        }
        let what = format!("grant check, {live} live (goal: {GOAL:.1})");
        let ratio = compare(&what, &server, &ours, &limit, &least)?;
        if ratio > GOAL {
            missed.push(format!("a grant check with {live} live grants costs {ratio:.2} times the least"));
        }
        if live == LIVE[LIVE.len() - 1] {
            compare("health", &server, &health, &limit, &hello)?;
        }
    }

    println!();
    raise_many(&server, 200)?;
    for batch in [1, 100, 1_000] {
        report_actions(&server, &grant, batch)?;
    }
    println!("private memory of the server: {:.1} MiB", server.private_mib()?);
    if missed.is_empty() { Ok(()) } else { Err(format!("goal of {GOAL:.1} missed: {}", missed.join("; ")).into()) }
}

/// Copies the grant (and its request) until `live` of them are open; returns all their ids. The server is stopped.
fn multiply(database: &std::path::Path, grant: &str, live: usize) -> Outcome<Vec<String>> {
    let mut connection = rusqlite::Connection::open(database)?;
    let work = connection.transaction()?;
    let tables = [("requests", "id = (SELECT request_id FROM grants WHERE id = ?1)"), ("grants", "id = ?1")];
    for (table, of) in tables {
        let columns: Vec<String> = work
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let values: Vec<String> = columns
            .iter()
            .map(|name| match name.as_str() {
                name @ ("id" | "request_id") => format!("{name} || 'x' || n.value"),
                name => name.to_owned(),
            })
            .collect();
        let (columns, values) = (columns.join(", "), values.join(", "));
        work.execute(
            &format!(
                "WITH RECURSIVE n (value) AS (SELECT 2 UNION ALL SELECT value + 1 FROM n WHERE value < ?2)
                 INSERT OR IGNORE INTO {table} ({columns}) SELECT {values} FROM {table}, n WHERE {of}"
            ),
            (grant, i64::try_from(live)?),
        )?;
    }
    let pattern = format!("{grant}%");
    let ids: Vec<String> = work
        .prepare("SELECT id FROM grants WHERE state = 'active' AND id LIKE ?1 ORDER BY id")?
        .query_map([pattern], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    work.commit()?;
    if ids.len() == live { Ok(ids) } else { Err(format!("{} live grants instead of {live}", ids.len()).into()) }
}

/// Processor time per request of both, in turns, and the median ratio, which is returned.
pub(crate) fn compare(
    what: &str,
    ours: &Server,
    our_requests: &[Vec<u8>],
    least: &Server,
    least_requests: &[Vec<u8>],
) -> Outcome<f64> {
    let mut rounds = Vec::new();
    for round in 0..=ROUNDS {
        let begin = Instant::now();
        let our_cost = cost(ours, our_requests)?;
        let rate = REQUESTS as f64 / begin.elapsed().as_secs_f64();
        let pair = (our_cost, cost(least, least_requests)?);
        // The first round warms both up.
        if round > 0 {
            rounds.push((pair.0, pair.1, pair.0 / pair.1, rate));
        }
    }
    let median = |pick: fn(&(f64, f64, f64, f64)) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(pick).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    println!(
        "{what:<38} {:>12.1} {:>12.1} {:>8.2} {:>12.0}",
        median(|r| r.0),
        median(|r| r.1),
        median(|r| r.2),
        median(|r| r.3)
    );
    Ok(median(|r| r.2))
}

/// Processor time of the server per request, µs.
fn cost(server: &Server, requests: &[Vec<u8>]) -> Outcome<f64> {
    let before = server.cpu_seconds()?;
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(move || -> Outcome {
                    let mut client = Client::connect(server.port)?;
                    for request in requests.iter().cycle().take(REQUESTS / CONNECTIONS) {
                        let (status, _) = client.send(request)?;
                        if status != 200 {
                            return Err(format!("answered {status}").into());
                        }
                    }
                    Ok(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a client panicked")?)
    })?;
    Ok((server.cpu_seconds()? - before) * 1e6 / REQUESTS as f64)
}

fn expect(server: &Server, request: &[u8], text: &str) -> Outcome {
    let (status, body) = Client::connect(server.port)?.send(request)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    if status == 200 && body.contains(text) { Ok(()) } else { Err(format!("{status}: {body}").into()) }
}

fn ask(number: usize) -> Value {
    json!({
        "organization_id": "org_meridian", "environment_id": "env_payroll", "service_request_id": "2611210050001234",
        "engineer": {"id": "eng-417", "name": "Engineer 417", "jit_role": "support_engineer", "isolated_identity": true, "mfa": true},
        "operations": ["ExecuteSqlViaLockbox"], "data_stores": ["sql"], "targets": ["payroll.dbo.*"],
        "permission_level": "read", "direct_data_access": true, "reason_code": "customer_initiated_support",
        "justification": format!("Measurement {number}"), "access_minutes": 240,
    })
}

fn raise(client: &mut Client, number: usize) -> Outcome<Value> {
    let bytes = request("POST", "/provider/v1/access-requests", &[KEY], &ask(number).to_string());
    let (status, body) = client.send(&bytes)?;
    if status != 201 {
        return Err(format!("raising answered {status}: {}", String::from_utf8_lossy(&body)).into());
    }
    Ok(serde_json::from_slice(&body)?)
}

/// Raises a request and approves it as a person would; returns the grant.
fn open_grant(server: &Server) -> Outcome<String> {
    let mut client = Client::connect(server.port)?;
    let id = raise(&mut client, 0)?["id"].as_str().ok_or("no id")?.to_owned();
    let guard = ("X-Lockbox-Request", "1");
    let mut session = SignedIn::new(server.port, ("approver@meridian.example", "demo"))?;
    let decision = json!({"justification": "Measurement"}).to_string();
    let headers = [guard, ("If-Match", "\"1\""), ("Cookie", session.cookie.as_str())];
    let path = format!("/api/v1/lockbox-requests/{id}/approve");
    for version in ["\"1\"", "\"2\""] {
        let headers = [headers[0], ("If-Match", version), headers[2]];
        let (status, body) = session.client.send(&request("POST", &path, &headers, &decision))?;
        if status == 200 {
            let request: Value = serde_json::from_slice(&body)?;
            return Ok(request["access"]["grant_id"].as_str().ok_or("no grant")?.to_owned());
        }
    }
    Err("the request could not be approved".into())
}

/// Somebody who has signed in.
pub(crate) struct SignedIn {
    client: Client,
    /// The value of the header `Cookie`.
    pub(crate) cookie: String,
}

impl SignedIn {
    /// Signs in with address and password.
    pub(crate) fn new(port: u16, (email, password): (&str, &str)) -> Outcome<Self> {
        use std::io::{Read, Write};
        let account = json!({"email": email, "password": password}).to_string();
        let sign_in = request("POST", "/api/v1/session", &[("X-Lockbox-Request", "1")], &account);
        // The cookie is in the head, which `Client` throws away.
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port))?;
        stream.write_all(&sign_in)?;
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let cookie = head
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "))
            .and_then(|line| line.split(';').next())
            .ok_or("no session")?;
        Ok(Self { client: Client::connect(port)?, cookie: cookie.to_owned() })
    }
}

fn raise_many(server: &Server, count: usize) -> Outcome {
    let mut client = Client::connect(server.port)?;
    let (cpu, begin) = (server.cpu_seconds()?, Instant::now());
    for number in 1..=count {
        raise(&mut client, number)?;
    }
    let (cpu, wall) = (server.cpu_seconds()? - cpu, begin.elapsed().as_secs_f64());
    println!(
        "raise: {:.0}/s one after another, durable; {:.0} µs of processor time each",
        count as f64 / wall,
        cpu * 1e6 / count as f64
    );
    Ok(())
}

fn report_actions(server: &Server, grant: &str, batch: usize) -> Outcome {
    let total = if batch == 1 { 300 } else { 5_000 };
    let mut client = Client::connect(server.port)?;
    let now = now(server)?;
    let begin = Instant::now();
    for first in (0..total).step_by(batch) {
        let actions: Vec<Value> = (first..first + batch)
            .map(|number| {
                json!({"id": format!("b{batch}-{number}"), "time": now, "engineer_id": "eng-417",
                    "operation": "ExecuteSqlViaLockbox", "target": "payroll.dbo.Pay", "statement": "SELECT 1",
                    "rows": 1, "outcome": "success"})
            })
            .collect();
        let body = json!({ "actions": actions }).to_string();
        let (status, body) =
            client.send(&request("POST", &format!("/provider/v1/grants/{grant}/actions"), &[KEY], &body))?;
        if status != 200 || !String::from_utf8_lossy(&body).contains("recorded") {
            return Err(format!("reporting answered {status}: {}", String::from_utf8_lossy(&body)).into());
        }
    }
    println!("actions in batches of {batch}: {:.0}/s, durable", total as f64 / begin.elapsed().as_secs_f64());
    Ok(())
}

/// The server's own time: a reported action must have happened.
fn now(server: &Server) -> Outcome<String> {
    let mut client = Client::connect(server.port)?;
    let request = raise(&mut client, 9_999_999)?;
    Ok(request["requested_at"].as_str().ok_or("no time")?.to_owned())
}
