//! `/requests`: every request, in tabs; the filters are in the address.

use crate::{
    components::{
        Choice, Page, RequestTable,
        environment_select::{Fill, fill},
        request_list::{self, Requests, foot, framed, period, period_of, with_period},
        request_tabs,
    },
    paths,
    state::use_session,
    ui::{Empty, Icon, PageHeader, SearchField, Select, SelectOption, SkeletonRows, dynamic, memo, watch},
};
use gloo_timers::callback::Timeout;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    LazyRoute, NavigateOptions,
    hooks::{use_navigate, use_query_map},
    lazy_route,
};
use lockbox_api::{
    ids::{EnvironmentId, PersonId, ServiceRequestId},
    jit::ReasonCode,
    requests::{RequestQuery, RequestView, Status, StatusReason},
};

/// The page of all requests.
pub struct RequestsPage;

#[lazy_route]
impl LazyRoute for RequestsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        page()
    }
}

/// How long typing rests before the list follows, milliseconds.
const REST_MS: u32 = 250;

/// The views that other pages lead to, and their words.
const FIGURES: [(RequestView, &str); 9] = [
    (RequestView::Unacknowledged, "access to acknowledge"),
    (RequestView::Active, "access is open now"),
    (RequestView::Asked, "you were asked"),
    (RequestView::Decided, "you decided"),
    (RequestView::Opened, "access was opened"),
    (RequestView::Used, "engineers acted under it"),
    (RequestView::Refused, "an action was refused"),
    (RequestView::WithoutRequest, "access without a request"),
    (RequestView::Inside, "stayed inside the provider"),
];

/// What the address asks for.
fn query_of_address() -> Memo<RequestQuery> {
    let address = use_query_map();
    memo(move || {
        address.with(|address| RequestQuery {
            view: Some(address.get("view").and_then(|view| RequestView::parse(&view)).unwrap_or(RequestView::Pending)),
            status: address.get("status").and_then(|status| Status::parse(&status)),
            environment_id: address.get("environment").map(EnvironmentId::from),
            service_request_id: address.get("service_request_id").map(ServiceRequestId::from),
            service: address.get("service"),
            reason_code: address.get("reason_code").and_then(|reason| ReasonCode::parse(&reason)),
            status_reason: address.get("status_reason").and_then(|reason| StatusReason::parse(&reason)),
            team: address.get("team"),
            decided_by: address.get("decided_by").map(PersonId),
            q: address.get("q").filter(|text| !text.is_empty()),
            ..period_of(address)
        })
    })
}

/// The address for a selection.
fn address_of(query: &RequestQuery) -> String {
    let view = query.view.filter(|view| *view != RequestView::Pending);
    with_period(paths::Query::new(), query)
        .add("view", view.map_or("", RequestView::as_str))
        .add("status", query.status.map_or("", Status::as_str))
        .add("environment", query.environment_id.as_ref().map_or("", |id| id.as_str()))
        .add("service_request_id", query.service_request_id.as_ref().map_or("", |id| id.as_str()))
        .maybe("service", query.service.as_deref())
        .add("reason_code", query.reason_code.map_or("", ReasonCode::as_str))
        .add("status_reason", query.status_reason.map_or("", StatusReason::as_str))
        .maybe("team", query.team.as_deref())
        .maybe("decided_by", query.decided_by.as_ref().map(|id| id.as_str()))
        .add("q", query.q.as_deref().unwrap_or_default())
        .onto(paths::REQUESTS)
}

fn page() -> AnyView {
    let query = query_of_address();
    let list = request_list::requests(query);
    let tabs = request_tabs(Signal::derive(move || query.with(|query| query.view)), move |view| {
        Some(address_of(&RequestQuery { view: Some(view), status: None, ..query.get() }))
    });
    let skeleton = || view! { <SkeletonRows columns=7 /> }.into_any();
    let table = framed((list, query), "The requests could not be read", skeleton, ready, empty);
    view! {
        <Page title="Requests">
            <PageHeader title="Requests" note=|| "What engineers of the provider have asked to reach, and what became of it." />
            {tabs}
            {filters(query)}
            {period(query, address_of)}
            {narrowed(query)}
            {table}
        </Page>
    }
    .into_any()
}

fn ready(list: Requests) -> AnyView {
    view! {
        <RequestTable caption="Requests" rows=list.rows />
        {foot(list, ("request", "requests"))}
    }
    .into_any()
}

