//! The Lockbox server.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod catalog;
pub mod clock;
pub mod config;
pub mod error;
pub mod http;
pub mod live;
pub mod metrics;
pub mod notify;
pub mod password;
pub mod random;
pub mod secret;
pub mod state;

pub use http::router::build_app;
