//! Support requests.

use axum::{extract::State, http::StatusCode};
use lockbox_api::{
    ids::ServiceRequestId,
    page::{Page, ServiceRequestPage},
    service_requests::{
        MessageCreate, ServiceRequest, ServiceRequestCreate, ServiceRequestQuery, ServiceRequestSummary,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Tagged};
use crate::{
    app,
    http::{
        auth::Caller,
        extract::{Json, NoBody, NoParameters, Path, Query},
    },
    state::AppState,
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_service_requests, open_service_request))
        .routes(routes!(read_service_request))
        .routes(routes!(add_service_request_message))
        .routes(routes!(close_service_request))
}

/// List support requests, newest first. Permissions: read support requests; a member sees their own.
#[utoipa::path(get, path = "/service-requests", tag = "Support requests", params(ServiceRequestQuery),
    responses((status = 200, body = Page<ServiceRequestSummary>)))]
async fn list_service_requests(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ServiceRequestQuery>,
) -> Answer<Json<ServiceRequestPage>> {
    Ok(Json(state.store.read(move |tx| app::service_requests::list(tx, &caller.who, &query)).await?))
}

/// Open a support request. Permissions: open support requests.
#[utoipa::path(post, path = "/service-requests", tag = "Support requests", request_body = ServiceRequestCreate,
    responses((status = 201, body = ServiceRequest)))]
async fn open_service_request(
    State(state): State<AppState>,
    caller: Caller,
    Json(input): Json<ServiceRequestCreate>,
) -> Answer<(StatusCode, Tagged<ServiceRequest>)> {
    let env = state.env;
    let found = state.store.write(move |tx| app::service_requests::open(tx, &env, &caller.who, &input)).await?;
    Ok((StatusCode::CREATED, Tagged(found.version, found)))
}

/// Read a support request with its conversation and every Lockbox request raised for it. Permissions: read it.
#[utoipa::path(get, path = "/service-requests/{id}", tag = "Support requests", params(("id" = String, Path)),
    responses((status = 200, body = ServiceRequest)))]
async fn read_service_request(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ServiceRequestId>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Tagged<ServiceRequest>> {
    let env = state.env;
    let found = state.store.read(move |tx| app::service_requests::get(tx, &env, &caller.who, &id)).await?;
    Ok(Tagged(found.version, found))
}

/// Add a message. Permissions: write to it.
#[utoipa::path(post, path = "/service-requests/{id}/messages", tag = "Support requests", params(("id" = String, Path)),
    request_body = MessageCreate, responses((status = 201, body = ServiceRequest)))]
async fn add_service_request_message(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ServiceRequestId>,
    Json(input): Json<MessageCreate>,
) -> Answer<(StatusCode, Tagged<ServiceRequest>)> {
    let env = state.env;
    let found =
        state.store.write(move |tx| app::service_requests::add_message(tx, &env, &caller.who, &id, &input)).await?;
    Ok((StatusCode::CREATED, Tagged(found.version, found)))
}

/// Close it: ends the access given for it and withdraws what still waits. Permissions: close it.
#[utoipa::path(post, path = "/service-requests/{id}/close", tag = "Support requests", params(("id" = String, Path)),
    responses((status = 200, body = ServiceRequest)))]
async fn close_service_request(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ServiceRequestId>,
    _: NoBody,
) -> Answer<Tagged<ServiceRequest>> {
    let env = state.env;
    let found = state.store.write(move |tx| app::service_requests::close(tx, &env, &caller.who, &id)).await?;
    Ok(Tagged(found.version, found))
}
