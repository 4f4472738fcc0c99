//! The frames that pages stand in.

pub mod connection;
pub mod navigation;
pub mod person;
pub mod shell;

pub use shell::Shell;

use lockbox_api::session::{Role, Session};
use navigation::Place;

/// Whether a place is of use to this person. For the looks of the navigation only: the server decides on every call.
pub fn may_see(session: &Session, place: &Place) -> bool {
    use crate::paths;
    let has = |roles: &[Role]| session.roles.iter().any(|role| roles.contains(role));
    match place.path {
        paths::OVERVIEW | paths::SERVICE_REQUESTS => true,
        paths::ADMINISTRATION => has(&[Role::GlobalAdministrator, Role::LockboxApprover, Role::LockboxReader]),
        _ => has(&[Role::GlobalAdministrator, Role::LockboxApprover, Role::LockboxReader]),
    }
}
