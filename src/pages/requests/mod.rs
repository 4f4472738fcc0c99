//! Lockbox requests: the list, and the decision page with its parts from top to bottom.

pub mod access;
pub mod acknowledge;
pub mod case;
pub mod clock;
pub mod decide;
pub mod detail;
pub mod list;
pub mod rest;
pub mod story;
pub mod ticket;

pub use detail::RequestPage;
pub use list::RequestsPage;
