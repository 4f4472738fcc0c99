//! The log.

use super::{Failure, client};
use crate::paths::Query;
use lockbox_api::{
    logs::{LogFilter, LogSummary},
    page::EventPage,
};
use lockbox_rules::log_filter::{Field, values};

/// A page of events, newest first.
pub async fn list_events(filter: LogFilter, limit: u32, cursor: Option<String>) -> Result<EventPage, Failure> {
    let query = parameters(&filter).add("limit", &limit.to_string()).add("cursor", &cursor.unwrap_or_default());
    client::get(query.onto("/api/v1/logs")).await
}

/// Counts of the events that the filter lets through, by value and over time.
pub async fn summarize_events(filter: LogFilter) -> Result<LogSummary, Failure> {
    client::get(parameters(&filter).onto("/api/v1/logs/summary")).await
}

/// Every value of the filter: its parameter, and itself.
pub fn values_of(filter: &LogFilter) -> Vec<(String, &str)> {
    let mut all = Vec::new();
    for field in Field::ALL {
        for (not, before) in [(false, ""), (true, "not_")] {
            let name = format!("{before}{}", field.parameter());
            all.extend(values(filter, *field, not).into_iter().map(|value| (name.clone(), value)));
        }
    }
    all
}

/// The filter as parameters, by the names that the server knows; the portal's own address uses the same.
pub fn parameters(filter: &LogFilter) -> Query {
    let out = values_of(filter).into_iter().fold(Query::new(), |out, (name, value)| out.add(&name, value));
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    out.add("from", &text(&filter.from)).add("to", &text(&filter.to)).add("q", &text(&filter.q))
}
