//! What stands between the network and the handlers. [`edge`] is one layer that does it all, because every layer of a
//! router is copied with all below it for every call; below it are compression and the limit for bodies.

mod edge;
mod exchange;
mod forgery_guard;
mod parameters;
mod problems;
mod security_headers;
mod sign_in_limit;

pub use edge::{Edge, edge};
pub use problems::report_panics;
pub use security_headers::content_security_policy;
pub use sign_in_limit::SignInLimit;
