//! Parts that know Lockbox and the app, and are used by more than one page.

pub mod end_access;
pub mod environment_select;
pub mod keyboard;
pub mod page;
pub mod palette;
pub mod permission;
pub mod request_badge;
pub mod request_list;
pub mod request_table;
pub mod request_tabs;
pub mod shortcuts;
pub mod when;
pub mod words;

pub use end_access::EndAccess;
pub use environment_select::Choice;
pub use page::Page;
pub use request_badge::{access_badge, request_badge, status_badge};
pub use request_table::RequestTable;
pub use request_tabs::request_tabs;
pub use when::{CountdownTo, When};
