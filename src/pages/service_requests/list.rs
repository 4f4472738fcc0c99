//! `/service-requests`: the support requests; which ones is in the address.

use super::{open::OpenDialog, severity};
use crate::{
    api,
    components::{Page, When, permission::why_not},
    paths,
    state::{Paged, address::text_of_address, show, use_live},
    ui::{
        Badge, Button, ButtonKind, Column, Copyable, Empty, Icon, LinkTabs, PageHeader, Pager, SearchField,
        SkeletonRows, TabLink, Table, dynamic, each, memo, told,
    },
};
use leptos::prelude::*;
use leptos_router::{
    LazyRoute, NavigateOptions,
    hooks::{use_navigate, use_query_map},
    lazy_route,
};
use lockbox_api::service_requests::{ServiceRequestQuery, ServiceRequestState, ServiceRequestSummary};
use lockbox_rules::permission::Action;

/// The page of all support requests.
pub struct ServiceRequestsPage;

#[lazy_route]
impl LazyRoute for ServiceRequestsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        page()
    }
}

/// The tabs: state on the wire (absent: both), word in the address, words.
const TABS: [(Option<ServiceRequestState>, &str, &str); 3] = [
    (Some(ServiceRequestState::Open), "", "Open"),
    (Some(ServiceRequestState::Closed), "closed", "Closed"),
    (None, "all", "All"),
];

/// The columns, in order.
const COLUMNS: [&str; 7] =
    ["Support request ID", "Title", "Severity", "Environment", "Opened by", "Opened", "Lockbox requests"];

fn query_of_address() -> Memo<ServiceRequestQuery> {
    let address = use_query_map();
    memo(move || {
        address.with(|address| {
            let word = address.get("state").unwrap_or_default();
            let (state, ..) = TABS.into_iter().find(|(_, own, _)| *own == word).unwrap_or(TABS[0]);
            ServiceRequestQuery {
                state,
                q: address.get("q").filter(|text| !text.is_empty()),
                ..ServiceRequestQuery::default()
            }
        })
    })
}

fn address_of(state: Option<ServiceRequestState>, q: &str) -> String {
    let word = TABS.into_iter().find(|(own, ..)| *own == state).map_or("", |(_, word, _)| word);
    paths::Query::new().add("state", word).add("q", q).onto(paths::SERVICE_REQUESTS)
}

fn page() -> AnyView {
    let query = query_of_address();
    let changed =
        use_live().revision(|change| change.request_id.is_some() || change.operation.contains("Support Request"));
    let select = move || {
        changed.track();
        query.get()
    };
    let list = Paged::new(select, |query, limit, cursor| {
        let query = ServiceRequestQuery { limit: Some(limit), cursor, ..query };
        Box::pin(api::service_requests::list_service_requests(query))
    });
    let tabs = Signal::derive(move || {
        let now = query.get();
        TABS.map(|(state, _, label)| TabLink {
            href: address_of(state, now.q.as_deref().unwrap_or_default()),
            label: label.to_owned(),
            current: now.state == state,
            count: None,
        })
        .to_vec()
    });
    let table = show(
        list.first,
        "The support requests could not be read",
        || view! { <SkeletonRows columns=7 /> }.into_any(),
        move |_| {
            let none = memo(move || list.rows.with(Vec::is_empty));
            view! {
                <div class="c-table-wrap" aria-busy=told(move || list.first.loading.get().then_some("true"))>
                    {dynamic(move || if none.get() { empty(query.get()) } else { ready(list) })}
                </div>
            }
            .into_any()
        },
    );
    let navigate = use_navigate();
    let asks = use_query_map();
    let open = memo(move || asks.with(|asks| asks.get("new").is_some()));
    let go = navigate.clone();
    let begin = Callback::new(move |()| go(&paths::open_service_request(), NavigateOptions::default()));
    let text = text_of_address(memo(move || query.with(|query| query.q.clone().unwrap_or_default())), move |q| {
        let to = address_of(query.with_untracked(|query| query.state), &q);
        navigate(&to, NavigateOptions { scroll: false, replace: true, ..NavigateOptions::default() });
    });
    let why_not_open = why_not(Action::OpenServiceRequest);
    view! {
        <Page title="Support requests">
            <PageHeader title="Support requests" note=|| "What the provider has been asked to help with. Engineers ask for access for the sake of one of these.">
                <Button
                    kind=ButtonKind::Primary
                    label="Open a support request"
                    icon=Icon::Plus
                    disabled_reason=why_not_open
                    on_press=begin
                />
            </PageHeader>
            <LinkTabs label="Which support requests" tabs=tabs />
            <div class="c-filters u-screen">
                <SearchField label="Search support requests" value=text />
            </div>
            {table}
            <OpenDialog open=open />
        </Page>
    }
    .into_any()
}

