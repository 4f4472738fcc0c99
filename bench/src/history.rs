//! `bench history`: the figures of a period with many requests, the table of them as a file, and the page that shows them,
//! with ten thousand requests and with ten times as many. Nothing may grow faster than the requests do.

use std::{io::Read, path::Path, process::Command, time::Instant};

use rusqlite::{Connection, params};

use crate::{
    Outcome, browser,
    client::{Client, download, request},
    goals::{Goal, Goals},
    grants::SignedIn,
    process::Server,
};

const ORGANIZATION: &str = "org_meridian";
/// The demo's reader, who looks at the page; and its administrator, who may take the table along.
const READER: (&str, &str) = ("reader@meridian.example", "demo");
const ADMINISTRATOR: (&str, &str) = ("admin@meridian.example", "demo");
/// Requests in the period.
const SIZES: [usize; 2] = [10_000, 100_000];
/// Calls per figure; what is usual counts.
const CALLS: usize = 7;
/// What a request costs among ten times as many over what it costs among few, at most: caches hold a smaller share of more.
/// What looks at all requests for each of them would show as ten.
const GROWTH: f64 = 2.0;
/// What the page costs then, at most: it shows figures and the newest decisions, not requests one by one.
const PAGE: f64 = 1.3;
/// By how much the table or the figures may raise the server's memory, MiB.
const MEMORY: f64 = 32.0;
/// All requests of the demo began within it.
const PERIOD: &str = "from=now-400d";

/// What was measured with so many requests.
struct Costs {
    figures: f64,
    table: f64,
    page: f64,
}

/// Measures and prints. `lockbox`: path of the server's binary.
pub(crate) fn run(lockbox: &str) -> Outcome {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let serve = || {
        let arguments = ["serve", "--demo", "--listen", "127.0.0.1:0", "--log-level", "error", "--data-dir"];
        Server::start(Command::new(lockbox).args(arguments).arg(&data))
    };
    drop(serve()?);
    let mut goals = Goals::default();
    let mut costs = Vec::new();
    for size in SIZES {
        fill(&data.join("lockbox.db"), size)?;
        costs.push(measure(&serve()?, size, &mut goals)?);
    }
    let [few, many] = costs.as_slice() else { return Err("two sizes were to be measured".into()) };
    let per = |cost: f64, size: usize| cost / size as f64;
    let grown = |pick: fn(&Costs) -> f64| per(pick(many), SIZES[1]) / per(pick(few), SIZES[0]);
    goals.add(
        "figures: processor time of a request among ten times as many",
        grown(|costs| costs.figures),
        Goal::AtMost(GROWTH),
    );
    goals.add(
        "table: processor time of a request among ten times as many",
        grown(|costs| costs.table),
        Goal::AtMost(GROWTH),
    );
    goals.add("page: processor time with ten times as many requests", many.page / few.page, Goal::AtMost(PAGE));
    goals.judge()
}

/// Copies the demo's requests that are over, and what was granted, until there are so many. The server is stopped.
fn fill(database: &Path, size: usize) -> Outcome {
    let mut connection = Connection::open(database)?;
    let work = connection.transaction()?;
    let over = "organization_id = ?1 AND hidden = 0 AND id NOT LIKE '%~%' AND status NOT IN ('customer_notified', 'awaiting_internal_approval')
        AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.request_id = requests.id AND g.state = 'active')";
    let count = |work: &Connection, what: &str| -> Outcome<usize> {
        let text = format!("SELECT count(*) FROM requests WHERE {what}");
        Ok(usize::try_from(work.query_row::<i64, _, _>(&text, [ORGANIZATION], |row| row.get(0))?)?)
    };
    let copied = count(&work, over)?;
    let all = count(&work, "organization_id = ?1")?;
    if copied == 0 {
        return Err("the demo has no request that is over".into());
    }
    let (first, rounds) = (all / copied + 1, size.saturating_sub(all).div_ceil(copied));
    for (table, of) in
        [("requests", over.to_owned()), ("grants", format!("request_id IN (SELECT id FROM requests WHERE {over})"))]
    {
        let names: Vec<String> = work
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let values: Vec<String> = names
            .iter()
            .map(|name| match name.as_str() {
                "id" | "request_id" => format!("{name} || '~' || n.value"),
                // Not all at the same moments; what followed keeps its distance.
                "requested_at" | "notified_at" | "decide_by" | "decided_at" | "starts_at" | "expires_at"
                | "ended_at" | "first_action_at" | "last_action_at" => format!("{name} - n.value * 1000"),
                name => name.to_owned(),
            })
            .collect();
        let (names, values) = (names.join(", "), values.join(", "));
        work.execute(
            &format!(
                "WITH RECURSIVE n (value) AS (SELECT ?2 UNION ALL SELECT value + 1 FROM n WHERE value < ?3)
                 INSERT INTO {table} ({names}) SELECT {values} FROM {table}, n WHERE {of}"
            ),
            params![ORGANIZATION, i64::try_from(first)?, i64::try_from(first + rounds - 1)?],
        )?;
    }
    work.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

