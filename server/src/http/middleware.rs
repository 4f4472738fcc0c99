//! What stands between the network and the handlers, from the outside in: [`exchange`], [`security_headers`],
//! compression, [`problems`], the catcher of panics, [`forgery_guard`], [`no_parameters`].

mod exchange;
mod forgery_guard;
mod parameters;
mod problems;
mod security_headers;
mod sign_in_limit;

pub use exchange::{Exchange, exchange};
pub use forgery_guard::forgery_guard;
pub use parameters::no_parameters;
pub use problems::{caught_panic, problems, report_panics};
pub use security_headers::{SecurityHeaders, content_security_policy, security_headers};
pub use sign_in_limit::SignInLimit;
