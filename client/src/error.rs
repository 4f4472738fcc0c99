//! What went wrong, as a caller can act on it.

use std::{fmt, time::Duration};

use lockbox_api::problem::{FieldError, Problem, ProblemType};

/// Result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// Why there is no answer, or not the one that was asked for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// Lockbox said no and why.
    Refused {
        /// Everything that it said.
        problem: Box<Problem>,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// Something answered that is not Lockbox, or not one that this client understands: a proxy's page, a redirect, an
    /// answer that does not fit.
    Foreign {
        /// The HTTP status.
        status: u16,
        /// The id of the exchange, where there was one.
        exchange_id: Option<String>,
        /// What is strange about it, a sentence.
        detail: String,
    },
    /// Nothing answered.
    Unreachable {
        /// True when no connection was made, so that nothing can have been done.
        never_sent: bool,
        /// What happened, in the system's words.
        detail: String,
    },
    /// Nothing answered in time; whether it was done is not known.
    TimedOut,
    /// It was not decided within the time that [`Client::wait`](crate::Client::wait) was given: the request as it is.
    NotDecided(Box<lockbox_api::requests::LockboxRequest>),
    /// What was given as an id can't be one.
    NoId,
}

impl Error {
    /// The kind of problem, where Lockbox named one that this client knows.
    #[must_use]
    pub fn kind(&self) -> Option<ProblemType> {
        let Self::Refused { problem, .. } = self else { return None };
        ProblemType::parse(problem.kind.rsplit('/').next().unwrap_or_default())
    }

    /// The HTTP status, where there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { problem, .. } => Some(problem.status),
            Self::Foreign { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The wrong fields, each with its place.
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        match self {
            Self::Refused { problem, .. } => &problem.errors,
            _ => &[],
        }
    }

    /// The id of the exchange: quote it when asking for help, it is in Lockbox's log.
    #[must_use]
    pub fn exchange_id(&self) -> Option<&str> {
        match self {
            Self::Refused { problem, .. } => Some(&problem.instance),
            Self::Foreign { exchange_id, .. } => exchange_id.as_deref(),
            _ => None,
        }
    }

    /// Whether the same call may go through a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::TimedOut => true,
            Self::Refused { problem, .. } => matches!(problem.status, 429 | 502..=504),
            Self::Foreign { status, .. } => matches!(status, 429 | 502..=504),
            Self::NotDecided(_) | Self::NoId => false,
        }
    }

    /// Whether nothing can have been done.
    pub(crate) fn was_never_sent(&self) -> bool {
        matches!(self, Self::Unreachable { never_sent: true, .. })
    }

    /// From the library below: the last cause says most, and the address is known to whoever asks.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() && !error.is_connect() {
            return Self::TimedOut;
        }
        let mut last: &dyn std::error::Error = error;
        while let Some(next) = last.source() {
            last = next;
        }
        Self::Unreachable { never_sent: error.is_connect(), detail: last.to_string() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { problem, .. } => {
                write!(f, "{}: {}", problem.title, problem.detail)?;
                // The detail may name the fields itself.
                for error in problem.errors.iter().filter(|error| !problem.detail.contains(&error.message)) {
                    write!(f, " {}: {}", error.pointer, error.message)?;
                }
                write!(f, " ({} {}, {})", problem.status, problem.kind, problem.instance)
            }
            Self::Foreign { status, detail, .. } => write!(f, "not an answer of Lockbox (status {status}): {detail}"),
            Self::Unreachable { detail, .. } => write!(f, "can't be reached: {detail}"),
            Self::TimedOut => f.write_str("did not answer in time"),
            Self::NotDecided(request) => write!(f, "{} is not decided yet", request.id),
            Self::NoId => f.write_str("an id can't be empty, \".\" or \"..\""),
        }
    }
}

impl std::error::Error for Error {}
