//! The keys that leases are verified with.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use lockbox_api::provider::LeaseKeys;

use super::Answer;
use crate::{
    http::extract::{Json, NoParameters, Query},
    state::AppState,
};

/// How long a copy may be kept: half the time for which a key is published before it signs.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The keys with which leases are signed, as a JSON Web Key Set. Permissions: everybody.
///
/// # Errors
/// When the database fails.
#[utoipa::path(get, path = "/.well-known/jwks.json", operation_id = "read_lease_keys", tag = "Grants",
    responses((status = 200, body = LeaseKeys)))]
pub async fn read_lease_keys(
    State(state): State<AppState>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Response> {
    let keys = state.leases.published(&state.store, state.env.now()).await?;
    let mut response = Json(keys).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, CACHED);
    Ok(response)
}
