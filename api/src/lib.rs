//! Lockbox wire types.
