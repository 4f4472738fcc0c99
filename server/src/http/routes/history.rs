//! Figures over a period.

use axum::extract::State;
use lockbox_api::history::{History, HistoryQuery};
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
    OpenApiRouter::new().routes(routes!(read_history))
}

/// Read the figures of a period and of the one before. Permissions: read history.
#[utoipa::path(get, path = "/history", tag = "History", params(HistoryQuery), responses((status = 200, body = History)))]
async fn read_history(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<HistoryQuery>,
) -> Answer<Json<History>> {
    let env = state.env;
    Ok(Json(state.store.read(move |tx| app::history::get(tx, &env, &caller.who, &query)).await?))
}
