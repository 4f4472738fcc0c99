//! `/`: what needs me now, what is open, what is protected, and the last 28 days in a line.

mod figures;
mod open_access;
mod protection;
mod unacknowledged;
mod waiting;

use crate::{
    components::Page,
    paths,
    state::use_session,
    ui::{Empty, Icon, PageHeader, dynamic, memo},
};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use lockbox_rules::permission::{Action, Subject};

/// The overview.
pub struct OverviewPage;

#[lazy_route]
impl LazyRoute for OverviewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let session = use_session();
        let why_not = memo(move || session.why_not(Action::ReadRequests, &Subject::None));
        view! {
            <Page title="Overview">
                <PageHeader title="Overview" />
                {dynamic(move || why_not.get().map_or_else(whole, elsewhere))}
            </Page>
        }
        .into_any()
    }
}

fn whole() -> AnyView {
    view! {
        <div class="l-split">
            <div class="l-stack">{waiting::waiting()} {unacknowledged::unacknowledged()} {open_access::open_access()}</div>
            <div class="l-stack">
                {only_for(Action::ReadLockbox, protection::protection)} {only_for(Action::ReadHistory, figures::last_days)}
            </div>
        </div>
    }
    .into_any()
}

/// A part that is left out for people whose roles have no use for it.
fn only_for(action: Action, part: fn() -> AnyView) -> AnyView {
    let session = use_session();
    let allowed = memo(move || session.why_not(action, &Subject::None).is_none());
    dynamic(move || allowed.get().then(part))
}

/// For people whose roles have nothing to do here.
fn elsewhere(why: String) -> AnyView {
    let session = use_session();
    if session.why_not(Action::ReadInternalApprovals, &Subject::None).is_none() {
        let note = "What waits for the provider’s own approval stands at its own place.";
        return view! {
            <Empty icon=Icon::Shield title="Overview is for customers" note=note>
                <a class="c-button c-button--primary" href=paths::INTERNAL_APPROVALS>"Go to internal approvals"</a>
            </Empty>
        }
        .into_any();
    }
    let tickets = session.why_not(Action::ReadServiceRequests, &Subject::None).is_none();
    view! {
        <Empty icon=Icon::Support title="Nothing here is for your role" note=why>
            {tickets
                .then(|| view! { <a class="c-button c-button--primary" href=paths::SERVICE_REQUESTS>"Go to support requests"</a> })}
        </Empty>
    }
    .into_any()
}
