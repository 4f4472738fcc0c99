//! The size budget: what a first view and the whole portal may weigh, in budget.toml.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::portal::{Report, Size};
use crate::{Outcome, portal, root};

/// A recorded size may be exceeded by this share before the build fails.
const TOLERANCE: f64 = 0.01;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    limits: Limits,
    goals: Goals,
    #[serde(default)]
    recorded: BTreeMap<String, Recorded>,
}

/// Never exceeded; sizes in bytes, portal sizes as brotli sends them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    first_view_requests: usize,
    /// Path → what a cold first view of its page may weigh.
    first_view: BTreeMap<String, usize>,
    css: usize,
    /// The server with the portal in it, as it ships.
    server_binary: u64,
}

/// To be reached; until then every build says how far it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Goals {
    first_view: usize,
    portal: usize,
}

/// What it weighed when somebody last looked and said why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    bytes: usize,
    why: String,
}

/// What is measured: name and size in bytes as brotli sends them.
struct Measured {
    lines: Vec<(String, usize)>,
    requests: usize,
}

/// `cargo xtask budget`: checks the last build, or records it.
///
/// # Errors
/// If there is no release build of the portal yet, or it is over the budget.
pub(crate) fn command(record: Option<&str>) -> Outcome {
    let report = portal::report().ok_or("build the portal first: cargo xtask portal")?;
    match record {
        None => check(&report),
        Some(why) => record_sizes(&report, why),
    }
}

/// Prints the sizes and compares them with budget.toml.
///
/// # Errors
/// If something is over a limit, or has grown past what was recorded.
pub(crate) fn check(report: &Report) -> Outcome {
    let budget = read()?;
    let measured = measure(report, budget.limits.first_view.keys());
    print(report, &measured);
    let mut over = Vec::new();
    for (name, bytes) in &measured.lines {
        match budget.aim(name) {
            Aim::Limit(limit) if *bytes > limit => over.push(format!("{name}: {bytes} bytes, the limit is {limit}")),
            Aim::Goal(goal) if *bytes > goal => {
                println!("{name}: {} bytes above the goal of {goal}", bytes - goal);
            }
            Aim::Goal(goal) => println!("{name}: the goal of {goal} bytes is met"),
            Aim::Limit(_) => {}
        }
        match budget.recorded.get(name) {
            None => over.push(format!("{name} is not recorded in budget.toml: cargo xtask budget --record 'REASON'")),
            Some(recorded) if grown(*bytes, recorded.bytes) => over.push(format!(
                "{name}: {bytes} bytes, {} were recorded ({}); make it smaller, or say why: cargo xtask budget --record 'REASON'",
                recorded.bytes, recorded.why
            )),
            Some(_) => {}
        }
    }
    if measured.requests > budget.limits.first_view_requests {
        over.push(format!("{} requests, the limit is {}", measured.requests, budget.limits.first_view_requests));
    }
    if over.is_empty() { Ok(()) } else { Err(format!("over the budget:\n  {}", over.join("\n  ")).into()) }
}

/// Compares the shipped server binary with its limit.
///
/// # Errors
/// If it is larger.
pub(crate) fn check_binary(size: u64) -> Outcome {
    let limit = read()?.limits.server_binary;
    println!("server binary: {size} bytes, the limit is {limit}");
    if size > limit {
        Err(format!("the server binary is {} bytes over its limit", size - limit).into())
    } else {
        Ok(())
    }
}

/// What a size is held against.
enum Aim {
    /// Being above it fails.
    Limit(usize),
    /// Being above it is said.
    Goal(usize),
}

impl Budget {
    fn aim(&self, name: &str) -> Aim {
        match name {
            "css" => Aim::Limit(self.limits.css),
            "portal" => Aim::Goal(self.goals.portal),
            _ => {
                let limit = name.strip_prefix(FIRST_VIEW_OF).and_then(|path| self.limits.first_view.get(path));
                limit.map_or(Aim::Goal(self.goals.first_view), |limit| Aim::Limit(*limit))
            }
        }
    }
}

fn grown(bytes: usize, recorded: usize) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "sizes of files, far below 2^52")]
    let (bytes, recorded) = (bytes as f64, recorded as f64);
    bytes > recorded * (1.0 + TOLERANCE)
}

fn read() -> Outcome<Budget> {
    let text =
        std::fs::read_to_string(root::root().join("budget.toml")).map_err(|error| format!("budget.toml: {error}"))?;
    Ok(toml::from_str(&text).map_err(|error| format!("budget.toml: {error}"))?)
}

/// What is measured of a path is called so, and then the path.
const FIRST_VIEW_OF: &str = "first view of ";

/// Where e-mails lead: always measured, as are the pages that have a limit.
const LINKED: &str = "/requests/:id";

