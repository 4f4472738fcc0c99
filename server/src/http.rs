//! HTTP: what comes in, what goes out, and what stands between.

pub mod extract;
pub mod health;
pub mod middleware;
pub mod portal;
pub mod router;
pub mod serve;
pub mod stream;

#[cfg(test)]
mod tests;
