//! The Lockbox server.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod app;
pub mod catalog;
pub mod clock;
pub mod commands;
pub mod config;
pub mod demo;
pub mod error;
pub mod export;
mod hex;
pub mod http;
pub mod jobs;
pub mod last_use;
pub mod leases;
pub mod live;
pub mod metrics;
pub mod notify;
pub mod password;
pub mod random;
pub mod refused_sign_ins;
pub mod secret;
pub mod start;
pub mod state;
pub mod store;
pub mod webhooks;

pub use http::router::build_app;
