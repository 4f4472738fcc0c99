//! The log.

use axum::extract::State;
use lockbox_api::{
    events::Event,
    logs::{LogQuery, LogSummary, LogSummaryQuery},
    page::EventPage,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Answer;
use crate::{
    app,
    http::{
        auth::Caller,
        extract::{Json, NoParameters, Path, Query},
    },
    state::AppState,
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_events)).routes(routes!(summarize_events)).routes(routes!(read_event))
}

/// List events, newest first. Permissions: read the log.
#[utoipa::path(get, path = "/logs", tag = "Log", params(LogQuery), responses((status = 200, body = EventPage)))]
async fn list_events(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<LogQuery>,
) -> Answer<Json<EventPage>> {
    let env = state.env;
    Ok(Json(state.store.read(move |tx| app::logs::list(tx, &env, &caller.who, &query)).await?))
}

/// Count events by value and over time. Permissions: read the log.
#[utoipa::path(get, path = "/logs/summary", tag = "Log", params(LogSummaryQuery), responses((status = 200, body = LogSummary)))]
async fn summarize_events(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<LogSummaryQuery>,
) -> Answer<Json<LogSummary>> {
    let env = state.env;
    Ok(Json(state.store.read(move |tx| app::logs::summary(tx, &env, &caller.who, &query)).await?))
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
    Ok(Json(state.store.read(move |tx| app::logs::get(tx, &caller.who, &id)).await?))
}
