//! `lockbox keys`: what leases are signed with.

use clap::Subcommand;

use super::Settings;

/// What can be done to the keys that sign leases.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Show the keys: which signs, which comes next, which was before.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
    /// Make another key. It is published now and signs after 10 minutes; the present one stays published for 20 minutes.
    Rotate {
        /// The present keys are not to be trusted any more: the new one signs at once, the others end at once.
        #[arg(long)]
        at_once: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
}
