//! Measures the server against the least that the same answer costs: a minimal axum endpoint over one prepared SQLite
//! statement, in the same run on the same machine. What counts is processor time per request and the ratio; wall
//! times on a shared machine mean little.
//!
//! `lockbox-bench grants PATH_OF_LOCKBOX`, `lockbox-bench history PATH_OF_LOCKBOX` and `lockbox-bench logs PATH_OF_LOCKBOX EVENTS PART…` print tables; `lockbox-bench limit DATABASE`
//! is the minimal server itself. While one works at a part of the log, `lockbox-bench fill FOLDER EVENTS [SEED]` makes the events once, and
//! `lockbox-bench logs-of PATH_OF_LOCKBOX FOLDER PART…` measures over them. No part named: all of them.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]
#![expect(clippy::print_stdout, reason = "a command line tool: its tables go to the terminal")]

mod browser;
mod client;
mod crowd;
mod export;
mod generate;
mod goals;
mod grants;
mod history;
mod ingest;
mod limit;
mod logs;
mod process;
mod queries;

/// What everything here returns: the failure is one sentence.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = run(&arguments);
    if let Err(error) = outcome {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run(arguments: &[String]) -> Outcome {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["grants", lockbox] => grants::run(lockbox),
        ["history", lockbox] => history::run(lockbox),
        ["logs", lockbox, events, parts @ ..] => logs::run(lockbox, events.parse()?, parts),
        ["fill", folder, events] => logs::fill(folder.as_ref(), events.parse()?, logs::SEED),
        ["fill", folder, events, seed] => logs::fill(folder.as_ref(), events.parse()?, seed.parse()?),
        ["logs-of", lockbox, folder, parts @ ..] => logs::measure(lockbox, folder.as_ref(), parts),
        ["limit", database] => limit::run(database),
        _ => Err("usage: lockbox-bench grants PATH_OF_LOCKBOX, or history PATH_OF_LOCKBOX, or logs PATH_OF_LOCKBOX EVENTS PART…, or fill FOLDER EVENTS [SEED], or logs-of PATH_OF_LOCKBOX FOLDER PART…".into()),
    }
}
