//! What handlers take in. Whatever is wrong with it becomes an [`ApiError`] that names the field in plain words.

mod actions;
mod body;
mod headers;
mod query;
#[cfg(test)]
mod tests;
mod words;

pub use actions::ReportedActions;
pub(crate) use body::is_json;
pub use body::{Json, NoBody, parse_json};
pub use headers::{ClientIp, CorrelationId, IdempotencyKey, IfMatch, LastEventId};
pub use query::{NoParameters, Query, parse_query};

use axum::{
    extract::{FromRequestParts, Path as AxumPath},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// Longest part of a path that can be an id, in bytes.
const PATH_PART_MAX: usize = 200;

/// Parts of the path. One that can't be an id names nothing: 404.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        if parts.uri.path().split('/').any(|part| part.len() > PATH_PART_MAX || part.contains("%00")) {
            return Err(ApiError::NotFound);
        }
        let AxumPath(value) = AxumPath::from_request_parts(parts, state).await.map_err(|_| ApiError::NotFound)?;
        Ok(Self(value))
    }
}
