//! `/internal-approvals`: where internal approvers of the provider decide before the customer is asked. The queue, and one
//! request with its decision.

pub mod decide;
pub mod detail;
pub mod list;

use crate::ui::{Badge, Icon, Tone, dynamic, memo};
use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use lockbox_api::{ids::RequestId, internal::InternalState};
use lockbox_rules::words::{approval_role, list as in_words};

/// The queue, and with an id in the address one request.
pub struct InternalApprovalsPage;

#[lazy_route]
impl LazyRoute for InternalApprovalsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let params = use_params_map();
        let id = memo(move || params.with(|params| params.get("id")));
        // Another request is another page: nothing typed for one may end up at the other.
        dynamic(move || id.get().map_or_else(list::page, |id| detail::page(RequestId(id))))
    }
}

/// How far it is, as a word with a shape.
fn state_badge(state: InternalState) -> AnyView {
    let (tone, icon) = match state {
        InternalState::Waiting => (Tone::Waiting, Icon::Hourglass),
        InternalState::Approved => (Tone::Good, Icon::CheckCircle),
        InternalState::Rejected => (Tone::Bad, Icon::CrossCircle),
        InternalState::Expired => (Tone::Muted, Icon::Clock),
        InternalState::Cancelled => (Tone::Muted, Icon::DashCircle),
    };
    view! { <Badge tone=tone icon=icon text=state.label() /> }.into_any()
}

/// Roles of the rules as people call them: "Support lead and DevOps manager".
fn roles(roles: &[String]) -> String {
    in_words(&roles.iter().map(|role| approval_role(role)).collect::<Vec<_>>())
}
