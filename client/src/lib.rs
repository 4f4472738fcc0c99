//! A typed client of Lockbox's provider API (`/provider/v1`): what a provider's just-in-time (JIT) service needs to raise
//! requests, wait for the customer's answer, ask whether a grant is valid and report what was done.
//!
//! The types on the wire are those of `lockbox-api`, re-exported as [`api`].
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use lockbox_client::{Client, api};
//!
//! # async fn example(request: api::provider::AccessRequestCreate) -> Result<(), Box<dyn std::error::Error>> {
//! let lockbox = Client::new("https://lockbox.example.com", &std::env::var("LOCKBOX_KEY")?)?;
//!
//! let raised = lockbox.raise(&request).await?;
//! let answered = lockbox.wait(&raised.request.id, Some(Duration::from_secs(3600))).await?;
//! let Some(grant) = answered.access.grant_id else {
//!     return Err(format!("{}: {:?}", answered.status, answered.decision).into());
//! };
//!
//! let question = api::provider::GrantCheckInput {
//!     engineer_id: request.engineer.id.clone(),
//!     environment_id: request.environment_id.clone(),
//!     operation: request.operations[0].clone(),
//!     target: None,
//!     lease: false,
//! };
//! // No answer from Lockbox means no: an error ends here, before anything is done.
//! if lockbox.check(&grant, &question).await?.allowed {
//!     // … do it, and report it with `report` …
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What it takes care of
//! - **Repetition.** What can be said twice without doing it twice is tried again when the connection fails or Lockbox is
//!   busy: reads, everything that is put, checks, reports (each action has an id), and raising, for which a new
//!   `Idempotency-Key` is made. Cancelling, completing and internal decisions are sent once; only a connection that was
//!   never made is tried again.
//! - **Waiting.** [`Client::wait`] holds call after call until the request is decided, also over a restart of the server.
//! - **The key.** It is sent to the address that was given and nowhere else: no redirect is followed, and plain `http` is
//!   for this machine only unless it is allowed. It is in no error and in no `Debug` output.
//! - **Errors** keep what Lockbox said: status, field errors and the id of the exchange ([`Error`]).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod call;
mod calls;
mod error;
mod setup;
mod waiting;

pub use lockbox_api as api;

pub use calls::{Raised, batches};
pub use error::{Error, Result};
pub use setup::{Builder, Client, SetupError};
pub use waiting::{News, is_settled};
