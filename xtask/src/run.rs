//! `cargo xtask run`: from a clean clone to the demo in a browser.

use crate::portal::Mode;
use crate::step::Steps;
use crate::{Outcome, budget, build, root, step};

/// Where the demo listens unless the arguments say otherwise.
const LISTEN: &str = "127.0.0.1:8080";

/// Builds the portal and the server and becomes `lockbox serve --demo`.
///
/// # Errors
/// If something does not build or the server does not start.
pub(crate) fn run(serve_args: &[String]) -> Outcome {
    let mut steps = Steps::new(3);
    let report = build::portal_steps(&mut steps, Mode::Release)?;
    // Too large is for those who build Lockbox to mend; it must not keep anybody from seeing it run.
    if let Err(over) = budget::check(&report) {
        println!("note: {over}");
    }
    steps.step("Compiling the server (some minutes the first time)", || {
        step::exec(&mut step::cargo(["build", "--release", "--package", "lockbox-server"]))
    })?;
    println!("Starting the demo; Ctrl-C ends it.");
    let binary = root::server_binary("release");
    let mut command = step::program(&binary.to_string_lossy(), &root::root(), ["serve"]);
    command.args(serve_arguments(serve_args));
    become_program(&mut command)
}

/// `--demo` on loopback, unless the caller says otherwise.
pub(crate) fn serve_arguments(given: &[String]) -> Vec<String> {
    let mut arguments = vec!["--demo".to_owned()];
    if !given.iter().any(|argument| argument == "--listen" || argument.starts_with("--listen=")) {
        arguments.extend(["--listen".to_owned(), LISTEN.to_owned()]);
    }
    arguments.extend(given.iter().filter(|argument| *argument != "--demo").cloned());
    arguments
}

/// The server takes this process over: Ctrl-C reaches it alone, and the terminal waits until it has stopped.
#[cfg(unix)]
fn become_program(command: &mut std::process::Command) -> Outcome {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(format!("could not start the server: {error}").into())
}

#[cfg(not(unix))]
fn become_program(command: &mut std::process::Command) -> Outcome {
    step::exec(command)
}

#[cfg(test)]
mod tests {
    use super::serve_arguments;

    #[test]
    fn listens_where_it_is_told() {
        assert_eq!(serve_arguments(&[]), ["--demo", "--listen", "127.0.0.1:8080"]);
        let given = ["--listen".to_owned(), "127.0.0.1:9000".to_owned()];
        assert_eq!(serve_arguments(&given), ["--demo", "--listen", "127.0.0.1:9000"]);
    }
}
