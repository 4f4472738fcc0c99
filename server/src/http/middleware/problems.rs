//! Every error leaves as `application/problem+json` with the exchange's id, also those that routing answers on its own.

use std::panic;

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

use crate::error::{ApiError, Failure};

/// The answer with the body of its problem, where it is one, now that the id is at hand.
pub(super) fn written(response: Response, id: &str) -> Response {
    if let Some(Failure(error)) = response.extensions().get::<Failure>().cloned() {
        let (mut parts, _) = response.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        // The body that was packed is not the one that leaves.
        parts.headers.remove(header::CONTENT_ENCODING);
        return Response::from_parts(parts, error.body(id));
    }
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || !is_bare(response.headers()) {
        return response;
    }
    let (parts, _) = response.into_parts();
    let error = ApiError::of_status(status);
    let body = error.body(id);
    let (mut problem, _) = error.into_response().into_parts();
    // `Allow`, `Retry-After` and the like stay.
    for (name, value) in &parts.headers {
        if ![header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING].contains(name) {
            problem.headers.insert(name, value.clone());
        }
    }
    Response::from_parts(problem, body)
}

/// An error that was not made for people: without a body, or with a word of text.
fn is_bare(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

/// Makes panics lines of the log. They carry the place; the text only where it is fixed in the code, because a formatted
/// one may repeat what people wrote.
pub fn report_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let text = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("text withheld");
        tracing::error!(panic.place = place, "panic at {place}: {text}");
    }));
}
