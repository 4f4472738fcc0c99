//! What a key must be allowed to do, for every call of the provider API. A call that is not in this table is refused to
//! everybody; the API description is made from it as well.

use axum::{extract::MatchedPath, http::request::Parts};
use lockbox_api::clients::ClientScope::{self, Actions, Catalog, CheckGrants, DecideRequests, Organizations, Requests};

use crate::error::ApiError;

/// Method, path below `/provider/v1`, scope.
const TABLE: [(&str, &str, ClientScope); 15] = [
    // First, because it is asked most.
    ("POST", "/grants/{id}/check", CheckGrants),
    ("POST", "/grants/{id}/actions", Actions),
    ("PUT", "/organizations/{id}", Organizations),
    ("PUT", "/organizations/{organization_id}/environments/{id}", Organizations),
    ("DELETE", "/organizations/{organization_id}/environments/{id}", Organizations),
    ("PUT", "/organizations/{organization_id}/service-requests/{id}", Organizations),
    ("GET", "/catalog", Catalog),
    ("GET", "/jit-rules", Catalog),
    ("POST", "/jit-rules/evaluate", Requests),
    ("POST", "/access-requests", Requests),
    ("GET", "/access-requests", Requests),
    ("GET", "/access-requests/{id}", Requests),
    ("POST", "/access-requests/{id}/cancel", Requests),
    ("POST", "/access-requests/{id}/complete", Requests),
    ("POST", "/access-requests/{id}/internal-decision", DecideRequests),
];

/// The scope that a call needs, by its method and its route's whole pattern.
#[must_use]
pub fn required(method: &str, route: &str) -> Option<ClientScope> {
    let below = route.strip_prefix("/provider/v1")?;
    // HEAD is answered by the handler of GET.
    let method = if method == "HEAD" { "GET" } else { method };
    TABLE.iter().find(|(known, path, _)| *known == method && *path == below).map(|(_, _, scope)| *scope)
}

/// The scope that the call needs which is being answered.
///
/// # Errors
/// A fault of the server for a route that is not in the table.
pub(super) fn of_call(parts: &Parts) -> Result<ClientScope, ApiError> {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    required(parts.method.as_str(), route)
        .ok_or_else(|| ApiError::internal(format_args!("no scope is named for {} {route}", parts.method)))
}
