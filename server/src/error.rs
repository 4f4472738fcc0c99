//! Errors on their way out: from a typed cause to `application/problem+json`.
//!
//! Libraries and use cases have errors of their own; they become an [`ApiError`] once, at the edge. What the caller is
//! told and what the log is told are different things: [`ApiError::Internal`] carries its context to the log only.
//! The middleware [`crate::http::middleware::problems`] writes the body, because only there the request id is known,
//! and [`crate::http::middleware::exchange`] logs, once.

use std::{fmt, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lockbox_api::{
    clients::ClientScope,
    problem::{FieldError, PROBLEM_JSON, Problem, ProblemType},
    requests::{Decision, DecisionOutcome},
};

/// Seconds after which a caller may try again when the server can't answer.
const UNAVAILABLE_RETRY_S: u64 = 5;

/// Everything that a call can fail with.
#[derive(Debug, Clone, PartialEq)]
pub enum ApiError {
    /// 400: the body is not JSON. The text says where it stops being it.
    MalformedBody(String),
    /// 422: fields of the body that are wrong.
    Fields(Vec<FieldError>),
    /// 422: query parameters or headers that are wrong.
    Parameters(Vec<FieldError>),
    /// 413
    BodyTooLarge,
    /// 415
    UnsupportedMediaType,
    /// 401: no session, key or token, or none that is valid.
    NotAuthenticated,
    /// 401: the same for an unknown account as for a wrong password.
    SignInFailed,
    /// 403: which part of the guard against forged requests was not met.
    ForgeryGuard(&'static str),
    /// 403: the caller may know of the thing but not do this; the text says why.
    NotAllowed(String),
    /// 403: the API client lacks this scope.
    InsufficientScope(ClientScope),
    /// 404: absent, or none of the caller's business: both look alike.
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 428: `If-Match` is missing.
    PreconditionRequired,
    /// 412: the version that is current.
    VersionConflict {
        /// What `If-Match` would have to name.
        current: u64,
    },
    /// 409: the decision that was first.
    AlreadyDecided(Box<Decision>),
    /// 409: why it can't happen in the state that the thing is in.
    WrongState(String),
    /// 422: the idempotency key came before, with another body.
    IdempotencyMismatch,
    /// 429
    TooManyRequests {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// 503: overloaded, starting or stopping.
    Unavailable,
    /// 500: the context, for the log alone.
    Internal(String),
}

/// Rides in a response's extensions from where the error arose to where it is written and logged.
#[derive(Clone)]
pub(crate) struct Failure(pub(crate) Arc<ApiError>);

impl ApiError {
    /// A fault of the server, with a context for the log.
    #[must_use]
    pub fn internal(context: impl fmt::Display) -> Self {
        Self::Internal(context.to_string())
    }

    /// One wrong field of the body, by JSON pointer.
    #[must_use]
    pub fn field(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Fields(vec![FieldError { pointer: pointer.into(), message: message.into() }])
    }

    /// One wrong query parameter or header, by name.
    #[must_use]
    pub fn parameter(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Parameters(vec![FieldError { pointer: name.into(), message: message.into() }])
    }

    /// What clients branch on.
    #[must_use]
    pub const fn kind(&self) -> ProblemType {
        match self {
            Self::MalformedBody(_) => ProblemType::MalformedBody,
            Self::Fields(_) => ProblemType::InvalidField,
            Self::Parameters(_) => ProblemType::InvalidParameter,
            Self::BodyTooLarge => ProblemType::BodyTooLarge,
            Self::UnsupportedMediaType => ProblemType::UnsupportedMediaType,
            Self::NotAuthenticated => ProblemType::NotAuthenticated,
            Self::SignInFailed => ProblemType::SignInFailed,
            Self::ForgeryGuard(_) => ProblemType::ForgeryGuard,
            Self::NotAllowed(_) => ProblemType::NotAllowed,
            Self::InsufficientScope(_) => ProblemType::InsufficientScope,
            Self::NotFound => ProblemType::NotFound,
            Self::MethodNotAllowed => ProblemType::MethodNotAllowed,
            Self::PreconditionRequired => ProblemType::PreconditionRequired,
            Self::VersionConflict { .. } => ProblemType::VersionConflict,
            Self::AlreadyDecided(_) => ProblemType::AlreadyDecided,
            Self::WrongState(_) => ProblemType::WrongState,
            Self::IdempotencyMismatch => ProblemType::IdempotencyMismatch,
            Self::TooManyRequests { .. } => ProblemType::TooManyRequests,
            Self::Unavailable => ProblemType::Unavailable,
            Self::Internal(_) => ProblemType::Internal,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::MalformedBody(_) => StatusCode::BAD_REQUEST,
            Self::NotAuthenticated | Self::SignInFailed => StatusCode::UNAUTHORIZED,
            Self::ForgeryGuard(_) | Self::NotAllowed(_) | Self::InsufficientScope(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::AlreadyDecided(_) | Self::WrongState(_) => StatusCode::CONFLICT,
            Self::VersionConflict { .. } => StatusCode::PRECONDITION_FAILED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Fields(_) | Self::Parameters(_) | Self::IdempotencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the caller is told. Never the context of a fault.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::MalformedBody(detail) | Self::NotAllowed(detail) | Self::WrongState(detail) => detail.clone(),
            Self::ForgeryGuard(detail) => (*detail).to_owned(),
            Self::Fields(errors) | Self::Parameters(errors) => match errors.as_slice() {
                [one] => format!("{}: {}", one.pointer, one.message),
                many => format!("{} values are not valid; each is listed under errors.", many.len()),
            },
            Self::BodyTooLarge => {
                "The body is larger than this call reads: 64 KiB, or 4 MiB for reported actions.".to_owned()
            }
            Self::UnsupportedMediaType => "Send the body as JSON, with Content-Type: application/json.".to_owned(),
            Self::NotAuthenticated => "Nobody is signed in, or the session, key or token has ended.".to_owned(),
            Self::SignInFailed => "The e-mail address or the password is wrong.".to_owned(),
            Self::InsufficientScope(scope) => {
                format!("The key's API client lacks the scope {scope}, which this call needs.")
            }
            Self::NotFound => "There is nothing here that you may see.".to_owned(),
            Self::MethodNotAllowed => "This path does not answer to that method.".to_owned(),
            Self::PreconditionRequired => {
                "Send the ETag of what you read as If-Match, so that nothing newer is overwritten.".to_owned()
            }
            Self::VersionConflict { current } => {
                format!("It was changed after you read it; version {current} is current. Read it again.")
            }
            Self::AlreadyDecided(decision) => {
                let done = match decision.outcome {
                    DecisionOutcome::Approved => "approved",
                    DecisionOutcome::Denied => "denied",
                };
                format!("{} {done} this request on {}.", decision.by, decision.at.format("%-d %B %Y at %H:%M UTC"))
            }
            Self::IdempotencyMismatch => {
                "This Idempotency-Key came before with another body; use a new key.".to_owned()
            }
            Self::TooManyRequests { retry_after } => format!("Too many attempts. Try again in {retry_after} s."),
            Self::Unavailable => "The server can't answer right now. Try again in a moment.".to_owned(),
            Self::Internal(_) => "The server failed. Quote the request id when you ask for help.".to_owned(),
        }
    }

    /// The problem as it is sent, for the exchange with this id.
    pub(crate) fn problem(&self, request_id: &str) -> Problem {
        let kind = self.kind();
        Problem {
            kind: format!("/problems/{kind}"),
            title: kind.title().to_owned(),
            status: self.status().as_u16(),
            detail: self.detail(),
            instance: request_id.to_owned(),
            errors: match self {
                Self::Fields(errors) | Self::Parameters(errors) => errors.clone(),
                _ => Vec::new(),
            },
            decision: match self {
                Self::AlreadyDecided(decision) => Some((**decision).clone()),
                _ => None,
            },
            current_version: match self {
                Self::VersionConflict { current } => Some(*current),
                _ => None,
            },
        }
    }

    /// The body of the problem.
    pub(crate) fn body(&self, request_id: &str) -> Body {
        // A problem is made of strings and numbers; writing it can't fail, and an empty body is still the right status.
        Body::from(serde_json::to_vec(&self.problem(request_id)).unwrap_or_default())
    }

    /// The error that a bare status stands for: those that routing and other layers answer on their own.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::NotAuthenticated,
            StatusCode::FORBIDDEN => Self::NotAllowed("You may not do this.".to_owned()),
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT => Self::Unavailable,
            status if status.is_client_error() => Self::MalformedBody("The request could not be read.".to_owned()),
            status => Self::internal(format_args!("a layer answered {status}")),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail())
    }
}

impl std::error::Error for ApiError {}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body(""));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        match &self {
            Self::TooManyRequests { retry_after } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after));
            }
            Self::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(UNAVAILABLE_RETRY_S));
            }
            Self::InsufficientScope(scope) => {
                // RFC 6750, section 3.1.
                let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
                if let Ok(challenge) = HeaderValue::try_from(challenge) {
                    headers.insert(header::WWW_AUTHENTICATE, challenge);
                }
            }
            Self::VersionConflict { current } => {
                if let Ok(tag) = HeaderValue::try_from(format!("\"{current}\"")) {
                    headers.insert(header::ETAG, tag);
                }
            }
            _ => {}
        }
        response.extensions_mut().insert(Failure(Arc::new(self)));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn every() -> Vec<ApiError> {
        let decision = Decision {
            outcome: DecisionOutcome::Denied,
            by: "Ada".to_owned(),
            at: "2026-11-22T09:05:00Z".parse().unwrap(),
            justification: "no".to_owned(),
            access_minutes: None,
        };
        vec![
            ApiError::MalformedBody("m".to_owned()),
            ApiError::field("/a", "m"),
            ApiError::parameter("a", "m"),
            ApiError::BodyTooLarge,
            ApiError::UnsupportedMediaType,
            ApiError::NotAuthenticated,
            ApiError::SignInFailed,
            ApiError::ForgeryGuard("m"),
            ApiError::NotAllowed("m".to_owned()),
            ApiError::InsufficientScope(ClientScope::Requests),
            ApiError::NotFound,
            ApiError::MethodNotAllowed,
            ApiError::PreconditionRequired,
            ApiError::VersionConflict { current: 7 },
            ApiError::AlreadyDecided(Box::new(decision)),
            ApiError::WrongState("m".to_owned()),
            ApiError::IdempotencyMismatch,
            ApiError::TooManyRequests { retry_after: 3 },
            ApiError::Unavailable,
            ApiError::internal("secret context"),
        ]
    }

    #[test]
    fn every_error_is_a_whole_problem_of_its_own_type() {
        let mut kinds = HashSet::new();
        for error in every() {
            let problem = error.problem("req_1");
            assert_eq!(problem.kind, format!("/problems/{}", error.kind()));
            assert_eq!(problem.status, error.status().as_u16());
            assert!(problem.status >= 400 && !problem.detail.is_empty() && !problem.title.is_empty());
            assert_eq!(problem.instance, "req_1");
            kinds.insert(error.kind());
        }
        assert_eq!(kinds.len(), ProblemType::ALL.len(), "one error for each type");
    }

    #[test]
    fn the_context_of_a_fault_stays_inside() {
        let error = ApiError::internal("secret context");
        assert!(!serde_json::to_string(&error.problem("req_1")).unwrap().contains("secret"));
        assert!(!error.to_string().contains("secret"));
    }

    #[test]
    fn extra_members_and_headers() {
        let conflict = ApiError::VersionConflict { current: 7 };
        assert_eq!(conflict.problem("").current_version, Some(7));
        assert_eq!(conflict.into_response().headers()["etag"], "\"7\"");
        let decided = every().into_iter().find(|error| error.kind() == ProblemType::AlreadyDecided).unwrap();
        assert_eq!(decided.detail(), "Ada denied this request on 22 November 2026 at 09:05 UTC.");
        assert_eq!(decided.problem("").decision.unwrap().by, "Ada");
        assert_eq!(ApiError::TooManyRequests { retry_after: 3 }.into_response().headers()["retry-after"], "3");
        assert!(ApiError::Unavailable.into_response().headers().contains_key("retry-after"));
    }
}
