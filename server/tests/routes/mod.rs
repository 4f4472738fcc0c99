//! One file per noun of the API.

mod access_requests;
mod grants;
mod lockbox;
mod lockbox_requests;
mod notifications;
mod service_requests;
mod session;
mod stream;
mod tokens;
