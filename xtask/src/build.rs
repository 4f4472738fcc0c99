//! `cargo xtask build` and `cargo xtask portal`.

use crate::portal::{Mode, Report};
use crate::step::Steps;
use crate::{Outcome, budget, portal, root, step};

/// The path by which tests set the clock.
const TEST_CLOCK: &[u8] = b"/test/clock";

/// Builds the binary to ship: the portal first, because the server carries it.
///
/// # Errors
/// If a step fails or something is larger than budget.toml allows.
pub(crate) fn build() -> Outcome {
    let mut steps = Steps::new(3);
    budget::check(&portal_steps(&mut steps, Mode::Release)?)?;
    steps.step("Compiling the server, optimised (a few minutes the first time)", || {
        step::exec(&mut step::cargo(["build", "--profile", "dist", "--package", "lockbox-server"]))
    })?;
    let binary = root::server_binary("dist");
    let content = std::fs::read(&binary)?;
    // Cargo may have been told of features from outside; a clock that anybody can set must never be shipped.
    if content.windows(TEST_CLOCK.len()).any(|window| window == TEST_CLOCK) {
        return Err(format!("{} has the settable clock of the tests in it", binary.display()).into());
    }
    let size = content.len() as u64;
    #[expect(clippy::cast_precision_loss, reason = "a size shown with one decimal")]
    let megabytes = size as f64 / 1e6;
    println!("{} ({megabytes:.1} MB)", binary.display());
    budget::check_binary(size)
}

/// Builds only the portal.
///
/// # Errors
/// If it does not compile or is larger than budget.toml allows.
pub(crate) fn portal(dev: bool) -> Outcome {
    let mode = if dev { Mode::Dev } else { Mode::Release };
    let report = portal_steps(&mut Steps::new(2), mode)?;
    if dev { Ok(()) } else { budget::check(&report) }
}

/// The two steps of a portal build.
///
/// # Errors
/// If it does not compile or an input is wrong.
pub(crate) fn portal_steps(steps: &mut Steps, mode: Mode) -> Outcome<Report> {
    steps.step("Compiling the portal to WASM (some minutes the first time)", || portal::compile(mode))?;
    steps.step("Splitting, naming and compressing the portal's files", || portal::assemble(mode))
}
