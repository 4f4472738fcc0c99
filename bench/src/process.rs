//! A server as a child process, and the processor time it has used.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use crate::Outcome;

/// Kernel ticks per second, the same on every Linux that this runs on.
const TICKS: f64 = 100.0;

/// A running server; ended when dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens on loopback.
    pub(crate) port: u16,
}

impl Server {
    /// Starts a program that prints `listening on http://…:PORT` when it is ready.
    pub(crate) fn start(command: &mut Command) -> Outcome<Self> {
        let (child, port) = start(command)?;
        Ok(Self { child, port })
    }

    /// Ends it and starts another in its place: what it has allocated so far is gone.
    pub(crate) fn restart(&mut self, command: &mut Command) -> Outcome {
        self.end();
        (self.child, self.port) = start(command)?;
        Ok(())
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// User and system time of all its threads so far, seconds.
    pub(crate) fn cpu_seconds(&self) -> Outcome<f64> {
        cpu_seconds(&self.child.id().to_string(), 11)
    }

    /// The same by the scheduler's own account, nanoseconds. What a thread that has ended used is not in it.
    pub(crate) fn cpu_nanoseconds(&self) -> Outcome<u64> {
        let mut sum = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let account = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            sum += account.split(' ').next().ok_or("no times")?.parse::<u64>()?;
        }
        Ok(sum)
    }

    /// Memory that is its own, MiB; what was moved out to the disk is its own, too.
    pub(crate) fn private_mib(&self) -> Outcome<f64> {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let kib: f64 = rollup
            .lines()
            .filter(|line| ["Private_Clean:", "Private_Dirty:", "Swap:"].iter().any(|own| line.starts_with(own)))
            .filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok())
            .sum();
        Ok(kib / 1024.0)
    }
}

fn start(command: &mut Command) -> Outcome<(Child, u16)> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let out = child.stdout.take().ok_or("no standard output")?;
    let mut lines = BufReader::new(out).lines();
    let line = lines.next().ok_or("the server ended before it was ready")??;
    let port = line.rsplit(':').next().and_then(|text| text.trim().parse().ok());
    let port = port.ok_or_else(|| format!("not ready: {line}"))?;
    // What else it prints must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Ok((child, port))
}

/// User and system time of this process so far, seconds.
pub(crate) fn own_cpu_seconds() -> Outcome<f64> {
    cpu_seconds("self", 11)
}

/// User and system time of the children that have ended, seconds.
pub(crate) fn children_cpu_seconds() -> Outcome<f64> {
    cpu_seconds("self", 13)
}

/// The sum of a field of `stat` and the one after it.
fn cpu_seconds(process: &str, field: usize) -> Outcome<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name stands in brackets and may hold anything; what follows it is numbers.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).ok_or("no times");
    Ok((ticks(field)? + ticks(field + 1)?) / TICKS)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
