//! Approval inside the provider.

use super::{Failure, client};
use crate::paths::{Query, encode};
use gloo_net::http::Method;
use lockbox_api::{
    ids::RequestId,
    internal::{InternalApproval, InternalApprovalInput, InternalApprovalPage, InternalApprovalQuery},
};

/// A page of the queue.
pub async fn list_internal_approvals(query: InternalApprovalQuery) -> Result<InternalApprovalPage, Failure> {
    let path = Query::new()
        .add("view", query.view.map_or("", |view| view.as_str()))
        .add("limit", &query.limit.map(|limit| limit.to_string()).unwrap_or_default())
        .add("cursor", &query.cursor.unwrap_or_default())
        .onto("/api/v1/internal-approvals");
    client::get(path).await
}

/// One request, as far as it concerns the provider.
pub async fn read_internal_approval(id: RequestId) -> Result<InternalApproval, Failure> {
    client::get(format!("/api/v1/internal-approvals/{}", encode(id.as_str()))).await
}

/// Approves or rejects. `version` is the one that the person saw.
pub async fn decide_internally(
    id: &RequestId,
    version: u64,
    approve: bool,
    input: &InternalApprovalInput,
) -> Result<InternalApproval, Failure> {
    let verb = if approve { "approve" } else { "reject" };
    let path = format!("/api/v1/internal-approvals/{}/{verb}", encode(id.as_str()));
    client::change(Method::POST, &path, input, Some(version)).await
}