/// Search, environment, and status where the tab does not say it already.
fn filters(query: Memo<RequestQuery>) -> AnyView {
    let navigate = use_navigate();
    let go = StoredValue::new_local(move |query: RequestQuery| {
        navigate(&address_of(&query), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    let text = RwSignal::new(query.with_untracked(|query| query.q.clone().unwrap_or_default()));
    let environment = RwSignal::new(
        query.with_untracked(|query| query.environment_id.as_ref().map(|id| id.0.clone()).unwrap_or_default()),
    );
    let status =
        RwSignal::new(query.with_untracked(|query| query.status.map(|status| status.to_string()).unwrap_or_default()));
    // The address leads: Back and Forward put the fields right.
    watch(move |_| {
        let now = query.get();
        let put = |field: RwSignal<String>, value: String| {
            if field.with_untracked(|known| *known != value) {
                field.set(value);
            }
        };
        put(environment, now.environment_id.map(|id| id.0).unwrap_or_default());
        put(status, now.status.map(|status| status.to_string()).unwrap_or_default());
        put(text, now.q.unwrap_or_default());
    });
    let resting = StoredValue::new_local(None::<Timeout>);
    watch(move |first| {
        let wanted = RequestQuery {
            q: Some(text.get()).filter(|text| !text.is_empty()),
            environment_id: Some(environment.get()).filter(|id| !id.is_empty()).map(EnvironmentId),
            status: Status::parse(&status.get()),
            ..query.get_untracked()
        };
        if !first && wanted != query.get_untracked() {
            resting.set_value(Some(Timeout::new(REST_MS, move || {
                go.try_with_value(|go| go(wanted));
            })));
        }
    });
    let by_environment = Choice::new(environment, "All environments", false);
    let fill = RwSignal::new(None::<Fill>);
    spawn_local(async move {
        let loaded = requests_environments().await;
        fill.try_set(Some(loaded));
    });
    let mut status_options = vec![SelectOption::new("", "Any status")];
    status_options.extend(Status::ALL.iter().map(|status| SelectOption::new(status.as_str(), status.label())));
    let by_status = move || {
        let options = status_options.clone();
        query
            .with(|query| query.view != Some(RequestView::Pending))
            .then(|| view! { <Select label="Status" value=status options=options /> })
    };
    view! {
        <div class="c-requests__filters u-screen">
            <SearchField label="Search requests" value=text />
            {dynamic(move || fill.get().map(|fill| fill(by_environment)))}
            {by_environment.select(Signal::derive(|| None))}
            {dynamic(by_status)}
        </div>
    }
    .into_any()
}

/// Named in `preload.toml`: the environments to choose from come once the page is shown.
#[lazy]
fn requests_environments() -> Fill {
    fill
}

/// What else the link that led here, such as a figure of History, has narrowed the list to. Which service or person it is, the rows say.
fn narrowed(query: Memo<RequestQuery>) -> AnyView {
    dynamic(move || {
        let (words, all) = query.with(|query| {
            let view =
                query.view.and_then(|view| FIGURES.iter().find(|(own, _)| *own == view)).map(|(_, words)| *words);
            let parts = [
                view,
                query.service_request_id.as_ref().map(|_| "one support request"),
                query.service.as_ref().map(|_| "one service"),
                query.reason_code.map(|_| "one reason"),
                query.status_reason.map(|_| "one reason"),
                query.team.as_ref().map(|_| "one team"),
                query.decided_by.as_ref().map(|_| "one person’s decisions"),
            ];
            let all = RequestQuery {
                view: Some(RequestView::All),
                from: query.from,
                to: query.to,
                ..RequestQuery::default()
            };
            (parts.into_iter().flatten().collect::<Vec<_>>().join(", "), address_of(&all))
        });
        (!words.is_empty()).then(|| {
            view! { <p class="c-requests__period" role="status">"Only: " {words} " " <a href=all>"All requests"</a></p> }
                .into_any()
        })
    })
}

fn empty(query: &RequestQuery) -> AnyView {
    let filtered = query.q.is_some()
        || query.service.is_some()
        || query.reason_code.is_some()
        || query.status_reason.is_some()
        || query.team.is_some()
        || query.decided_by.is_some()
        || query.from.is_some()
        || query.to.is_some()
        || query.environment_id.is_some()
        || query.status.is_some()
        || query.service_request_id.is_some();
    if filtered {
        let all = address_of(&RequestQuery { view: query.view, ..RequestQuery::default() });
        return view! {
            <Empty icon=Icon::Filter title="No request matches" note="Nothing fits these filters. Take one away, or look at all requests.">
                <a class="c-button" href=all>"Clear filters"</a>
            </Empty>
        }
        .into_any();
    }
    if use_session().sees_own_only() {
        let note =
            "When an engineer asks for access because of a support request that you opened, you can follow it here.";
        return view! { <Empty icon=Icon::Requests title="No request for your support requests" note=note /> }
            .into_any();
    }
    let (title, note) = match query.view {
        Some(RequestView::Pending) => (
            "Nothing waits for you",
            "When an engineer asks for access to a protected environment, the request appears here by itself and approvers get an e-mail.",
        ),
        Some(RequestView::Recent) => {
            ("No request in the last 28 days", "Nobody has asked for access to a protected environment.")
        }
        _ => ("No request yet", "Nobody has ever asked for access to a protected environment."),
    };
    let pending = query.view == Some(RequestView::Pending);
    view! {
        <Empty icon=Icon::Requests title=title note=note>
            {pending
                .then(|| {
                    let recent = address_of(&RequestQuery { view: Some(RequestView::Recent), ..RequestQuery::default() });
                    view! { <a class="c-button" href=recent>"See recent requests"</a> }
                })}
        </Empty>
    }
    .into_any()
}
