//! Environments, read-only for the customer.

use axum::extract::State;
use lockbox_api::{
    environments::{Environment, EnvironmentQuery},
    page::{EnvironmentPage, Page},
};
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
    OpenApiRouter::new().routes(routes!(list_environments))
}

/// List environments by name. Permissions: any role of the customer that reads them.
#[utoipa::path(get, path = "/environments", tag = "Environments", params(EnvironmentQuery),
    responses((status = 200, body = Page<Environment>)))]
async fn list_environments(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<EnvironmentQuery>,
) -> Answer<Json<EnvironmentPage>> {
    let env = state.env;
    Ok(Json(state.store.read(move |tx| app::environments::list(tx, &env, &caller.who, &query)).await?))
}
