//! Errors on the wire: RFC 9457 `application/problem+json`.

/// The media type of every error.
pub const PROBLEM_JSON: &str = "application/problem+json";

answer! {
    /// What went wrong, for machines (`type`, `status`) and for people (`title`, `detail`).
    pub struct Problem {
        /// Stable identifier, one of [`ProblemType`] as a relative URI (`/problems/…`).
        #[serde(rename = "type")]
        pub kind: String,
        /// The same short words for every problem of this type.
        pub title: String,
        /// The HTTP status.
        pub status: u16,
        /// What happened this time, in plain words.
        pub detail: String,
        /// The id of the exchange, as in the `X-Request-Id` header: quote it when asking for help.
        pub instance: String,
        /// Field errors, each at its place in the request.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub errors: Vec<FieldError>,
        /// With `already_decided`: the decision that was first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub decision: Option<crate::requests::Decision>,
        /// With `version_conflict`: the version that is current.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub current_version: Option<u64>,
    }

    /// One wrong field.
    pub struct FieldError {
        /// JSON pointer into the body (`/engineer/id`), or the name of a query parameter or header.
        pub pointer: String,
        /// What is wrong with it and what is allowed, as a sentence for people.
        pub message: String,
    }
}

words! {
    /// Kinds of problems that a client may branch on.
    ProblemType {
        /// The body is not JSON, or not of the expected shape.
        MalformedBody = "malformed_body",
        /// A field has a value that is not allowed.
        InvalidField = "invalid_field",
        /// A query parameter is unknown or has a value that is not allowed.
        InvalidParameter = "invalid_parameter",
        /// The body is larger than the server reads.
        BodyTooLarge = "body_too_large",
        /// The content type is not `application/json`.
        UnsupportedMediaType = "unsupported_media_type",
        /// Nobody is signed in, or the key or token is not valid (any more).
        NotAuthenticated = "not_authenticated",
        /// Sign-in failed; never says which part was wrong.
        SignInFailed = "sign_in_failed",
        /// The guard against forged requests was not met.
        ForgeryGuard = "forgery_guard",
        /// The caller may see the thing but not do this with it.
        NotAllowed = "not_allowed",
        /// The API client lacks the scope that the call needs; the detail names it.
        InsufficientScope = "insufficient_scope",
        /// No such thing, or none that the caller may know of.
        NotFound = "not_found",
        /// The path exists, the method does not.
        MethodNotAllowed = "method_not_allowed",
        /// `If-Match` is missing on a call that needs it.
        PreconditionRequired = "precondition_required",
        /// Somebody changed it since it was read.
        VersionConflict = "version_conflict",
        /// The request was decided already; the first decision stands.
        AlreadyDecided = "already_decided",
        /// What is asked for can't happen in the state that the thing is in.
        WrongState = "wrong_state",
        /// The idempotency key was used before with another body.
        IdempotencyMismatch = "idempotency_mismatch",
        /// Too many attempts; try again after `Retry-After` seconds.
        TooManyRequests = "too_many_requests",
        /// The server can't answer right now.
        Unavailable = "unavailable",
        /// A fault of the server; the detail is in its log under the request id.
        Internal = "internal",
    }
}

impl ProblemType {
    /// The short words for people, the same for every problem of the type.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::MalformedBody => "The body could not be read",
            Self::InvalidField => "Some fields need attention",
            Self::InvalidParameter => "A parameter is not valid",
            Self::BodyTooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The content type is not supported",
            Self::NotAuthenticated => "Sign in first",
            Self::SignInFailed => "Sign-in failed",
            Self::ForgeryGuard => "The request was refused to protect you",
            Self::NotAllowed => "You may not do this",
            Self::InsufficientScope => "The key may not do this",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "The method is not allowed here",
            Self::PreconditionRequired => "If-Match is required",
            Self::VersionConflict => "Somebody changed it first",
            Self::AlreadyDecided => "Already decided",
            Self::WrongState => "Not possible in this state",
            Self::IdempotencyMismatch => "The idempotency key was used for something else",
            Self::TooManyRequests => "Too many attempts",
            Self::Unavailable => "Not available right now",
            Self::Internal => "Something went wrong in the server",
        }
    }
}
