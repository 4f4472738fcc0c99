//! The Lockbox server.
