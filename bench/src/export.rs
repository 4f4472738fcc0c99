//! The largest organisation's log as a file, its first million events where there are so many, against SQLite's own program
//! writing the same columns of the same events.

use std::{
    io::{BufReader, Read},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::{
    Outcome,
    client::download,
    generate::organization,
    goals::{Goal, Goals},
    logs::{Bench, COLUMNS},
    process::children_cpu_seconds,
};

/// Beginnings of exports that are looked at for the time of the first byte.
const BEGINNINGS: usize = 9;

/// Events in the file at most.
const MOST: i64 = 1_000_000;
/// Speed of CSV and NDJSON against SQLite's program, by processor time, at least.
const SPEED: f64 = 0.5;
/// By how much an export may raise the server's memory, MiB.
const GROWTH: f64 = 32.0;
/// How often the memory is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(5);
/// Until the first byte, at most, milliseconds.
const FIRST_BYTE: f64 = 100.0;

/// What a whole file took.
struct Taken {
    cpu: f64,
    wall: f64,
    bytes: usize,
    grown: f64,
}

/// Prints seconds, bytes, memory and first bytes.
pub(crate) fn measure(bench: &mut Bench, database: &Path, goals: &mut Goals) -> Outcome {
    let rows: i64 = Connection::open(database)?.query_row(
        "SELECT last_sequence FROM organizations WHERE id = ?1",
        [organization(0).0],
        |row| row.get(0),
    )?;
    let rows = rows.min(MOST);
    println!(
        "\nexport of {rows} events{:<17} {:>8} {:>8} {:>8} {:>10} {:>12}",
        "", "CPU, s", "wall, s", "MiB", "+ memory", "first byte"
    );
    let sqlite = sqlite_csv(database, rows)?;
    line("sqlite3 -csv", &sqlite, None);
    for format in ["csv", "ndjson", "parquet"] {
        // What another file left behind would hide what this one takes.
        bench.restart()?;
        let taken = whole(bench, format, rows)?;
        let mut firsts = (0..BEGINNINGS).map(|_| first_byte(bench, format, rows)).collect::<Outcome<Vec<f64>>>()?;
        firsts.sort_by(f64::total_cmp);
        let first = firsts[BEGINNINGS / 2];
        line(format, &taken, Some(first));
        goals.add(format!("export of {rows} events as {format}, growth, MiB"), taken.grown, Goal::AtMost(GROWTH));
        goals.add(format!("export of {rows} events as {format}, first byte, ms"), first, Goal::AtMost(FIRST_BYTE));
        if format != "parquet" {
            let what = format!("export of {rows} events as {format}, speed against sqlite3 -csv");
            goals.add(what, sqlite.cpu / taken.cpu, Goal::AtLeast(SPEED));
        }
        println!(
            "    speed against sqlite3 -csv: {:.2} by processor time, {:.2} by the clock (goal for CSV and NDJSON: {SPEED})",
            sqlite.cpu / taken.cpu,
            sqlite.wall / taken.wall
        );
    }
    Ok(())
}

fn line(what: &str, taken: &Taken, first: Option<f64>) {
    let Taken { cpu, wall, bytes, grown } = taken;
    let first = first.map_or_else(|| "-".to_owned(), |first| format!("{first:.0} ms"));
    println!("{what:<44} {cpu:>8.2} {wall:>8.2} {:>8} {grown:>6.1} MiB {first:>12}", bytes >> 20);
}

fn begin(bench: &Bench, format: &str, rows: i64) -> Outcome<BufReader<TcpStream>> {
    let path = format!("/api/v1/logs/export?format={format}&to_sequence={rows}");
    download(bench.server.port, &path, ("Authorization", &bench.reader))
}

/// Takes an export as fast as it comes, watching the server's memory.
fn whole(bench: &Bench, format: &str, rows: i64) -> Outcome<Taken> {
    let (idle, cpu, start) = (bench.server.private_mib()?, bench.server.cpu_seconds()?, Instant::now());
    let mut reader = begin(bench, format, rows)?;
    let (server, taken) = (&bench.server, AtomicBool::new(false));
    // By the clock and not by what has come: a small file takes no less memory.
    let (bytes, wall, most) = std::thread::scope(|scope| -> Outcome<_> {
        let most = scope.spawn(|| -> Outcome<f64> {
            let mut most = idle;
            while !taken.load(Ordering::Relaxed) {
                most = most.max(server.private_mib()?);
                std::thread::sleep(LOOK);
            }
            Ok(most.max(server.private_mib()?))
        });
        let bytes = std::io::copy(&mut reader, &mut std::io::sink());
        let wall = start.elapsed().as_secs_f64();
        taken.store(true, Ordering::Relaxed);
        Ok((usize::try_from(bytes?)?, wall, most.join().map_err(|_| "the memory could not be watched")??))
    })?;
    Ok(Taken { cpu: server.cpu_seconds()? - cpu, wall, bytes, grown: most - idle })
}

/// Milliseconds until the first byte of the file; the rest is not taken.
fn first_byte(bench: &Bench, format: &str, rows: i64) -> Outcome<f64> {
    let start = Instant::now();
    let mut reader = begin(bench, format, rows)?;
    reader.read_exact(&mut [0])?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

/// The same rows and columns by SQLite's own program.
fn sqlite_csv(database: &Path, rows: i64) -> Outcome<Taken> {
    let organization = organization(0).0;
    let of = format!("organization_id = '{organization}' AND sequence <= {rows}");
    let query = format!("SELECT {COLUMNS} FROM events WHERE {of} ORDER BY sequence");
    let (cpu, start) = (children_cpu_seconds()?, Instant::now());
    let mut command = Command::new("sqlite3");
    command.args(["-readonly", "-csv"]).arg(database).arg(query).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| {
        format!("`sqlite3`, which exports are compared with, can't be started (Debian: the package sqlite3): {error}")
    })?;
    let mut out = child.stdout.take().ok_or("no output")?;
    let bytes = usize::try_from(std::io::copy(&mut out, &mut std::io::sink())?)?;
    if !child.wait()?.success() {
        return Err("sqlite3 failed".into());
    }
    let wall = start.elapsed().as_secs_f64();
    Ok(Taken { cpu: children_cpu_seconds()? - cpu, wall, bytes, grown: 0.0 })
}
