//! `cargo xtask bench`: figures against the least that the same answer costs, in the same run.

use crate::{Outcome, root, step, step::Steps};

/// Builds server and bench in the release profile and measures.
///
/// # Errors
/// If something does not build, or an answer is wrong.
pub(crate) fn bench() -> Outcome {
    let mut steps = Steps::new(2);
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
    steps.step("Measuring", || {
        let server = root::server_binary("release");
        let bench = server.with_file_name("lockbox-bench");
        let arguments = [std::ffi::OsStr::new("grants"), server.as_os_str()];
        step::exec(&mut step::program(&bench.to_string_lossy(), &root::root(), arguments))
    })
}
