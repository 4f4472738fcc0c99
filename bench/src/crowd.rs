//! A thousand people who read the log, each a page every few seconds, while events are written and while none are.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep_until, timeout},
};

use crate::{
    Outcome,
    client::{Client, request},
    goals::{Goal, Goals},
    ingest::Grant,
    logs::Bench,
};

const READERS: u32 = 1_000;
/// A reader asks once in this time.
const EVERY: Duration = Duration::from_secs(5);
/// Pages that each asks for in one measurement.
const PAGES: u32 = 2;
/// Measurements with and without writing, in turns.
const ROUNDS: usize = 5;
/// Events written per second, in calls of ten.
const EVENTS: u32 = 200;
const BATCH: u32 = 10;
/// What of them must have been written: the last call of a round ends a little late.
const WRITTEN: f64 = 190.0;
/// An answer that takes longer is an error.
const PATIENCE: Duration = Duration::from_secs(30);

/// The 99th of 100 answers while events are written, over the same while none are, at most.
const GOAL: f64 = 5.0;

/// Prints how long answers take.
pub(crate) fn measure(bench: &Bench, goals: &mut Goals) -> Outcome {
    // As the portal asks: rows, and now and then what the filter counts.
    let paths = [
        "",
        "?not_outcome=success",
        "?q=payroll",
        "?cursor=5000&actor=eng-003",
        "/summary?not_outcome=success&from=now-30d",
    ];
    let calls: Arc<Vec<Vec<u8>>> = Arc::new(
        paths
            .iter()
            .map(|query| request("GET", &format!("/api/v1/logs{query}"), &[("Authorization", &bench.reader)], ""))
            .collect(),
    );
    let runtime = tokio::runtime::Runtime::new()?;
    let port = bench.server.port;
    let grant = Grant::open(bench)?;
    println!(
        "\n{READERS} readers, {} pages a second{:<8} {:>12} {:>12} {:>12}",
        READERS / 5,
        "",
        "p50, ms",
        "p99, ms",
        "written, 1/s"
    );
    let (mut ratios, mut least) = (Vec::new(), f64::INFINITY);
    for round in 0..ROUNDS {
        let idle = runtime.block_on(read(port, &calls))?;
        let done = AtomicBool::new(false);
        let (busy, written) = std::thread::scope(|scope| -> Outcome<_> {
            let writer = scope.spawn(|| write(bench, &grant, round, &done));
            let busy = runtime.block_on(read(port, &calls));
            done.store(true, Relaxed);
            let written = writer.join().map_err(|_| "the writer panicked")??;
            Ok((busy?, written))
        })?;
        println!("{:<38} {:>12.1} {:>12.1} {:>12}", "nothing is written", at(&idle, 50), at(&idle, 99), 0);
        println!(
            "{:<38} {:>12.1} {:>12.1} {:>12.0}",
            "while events are written",
            at(&busy, 50),
            at(&busy, 99),
            written
        );
        least = least.min(written);
        ratios.push(at(&busy, 99) / at(&idle, 99));
    }
    ratios.sort_by(f64::total_cmp);
    println!("no errors; median ratio of p99: {:.2} (goal: {GOAL:.0})", ratios[ROUNDS / 2]);
    goals.add(
        format!("{READERS} readers, p99 while events are written over p99 idle"),
        ratios[ROUNDS / 2],
        Goal::AtMost(GOAL),
    );
    goals.add("events written a second meanwhile, in the worst round", least, Goal::AtLeast(WRITTEN));
    Ok(())
}

/// The value below which so many percent lie, milliseconds.
fn at(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

/// Times of all answers, sorted, milliseconds. Waiting counts from when a page was due.
async fn read(port: u16, calls: &Arc<Vec<Vec<u8>>>) -> Outcome<Vec<f64>> {
    let begin = tokio::time::Instant::now() + Duration::from_secs(1);
    let mut readers = Vec::new();
    for number in 0..READERS {
        let calls = Arc::clone(calls);
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        readers.push(tokio::spawn(async move {
            let mut times = Vec::new();
            let mut buffer = vec![0; 64 << 10];
            for page in 0..PAGES {
                let due = begin + EVERY * page + EVERY * number / READERS;
                sleep_until(due).await;
                let call = &calls[(number + page) as usize % calls.len()];
                stream.write_all(call).await?;
                let answered = timeout(PATIENCE, answer(&mut stream, &mut buffer)).await;
                answered.map_err(|_| "a reader waited in vain: the server can't keep up with so many pages")??;
                times.push(due.elapsed().as_secs_f64() * 1e3);
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(times)
        }));
    }
    let mut all = Vec::new();
    for reader in readers {
        all.extend(reader.await??);
    }
    all.sort_by(f64::total_cmp);
    Ok(all)
}

/// Takes one answer, which must be a 200 with a length.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Outcome {
    let mut have = 0;
    let (head, length) = loop {
        let count = stream.read(&mut buffer[have..]).await?;
        if count == 0 {
            return Err("the server closed the connection".into());
        }
        have += count;
        if let Some(head) = buffer[..have].windows(4).position(|four| four == b"\r\n\r\n") {
            let text = std::str::from_utf8(&buffer[..head])?.to_ascii_lowercase();
            if !text.starts_with("http/1.1 200 ") {
                return Err(format!("answered {}", text.lines().next().unwrap_or_default()).into());
            }
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).ok_or("no length")?;
            break (head + 4, length.parse::<usize>()?);
        }
    };
    let mut rest = (head + length).saturating_sub(have);
    while rest > 0 {
        let most = rest.min(buffer.len());
        let count = stream.read(&mut buffer[..most]).await?;
        if count == 0 {
            return Err("the server closed the connection".into());
        }
        rest -= count;
    }
    Ok(())
}

/// Writes evenly until it is told to stop; events per second.
fn write(bench: &Bench, grant: &Grant, round: usize, done: &AtomicBool) -> Outcome<f64> {
    let mut client = Client::connect(bench.server.port)?;
    let begin = Instant::now();
    let mut calls = 0_u32;
    while !done.load(Relaxed) {
        let call = grant.report(bench, &format!("crowd-{round}-{calls}"), BATCH as usize);
        let (status, body) = client.send(&call)?;
        if status != 200 || !String::from_utf8_lossy(&body).contains("\"accepted\":10") {
            return Err(format!("writing answered {status}: {}", String::from_utf8_lossy(&body)).into());
        }
        calls += 1;
        let due = Duration::from_secs(1) * calls * BATCH / EVENTS;
        std::thread::sleep(due.saturating_sub(begin.elapsed()));
    }
    Ok(f64::from(calls * BATCH) / begin.elapsed().as_secs_f64())
}
