//! Calls that change something take no query parameters: whatever stands there is a mistake, and is told so.

use axum::{extract::Request, http::Method};

use crate::{
    error::ApiError,
    http::extract::{NoParameters, parse_query},
};

/// Why a call with parameters is refused where none is taken. Calls that read look at theirs themselves.
pub(super) fn refusal(request: &Request) -> Option<ApiError> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let query = request.uri().query().filter(|_| !reads)?;
    parse_query::<NoParameters>(query).err()
}
