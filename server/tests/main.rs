//! The server as a whole: its router called in process on a database of the test's own, and the real binary where the
//! process itself matters (crashes).
//!
//! Files mirror the paths of the API (`routes`) or name what must never happen (the invariants of the design).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(unreachable_pub, unused_qualifications, reason = "nothing here is seen from outside")]
#![allow(clippy::print_stdout, clippy::allow_attributes, reason = "figures are printed for whoever reads the run")]

mod atomic;
mod authorization;
mod bad_input;
mod bad_parameters;
mod bulk;
mod checker;
mod clock;
mod commands;
mod crash;
#[path = "../../bench/src/generate.rs"]
mod generate;
mod guards;
mod jobs;
mod log;
mod log_continues;
mod log_export;
mod log_filters;
mod log_names;
mod log_reads;
mod openapi;
mod quiet_log;
mod race;
mod routes;
mod support;
mod tenants;
mod webhooks;
