//! `lockbox webhook`: where the provider is told what becomes of requests.

use chrono::TimeDelta;
use clap::Subcommand;

use super::{Settings, client::length};

/// What can be done to webhooks.
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Tell an address of every change to the requests that a client may speak of, and print the secret that signs.
    Add {
        /// The API client.
        #[arg(long, value_name = "CLIENT")]
        client: String,
        /// Where to: https, or http on this machine.
        #[arg(long, value_name = "URL")]
        url: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
    /// Show all webhooks.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
    /// Make another secret and print it; until the overlap is over, messages carry the signatures of both.
    Rotate {
        /// The webhook.
        #[arg(value_name = "WEBHOOK")]
        id: String,
        /// How long the present secrets still sign: 0, or a number of m(inutes), h(ours) or d(ays), up to 90d.
        #[arg(long, value_name = "TIME", default_value = "24h", value_parser = length)]
        overlap: TimeDelta,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
    /// Tell an address nothing more, and give up what waits for it.
    Remove {
        /// The webhook.
        #[arg(value_name = "WEBHOOK")]
        id: String,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
    /// Show the newest messages: delivered, waiting or given up, and why.
    Deliveries {
        /// Only those to this webhook.
        #[arg(long, value_name = "WEBHOOK")]
        webhook: Option<String>,
        /// How many, at most 1,000.
        #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
}
