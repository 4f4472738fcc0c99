//! Handlers: take in, one call to a use case, hand out. One file per noun.

pub mod access_requests;
pub mod administration;
pub mod environments;
pub mod grants;
pub mod history;
pub mod internal_approvals;
pub mod lease_keys;
pub mod lockbox;
pub mod lockbox_requests;
pub mod logs;
pub mod mail;
pub mod provider;
pub mod service_requests;
pub mod session;
pub mod stream;
#[cfg(feature = "test-hooks")]
pub mod test_clock;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::extract::Json;

/// Result of a handler.
pub type Answer<T> = Result<T, crate::error::ApiError>;

/// A body with its version as ETag: what `If-Match` asks for.
pub struct Tagged<T>(pub u64, pub T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.0)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}
