//! The log.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lockbox_api::{
    events::Event,
    ids::{ExportId, LogViewId},
    logs::{
        LogExport, LogExportQuery, LogFilter, LogQuery, LogStartInput, LogSummary, LogSummaryQuery, LogView,
        LogViewInput, LogViews,
    },
    page::Page,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Tagged};
use crate::{
    app::{self, Who},
    error::ApiError,
    export,
    http::{
        auth::Caller,
        download::{self, LogFile},
        extract::{IfMatch, Json, NoBody, NoParameters, Path, Query},
    },
    state::AppState,
};

/// Room for the events of a usual page, bytes.
const PAGE: usize = 40 << 10;

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_events))
        .routes(routes!(summarize_events))
        .routes(routes!(export_events))
        .routes(routes!(read_export))
        .routes(routes!(list_log_views, create_log_view))
        .routes(routes!(update_log_view, delete_log_view))
        .routes(routes!(set_log_start))
        .routes(routes!(read_event))
}

/// List events, newest first. Permissions: read the log.
#[utoipa::path(get, path = "/logs", tag = "Log", params(LogQuery), responses((status = 200, body = Page<Event>)))]
async fn list_events(State(state): State<AppState>, caller: Caller, Query(query): Query<LogQuery>) -> Answer<Response> {
    let read = || {
        let (env, who, query) = (state.env.clone(), caller.who.clone(), query.clone());
        state.store.read(move |tx| {
            let (mut items, mut stamp, mut fault) = (Vec::with_capacity(PAGE), export::Stamp::default(), None);
            let next = app::logs::list(tx, &env, &who, &query, &mut |row| {
                if !items.is_empty() {
                    items.push(b',');
                }
                fault = fault.take().or(export::json_event(row, &mut stamp, &mut items).err());
            })?;
            Ok(next.map(|next| fault.map_or(Ok((next, items)), Err)))
        })
    };
    let (next, items) = noted(&state, &caller.who, &query.filter(), read).await?.map_err(ApiError::internal)?;
    page(&items, next.0.as_ref())
}

/// Reads; what is to be noted first is noted, and read again.
async fn noted<T, R>(state: &AppState, who: &Who, part: &LogFilter, read: impl Fn() -> R) -> Answer<T>
where
    R: Future<Output = Result<Option<T>, app::Error>>,
{
    // Once more, because the hour may turn in between.
    for _ in 0..2 {
        if let Some(found) = read().await? {
            return Ok(found);
        }
        let (env, who, part) = (state.env.clone(), who.clone(), part.clone());
        state.store.write(move |tx| app::logs::note(tx, &env, &who, &part)).await?;
    }
    read().await?.ok_or_else(|| ApiError::internal("a read of the log was noted and is not on record"))
}

/// A [`Page`] of events that are JSON already.
fn page(items: &[u8], next_cursor: Option<&String>) -> Answer<Response> {
    let mut text = Vec::with_capacity(items.len() + 64);
    text.extend_from_slice(b"{\"items\":[");
    text.extend_from_slice(items);
    text.extend_from_slice(b"],\"next_cursor\":");
    serde_json::to_writer(&mut text, &next_cursor).map_err(ApiError::internal)?;
    text.push(b'}');
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response())
}

/// Count events by value and over time. Permissions: read the log.
#[utoipa::path(get, path = "/logs/summary", tag = "Log", params(LogSummaryQuery), responses((status = 200, body = LogSummary)))]
async fn summarize_events(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<LogSummaryQuery>,
) -> Answer<Json<LogSummary>> {
    let read = || {
        let (env, who, query) = (state.env.clone(), caller.who.clone(), query.clone());
        state.store.read(move |tx| app::logs::summary(tx, &env, &who, &query))
    };
    noted(&state, &caller.who, &query.filter(), read).await.map(Json)
}

/// Read one event. Permissions: read the log.
#[utoipa::path(get, path = "/logs/{id}", tag = "Log", params(("id" = String, Path, description = "Its id or its sequence")),
    responses((status = 200, body = Event)))]
async fn read_event(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Json<Event>> {
    let read = || {
        let (env, who, id) = (state.env.clone(), caller.who.clone(), id.clone());
        state.store.read(move |tx| app::logs::get(tx, &env, &who, &id))
    };
    noted(&state, &caller.who, &app::logs::data_access(), read).await.map(Json)
}

/// Take the log away as a file, oldest event first: exactly what the filter lets through, up to the newest event of the
/// moment in which it begins. The answer's headers name the export (`Lockbox-Export-Id`) and the sequences it may hold
/// (`Lockbox-Export-From-Sequence`, `Lockbox-Export-To-Sequence`); rows, bytes and SHA-256 of the file are in
/// `/logs/exports/{id}` and in the log (`Export`) as soon as the last byte was sent. One that was cut off is gone on with by
/// `continues` and `from_sequence`: the same events as one connection would have brought, whatever was renamed meanwhile.
/// Permissions: export.
#[utoipa::path(get, path = "/logs/export", tag = "Log", params(LogExportQuery), responses((status = 200, description = "The file",
    content((String = "text/csv"), (String = "application/x-ndjson"), (Vec<u8> = "application/vnd.apache.parquet")),
    headers(("Lockbox-Export-Id" = String, description = "Its id"),
        ("Lockbox-Export-From-Sequence" = u64, description = "First sequence that it may hold"),
        ("Lockbox-Export-To-Sequence" = u64, description = "Last sequence that it may hold")))))]
