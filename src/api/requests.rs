//! Lockbox requests.

use super::{Failure, client};
use crate::paths::{Query, encode};
use gloo_net::http::Method;
use lockbox_api::{
    ids::RequestId,
    page::RequestPage,
    requests::{AcknowledgeInput, DecisionInput, JustificationInput, LockboxRequest, RequestQuery, RequestView},
};

/// A page of requests.
pub async fn list_requests(query: RequestQuery) -> Result<RequestPage, Failure> {
    let text = |value: Option<String>| value.unwrap_or_default();
    let path = Query::new()
        .add("view", query.view.map_or("", |view| view.as_str()))
        .add("status", query.status.map_or("", |status| status.as_str()))
        .add("environment_id", &text(query.environment_id.map(|id| id.0)))
        .add("service_request_id", &text(query.service_request_id.map(|id| id.0)))
        .maybe("service", query.service.as_deref())
        .add("reason_code", query.reason_code.map_or("", |reason| reason.as_str()))
        .add("status_reason", query.status_reason.map_or("", |reason| reason.as_str()))
        .maybe("team", query.team.as_deref())
        .maybe("decided_by", query.decided_by.as_ref().map(|id| id.as_str()))
        .add("from", &text(query.from.map(|time| time.to_rfc3339())))
        .add("to", &text(query.to.map(|time| time.to_rfc3339())))
        .add("q", &text(query.q))
        .add("limit", &text(query.limit.map(|limit| limit.to_string())))
        .add("cursor", &text(query.cursor))
        .onto("/api/v1/lockbox-requests");
    client::get(path).await
}

/// The first rows of a ready-made selection, and how many there are in all. What every page needs knows no other filter: those
/// weigh more than a page has room for.
pub async fn list_view(view: RequestView, limit: u32) -> Result<RequestPage, Failure> {
    let view = view.as_str();
    client::get(format!("/api/v1/lockbox-requests?view={view}&with_total=true&limit={limit}")).await
}

/// One request, whole.
pub async fn read_request(id: RequestId) -> Result<LockboxRequest, Failure> {
    client::get(format!("/api/v1/lockbox-requests/{}", encode(id.as_str()))).await
}

/// Approves. `version` is the one that the person saw.
pub async fn approve_request(id: &RequestId, version: u64, input: &DecisionInput) -> Result<LockboxRequest, Failure> {
    client::change(Method::POST, &verb(id, "approve"), input, Some(version)).await
}

/// Denies. `version` is the one that the person saw.
pub async fn deny_request(id: &RequestId, version: u64, input: &JustificationInput) -> Result<LockboxRequest, Failure> {
    client::change(Method::POST, &verb(id, "deny"), input, Some(version)).await
}

/// Ends the access. Carries no version: ending must never fail because something else happened meanwhile. What the request
/// is after that is left to be read by whoever shows it: Overview does not, and need not know how.
pub async fn revoke_request(id: &RequestId, input: &JustificationInput) -> Result<(), Failure> {
    client::change_quietly(Method::POST, &verb(id, "revoke"), input, None).await
}

/// Tells that somebody looks at a request that waits; the server notes it once for each person who may decide.
pub async fn note_view(id: &RequestId) -> Result<(), Failure> {
    client::change_quietly(Method::POST, &verb(id, "view"), &client::Nothing {}, None).await
}

/// Acknowledges an access without a request, once.
pub async fn acknowledge_request(id: &RequestId, input: &AcknowledgeInput) -> Result<LockboxRequest, Failure> {
    client::change(Method::POST, &verb(id, "acknowledge"), input, None).await
}

fn verb(id: &RequestId, verb: &str) -> String {
    format!("/api/v1/lockbox-requests/{}/{verb}", encode(id.as_str()))
}
