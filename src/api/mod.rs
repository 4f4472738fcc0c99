//! Calls to the server: one function per operation, one failure type for all of them.

pub mod administration;
pub mod client;
pub mod description;
pub mod environments;
pub mod error;
pub mod history;
pub mod internal;
pub mod json;
pub mod lockbox;
pub mod logs;
pub mod mail;
pub mod requests;
pub mod service_requests;
pub mod session;

pub use error::{Failure, FailureKind};

use std::{future::Future, pin::Pin};

/// The answer of a call that is under way. Boxed, so that views don't multiply by the number of calls.
pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;
