//! Access requests, from the provider's side.

use std::time::Duration;

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use lockbox_api::{
    access_requests::{AccessRequestPage, AccessRequestQuery, AccessRequestSummary},
    ids::RequestId,
    page::Page,
    provider::{AccessRequestCreate, EndInput, InternalDecisionInput, WaitQuery},
    requests::LockboxRequest,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Tagged};
use crate::{
    app::{self, Client},
    error::ApiError,
    http::extract::{IdempotencyKey, Json, Path, Query},
    state::{AppState, Changes},
};

/// Longest wait, seconds: below the time-outs of usual proxies.
const WAIT_MAX: u32 = 60;

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(raise_access_request, list_access_requests))
        .routes(routes!(read_access_request))
        .routes(routes!(decide_internally))
        .routes(routes!(cancel_access_request))
        .routes(routes!(complete_access_request))
}

/// Raise a request. With an `Idempotency-Key`, a repetition within 24 hours gives the same request.
/// Permissions: an API client that speaks of the organisation.
#[utoipa::path(post, path = "/access-requests", tag = "Access requests", request_body = AccessRequestCreate,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 200 printable characters")),
    responses((status = 201, body = LockboxRequest)))]
async fn raise_access_request(
    State(state): State<AppState>,
    client: Client,
    key: Option<IdempotencyKey>,
    Json(input): Json<AccessRequestCreate>,
) -> Answer<Response> {
    let env = state.env;
    let raised = state
        .store
        .write(move |tx| app::raise::raise(tx, &env, &client, &input, key.as_ref().map(|key| key.0.as_str())))
        .await?;
    let mut response = (StatusCode::CREATED, Tagged(raised.request.version, raised.request)).into_response();
    if raised.replayed {
        response
            .headers_mut()
            .insert(HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// List requests, newest first. Permissions: an API client; it sees those of the organisations that it speaks of.
#[utoipa::path(get, path = "/access-requests", tag = "Access requests", params(AccessRequestQuery),
    responses((status = 200, body = Page<AccessRequestSummary>)))]
async fn list_access_requests(
    State(state): State<AppState>,
    client: Client,
    Query(query): Query<AccessRequestQuery>,
) -> Answer<Json<AccessRequestPage>> {
    let env = state.env;
    Ok(Json(state.store.read(move |tx| app::requests::list_for_client(tx, &env, &client, &query)).await?))
}

/// Read a request; with `wait`, the answer is held until its state changes. Permissions: an API client that speaks of
/// the organisation.
#[utoipa::path(get, path = "/access-requests/{id}", tag = "Access requests", params(("id" = String, Path), WaitQuery),
    responses((status = 200, body = LockboxRequest)))]
async fn read_access_request(
    State(state): State<AppState>,
    client: Client,
    Path(id): Path<RequestId>,
    Query(query): Query<WaitQuery>,
) -> Answer<Tagged<LockboxRequest>> {
    let wait = query.wait.unwrap_or(0);
    if wait > WAIT_MAX {
        return Err(ApiError::parameter("wait", format!("At most {WAIT_MAX} seconds.")));
    }
    // Listening begins before the first read, so that no change falls between the two.
    let mut changes = state.changes.subscribe();
    let read = || {
        let (env, client, id) = (state.env.clone(), client.clone(), id.clone());
        state.store.read(move |tx| app::requests::get_for_client(tx, &env, &client, &id))
    };
    let first = read().await?;
    let mut now = first.clone();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(u64::from(wait));
    while wait > 0 && now.status == first.status && now.access.state == first.access.state {
        // Expiry and lapse are told by the clock, not only by an event: look again when one is due.
        let due = now.decide_by.into_iter().chain(now.access.expires_at).filter(|at| *at > state.env.now()).min();
        let due = due.and_then(|at| (at - state.env.now()).to_std().ok()).unwrap_or(Duration::MAX);
        let until = tokio::time::Instant::now().checked_add(due).map_or(deadline, |due| due.min(deadline));
        let waited = tokio::select! {
            waited = tokio::time::timeout_at(until, Changes::about(&mut changes, &id)) => waited.is_ok() || until < deadline,
            // The server stops: what is known is told.
            () = state.stop.begun() => false,
        };
        if !waited {
            break;
        }
        now = read().await?;
    }
    if wait > 0 {
        now = read().await?;
    }
    Ok(Tagged(now.version, now))
}

/// Decide inside the provider, where a rule asks for it. Permissions: an API client that speaks of the organisation.
#[utoipa::path(post, path = "/access-requests/{id}/internal-decision", tag = "Access requests",
    params(("id" = String, Path)), request_body = InternalDecisionInput,
    responses((status = 200, body = LockboxRequest)))]
async fn decide_internally(
    State(state): State<AppState>,
    client: Client,
    Path(id): Path<RequestId>,
    Json(input): Json<InternalDecisionInput>,
) -> Answer<Tagged<LockboxRequest>> {
    let env = state.env;
    let request = state.store.write(move |tx| app::internal::decide(tx, &env, &client, &id, &input)).await?;
    Ok(Tagged(request.version, request))
}

/// Withdraw a request before a decision. Permissions: an API client that speaks of the organisation.
#[utoipa::path(post, path = "/access-requests/{id}/cancel", tag = "Access requests", params(("id" = String, Path)),
    request_body = EndInput, responses((status = 200, body = LockboxRequest)))]
async fn cancel_access_request(
    State(state): State<AppState>,
    client: Client,
    Path(id): Path<RequestId>,
    Json(input): Json<EndInput>,
) -> Answer<Tagged<LockboxRequest>> {
    let env = state.env;
    let request = state.store.write(move |tx| app::end::cancel(tx, &env, &client, &id, &input)).await?;
    Ok(Tagged(request.version, request))
}

/// Give the access back: the work is done. Permissions: an API client that speaks of the organisation.
#[utoipa::path(post, path = "/access-requests/{id}/complete", tag = "Access requests", params(("id" = String, Path)),
    request_body = EndInput, responses((status = 200, body = LockboxRequest)))]
async fn complete_access_request(
    State(state): State<AppState>,
    client: Client,
    Path(id): Path<RequestId>,
    Json(input): Json<EndInput>,
) -> Answer<Tagged<LockboxRequest>> {
    let env = state.env;
    let request = state.store.write(move |tx| app::end::complete(tx, &env, &client, &id, &input)).await?;
    Ok(Tagged(request.version, request))
}
