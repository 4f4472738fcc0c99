//! Support requests.

use super::{Failure, client};
use crate::paths::{Query, encode};
use lockbox_api::{
    ids::ServiceRequestId,
    page::ServiceRequestPage,
    service_requests::{ServiceRequest, ServiceRequestQuery},
};

/// A page of support requests.
pub async fn list_service_requests(query: ServiceRequestQuery) -> Result<ServiceRequestPage, Failure> {
    let text = |value: Option<String>| value.unwrap_or_default();
    let path = Query::new()
        .add("state", query.state.map_or("", |state| state.as_str()))
        .add("q", &text(query.q))
        .add("limit", &text(query.limit.map(|limit| limit.to_string())))
        .add("cursor", &text(query.cursor))
        .onto("/api/v1/service-requests");
    client::get(path).await
}

/// One support request, whole.
pub async fn read_service_request(id: ServiceRequestId) -> Result<ServiceRequest, Failure> {
    client::get(format!("/api/v1/service-requests/{}", encode(id.as_str()))).await
}
