//! `cargo xtask test`: everything that must hold, in one command, with one honest line at the end.
//!
//! A step that fails does not stop the others: one run shows everything that is broken. The portal is built first and
//! the server tests run with the features of the server that the browser tests drive, so that every dependency is
//! compiled once.

use std::time::Instant;

use crate::build::portal_steps;
use crate::portal::Mode;
use crate::step::Steps;
use crate::{Outcome, budget, portal, root, step, tidy, tools};

/// What a step found.
#[derive(Clone, Copy, Default)]
struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// The server as the tests drive it: its clock can be set. A shipped server has no such feature.
const SERVER_FEATURES: &str = "lockbox-server/test-hooks";

type Step = (&'static str, fn() -> Outcome<Count>);

const STEPS: [Step; 10] = [
    ("rustfmt", || check(&mut step::cargo(["fmt", "--all", "--check"]))),
    ("tidy", || tidy::tidy().map(|()| ONE)),
    ("portal build", || {
        portal_steps(&mut Steps::new(2), Mode::Release).and_then(|report| budget::check(&report)).map(|()| ONE)
    }),
    ("server tests", || {
        // The TypeScript example is compiled by the compiler of the browser tests.
        tools::browser_test_packages()?;
        let mut command = step::cargo(["test", "--release", "--no-fail-fast", "--workspace"]);
        command.args(["--exclude", "lockbox-portal", "--exclude", "xtask", "--features", SERVER_FEATURES]);
        command.env("LOCKBOX_TEST_SCHEMATHESIS", tools::schemathesis()?);
        cargo_test(command.env("LOCKBOX_TEST_PYTHON", tools::mail_server_python()?))
    }),
    ("portal tests", || {
        cargo_test(&mut step::cargo(["test", "--release", "--no-fail-fast", "--package", "lockbox-portal"]))
    }),
    ("xtask tests", || cargo_test(&mut step::cargo(["test", "--release", "--no-fail-fast", "--package", "xtask"]))),
    ("clippy", || {
        let mut command =
            step::cargo(["clippy", "--release", "--workspace", "--exclude", "lockbox-portal", "--all-targets"]);
        command.args(["--features", SERVER_FEATURES, "--", "--deny", "warnings"]);
        check(&mut command)
    }),
    ("clippy for WASM", || {
        // The release profile, not the portal's own: tests can't abort, so with that one everything below the portal
        // would be checked twice.
        let mut command = step::cargo(["clippy", "--package", "lockbox-portal", "--target", tools::WASM]);
        command.args(["--release", "--all-targets", "--", "--deny", "warnings"]);
        check(&mut command)
    }),
    ("fuzz targets", || {
        // Without the fuzzer itself, which takes a C++ compiler: that the targets fit what they try is all that is asked.
        let manifest = ["--manifest-path", "fuzz/Cargo.toml"];
        step::exec(step::cargo(["fmt", "--check"]).args(manifest))?;
        let mut command = step::cargo(["clippy", "--locked", "--no-default-features", "--target-dir", "target/fuzz"]);
        check(command.args(manifest).args(["--", "--deny", "warnings"]))
    }),
    ("browser tests", browser_tests),
];

const ONE: Count = Count { passed: 1, failed: 0, skipped: 0 };

/// Runs every step, or those whose name contains `only`, and prints the sum as the last line.
///
/// # Errors
/// If anything failed; the last line has been printed by then.
pub(crate) fn test(only: Option<&str>) -> Outcome {
    let steps: Vec<&Step> = STEPS.iter().filter(|(name, _)| only.is_none_or(|word| name.contains(word))).collect();
    let mut sum = Count::default();
    let mut lines = Vec::new();
    for (index, (name, work)) in steps.iter().enumerate() {
        println!("\n=== {}/{} {name} ===", index + 1, steps.len());
        let started = Instant::now();
        let (count, note) = match work() {
            Ok(count) => (count, String::new()),
            Err(failure) => {
                println!("{name}: {failure}");
                (Count { failed: 1, ..Count::default() }, failure.to_string())
            }
        };
        sum.passed += count.passed;
        sum.failed += count.failed;
        sum.skipped += count.skipped;
        let seconds = started.elapsed().as_secs();
        let Count { passed, failed, skipped } = count;
        let note = note.lines().next().unwrap_or_default().to_owned();
        lines.push(format!(
            "{name:<16} {passed:>5} passed {failed:>4} failed {skipped:>3} skipped {seconds:>5} s  {note}"
        ));
    }
    println!();
    lines.iter().for_each(|line| println!("{line}"));
    if steps.is_empty() {
        println!("no step is called that");
        sum.failed += 1;
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed > 0 {
        // The line above must stay the last one: no message after it.
        std::process::exit(1);
    }
    Ok(())
}

/// A command that counts as one check.
fn check(command: &mut std::process::Command) -> Outcome<Count> {
    step::exec(command).map(|()| ONE)
}

/// `cargo test`: the sum of its result lines. What does not compile, or ends without a failed test, is one failure.
fn cargo_test(command: &mut std::process::Command) -> Outcome<Count> {
    let printed = step::tee(command)?;
    let mut count = count_cargo(&printed.text);
    if !printed.success && count.failed == 0 {
        count.failed = 1;
    }
    Ok(count)
}

fn count_cargo(text: &str) -> Count {
    let mut sum = Count::default();
    for line in text.lines().filter(|line| line.starts_with("test result:")) {
        let number = |word: &str| -> usize {
            line.split([';', '.']).find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok()).unwrap_or(0)
        };
        sum.passed += number("passed");
        sum.failed += number("failed");
        sum.skipped += number("ignored");
    }
    sum
}

/// The real server in a real browser.
fn browser_tests() -> Outcome<Count> {
    let chromium = tools::chromium()?;
    let python = tools::mail_server_python()?;
    if portal::report().is_none() || !root::dist().is_dir() {
        return Err("there is no portal in dist: its build failed above, or run cargo xtask portal".into());
    }
    step::exec(&mut step::cargo(["build", "--release", "--package", "lockbox-server", "--features", "test-hooks"]))?;
    let e2e = root::e2e();
    tools::browser_test_packages()?;
    step::exec(&mut step::program("npx", &e2e, ["--no-install", "tsc", "--noEmit"]))?;
    let results = e2e.join("results/report.json");
    if results.exists() {
        std::fs::remove_file(&results)?;
    }
    let mut command = step::program("npx", &e2e, ["--no-install", "playwright", "test"]);
    command
        .env("CHROMIUM", chromium)
        .env("LOCKBOX_BIN", root::server_binary("release"))
        .env("LOCKBOX_TEST_PYTHON", python);
    let ended = step::exec(&mut command);
    let report = std::fs::read_to_string(&results).map_err(|_| "the browser tests did not run: they left no report")?;
    let mut count = count_playwright(&report)?;
    if ended.is_err() && count.failed == 0 {
        count.failed = 1;
    }
    Ok(count)
}

fn count_playwright(report: &str) -> Outcome<Count> {
    let report: serde_json::Value = serde_json::from_str(report)?;
    let number = |name: &str| -> Outcome<usize> {
        let found = report.pointer(&format!("/stats/{name}")).and_then(serde_json::Value::as_u64);
        Ok(usize::try_from(found.ok_or_else(|| format!("the report of the browser tests has no {name}"))?)?)
    };
    // A test that passes only the second time is a failed one.
    Ok(Count {
        passed: number("expected")?,
        failed: number("unexpected")? + number("flaky")?,
        skipped: number("skipped")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up_the_lines_of_cargo() {
        let text = "running 3 tests\ntest result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                    test result: FAILED. 10 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.20s\n";
        let count = count_cargo(text);
        assert_eq!((count.passed, count.failed, count.skipped), (13, 2, 1));
    }

    #[test]
    fn counts_a_flaky_browser_test_as_failed() {
        let count = count_playwright(r#"{"stats":{"expected":5,"unexpected":1,"flaky":1,"skipped":2}}"#).unwrap();
        assert_eq!((count.passed, count.failed, count.skipped), (5, 2, 2));
        assert!(count_playwright("{}").is_err());
    }
}
