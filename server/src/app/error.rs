//! Why a use case says no. Turned into HTTP once, at the edge.

use lockbox_api::{clients::ClientScope, logs::FILTER_VALUES_MAX, problem::FieldError, requests::Decision};

use crate::store::StoreError;

/// Result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a use case says no.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing, or none that the actor may know of.
    #[error("not found")]
    NotFound,
    /// Nobody is signed in (any more).
    #[error("not authenticated")]
    NotAuthenticated,
    /// E-mail and password don't fit; never says which.
    #[error("sign-in failed")]
    SignInFailed,
    /// The actor may see the thing but not do this; a sentence that says why and who can.
    #[error("not allowed: {0}")]
    NotAllowed(String),
    /// The API client lacks this scope.
    #[error("the client lacks the scope {0}")]
    InsufficientScope(ClientScope),
    /// Fields of the body are wrong.
    #[error("{} wrong fields", .0.len())]
    Fields(Vec<FieldError>),
    /// Query parameters are wrong.
    #[error("{} wrong parameters", .0.len())]
    Parameters(Vec<FieldError>),
    /// Somebody changed it since it was read.
    #[error("version conflict: {current} is current")]
    VersionConflict {
        /// The version that is current.
        current: u64,
    },
    /// The first decision stands.
    #[error("already decided")]
    AlreadyDecided(Box<Decision>),
    /// Can't happen in the state that the thing is in; a sentence that says what state and since when.
    #[error("wrong state: {0}")]
    WrongState(String),
    /// The idempotency key came with another body before.
    #[error("idempotency key used for another body")]
    IdempotencyMismatch,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::FitsTooMany { parameter, value } => Self::parameter(
                parameter,
                format!("Too many names have a word that begins with “{value}”. Write more of it."),
            ),
            StoreError::StandsForTooMany { parameter } => Self::parameter(
                parameter,
                format!("Stands for more than {FILTER_VALUES_MAX} environments. Write more of it."),
            ),
            error => Self::Store(error),
        }
    }
}

impl From<lockbox_rules::lifecycle::Refusal> for Error {
    fn from(refusal: lockbox_rules::lifecycle::Refusal) -> Self {
        Self::WrongState(refusal.message().to_owned())
    }
}

impl Error {
    /// One wrong field.
    #[must_use]
    pub fn field(pointer: &str, message: impl Into<String>) -> Self {
        Self::Fields(vec![FieldError { pointer: pointer.to_owned(), message: message.into() }])
    }

    /// One wrong query parameter.
    #[must_use]
    pub fn parameter(name: &str, message: impl Into<String>) -> Self {
        Self::Parameters(vec![FieldError { pointer: name.to_owned(), message: message.into() }])
    }

    /// `Ok` when there are no field errors.
    ///
    /// # Errors
    /// [`Error::Fields`] when there are some.
    pub fn unless_valid(errors: Vec<FieldError>) -> Result<()> {
        if errors.is_empty() { Ok(()) } else { Err(Self::Fields(errors)) }
    }
}
