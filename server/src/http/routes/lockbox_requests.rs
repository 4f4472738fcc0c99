//! Lockbox requests: list, read, decide, end access.

use axum::{extract::State, http::StatusCode};
use lockbox_api::{
    events::Activity,
    ids::RequestId,
    page::{Page, RequestPage},
    requests::{
        AcknowledgeInput, DecisionInput, JustificationInput, LockboxRequest, LockboxRequestSummary, RequestQuery,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Tagged};
use crate::{
    app::{self, Error, Who, decide::Wish},
    http::{
        auth::Caller,
        extract::{IfMatch, Json, NoBody, NoParameters, Path, Query},
    },
    state::AppState,
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_lockbox_requests))
        .routes(routes!(read_lockbox_request))
        .routes(routes!(approve_lockbox_request))
        .routes(routes!(deny_lockbox_request))
        .routes(routes!(revoke_lockbox_access))
        .routes(routes!(view_lockbox_request))
        .routes(routes!(acknowledge_lockbox_access))
}

/// List requests. Permissions: read requests; a member sees those of their own support requests.
#[utoipa::path(get, path = "/lockbox-requests", tag = "Lockbox requests", params(RequestQuery), responses((status = 200, body = Page<LockboxRequestSummary>)))]
async fn list_lockbox_requests(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<RequestQuery>,
) -> Answer<Json<RequestPage>> {
    let env = state.env;
    Ok(Json(state.store.read(move |tx| app::requests::list(tx, &env, &caller.who, &query)).await?))
}

/// Read one request, whole. Permissions: read requests.
#[utoipa::path(get, path = "/lockbox-requests/{id}", tag = "Lockbox requests", params(("id" = String, Path)),
    responses((status = 200, body = LockboxRequest, headers(("ETag" = String, description = "The version, for If-Match")))))]
async fn read_lockbox_request(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Tagged<LockboxRequest>> {
    let env = state.env;
    let request = state.store.read(move |tx| app::requests::get(tx, &env, &caller.who, &id)).await?;
    Ok(Tagged(request.version, request))
}

/// Approve: access opens at once, for the minutes granted. Permissions: decide requests of the environment.
#[utoipa::path(post, path = "/lockbox-requests/{id}/approve", tag = "Lockbox requests",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "ETag of what was read")),
    request_body = DecisionInput, responses((status = 200, body = LockboxRequest)))]
async fn approve_lockbox_request(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
    IfMatch(version): IfMatch,
    Json(input): Json<DecisionInput>,
) -> Answer<Tagged<LockboxRequest>> {
    decide(state, caller.who, id, version, Wish::Approve, input).await
}

/// Deny: nothing opens. Permissions: decide requests of the environment.
#[utoipa::path(post, path = "/lockbox-requests/{id}/deny", tag = "Lockbox requests",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "ETag of what was read")),
    request_body = JustificationInput, responses((status = 200, body = LockboxRequest)))]
async fn deny_lockbox_request(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
    IfMatch(version): IfMatch,
    Json(input): Json<JustificationInput>,
) -> Answer<Tagged<LockboxRequest>> {
    let input = DecisionInput { justification: input.justification, access_minutes: None };
    decide(state, caller.who, id, version, Wish::Deny, input).await
}

async fn decide(
    state: AppState,
    who: Who,
    id: RequestId,
    version: u64,
    wish: Wish,
    input: DecisionInput,
) -> Answer<Tagged<LockboxRequest>> {
    let result = {
        let (env, who, id) = (state.env.clone(), who.clone(), id.clone());
        state.store.write(move |tx| app::decide::decide(tx, &env, &who, &id, version, wish, &input)).await
    };
    let activity = if wish == Wish::Approve { Activity::Approve } else { Activity::Deny };
    let request = refusals_are_kept(&state, who, id, activity, result).await?;
    Ok(Tagged(request.version, request))
}

/// End access now. Permissions: end access of the environment.
#[utoipa::path(post, path = "/lockbox-requests/{id}/revoke", tag = "Lockbox requests", params(("id" = String, Path)),
    request_body = JustificationInput, responses((status = 200, body = LockboxRequest)))]
async fn revoke_lockbox_access(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
    Json(input): Json<JustificationInput>,
) -> Answer<Tagged<LockboxRequest>> {
    let result = {
        let (env, who, id) = (state.env.clone(), caller.who.clone(), id.clone());
        state.store.write(move |tx| app::end::revoke(tx, &env, &who, &id, &input)).await
    };
    let request = refusals_are_kept(&state, caller.who, id, Activity::Revoke, result).await?;
    Ok(Tagged(request.version, request))
}

/// Acknowledge an access without a request, once. Permissions: acknowledge accesses of the environment.
#[utoipa::path(post, path = "/lockbox-requests/{id}/acknowledge", tag = "Lockbox requests",
    params(("id" = String, Path)), request_body = AcknowledgeInput, responses((status = 200, body = LockboxRequest)))]
async fn acknowledge_lockbox_access(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
    Json(input): Json<AcknowledgeInput>,
) -> Answer<Tagged<LockboxRequest>> {
    let result = {
        let (env, who, id) = (state.env.clone(), caller.who.clone(), id.clone());
        state.store.write(move |tx| app::acknowledge::acknowledge(tx, &env, &who, &id, &input)).await
    };
    let request = refusals_are_kept(&state, caller.who, id, Activity::Acknowledge, result).await?;
    Ok(Tagged(request.version, request))
}

/// Note that a pending request was looked at, for its timeline. Permissions: read the request.
#[utoipa::path(post, path = "/lockbox-requests/{id}/view", tag = "Lockbox requests", params(("id" = String, Path)),
    responses((status = 204)))]
async fn view_lockbox_request(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
    _: NoBody,
) -> Answer<StatusCode> {
    let env = state.env;
    state.store.write(move |tx| app::decide::viewed(tx, &env, &caller.who, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An attempt that the rules refused changed nothing, so its transaction is gone; the attempt itself goes into the log.
async fn refusals_are_kept<T>(
    state: &AppState,
    who: Who,
    id: RequestId,
    activity: Activity,
    result: app::Result<T>,
) -> app::Result<T> {
    if let Err(Error::NotAllowed(reason)) = &result {
        let (env, reason) = (state.env.clone(), reason.clone());
        state.store.write(move |tx| app::decide::record_refusal(tx, &env, &who, &id, activity, &reason)).await?;
    }
    result
}
