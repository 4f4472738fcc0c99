//! The Lockbox portal: what people see of Lockbox, in their browser.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")
)]

pub mod api;
pub mod paths;
pub mod state;
pub mod ui;
