//! HTTP: what comes in, what goes out, and what stands between.

pub mod auth;
mod download;
mod examples;
pub mod extract;
pub mod health;
pub mod middleware;
pub mod openapi;
pub mod portal;
pub mod router;
pub mod routes;
pub mod scopes;
pub mod serve;
pub mod stream;

#[cfg(test)]
mod tests;
