//! `/`: what needs me now, what is open, what is protected, and the last 28 days in a line.

pub mod aside;
mod figures;
mod open_access;
mod protection;
mod unacknowledged;
mod waiting;

use self::aside::Part;
use crate::{
    components::Page,
    paths,
    state::use_session,
    ui::{Empty, Icon, PageHeader, dynamic, memo, time},
};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use lockbox_api::page::RequestPage;
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
                {only_for(Action::ReadLockbox, || aside::show(Part::Protection))}
                {only_for(Action::ReadHistory, || aside::show(Part::LastDays))}
            </div>
        </div>
    }
    .into_any()
}

/// What a card leaves out of what there is, and where all of it stands; nothing where it shows everything.
fn rest(page: Signal<RequestPage>, all: String) -> AnyView {
    let left_out = memo(move || {
        page.with(|page| {
            let (shown, total) = (page.items.len(), usize::try_from(page.total?).ok()?);
            (shown < total).then_some((shown, total))
        })
    });
    dynamic(move || {
        let all = all.clone();
        left_out.get().map(|(shown, total)| {
            view! {
                <p class="c-card__foot">{time::number(shown)} " of " {time::number(total)} " shown. " <a href=all>"Show all"</a></p>
            }
            .into_any()
        })
    })
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
