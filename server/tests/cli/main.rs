//! `lockbox` as engineers and scripts use it: the real binary against the real server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(unreachable_pub, clippy::allow_attributes, reason = "nothing here is seen from outside")]

mod completion;
mod examples;
mod grants;
mod lists;
mod provision;
mod schemathesis;
mod support;
mod trouble;
mod waiting;
