//! Parts that know Lockbox and the app, and are used by more than one page.

pub mod end_access;
pub mod keyboard;
pub mod page;
pub mod palette;
pub mod permission;
pub mod request_badge;
pub mod request_table;
pub mod shortcuts;
pub mod when;
pub mod words;

pub use end_access::EndAccess;
pub use page::Page;
pub use request_badge::{access_badge, request_badge, status_badge};
pub use request_table::RequestTable;
pub use when::{CountdownTo, When};
