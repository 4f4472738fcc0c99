//! `lockbox client`: API clients of the provider.

use chrono::TimeDelta;
use clap::Subcommand;
use lockbox_api::clients::ClientScope;

use super::Settings;

/// What can be done to API clients.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Add a client and print its key, which is not kept.
    Add {
        /// What it is.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Organisation that it may speak of; may be given several times; without any: all.
        #[arg(long, value_name = "ID")]
        organization: Vec<String>,
        /// What it may do; may be given several times; without any: everything. One of organizations, catalog, requests,
        /// requests:decide, grants:check, actions.
        #[arg(long, value_name = "SCOPE", value_parser = scope)]
        scope: Vec<ClientScope>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
    /// Show all clients: what they may do, their keys and when each was used last (never the keys themselves).
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
    /// Change what a client is called, may do and may speak of; what is not given stays. Holds for the next call.
    Update {
        /// The client.
        #[arg(value_name = "CLIENT")]
        id: String,
        /// What it is.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Organisations that it may speak of, instead of the present ones.
        #[arg(long, value_name = "ID", conflicts_with = "all_organizations")]
        organization: Vec<String>,
        /// Let it speak of all organisations.
        #[arg(long)]
        all_organizations: bool,
        /// What it may do, instead of what it may do now.
        #[arg(long, value_name = "SCOPE", value_parser = scope)]
        scope: Vec<ClientScope>,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
    /// Make another key and print it. It is valid at once; the present keys are taken until the overlap is over.
    Rotate {
        /// The client.
        #[arg(value_name = "CLIENT")]
        id: String,
        /// How long the present keys are still taken: 0, or a number of m(inutes), h(ours) or d(ays), up to 90d.
        #[arg(long, value_name = "TIME", default_value = "24h", value_parser = length)]
        overlap: TimeDelta,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
    /// End a client with all its keys, at once and for good.
    Revoke {
        /// The client.
        #[arg(value_name = "CLIENT")]
        id: String,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
}

fn scope(text: &str) -> Result<ClientScope, String> {
    ClientScope::parse(text).ok_or_else(|| {
        let all: Vec<_> = ClientScope::ALL.iter().map(|scope| scope.as_str()).collect();
        format!("one of {}", all.join(", "))
    })
}

/// `0`, `30m`, `24h`, `7d`.
pub(super) fn length(text: &str) -> Result<TimeDelta, String> {
    let wrong = || "0, or a number of m(inutes), h(ours) or d(ays), as in 24h".to_owned();
    if text == "0" {
        return Ok(TimeDelta::zero());
    }
    let unit = text.chars().last().ok_or_else(wrong)?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        _ => return Err(wrong()),
    };
    let number: u32 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    TimeDelta::try_minutes(i64::from(number) * minutes).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read() {
        for (text, minutes) in [("0", 0), ("30m", 30), ("24h", 1_440), ("7d", 10_080)] {
            assert_eq!(length(text), Ok(TimeDelta::minutes(minutes)), "{text}");
        }
        for text in ["", "h", "24", "-1h", "1.5h", "1w", "1é", "99999999999d"] {
            assert!(length(text).is_err(), "{text}");
        }
    }
}
