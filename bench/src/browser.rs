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
struct Figure {
    what: String,
    ours: f64,
    least: Option<f64>,
    limit: Option<f64>,
}

/// Runs the scripts against the server and prints what they report.
pub(crate) fn measure(bench: &Bench, goals: &mut Goals) -> Outcome {
    if !Path::new(SCRIPTS).join("node_modules").is_dir() {
        return Err(format!("{SCRIPTS} has no packages: `cargo xtask bench` installs them").into());
    }
    let folder = tempfile::tempdir()?;
    let figures = folder.path().join("figures");
    let status = Command::new("npx")
        .current_dir(SCRIPTS)
        .args(["--no-install", "playwright", "test", "--config", "bench.config.ts"])
        .env("LOCKBOX_BENCH_URL", format!("http://127.0.0.1:{}", bench.server.port))
        .env("LOCKBOX_BENCH_EMAIL", ACCOUNT.0)
        .env("LOCKBOX_BENCH_PASSWORD", ACCOUNT.1)
        .env("LOCKBOX_BENCH_FIGURES", &figures)
        .status()
        .map_err(|error| format!("the browser's scripts need Node.js with npm: {error}"))?;
    println!("\n{:<62} {:>10} {:>10} {:>8} {:>8}", "in the browser, ms", "ours", "by hand", "ratio", "goal");
    for line in std::fs::read_to_string(&figures).unwrap_or_default().lines() {
        let Figure { what, ours, least, limit } = serde_json::from_str(line)?;
        let number =
            |value: Option<f64>, digits: usize| value.map_or_else(String::new, |value| format!("{value:.digits$}"));
        let ratio = least.map(|least| ours / least);
        let digits = if least.is_some() { 2 } else { 0 };
        println!(
            "{what:<62} {ours:>10.1} {:>10} {:>8} {:>8}",
            number(least, 1),
            number(ratio, 2),
            number(limit, digits)
        );
        if let Some(limit) = limit {
            goals.add(what, ratio.unwrap_or(ours), Goal::AtMost(limit));
        }
    }
    if status.success() { Ok(()) } else { Err("the browser's scripts failed".into()) }
}
