//! Lockbox rules: what the wire types mean.
//!
//! Pure functions without clock, I/O, async or randomness, linked by the server and by the portal alike, so that a
//! button's reason and a server's refusal are the same sentence from the same line. One noun, one file.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod alerts;
pub mod catalog;
pub mod grants;
pub mod history;
pub mod inside;
pub mod jit;
pub mod letters;
pub mod lifecycle;
pub mod lockbox_check;
pub mod log_filter;
pub mod permission;
pub mod policy;
pub mod refusals;
pub mod timeline;
pub mod validate;
pub mod window;
pub mod words;

pub use lockbox_api::Time;
