//! One module per page; each is loaded when its route is first shown.

pub mod about;
pub mod overview;
