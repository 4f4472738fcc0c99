//! Figures over a period.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use lockbox_api::history::{History, HistoryQuery};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Answer;
use crate::{
    app,
    error::ApiError,
    http::{
        auth::Caller,
        download::{self, RequestsFile},
        extract::{Json, Query},
    },
    state::AppState,
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_history)).routes(routes!(export_history))
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

/// Take the table of a period's requests away as CSV, newest first. Permissions: export.
#[utoipa::path(get, path = "/history/requests.csv", tag = "History", params(HistoryQuery),
    responses((status = 200, description = "The table", content_type = "text/csv", body = String)))]
async fn export_history(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<HistoryQuery>,
) -> Answer<Response> {
    let table = {
        let (env, who) = (state.env.clone(), caller.who.clone());
        state.store.write(move |tx| app::history::begin_table(tx, &env, &who, &query)).await?
    };
    let disposition = format!("attachment; filename=\"{}\"", table.file_name());
    let body = download::body(state, caller, RequestsFile(table), None);
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(ApiError::internal)?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