fn ready(list: Paged<ServiceRequestSummary>) -> AnyView {
    let columns = COLUMNS.map(|label| if label == COLUMNS[6] { Column::numbers(label) } else { Column::words(label) });
    view! {
        <Table caption="Support requests" columns=columns.to_vec() cards=true>
            {each(move || list.rows.get(), |row| format!("{} {} {}", row.id, row.updated_at, row.lockbox_requests), row)}
        </Table>
        <Pager
            shown=Signal::derive(move || list.rows.with(Vec::len))
            more=Signal::derive(move || list.cursor.with(Option::is_some))
            pending=list.pending
            words=("support request", "support requests")
            on_more=Callback::new(move |()| list.load_more())
        />
    }
    .into_any()
}

fn row(row: ServiceRequestSummary) -> AnyView {
    let [number, title, how_bad, environment, opened_by, opened, raised] = COLUMNS;
    let href = paths::service_request(&row.id);
    let id = row.id.0;
    let name = format!("{}, {id}", row.title);
    let closed = row.closed_at.is_some();
    let environment_name = row.environment_name.or(row.environment_id.map(|id| id.0));
    view! {
        <tr>
            <th scope="row" data-label=number>
                <span class="c-copy">
                    <a class="c-table__link u-mono" href=href aria-label=name>{id.clone()}</a>
                    <Copyable value=id what="support request id" button_only=true />
                </span>
            </th>
            <td data-label=title>
                <span>
                    <span class="u-strong">{row.title}</span>
                    {closed.then(|| view! { " " <Badge icon=Icon::CheckCircle text="Closed" /> })}
                </span>
            </td>
            <td data-label=how_bad>{severity(row.severity)}</td>
            <td data-label=environment>{environment_name.map_or_else(dash, |name| name.into_any())}</td>
            <td data-label=opened_by>{row.opened_by}</td>
            <td data-label=opened><When at=row.opened_at /></td>
            <td data-label=raised class="u-number">{row.lockbox_requests}</td>
        </tr>
    }
    .into_any()
}

/// Nothing to say here, also aloud.
fn dash() -> AnyView {
    view! { <span><span aria-hidden="true" class="u-soft">"–"</span> <span class="u-hidden">"none"</span></span> }
        .into_any()
}

fn empty(query: ServiceRequestQuery) -> AnyView {
    if let Some(words) = &query.q {
        let elsewhere = query.state.is_some();
        let note = format!(
            "Nothing here has “{words}” in its number or title. Search for less, or among all support requests."
        );
        let (clear, all) = (address_of(query.state, ""), address_of(None, words));
        return view! {
            <Empty icon=Icon::Search title="No support request matches" note=note>
                <a class="c-button" href=clear>"Clear the search"</a>
                {elsewhere.then(|| view! { <a class="c-button" href=all>"Search in all"</a> })}
            </Empty>
        }
        .into_any();
    }
    let (title, note) = match query.state {
        Some(ServiceRequestState::Open) => (
            "No open support request",
            "Without one, no engineer has a reason to ask for access. Open one when you need the provider’s help.",
        ),
        Some(ServiceRequestState::Closed) => (
            "No closed support request",
            "Support requests that are done appear here, with everything that was done for them.",
        ),
        None => ("No support request yet", "Nobody has asked the provider for help so far."),
    };
    view! { <Empty icon=Icon::Support title=title note=note /> }.into_any()
}