fn measure(server: &Server, size: usize, goals: &mut Goals) -> Outcome<Costs> {
    let session = SignedIn::new(server.port, ADMINISTRATOR)?;
    let headers = [("Cookie", session.cookie.as_str())];
    let call = request("GET", &format!("/api/v1/history?{PERIOD}"), &headers, "");
    let mut client = Client::connect(server.port)?;
    let idle = server.private_mib()?;
    let (mut costs, mut clocks, mut bytes, mut most) = (Vec::new(), Vec::new(), 0, idle);
    for _ in 0..CALLS {
        let (cpu, begin) = (server.cpu_seconds()?, Instant::now());
        let (status, body) = client.send(&call)?;
        if status != 200 {
            return Err(format!("the figures answered {status}: {}", String::from_utf8_lossy(&body)).into());
        }
        clocks.push(begin.elapsed().as_secs_f64() * 1e3);
        costs.push((server.cpu_seconds()? - cpu) * 1e3);
        (bytes, most) = (body.len(), most.max(server.private_mib()?));
    }
    println!(
        "\n{:<44} {:>10} {:>10} {:>9} {:>12}",
        format!("{size} requests in a period"),
        "CPU, ms",
        "wall, ms",
        "KiB",
        "+ memory"
    );
    let (figures, grown) = (usual(&mut costs), most - idle);
    println!("{:<44} {figures:>10.0} {:>10.0} {:>9} {grown:>8.1} MiB", "figures", usual(&mut clocks), bytes >> 10);
    goals.add(format!("figures of {size} requests, growth, MiB"), grown, Goal::AtMost(MEMORY));

    let (mut costs, mut clocks, mut firsts, mut bytes, mut most) = (Vec::new(), Vec::new(), Vec::new(), 0, 0.0_f64);
    for _ in 0..CALLS {
        let table = Table::take(server, &session.cookie)?;
        if table.rows < size {
            return Err(format!("the table has {} requests instead of {size}", table.rows).into());
        }
        costs.push(table.cpu);
        clocks.push(table.wall);
        firsts.push(table.first);
        (bytes, most) = (table.bytes, most.max(table.grown));
    }
    let table = usual(&mut costs);
    println!("{:<44} {table:>10.0} {:>10.0} {:>9} {most:>8.1} MiB", "table as a file", usual(&mut clocks), bytes >> 10);
    println!("{:<44} {:>10} {:>10.0}", "    its first byte", "", usual(&mut firsts));
    goals.add(format!("table of {size} requests, growth, MiB"), most, Goal::AtMost(MEMORY));
    let figures_of_page = browser::run(server.port, READER, &["history.bench"], goals)?;
    let page = figures_of_page
        .iter()
        .find(|figure| figure.what == "page, its processor time")
        .ok_or("the page was not measured")?;
    Ok(Costs { figures, table, page: page.ours })
}

fn usual(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The table of the requests, taken as fast as it comes.
struct Table {
    /// Milliseconds of processor time, by the clock, and until the first byte.
    cpu: f64,
    wall: f64,
    first: f64,
    rows: usize,
    bytes: usize,
    grown: f64,
}

impl Table {
    fn take(server: &Server, cookie: &str) -> Outcome<Self> {
        let (idle, cpu, begin) = (server.private_mib()?, server.cpu_seconds()?, Instant::now());
        let path = format!("/api/v1/history/requests.csv?{PERIOD}");
        let mut reader = download(server.port, &path, ("Cookie", cookie))?;
        let (mut bytes, mut rows, mut first, mut most, mut looked) = (0_usize, 0, 0.0, idle, 0_usize);
        let mut buffer = vec![0; 1 << 16];
        // A row begins with the request's id; what a part ends with may be the beginning of one.
        let mut text = Vec::new();
        loop {
            let count = reader.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            if bytes == 0 {
                first = begin.elapsed().as_secs_f64() * 1e3;
            }
            bytes += count;
            text.extend_from_slice(&buffer[..count]);
            rows += text.windows(5).filter(|start| *start == b"\nlbx_").count();
            text.drain(..text.len().saturating_sub(4));
            if bytes >> 20 > looked {
                (looked, most) = (bytes >> 20, most.max(server.private_mib()?));
            }
        }
        let wall = begin.elapsed().as_secs_f64() * 1e3;
        Ok(Self { cpu: (server.cpu_seconds()? - cpu) * 1e3, wall, first, rows, bytes, grown: most - idle })
    }
}
