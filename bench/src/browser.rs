//! The log in a real browser: what its table costs beside one written by hand, how long frames are while one scrolls, and how
//! soon rows are there after a filter was clicked. The browser is driven from `tests/e2e/bench`, which reports the figures.

use std::{path::Path, process::Command};

use serde::Deserialize;

use crate::{
    Outcome,
    goals::{Goal, Goals},
    logs::{ACCOUNT, Bench},
};

/// Where the scripts are, from the root of the repository, in which this program is started.
const SCRIPTS: &str = "tests/e2e";

/// What a script reports, milliseconds; a count where its words say so.
#[derive(Deserialize)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) what: String,
    /// What the portal took.
    pub(crate) ours: f64,
    least: Option<f64>,
    limit: Option<f64>,
}

/// Measures the log.
pub(crate) fn measure(bench: &Bench, goals: &mut Goals) -> Outcome {
    run(bench.server.port, ACCOUNT, &["table.bench", "scroll.bench", "filter.bench"], goals).map(drop)
}

/// Runs these scripts against a server, in which the `account` signs in, and prints what they report.
pub(crate) fn run(port: u16, account: (&str, &str), scripts: &[&str], goals: &mut Goals) -> Outcome<Vec<Figure>> {
    if !Path::new(SCRIPTS).join("node_modules").is_dir() {
        return Err(format!("{SCRIPTS} has no packages: `cargo xtask bench` installs them").into());
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("figures");
    let status = Command::new("npx")
        .current_dir(SCRIPTS)
        .args(["--no-install", "playwright", "test", "--config", "bench.config.ts"])
        .args(scripts)
        .env("LOCKBOX_BENCH_URL", format!("http://127.0.0.1:{port}"))
        .env("LOCKBOX_BENCH_EMAIL", account.0)
        .env("LOCKBOX_BENCH_PASSWORD", account.1)
        .env("LOCKBOX_BENCH_FIGURES", &file)
        .status()
        .map_err(|error| format!("the browser's scripts need Node.js with npm: {error}"))?;
    let reported = std::fs::read_to_string(&file).unwrap_or_default();
    let figures: Vec<Figure> = reported.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    println!("\n{:<62} {:>10} {:>10} {:>8} {:>8}", "in the browser, ms", "ours", "by hand", "ratio", "goal");
    for Figure { what, ours, least, limit } in &figures {
        let number =
            |value: Option<f64>, digits: usize| value.map_or_else(String::new, |value| format!("{value:.digits$}"));
        let ratio = least.map(|least| ours / least);
        let digits = if least.is_some() { 2 } else { 0 };
        let (by_hand, goal) = (number(*least, 1), number(*limit, digits));
        println!("{what:<62} {ours:>10.1} {by_hand:>10} {:>8} {goal:>8}", number(ratio, 2));
        if let Some(limit) = limit {
            goals.add(what, ratio.unwrap_or(*ours), Goal::AtMost(*limit));
        }
    }
    if status.success() { Ok(figures) } else { Err("the browser's scripts failed".into()) }
}
