//! Support requests.

pub mod detail;
pub mod list;

pub use detail::ServiceRequestPage;
pub use list::ServiceRequestsPage;
