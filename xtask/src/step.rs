//! Running other programs, and saying in plain words what is going on.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{Outcome, root};

/// Numbered steps: `[1/3] Compiling the portal` and, when it is over, how long it took.
pub(crate) struct Steps {
    total: usize,
    done: usize,
}

impl Steps {
    /// Announces `total` steps.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, done: 0 }
    }

    /// Does one step and says how long it took.
    pub(crate) fn step<T>(&mut self, what: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        self.done += 1;
        let place = format!("[{}/{}]", self.done, self.total);
        println!("{place} {what} …");
        let started = Instant::now();
        let outcome = work();
        let seconds = started.elapsed().as_secs_f64();
        match &outcome {
            Ok(_) => println!("{place} done in {seconds:.1} s"),
            Err(_) => println!("{place} failed after {seconds:.1} s"),
        }
        outcome
    }
}

/// `cargo` as the one that runs us, in the root of the repository.
pub(crate) fn cargo<I: AsRef<OsStr>>(args: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root::root()).args(args);
    // Cargo sets these for us; handed on they would make the inner cargo rebuild crates that read them.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
}

/// Where cargo keeps the sources of other crates; `None` on a machine without a home.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    let own = std::env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    own.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

/// Any other program, in `dir`.
pub(crate) fn program<I: AsRef<OsStr>>(name: &str, dir: &Path, args: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(dir).args(args);
    command
}

/// Runs to the end with the output on the terminal. Fails, naming the command, if it ends with anything but success.
pub(crate) fn exec(command: &mut Command) -> Outcome {
    let words = words(command);
    let status = command.status().map_err(|error| format!("could not start `{words}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{words}` failed ({status})").into()) }
}

/// What a program printed on standard output, and whether it ended well.
pub(crate) struct Printed {
    pub(crate) text: String,
    pub(crate) success: bool,
}

/// Runs to the end, shows standard output as it comes and keeps it.
pub(crate) fn tee(command: &mut Command) -> Outcome<Printed> {
    let words = words(command);
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|error| format!("could not start `{words}`: {error}"))?;
    let mut text = String::new();
    if let Some(stdout) = child.stdout.take() {
        let mut reader = BufReader::new(stdout);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            let shown = String::from_utf8_lossy(&line);
            print!("{shown}");
            std::io::stdout().flush()?;
            text.push_str(&shown);
            line.clear();
        }
    }
    let success = child.wait()?.success();
    Ok(Printed { text, success })
}

/// Whether a program ends well, without showing its output.
pub(crate) fn works(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_else(|| command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    words.join(" ")
}
