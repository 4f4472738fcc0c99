//! Measures the server against the least that the same answer costs: a minimal axum endpoint over one prepared SQLite
//! statement, in the same run on the same machine. What counts is processor time per request and the ratio; wall
//! times on a shared machine mean little.
//!
//! `lockbox-bench grants PATH_OF_LOCKBOX` prints a table. `lockbox-bench limit DATABASE` is the minimal server itself.

mod client;
mod grants;
mod limit;
mod process;

/// What everything here returns: the failure is one sentence.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["grants", lockbox] => grants::run(lockbox),
        ["limit", database] => limit::run(database),
        _ => Err("usage: lockbox-bench grants PATH_OF_LOCKBOX".into()),
    };
    if let Err(error) = outcome {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}
