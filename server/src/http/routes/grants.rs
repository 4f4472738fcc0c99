//! Grants: the constant question, and what was done.

use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request, State};
use lockbox_api::{
    ids::GrantId,
    provider::{ACTIONS_BODY_MAX, GrantActions, GrantActionsInput, GrantCheck, GrantCheckInput},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Answer;
use crate::{
    app::{self, Client, clients, session},
    error::ApiError,
    http::{
        auth::client_key,
        extract::{Json, Path, ReportedActions},
        scopes,
    },
    leases::Terms,
    state::AppState,
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    let actions = OpenApiRouter::new().routes(routes!(report_grant_actions));
    OpenApiRouter::new().routes(routes!(check_grant)).merge(actions.layer(DefaultBodyLimit::max(ACTIONS_BODY_MAX)))
}

/// May this engineer do this here, now? Permissions: an API client that speaks of the organisation.
#[utoipa::path(post, path = "/grants/{id}/check", tag = "Grants", params(("id" = String, Path)),
    request_body = GrantCheckInput, responses((status = 200, body = GrantCheck)))]
async fn check_grant(Answered(answer): Answered) -> Json<GrantCheck> {
    Json(answer)
}

/// The answer to a question about a grant: key and grant are read at once, after the whole body has arrived. A caller that
/// sends its body slowly is answered by what holds at the end, not by what held at the beginning.
struct Answered(GrantCheck);

impl FromRequest<AppState> for Answered {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let key_hash = session::hash(client_key(&parts.headers).ok_or(ApiError::NotAuthenticated)?);
        let scope = scopes::of_call(&parts)?;
        let path = Path::<GrantId>::from_request_parts(&mut parts, state).await;
        let input = Json::<GrantCheckInput>::from_request(Request::from_parts(parts, body), state).await;
        // Whoever has no key learns nothing about ids and bodies, not even which can't be one.
        let nobody = GrantId(String::new());
        let id = path.as_ref().map_or(&nobody, |Path(id)| id);
        let (found, now) = app::grants::client_of(&state.store, &state.env.clock, &key_hash, id)?;
        state.last_uses.note(&key_hash, now);
        clients::may(found.client_scopes, scope)?;
        let (Path(id), Json(input)) = (path?, input?);
        let mut answer = app::grants::check(&found, &input, now)?;
        if input.lease
            && let (Some(until), Some(grant)) = (answer.until, &found.grant)
        {
            let organization = grant.organization_id.as_str();
            let terms = Terms { grant: &id, organization, question: &input, until, now };
            answer.lease = state.leases.sign(&state.store, &state.env, terms).await?;
        }
        Ok(Self(answer))
    }
}

/// Report what was done, 1 to 1,000 actions in a body of 4 MiB at most. Permissions: an API client that speaks of the organisation.
///
/// What is wrong with one action is told in its own result and stops no other.
#[utoipa::path(post, path = "/grants/{id}/actions", tag = "Grants", params(("id" = String, Path)),
    request_body = GrantActionsInput, responses((status = 200, body = GrantActions)))]
async fn report_grant_actions(
    State(state): State<AppState>,
    client: Client,
    Path(id): Path<GrantId>,
    ReportedActions(actions): ReportedActions,
) -> Answer<Json<GrantActions>> {
    let env = state.env;
    Ok(Json(state.store.write(move |tx| app::actions::report(tx, &env, &client, &id, &actions)).await?))
}
