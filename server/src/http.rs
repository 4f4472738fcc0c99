//! HTTP: what comes in, what goes out, and what stands between.

pub mod auth;
pub mod extract;
pub mod openapi;
pub mod router;
pub mod routes;
