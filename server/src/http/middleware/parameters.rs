//! Calls that change something take no query parameters: whatever stands there is a mistake, and is told so.

use axum::{
    extract::Request,
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::http::extract::{NoParameters, parse_query};

/// Refuses parameters where none is taken. Calls that read look at theirs themselves.
pub async fn no_parameters(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if let Some(query) = request.uri().query().filter(|_| !reads)
        && let Err(error) = parse_query::<NoParameters>(query)
    {
        return error.into_response();
    }
    next.run(request).await
}
