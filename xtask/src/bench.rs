//! `cargo xtask bench`: figures against the least that the same answer costs, in the same run.

use crate::{Outcome, root, step, step::Steps};

/// Builds server and bench in the release profile and measures `what`: `grants`, or `logs` with so many events and with
/// a tenth of them.
///
/// # Errors
/// If something does not build, or an answer is wrong.
pub(crate) fn bench(what: &str, events: usize) -> Outcome {
    let mut steps = Steps::new(if what == "logs" { 3 } else { 2 });
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
    let sizes = [(events / 10).to_string(), events.to_string()];
    steps.step("Measuring", || {
        let server = root::server_binary("release");
        let bench = server.with_file_name("lockbox-bench");
        let mut command = step::program(&bench.to_string_lossy(), &root::root(), [what]);
        command.arg(&server);
        if what == "logs" {
            command.args(&sizes);
        }
        step::exec(&mut command)
    })?;
    if what == "logs" {
        steps.step("Counting steps of SQLite's virtual machine", || {
            let mut command = step::cargo(["test", "--release", "--package", "lockbox-server", "--test", "scale"]);
            command.args(["--features", "test-hooks", "--", "--nocapture"]);
            step::exec(command.env("LOCKBOX_SCALE_EVENTS", &sizes[1]))
        })?;
    }
    Ok(())
}
