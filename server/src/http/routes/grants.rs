//! Grants: the constant question, and what was done.

use axum::{
    extract::{DefaultBodyLimit, FromRequestParts, State},
    http::request::Parts,
};
use lockbox_api::{
    ids::GrantId,
    provider::{GrantActions, GrantActionsInput, GrantCheck, GrantCheckInput},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Answer;
use crate::{
    app::{self, Client},
    clock::Clock,
    error::ApiError,
    http::{
        auth::client_key,
        extract::{Json, Path},
    },
    state::AppState,
    store::KeyedGrant,
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
    State(clock): State<Clock>,
    Asked(found): Asked,
    Json(input): Json<GrantCheckInput>,
) -> Answer<Json<GrantCheck>> {
    Ok(Json(app::grants::check(&found, &input, clock.now())?))
}

/// Who asks about which grant: the key and the grant in one read, before the body is looked at.
struct Asked(KeyedGrant);

impl FromRequestParts<AppState> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let key = client_key(&parts.headers).ok_or(ApiError::NotAuthenticated)?.to_owned();
        let path = Path::<GrantId>::from_request_parts(parts, state).await;
        // Whoever has no key learns nothing about ids, not even which can't be one.
        let id = path.as_ref().map_or(GrantId(String::new()), |Path(id)| id.clone());
        let found = app::grants::client_of(&state.store, &key, &id)?;
        path.map(|_| Self(found))
    }
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
