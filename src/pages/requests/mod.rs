//! Lockbox requests: the list, and the decision page.

pub mod detail;
pub mod list;

pub use detail::RequestPage;
pub use list::RequestsPage;
