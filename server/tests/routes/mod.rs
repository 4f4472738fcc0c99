//! One file per noun of the API.

mod access_requests;
mod exclusions;
mod grants;
mod history;
mod internal_approvals;
mod jit_rules;
mod lockbox;
mod lockbox_requests;
mod log_views;
mod notifications;
mod service_requests;
mod session;
mod stream;
mod tokens;
