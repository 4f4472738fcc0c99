//! From a state to its word, shape and colour. Total: a new state does not compile without them.

use crate::ui::{Badge, Icon, Tone};
use leptos::prelude::*;
use lockbox_api::requests::{Access, AccessState, Status};

/// The badge of a request's status.
pub fn status_badge(status: Status) -> AnyView {
    let (tone, icon) = match status {
        Status::CustomerNotified => (Tone::Waiting, Icon::Hourglass),
        Status::Approved => (Tone::Good, Icon::CheckCircle),
        Status::Denied | Status::Rejected => (Tone::Bad, Icon::CrossCircle),
        Status::Expired => (Tone::Muted, Icon::Clock),
        Status::Cancelled => (Tone::Muted, Icon::DashCircle),
        Status::AwaitingInternalApproval => (Tone::Muted, Icon::Hourglass),
        Status::NotRequired => (Tone::Muted, Icon::Info),
    };
    view! { <Badge tone=tone icon=icon text=status.label() /> }.into_any()
}

/// The badge of the access that a request led to; nothing where there never was any.
pub fn access_badge(state: AccessState) -> AnyView {
    let (tone, icon) = match state {
        AccessState::None => return ().into_any(),
        AccessState::Active => (Tone::Open, Icon::LockOpen),
        AccessState::Completed | AccessState::Lapsed | AccessState::Revoked => (Tone::Muted, Icon::LockClosed),
    };
    view! { <Badge tone=tone icon=icon text=state.label() /> }.into_any()
}

/// Status, and beside it the access while it is open.
pub fn request_badge(status: Status, access: &Access) -> AnyView {
    let open = (access.state == AccessState::Active).then(|| access_badge(access.state));
    view! { {status_badge(status)} {open.map(|open| view! { " " {open} })} }.into_any()
}
