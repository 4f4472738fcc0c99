//! Builds, runs, tests and measures Lockbox: `cargo xtask --help` lists the commands.
//!
//! One file per command; `portal` is the pipeline from Rust to the folder `dist`, `step` runs other programs and
//! shows what is going on, `tools` finds what the machine must provide.
#![expect(clippy::print_stdout, reason = "a command line tool: it speaks to the person at the terminal")]

mod bench;
mod budget;
mod build;
mod dev;
mod portal;
mod root;
mod run;
mod step;
mod test;
mod tidy;
mod tools;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// What every step returns: the failure is one sentence for the person at the terminal.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs, tests and measures Lockbox")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the portal and the server and start the demo on http://localhost:8080
    Run {
        /// Further arguments for `lockbox serve`, after `--`
        #[arg(last = true)]
        serve_args: Vec<String>,
    },
    /// Rebuild and reload on every change of a source file
    Dev {
        /// Further arguments for `lockbox serve`, after `--`
        #[arg(last = true)]
        serve_args: Vec<String>,
    },
    /// Check, build and test everything; the last line says how many passed and failed
    Test {
        /// Only the steps whose name contains this word (for work on one part; the full run has no filter)
        #[arg(long)]
        only: Option<String>,
    },
    /// Measure against the least that the same answer costs
    Bench {
        /// `grants`, `logs` or `history`
        #[arg(default_value = "grants", value_parser = ["grants", "logs", "history"])]
        what: String,
        /// With `logs`: how many events; a tenth of them is measured as well
        #[arg(long, default_value_t = 10_000_000)]
        events: usize,
        /// With `logs`: only this part (may come several times)
        #[arg(long = "part", value_parser = bench::PARTS)]
        parts: Vec<String>,
    },
    /// Make up a log of two years, the same for the same seed, in a folder that `lockbox serve --data-dir` takes
    GenerateLog {
        /// Where; made if it is not there
        folder: PathBuf,
        /// How many events
        #[arg(long, default_value_t = 1_000_000)]
        events: usize,
        /// Another seed makes other events; the default is that of the measurements
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Build the server binary for shipping, with the portal in it
    Build,
    /// Build only the portal into `dist`
    Portal {
        /// Quick build for the browser at hand: no size optimisation, no compression
        #[arg(long)]
        dev: bool,
    },
    /// Check the rules of the house that rustfmt and clippy do not know
    Tidy,
    /// Compare the portal in `dist` with budget.toml
    Budget {
        /// Write today's sizes into budget.toml, with the reason why they may be what they are
        #[arg(long, value_name = "REASON")]
        record: Option<String>,
    },
}

fn main() {
    let outcome = match Cli::parse().command {
        Command::Run { serve_args } => run::run(&serve_args),
        Command::Dev { serve_args } => dev::dev(&serve_args),
        Command::Test { only } => test::test(only.as_deref()),
        Command::Bench { what, events, parts } => bench::bench(&what, events, &parts),
        Command::GenerateLog { folder, events, seed } => bench::generate_log(&folder, events, seed),
        Command::Build => build::build(),
        Command::Portal { dev } => build::portal(dev),
        Command::Tidy => tidy::tidy(),
        Command::Budget { record } => budget::command(record.as_deref()),
    };
    if let Err(failure) = outcome {
        eprintln!("error: {failure}");
        std::process::exit(1);
    }
}
