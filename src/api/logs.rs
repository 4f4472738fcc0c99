//! The log.

use super::{Failure, client};
use crate::paths::Query;
use lockbox_api::{logs::LogQuery, page::EventPage};

/// A page of events, newest first.
pub async fn list_events(query: LogQuery) -> Result<EventPage, Failure> {
    client::get(parameters(&query).onto("/api/v1/logs")).await
}

/// The query as parameters, by the names that the server knows; the portal's own address uses the same.
pub fn parameters(query: &LogQuery) -> Query {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut out = Query::new().add("category", query.category.first().map_or("", |category| category.as_str()));
    for operation in &query.operation {
        out = out.add("operation", operation);
    }
    out.add("actor", query.actor.first().map_or("", String::as_str))
        .add("environment_id", query.environment_id.first().map_or("", |id| id.as_str()))
        .add("request_id", query.request_id.first().map_or("", |id| id.as_str()))
        .add("service_request_id", query.service_request_id.first().map_or("", |id| id.as_str()))
        .add("outcome", query.outcome.first().map_or("", |outcome| outcome.as_str()))
        .add("from", &text(&query.from))
        .add("to", &text(&query.to))
        .add("q", &text(&query.q))
        .add("limit", &query.limit.map(|limit| limit.to_string()).unwrap_or_default())
        .add("cursor", &text(&query.cursor))
}
