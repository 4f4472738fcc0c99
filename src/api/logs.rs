//! The log.

use super::{Failure, client};
use crate::{
    paths::{Query, encode},
    state::session,
};
use gloo_net::http::Method;
use lockbox_api::{
    events::Event,
    ids::{ExportId, LogViewId},
    logs::{ExportFormat, LogExport, LogFilter, LogStartInput, LogSummary, LogView, LogViewInput, LogViews},
    page::EventPage,
};
use lockbox_rules::log_filter::{Field, values};
use std::future::Future;

/// A page of events, newest first.
pub async fn list_events(filter: LogFilter, limit: u32, cursor: Option<String>) -> Result<EventPage, Failure> {
    let query = parameters(&filter).add("limit", &limit.to_string()).add("cursor", &cursor.unwrap_or_default());
    client::get(query.onto("/api/v1/logs")).await
}

/// One event.
pub async fn read_event(id: String) -> Result<Event, Failure> {
    client::get(format!("/api/v1/logs/{}", encode(&id))).await
}

/// Counts of the events that the filter lets through, by value and over time. They are asked for at once and handed on when
/// `ready` says so.
pub async fn summarize_events(filter: LogFilter, ready: impl Future<Output = ()>) -> Result<LogSummary, Failure> {
    client::get_when(parameters(&filter).onto("/api/v1/logs/summary"), ready).await
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
    let out = out.add("from", &text(&filter.from)).add("to", &text(&filter.to)).add("q", &text(&filter.q));
    filter.not_q.iter().fold(out, |out, text| out.add("not_q", text))
}

/// Where a file of what the filter lets through comes from.
pub fn export_path(filter: &LogFilter, format: ExportFormat) -> String {
    parameters(filter).add("format", format.as_str()).onto("/api/v1/logs/export")
}

/// Where the rest of a file comes from whose connection broke: what `export` holds from this sequence on. Filter, format and what
/// the filter's names stood for are those that it began with, whatever has been renamed since.
pub fn rest_path(export: &ExportId, from_sequence: u64) -> String {
    let query = Query::new().add("continues", export.as_str()).add("from_sequence", &from_sequence.to_string());
    query.onto("/api/v1/logs/export")
}

/// An export that has begun.
pub struct Begun {
    /// Its id
    pub id: ExportId,
    /// The name that the server gives the file
    pub file_name: String,
    /// What kind of file
    pub media_type: String,
    /// The last sequence that it may hold
    pub to_sequence: u64,
    /// The file, as it comes
    pub stream: web_sys::ReadableStream,
}

/// Begins an export; `signal` ends it early.
pub async fn begin_export(path: &str, signal: &web_sys::AbortSignal) -> Result<Begun, Failure> {
    let sent = gloo_net::http::Request::get(path).abort_signal(Some(signal)).send().await;
    let response = sent.map_err(|_| Failure::network())?;
    let header = |name: &str| response.headers().get(name).unwrap_or_default();
    if !response.ok() {
        let (status, id) = (response.status(), header(lockbox_api::REQUEST_ID_HEADER));
        let text = response.text().await.map_err(|_| Failure::network())?;
        let failure = Failure::from_answer(status, &text, id);
        if failure.is_signed_out() {
            session::ended();
        }
        return Err(failure);
    }
    let disposition = header("Content-Disposition");
    let file_name = disposition.split('"').nth(1).unwrap_or("lockbox-log").to_owned();
    let stream = response.body().ok_or_else(Failure::network)?;
    let to_sequence = header("Lockbox-Export-To-Sequence").parse().map_err(|_| Failure::network())?;
    let (id, media_type) = (ExportId(header("Lockbox-Export-Id")), header("Content-Type"));
    Ok(Begun { id, file_name, media_type, to_sequence, stream })
}

/// How far an export has come, and how to check its file.
pub async fn read_export(id: &ExportId) -> Result<LogExport, Failure> {
    client::get(format!("/api/v1/logs/exports/{}", encode(id.as_str()))).await
}

/// The saved views.
pub async fn list_views() -> Result<LogViews, Failure> {
    client::get("/api/v1/logs/views".to_owned()).await
}

/// Saves a view.
pub async fn create_view(input: &LogViewInput) -> Result<LogView, Failure> {
    client::change(Method::POST, "/api/v1/logs/views", input, None).await
}

/// Changes one's own view: its name, its filter, who sees it. `version`: as it was read.
pub async fn update_view(id: &LogViewId, input: &LogViewInput, version: u64) -> Result<LogView, Failure> {
    client::change(Method::PUT, &format!("/api/v1/logs/views/{}", encode(id.as_str())), input, Some(version)).await
}

/// Takes a view away.
pub async fn delete_view(id: &LogViewId) -> Result<(), Failure> {
    client::change_quietly(
        Method::DELETE,
        &format!("/api/v1/logs/views/{}", encode(id.as_str())),
        &client::Nothing {},
        None,
    )
    .await
}

/// Says with which view the log opens.
pub async fn set_start(input: &LogStartInput) -> Result<(), Failure> {
    client::change_quietly(Method::PUT, "/api/v1/logs/start", input, None).await
}
