//! Support requests.

use super::{Failure, client};
use crate::paths::{Query, encode};
use gloo_net::http::Method;
use lockbox_api::{
    ids::ServiceRequestId,
    page::ServiceRequestPage,
    service_requests::{MessageCreate, ServiceRequest, ServiceRequestCreate, ServiceRequestQuery},
};

const PATH: &str = "/api/v1/service-requests";

/// A page of support requests.
pub async fn list_service_requests(query: ServiceRequestQuery) -> Result<ServiceRequestPage, Failure> {
    let text = |value: Option<String>| value.unwrap_or_default();
    let path = Query::new()
        .add("state", query.state.map_or("", |state| state.as_str()))
        .add("q", &text(query.q))
        .add("limit", &text(query.limit.map(|limit| limit.to_string())))
        .add("cursor", &text(query.cursor))
        .onto(PATH);
    client::get(path).await
}

/// One support request, whole.
pub async fn read_service_request(id: ServiceRequestId) -> Result<ServiceRequest, Failure> {
    client::get(one(&id)).await
}

/// Opens a support request.
pub async fn open_service_request(input: &ServiceRequestCreate) -> Result<ServiceRequest, Failure> {
    client::change(Method::POST, PATH, input, None).await
}

/// Adds a message to the conversation.
pub async fn add_message(id: &ServiceRequestId, input: &MessageCreate) -> Result<ServiceRequest, Failure> {
    client::change(Method::POST, &format!("{}/messages", one(id)), input, None).await
}

/// Closes it, which ends every access given for it and withdraws what still waits.
pub async fn close_service_request(id: &ServiceRequestId) -> Result<ServiceRequest, Failure> {
    client::change(Method::POST, &format!("{}/close", one(id)), &client::Nothing {}, None).await
}

fn one(id: &ServiceRequestId) -> String {
    format!("{PATH}/{}", encode(id.as_str()))
}
