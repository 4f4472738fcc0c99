//! The `lockbox` binary.
fn main() {}
