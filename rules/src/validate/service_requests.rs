//! Support requests.

use lockbox_api::{
    problem::FieldError,
    service_requests::{MessageCreate, ServiceRequestCreate},
};

use super::{Check, NAME_MAX, TEXT_MAX};

/// Opening a support request. Whether its environment exists is asked where environments are known.
#[must_use]
pub fn service_request_create(input: &ServiceRequestCreate) -> Vec<FieldError> {
    let mut check = Check::default();
    check.line("/title", &input.title, NAME_MAX);
    check.block("/description", &input.description, 1, TEXT_MAX);
    if let Some(id) = &input.environment_id {
        check.id("/environment_id", id.as_str());
    }
    check.errors
}

/// Adding a message.
#[must_use]
pub fn message(input: &MessageCreate) -> Vec<FieldError> {
    let mut check = Check::default();
    check.block("/text", &input.text, 1, TEXT_MAX);
    check.errors
}
