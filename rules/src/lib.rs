//! Lockbox rules.
