//! Builds, runs, tests and measures Lockbox.
fn main() {}
