//! Figures over a period.

use super::{Failure, client};
use crate::paths::Query;
use lockbox_api::history::{History, HistoryQuery};

/// The figures of a period and of the one before.
pub async fn read_history(query: HistoryQuery) -> Result<History, Failure> {
    client::get(parameters(&query).onto("/api/v1/history")).await
}

/// Where the table of a period's requests comes from, as a file.
pub fn table_path(query: HistoryQuery) -> String {
    parameters(&query).onto("/api/v1/history/requests.csv")
}

fn parameters(query: &HistoryQuery) -> Query {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Query::new().add("from", &text(&query.from)).add("to", &text(&query.to))
}
