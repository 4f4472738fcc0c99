//! The frames that pages stand in.

pub mod connection;
pub mod navigation;
pub mod person;
pub mod shell;

pub use shell::Shell;

use lockbox_api::session::Session;
use lockbox_rules::permission::{Action, Principal, Subject, may};
use navigation::Place;

/// Whether a place is of use to this person. For the looks of the navigation only: the server decides on every call.
pub fn may_see(session: &Session, place: &Place) -> bool {
    let person = Principal::from(session);
    let allowed = |action: Action| may(&person, action, &Subject::None).is_ok();
    // Overview is the customer's; internal approvers have a place of their own.
    place.needs.map_or_else(|| !allowed(Action::ReadInternalApprovals), allowed)
}
