//! `cargo xtask bench`: figures against the least that the same answer costs, in the same run.

use std::path::Path;

use crate::{Outcome, build, portal::Mode, root, step, step::Steps, tools};

/// What of the log can be measured by itself: `steps` of SQLite's virtual machine are counted by a test of the server, the
/// browser needs a portal, and `lockbox-bench` knows the others.
pub(crate) const PARTS: [&str; 8] = ["memory", "newest", "queries", "export", "ingest", "crowd", "browser", "steps"];

/// Builds server and bench in the release profile and measures `what`: `grants`, `history`, or `logs` with a tenth of so many
/// events and with all of them. `parts`: which of [`PARTS`]; none named: all.
///
/// # Errors
/// If something does not build, an answer is wrong, or a figure misses its goal; all are measured before that is said.
pub(crate) fn bench(what: &str, events: usize, parts: &[String]) -> Outcome {
    let logs = what == "logs";
    let wanted = |part: &str| logs && (parts.is_empty() || parts.iter().any(|one| one == part));
    let (steps_wanted, browser) = (wanted("steps"), wanted("browser") || what == "history");
    // All but the steps, which a test counts.
    let measured: Vec<&str> = PARTS.into_iter().filter(|part| *part != "steps" && wanted(part)).collect();
    let sizes = [events / 10, events];

    let mut steps = Steps::new(
        1 + if browser { 3 } else { 0 } + if logs { measured.len().min(1) * 2 } else { 1 } + usize::from(steps_wanted),
    );
    if browser {
        // Too large is for those who build Lockbox to mend; it must not keep anybody from measuring it.
        build::portal_steps(&mut steps, Mode::Release)?;
        steps.step("Installing what drives the browser", tools::browser_test_packages)?;
    }
    steps.step("Compiling the server and the bench (some minutes the first time)", || {
        step::exec(&mut step::cargo([
            "build",
            "--release",
            "--package",
            "lockbox-server",
            "--package",
            "lockbox-bench",
        ]))
    })?;
    let server = root::server_binary("release");
    let bench = server.with_file_name("lockbox-bench");
    let run = |arguments: &[&str]| {
        let mut command = step::program(&bench.to_string_lossy(), &root::root(), [what]);
        command.arg(&server).args(arguments);
        if browser {
            command.env("CHROMIUM", tools::chromium()?);
        }
        step::exec(&mut command)
    };
    let mut failed = Vec::new();
    if !logs {
        failed.extend(steps.step("Measuring", || run(&[])).err());
    } else if !measured.is_empty() {
        for size in sizes {
            let size = size.to_string();
            let arguments: Vec<&str> = [size.as_str()].into_iter().chain(measured.iter().copied()).collect();
            failed.extend(steps.step(&format!("Measuring with {size} events"), || run(&arguments)).err());
        }
    }
    if steps_wanted {
        let count = || {
            let mut command = step::cargo(["test", "--release", "--package", "lockbox-server", "--test", "scale"]);
            command.args(["--features", "lockbox-server/test-hooks", "--", "--nocapture"]);
            step::exec(command.env("LOCKBOX_SCALE_EVENTS", events.to_string()))
        };
        failed.extend(steps.step("Counting steps of SQLite's virtual machine", count).err());
    }
    match failed.first() {
        None => Ok(()),
        Some(_) => Err(failed.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ").into()),
    }
}

/// Builds the bench and lets it make up so many events of a seed in `folder`.
///
/// # Errors
/// If it does not build, or the folder holds a log already.
pub(crate) fn generate_log(folder: &Path, events: usize, seed: u64) -> Outcome {
    let folder = std::path::absolute(folder)?;
    let mut steps = Steps::new(2);
    steps.step("Compiling the generator (some minutes the first time)", || {
        step::exec(&mut step::cargo(["build", "--release", "--package", "lockbox-bench"]))
    })?;
    let bench = root::server_binary("release").with_file_name("lockbox-bench");
    let (events, seed) = (events.to_string(), seed.to_string());
    steps.step("Making the events", || {
        let mut command = step::program(&bench.to_string_lossy(), &root::root(), ["fill"]);
        step::exec(command.arg(&folder).args([&events, &seed]))
    })
}