async fn export_events(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<LogExportQuery>,
) -> Answer<Response> {
    let (env, who) = (state.env.clone(), caller.who.clone());
    let prepared = state.store.read(move |tx| app::exports::prepare(tx, &env, &who, &query)).await?;
    let (env, who) = (state.env.clone(), caller.who.clone());
    let begun = state.store.write(move |tx| app::exports::begin(tx, &env, &who, prepared)).await?;
    let record = begun.record.clone();
    let format = record.format;
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, export::media_type(format));
    let day = record.started_at.format("%Y-%m-%d");
    set(header::CONTENT_DISPOSITION, &format!("attachment; filename=\"lockbox-log-{day}-{}.{format}\"", record.id));
    set(header::CACHE_CONTROL, "no-store");
    set(HeaderName::from_static("lockbox-export-id"), record.id.as_str());
    set(HeaderName::from_static("lockbox-export-from-sequence"), &record.from_sequence.to_string());
    set(HeaderName::from_static("lockbox-export-to-sequence"), &record.to_sequence.to_string());
    let place = (export::encoder(format).map_err(ApiError::internal)?, record.from_sequence);
    let body = download::body(state, caller, LogFile(begun), place);
    Ok((headers, body).into_response())
}

/// Read how far an export has come, and how to check its file. Permissions: read the log.
#[utoipa::path(get, path = "/logs/exports/{id}", tag = "Log", params(("id" = String, Path)), responses((status = 200, body = LogExport)))]
async fn read_export(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ExportId>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Json<LogExport>> {
    Ok(Json(state.store.read(move |tx| app::exports::get(tx, &caller.who, &id)).await?))
}

/// List saved views: one's own by name, then those that others share. Permissions: read the log.
#[utoipa::path(get, path = "/logs/views", tag = "Log", responses((status = 200, body = LogViews)))]
async fn list_log_views(
    State(state): State<AppState>,
    caller: Caller,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Json<LogViews>> {
    Ok(Json(state.store.read(move |tx| app::log_views::list(tx, &caller.who)).await?))
}

/// Save a view. Permissions: read the log.
#[utoipa::path(post, path = "/logs/views", tag = "Log", request_body = LogViewInput, responses((status = 201, body = LogView)))]
async fn create_log_view(
    State(state): State<AppState>,
    caller: Caller,
    Json(input): Json<LogViewInput>,
) -> Answer<(StatusCode, Tagged<LogView>)> {
    let env = state.env;
    let view = state.store.write(move |tx| app::log_views::create(tx, &env, &caller.who, &input)).await?;
    Ok((StatusCode::CREATED, Tagged(view.version, view)))
}

/// Change one's own view. Permissions: read the log.
#[utoipa::path(put, path = "/logs/views/{id}", tag = "Log",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "ETag of what was read: its version")),
    request_body = LogViewInput, responses((status = 200, body = LogView)))]
async fn update_log_view(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<LogViewId>,
    IfMatch(version): IfMatch,
    Json(input): Json<LogViewInput>,
) -> Answer<Tagged<LogView>> {
    let env = state.env;
    let view = state.store.write(move |tx| app::log_views::update(tx, &env, &caller.who, &id, version, &input)).await?;
    Ok(Tagged(view.version, view))
}

/// Delete a view: one's own, or as a global administrator one that is shared. Permissions: read the log.
#[utoipa::path(delete, path = "/logs/views/{id}", tag = "Log", params(("id" = String, Path)), responses((status = 204)))]
async fn delete_log_view(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<LogViewId>,
    _: NoBody,
) -> Answer<StatusCode> {
    let env = state.env;
    state.store.write(move |tx| app::log_views::delete(tx, &env, &caller.who, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say with which of the views the log opens. Permissions: read the log.
#[utoipa::path(put, path = "/logs/start", tag = "Log", request_body = LogStartInput, responses((status = 204)))]
async fn set_log_start(
    State(state): State<AppState>,
    caller: Caller,
    Json(input): Json<LogStartInput>,
) -> Answer<StatusCode> {
    state.store.write(move |tx| app::log_views::set_start(tx, &caller.who, &input)).await?;
    Ok(StatusCode::NO_CONTENT)
}