/// The heaviest first view over all paths counts, not the lightest, and that of each of the `limited` paths.
fn measure<'a>(report: &Report, limited: impl Iterator<Item = &'a String>) -> Measured {
    let brotli = |files: &[String]| {
        files.iter().filter_map(|file| report.sizes.get(file)).map(|size| size.brotli).sum::<usize>()
    };
    let always = brotli(&report.always);
    let of = |path: &str| report.routes.iter().find(|(route, _)| route == path).map_or(0, |(_, files)| brotli(files));
    let views = || report.routes.iter().map(|(_, files)| files);
    let css = report.sizes.iter().filter(|(path, _)| path.ends_with(".css")).map(|(_, size)| size.brotli).sum();
    let paths: BTreeSet<&str> = limited.map(String::as_str).chain([LINKED]).collect();
    let mut lines = vec![("first view".to_owned(), always + views().map(|files| brotli(files)).max().unwrap_or(0))];
    lines.extend(paths.into_iter().map(|path| (format!("{FIRST_VIEW_OF}{path}"), always + of(path))));
    lines.push(("css".to_owned(), css));
    lines.push(("portal".to_owned(), report.sizes.values().map(|size| size.brotli).sum()));
    Measured { lines, requests: report.always.len() + views().map(Vec::len).max().unwrap_or(0) }
}

fn print(report: &Report, measured: &Measured) {
    let line = |name: &str, size: Size, note: &str| println!("{name:<58} {:>9} {:>9}  {note}", size.raw, size.brotli);
    println!("{:<58} {:>9} {:>9}", "portal, bytes", "raw", "brotli");
    for (path, size) in &report.sizes {
        let note = if report.always.contains(path) { "every first view" } else { "" };
        line(path, *size, note);
    }
    for (path, files) in &report.routes {
        let all = report.always.iter().chain(files);
        let size = all
            .filter_map(|file| report.sizes.get(file))
            .fold(Size::default(), |sum, size| Size { raw: sum.raw + size.raw, brotli: sum.brotli + size.brotli });
        let requests = report.always.len() + files.len();
        line(&format!("first view of {path}"), size, &format!("{requests} requests"));
    }
    for (path, files) in &report.after {
        for (file, size) in files.iter().filter_map(|file| Some((file, report.sizes.get(file)?))) {
            line(&format!("{path} once it is shown"), *size, file);
        }
    }
    for (name, bytes) in &measured.lines {
        println!("{name}: {bytes} bytes brotli");
    }
}

/// Rewrites the recorded part of budget.toml; the limits above it stay as people wrote them.
fn record_sizes(report: &Report, why: &str) -> Outcome {
    let path = root::root().join("budget.toml");
    let text = std::fs::read_to_string(&path)?;
    let limits = text.split("\n[recorded.").next().unwrap_or(&text).trim_end();
    let mut out = format!("{limits}\n");
    for (name, bytes) in measure(report, read()?.limits.first_view.keys()).lines {
        let why = toml::Value::String(why.to_owned());
        out.push_str(&format!("\n[recorded.\"{name}\"]\nbytes = {bytes}\nwhy = {why}\n"));
    }
    std::fs::write(path, out)?;
    println!("recorded in budget.toml");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerates_one_percent_and_no_more() {
        assert!(!grown(1_010, 1_000));
        assert!(grown(1_011, 1_000));
    }

    #[test]
    fn holds_a_path_against_its_own_limit() {
        let text = "[limits]\nfirst_view_requests = 6\ncss = 1\nserver_binary = 1\n[limits.first_view]\n\"/\" = 200\n\
                    [goals]\nfirst_view = 300\nportal = 400\n";
        let budget: Budget = toml::from_str(text).unwrap();
        assert!(matches!(budget.aim("first view of /"), Aim::Limit(200)));
        assert!(matches!(budget.aim("first view of /requests/:id"), Aim::Goal(300)));
        assert!(matches!(budget.aim("first view"), Aim::Goal(300)));
    }

    #[test]
    fn counts_the_heaviest_first_view() {
        let size = |brotli| Size { raw: brotli, brotli };
        let sizes = [("index.html", 1), ("p.css", 10), ("a.wasm", 100), ("b.wasm", 1_000)];
        let sizes = sizes.into_iter().map(|(path, brotli)| (path.to_owned(), size(brotli))).collect();
        let report = serde_json::json!({"inputs": "", "sizes": {}, "always": ["index.html", "p.css"],
            "routes": [["/", ["a.wasm"]], ["/b", ["a.wasm", "b.wasm"]]]});
        let mut report: Report = serde_json::from_value(report).unwrap();
        report.sizes = sizes;
        let measured = measure(&report, ["/".to_owned()].iter());
        let lines: Vec<_> = measured.lines.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
        assert_eq!(
            lines,
            [
                ("first view", 1_111),
                ("first view of /", 111),
                ("first view of /requests/:id", 11),
                ("css", 10),
                ("portal", 1_111)
            ]
        );
        assert_eq!(measured.requests, 4);
    }
}
