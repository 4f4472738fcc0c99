//! The Lockbox portal.
