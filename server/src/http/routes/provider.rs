//! The provider keeps its side in step, and reads its catalog and rules.

use axum::{extract::State, http::StatusCode};
use lockbox_api::{
    catalog::Catalog,
    ids::{EnvironmentId, OrganizationId, ServiceRequestId},
    jit::JitRules,
    provider::{AccessRequestCreate, EnvironmentPut, JitDryRun, OrganizationPut, ServiceRequestPut, Stored},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Answer;
use crate::{
    app::{self, Client},
    http::extract::{Json, NoBody, NoParameters, Path, Query},
    state::AppState,
    store::WriteTx,
};

/// The routes of these nouns.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(put_organization))
        .routes(routes!(put_environment, delete_environment))
        .routes(routes!(put_service_request))
        .routes(routes!(read_catalog))
        .routes(routes!(read_jit_rules))
        .routes(routes!(evaluate_jit_rules))
}

fn stored(stored: Stored) -> (StatusCode, Json<Stored>) {
    (if stored.created { StatusCode::CREATED } else { StatusCode::OK }, Json(stored))
}

/// Put a customer organisation. Permissions: an API client that speaks of it.
#[utoipa::path(put, path = "/organizations/{id}", tag = "Provider", params(("id" = String, Path)),
    request_body = OrganizationPut, responses((status = 200, body = Stored), (status = 201, body = Stored)))]
async fn put_organization(
    State(state): State<AppState>,
    client: Client,
    Path(id): Path<OrganizationId>,
    Json(input): Json<OrganizationPut>,
) -> Answer<(StatusCode, Json<Stored>)> {
    let env = state.env;
    Ok(stored(state.store.write(move |tx| app::provider::put_organization(tx, &env, &client, &id, &input)).await?))
}

/// Put an environment; never changes the policy. Permissions: an API client that speaks of the organisation.
#[utoipa::path(put, path = "/organizations/{organization_id}/environments/{id}", tag = "Provider",
    params(("organization_id" = String, Path), ("id" = String, Path)), request_body = EnvironmentPut,
    responses((status = 200, body = Stored), (status = 201, body = Stored)))]
async fn put_environment(
    State(state): State<AppState>,
    client: Client,
    Path((organization, id)): Path<(OrganizationId, EnvironmentId)>,
    Json(input): Json<EnvironmentPut>,
) -> Answer<(StatusCode, Json<Stored>)> {
    let env = state.env;
    Ok(stored(
        state
            .store
            .write(move |tx| app::provider::put_environment(tx, &env, &client, &organization, &id, &input))
            .await?,
    ))
}

/// Delete an environment: the same as to put it with `deleted`. What it was stays known; never changes the policy.
/// Permissions: an API client that speaks of the organisation.
#[utoipa::path(delete, path = "/organizations/{organization_id}/environments/{id}", tag = "Provider",
    params(("organization_id" = String, Path), ("id" = String, Path)), responses((status = 200, body = Stored)))]
async fn delete_environment(
    State(state): State<AppState>,
    client: Client,
    Path((organization, id)): Path<(OrganizationId, EnvironmentId)>,
    _: NoBody,
) -> Answer<(StatusCode, Json<Stored>)> {
    let env = state.env;
    let job = move |tx: &mut dyn WriteTx| app::provider::delete_environment(tx, &env, &client, &organization, &id);
    Ok(stored(state.store.write(job).await?))
}

/// Put a support request with its conversation. Permissions: an API client that speaks of the organisation.
#[utoipa::path(put, path = "/organizations/{organization_id}/service-requests/{id}", tag = "Provider",
    params(("organization_id" = String, Path), ("id" = String, Path)), request_body = ServiceRequestPut,
    responses((status = 200, body = Stored), (status = 201, body = Stored)))]
async fn put_service_request(
    State(state): State<AppState>,
    client: Client,
    Path((organization, id)): Path<(OrganizationId, ServiceRequestId)>,
    Json(input): Json<ServiceRequestPut>,
) -> Answer<(StatusCode, Json<Stored>)> {
    let env = state.env;
    Ok(stored(
        state
            .store
            .write(move |tx| app::provider::put_service_request(tx, &env, &client, &organization, &id, &input))
            .await?,
    ))
}

/// Read the service catalog in force. Permissions: an API client.
#[utoipa::path(get, path = "/catalog", tag = "Provider", responses((status = 200, body = Catalog)))]
async fn read_catalog(
    State(state): State<AppState>,
    _client: Client,
    Query(NoParameters {}): Query<NoParameters>,
) -> Json<Catalog> {
    Json((*state.env.book.catalog()).clone())
}

/// Read the JIT rules in force. Permissions: an API client.
#[utoipa::path(get, path = "/jit-rules", tag = "Provider", responses((status = 200, body = JitRules)))]
async fn read_jit_rules(
    State(state): State<AppState>,
    _client: Client,
    Query(NoParameters {}): Query<NoParameters>,
) -> Json<JitRules> {
    Json((*state.env.book.rules()).clone())
}

/// Try a request on the rules and on the customer's setting without raising it. Permissions: an API client that speaks
/// of the organisation.
#[utoipa::path(post, path = "/jit-rules/evaluate", tag = "Provider", request_body = AccessRequestCreate,
    responses((status = 200, body = JitDryRun)))]
async fn evaluate_jit_rules(
    State(state): State<AppState>,
    client: Client,
    Json(input): Json<AccessRequestCreate>,
) -> Answer<Json<JitDryRun>> {
    let env = state.env;
    Ok(Json(state.store.read(move |tx| app::raise::dry_run(tx, &env, &client, &input)).await?))
}
