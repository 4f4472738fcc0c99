//! The log.

use axum::extract::State;
use lockbox_api::{events::LogQuery, page::EventPage};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Answer;
use crate::{
    app,
    http::{
        auth::Caller,
        extract::{Json, Query},
    },
    state::AppState,
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_events))
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
