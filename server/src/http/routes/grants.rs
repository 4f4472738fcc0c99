//! Grants: the constant question, and what was done.

use axum::extract::{DefaultBodyLimit, State};
use lockbox_api::{
    ids::GrantId,
    provider::{GrantActions, GrantActionsInput, GrantCheck, GrantCheckInput},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Answer;
use crate::{
    app::{self, Client},
    http::extract::{Json, Path},
    state::AppState,
};

/// Largest batch of actions, bytes.
pub const ACTIONS_BODY_MAX: usize = 1024 * 1024;

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    let actions = OpenApiRouter::new().routes(routes!(report_grant_actions));
    OpenApiRouter::new().routes(routes!(check_grant)).merge(actions.layer(DefaultBodyLimit::max(ACTIONS_BODY_MAX)))
}

/// May this engineer do this here, now? Permissions: an API client that speaks of the organisation.
#[utoipa::path(post, path = "/grants/{id}/check", tag = "Grants", params(("id" = String, Path)),
    request_body = GrantCheckInput, responses((status = 200, body = GrantCheck)))]
async fn check_grant(
    State(state): State<AppState>,
    client: Client,
    Path(id): Path<GrantId>,
    Json(input): Json<GrantCheckInput>,
) -> Answer<Json<GrantCheck>> {
    let env = state.env;
    Ok(Json(state.store.read(move |tx| app::grants::check(tx, &env, &client, &id, &input)).await?))
}

/// Report what was done, 1 to 1,000 actions. Permissions: an API client that speaks of the organisation.
#[utoipa::path(post, path = "/grants/{id}/actions", tag = "Grants", params(("id" = String, Path)),
    request_body = GrantActionsInput, responses((status = 200, body = GrantActions)))]
async fn report_grant_actions(
    State(state): State<AppState>,
    client: Client,
    Path(id): Path<GrantId>,
    Json(input): Json<GrantActionsInput>,
) -> Answer<Json<GrantActions>> {
    let env = state.env;
    Ok(Json(state.store.write(move |tx| app::actions::report(tx, &env, &client, &id, &input)).await?))
}
