//! Support requests: the list, opening one, and one with its conversation.

pub mod conversation;
pub mod detail;
pub mod list;
pub mod open;
pub mod raised;

pub use detail::ServiceRequestPage;
pub use list::ServiceRequestsPage;

use crate::ui::Icon;
use leptos::prelude::*;
use lockbox_api::service_requests::Severity;

/// How bad it is: a word; the worst carries a sign as well.
pub fn severity(severity: Severity) -> AnyView {
    if severity == Severity::Critical {
        view! { <span class="c-word u-strong">{Icon::Warning.view()} {severity.label()}</span> }.into_any()
    } else {
        severity.label().into_any()
    }
}
