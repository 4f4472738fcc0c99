//! `/requests/:id`: the decision page. Read from top to bottom it answers "should I let this happen?".

use super::{access, case, clock, decide, story, ticket};
use crate::{
    api::{self, Pending},
    components::{Page, request_badge},
    paths,
    state::{Remote, show, use_live},
    ui::{Copyable, PageHeader, SkeletonBlock, dynamic, memo},
};
use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use lockbox_api::{
    ids::RequestId,
    requests::{AccessState, LockboxRequest, Status},
};

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
        <Page title=title.clone()>
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
        request.with(|request| match (request.status, request.access.state) {
            (_, AccessState::Active) => Side::EndAccess,
            (Status::CustomerNotified, _) => Side::Decide,
            _ => Side::Over,
        })
    });
    let ticket_open = RwSignal::new(false);
    let failure = RwSignal::new(None);
    view! {
        <div class="l-split">
            <div class="l-stack c-case">
                {case::lead(request, ticket_open)} {story::done(request)} {case::reach(request)} {case::judgement(request)}
                {story::timeline(request)}
            </div>
            <div class="l-split__aside l-stack">
                {decide::trouble(failure)}
                {dynamic(move || match side.get() {
                    Side::Decide => view! { {clock::to_decide(request)} {decide::decision(request, remote, failure)} }.into_any(),
                    Side::EndAccess => access::open(request, remote),
                    Side::Over => ().into_any(),
                })}
                {access::outcome(request)}
            </div>
        </div>
        {ticket::panel(request, ticket_open)}
    }
    .into_any()
}
