//! Lockbox wire types: what the server, the portal and the provider's clients say to each other.
//!
//! One noun, one file. The types are plain data; the rules that give them meaning live in `lockbox-rules`.
//! Requests refuse unknown fields; answers may gain fields, so clients must ignore what they do not know.
//! Times are RFC 3339 in UTC, ids are opaque strings with a readable prefix.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

#[macro_use]
mod macros;

pub mod access_requests;
pub mod administration;
pub mod catalog;
pub mod clients;
pub mod environments;
pub mod events;
pub mod history;
pub mod ids;
pub mod internal;
pub mod jit;
pub mod lockbox;
pub mod logs;
pub mod mail;
pub mod page;
pub mod problem;
pub mod provider;
pub mod requests;
pub mod service_requests;
pub mod session;
pub mod stream;

/// A point in time, UTC. Stored and sent with microseconds at most.
pub type Time = chrono::DateTime<chrono::Utc>;

/// Length of a justification in characters (Unicode scalar values), counted after trimming: at least.
pub const JUSTIFICATION_MIN: usize = 1;
/// Length of a justification in characters (Unicode scalar values), counted after trimming: at most.
pub const JUSTIFICATION_MAX: usize = 2_000;
/// Largest request body the server reads, bytes.
pub const BODY_MAX_BYTES: usize = 64 * 1024;
/// The header that every customer call that changes something carries, with the value `1`.
/// A foreign page cannot send it without a preflight that the server never grants.
pub const CSRF_HEADER: &str = "x-lockbox-request";
/// The header that carries the id of one HTTP exchange; the same id is in logs and events.
pub const REQUEST_ID_HEADER: &str = "x-request-id";
/// The header of the customer API's answers with the sequence up to which the organisation's log is in the answer, at least: the
/// stream tells what came after it (`after`).
pub const SEQUENCE_HEADER: &str = "x-lockbox-sequence";
