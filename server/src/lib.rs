//! The Lockbox server.

pub mod store;
