//! `cargo xtask dev`: whatever changes is built again, the server starts again, the browser loads again.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};

use crate::portal::Mode;
use crate::step::Steps;
use crate::{Outcome, build, root, run, step};

/// How long it must be quiet before a build starts: an editor saves several files at once.
const QUIET: Duration = Duration::from_millis(150);

/// What a change makes necessary.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Portal,
    Server,
}

/// Watches until it is ended. A build that fails is shown and waited out: what ran before goes on running.
///
/// # Errors
/// If the files can't be watched.
pub(crate) fn dev(serve_args: &[String]) -> Outcome {
    let root = root::root();
    let (sender, changes) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(sender)?;
    for folder in ["src", "style", "public", "api", "rules", "client", "server"] {
        if root.join(folder).is_dir() {
            watcher.watch(&root.join(folder), RecursiveMode::Recursive)?;
        }
    }
    // Editors replace a file instead of writing into it, so the folder is watched, not the file.
    watcher.watch(&root, RecursiveMode::NonRecursive)?;

    let mut server = None;
    let mut stale = BTreeSet::from([Part::Portal, Part::Server]);
    loop {
        for part in &stale {
            let built = match part {
                Part::Portal => build::portal_steps(&mut Steps::new(2), Mode::Dev).map(|_| ()),
                Part::Server => restart(&mut server, serve_args),
            };
            if let Err(failure) = built {
                println!("{failure}; waiting for the next change");
            }
        }
        stale = wait(&changes, &root)?;
    }
}

/// Waits for changes that matter, and then until it is quiet.
fn wait(changes: &mpsc::Receiver<notify::Result<notify::Event>>, root: &Path) -> Outcome<BTreeSet<Part>> {
    let mut stale = BTreeSet::new();
    loop {
        let change = if stale.is_empty() {
            changes.recv()?
        } else {
            match changes.recv_timeout(QUIET) {
                Ok(change) => change,
                Err(mpsc::RecvTimeoutError::Timeout) => return Ok(stale),
                Err(gone) => return Err(gone.into()),
            }
        };
        let change = change?;
        if !change.kind.is_access() {
            stale.extend(change.paths.iter().filter_map(|path| path.strip_prefix(root).ok()).flat_map(affected));
        }
    }
}

/// What must be built again when this file (below the root) changes.
fn affected(path: &Path) -> Vec<Part> {
    let first = path.components().next().map(|first| first.as_os_str().to_string_lossy().into_owned());
    match first.as_deref() {
        Some("src" | "style" | "public" | "index.html" | "preload.toml") => vec![Part::Portal],
        Some("client" | "server") => vec![Part::Server],
        Some("api" | "rules" | "Cargo.toml" | "Cargo.lock") => vec![Part::Portal, Part::Server],
        _ => Vec::new(),
    }
}

/// Builds the server and, if that went well, puts the new one in the place of the old one.
fn restart(running: &mut Option<Child>, serve_args: &[String]) -> Outcome {
    println!("Compiling the server …");
    step::exec(&mut step::cargo(["build", "--package", "lockbox-server"]))?;
    if let Some(mut old) = running.take() {
        stop(&mut old);
    }
    let binary = root::server_binary("debug");
    let mut command = step::program(&binary.to_string_lossy(), &root::root(), ["serve", "--portal-dir"]);
    command.arg(root::dist()).args(run::serve_arguments(serve_args));
    *running = Some(command.spawn().map_err(|error| format!("could not start the server: {error}"))?);
    Ok(())
}

/// Asks the server to stop, as Ctrl-C does, and waits; where it can't be asked it is ended.
fn stop(server: &mut Child) {
    let asked = cfg!(unix) && step::works(Command::new("kill").args(["-TERM", &server.id().to_string()]));
    if !asked && let Err(error) = server.kill() {
        println!("the old server did not end: {error}");
    }
    if let Err(error) = server.wait() {
        println!("the old server did not end: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_crates_rebuild_both_sides() {
        assert!(affected(Path::new("rules/src/lib.rs")) == [Part::Portal, Part::Server]);
        assert!(affected(Path::new("style/base.css")) == [Part::Portal]);
        assert!(affected(Path::new("server/src/main.rs")) == [Part::Server]);
        // The server's commands speak through it.
        assert!(affected(Path::new("client/src/call.rs")) == [Part::Server]);
        assert!(affected(Path::new("dist/index.html")).is_empty());
    }
}
