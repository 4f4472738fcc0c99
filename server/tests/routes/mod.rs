//! One file per noun of the API.

mod access_requests;
mod clients;
mod exclusion_mail;
mod exclusions;
mod grants;
mod history;
mod history_file;
mod internal_approvals;
mod jit_rules;
mod leases;
mod lockbox;
mod lockbox_requests;
mod log_views;
mod notifications;
mod refused_actions;
mod reported_times;
mod service_requests;
mod session;
mod stream;
mod timeline;
mod tokens;
mod two_grants;
mod what_is_asked;
