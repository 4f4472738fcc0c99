//! One folder or file per place; each is loaded when its route is first shown.

pub mod administration;
pub mod api_reference;
pub mod demo_mail;
pub mod history;
pub mod internal_approvals;
pub mod logs;
pub mod not_found;
pub mod overview;
pub mod requests;
pub mod service_requests;
pub mod sign_in;
pub mod without_request;
