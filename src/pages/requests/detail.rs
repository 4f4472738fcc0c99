//! `/requests/:id`: the decision page. Read from top to bottom it answers "should I let this happen?".

use super::{
    case, clock, decide,
    rest::{Part, Rest},
};
use crate::{
    api::{self, Pending},
    components::{Page, request_badge},
    paths,
    state::{Remote, show, use_live},
    ui::{Copyable, PageHeader, SkeletonBlock, dynamic, memo},
};
use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use lockbox_api::{ids::RequestId, requests::LockboxRequest};
use lockbox_rules::lifecycle::State;

/// The decision page.
pub struct RequestPage;

#[lazy_route]
impl LazyRoute for RequestPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let params = use_params_map();
        let id = memo(move || params.with(|params| params.get("id").unwrap_or_default()));
        // Another request is another page: nothing typed for one may end up at the other.
        dynamic(move || page(RequestId(id.get())))
    }
}

fn page(id: RequestId) -> AnyView {
    let changed = use_live().request(id.clone());
    let wanted = id.clone();
    let remote = Remote::new(move || {
        changed.track();
        Box::pin(api::requests::read_request(wanted.clone())) as Pending<LockboxRequest>
    });
    let title = format!("Request {id}");
    let above = || view! { <a href=paths::REQUESTS>"Requests"</a> }.into_any();
    let copied = id.0.clone();
    let beside = move || view! { <Copyable value=copied.clone() what="request id" button_only=true /> }.into_any();
    let note = move || {
        (move || {
            remote.value.with(|request| request.as_ref().map(|request| request_badge(request.status, &request.access)))
        })
        .into_any()
    };
    let body = show(
        remote,
        "The request could not be read",
        || view! { <SkeletonBlock lines=4 with_box=true /> }.into_any(),
        move |request| whole(request, remote),
    );
    view! {
        <Page title=title.clone() on_paper=true>
            <PageHeader title=title above=above beside=beside note=note />
            {body}
        </Page>
    }
    .into_any()
}

/// What the side of the page is for at this moment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Decide,
    EndAccess,
    Over,
}

fn whole(request: Signal<LockboxRequest>, remote: Remote<LockboxRequest>) -> AnyView {
    let side = memo(move || {
        let state = request.with(|request| State::new(request.status, request.access.state));
        if state.can_be_ended() {
            Side::EndAccess
        } else if state.can_be_decided() {
            Side::Decide
        } else {
            Side::Over
        }
    });
    let ticket_open = RwSignal::new(false);
    let failure = RwSignal::new(None);
    let rest = Rest::load();
    // A decision that is asked for can be read without the rest. What is over begins with it, and nothing may jump.
    let begins_with_rest = side.get_untracked() != Side::Decide;
    let all = move || {
        view! {
            {rest.show(Part::Paper)}
            <div class="l-split">
                <div class="l-stack c-case">
                    {case::lead(request, ticket_open)} {rest.show(Part::Done(request))} {case::reach(request)} {rest.show(Part::Judgement(request))}
                    {rest.show(Part::Timeline(request))}
                </div>
                <div class="l-split__aside l-stack">
                    {rest.show(Part::Trouble(failure))}
                    {dynamic(move || match side.get() {
                        Side::Decide => {
                            view! { {clock::to_decide(request)} {decide::decision(request, remote, failure, rest)} }.into_any()
                        }
                        Side::EndAccess => rest.show(Part::Open(request, remote)),
                        Side::Over => ().into_any(),
                    })}
                    {rest.show(Part::Outcome(request, remote))}
                </div>
            </div>
            {rest.show(Part::Ticket(request, ticket_open))}
        }
        .into_any()
    };
    if !begins_with_rest {
        return all();
    }
    let ready = memo(move || rest.is_there());
    dynamic(move || if ready.get() { all() } else { view! { <SkeletonBlock lines=4 with_box=true /> }.into_any() })
}
