//! `/access-without-request`: every access for which nobody was asked, with its reason, and who of the customer has seen it.

use crate::{
    api,
    components::{Page, When, request_tabs},
    paths,
    state::{Paged, show, use_live},
    ui::{
        Badge, Column, Empty, Icon, PageHeader, Pager, Select, SelectOption, SkeletonRows, Table, Tone, dynamic, each,
        memo, time, told, watch,
    },
};
use leptos::prelude::*;
use leptos_router::{
    LazyRoute, NavigateOptions,
    hooks::{use_navigate, use_query_map},
    lazy_route,
};
use lockbox_api::requests::{LockboxRequestSummary, RequestQuery, RequestView, StatusReason};

/// The page of all accesses without a request.
pub struct WithoutRequestPage;

#[lazy_route]
impl LazyRoute for WithoutRequestPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        page()
    }
}

/// What the select `Acknowledged` offers: by the view that it stands for.
const SEEN: [(RequestView, &str); 3] = [
    (RequestView::WithoutRequest, "Acknowledged or not"),
    (RequestView::Unacknowledged, "To acknowledge"),
    (RequestView::Acknowledged, "Acknowledged"),
];

/// The reasons why nobody is asked: those that the provider claims first, then those that the customer's own setting makes.
const REASONS: [StatusReason; 8] = [
    StatusReason::Emergency,
    StatusReason::IncidentalExposure,
    StatusReason::LegalDemand,
    StatusReason::ReviewedMaintenanceScript,
    StatusReason::LockboxDisabled,
    StatusReason::EnvironmentNotProtected,
    StatusReason::DataStoreOutOfScope,
    StatusReason::NoCustomerData,
];

/// The columns, in order.
const COLUMNS: [&str; 5] = ["Environment", "When", "Reason", "Engineer", "Acknowledged"];

/// What the address asks for.
fn query_of_address() -> Memo<RequestQuery> {
    let address = use_query_map();
    memo(move || {
        address.with(|address| {
            let view = address.get("view").and_then(|view| RequestView::parse(&view));
            RequestQuery {
                view: view.filter(|view| SEEN.iter().any(|(own, _)| own == view)).or(Some(RequestView::WithoutRequest)),
                status_reason: address.get("status_reason").and_then(|reason| StatusReason::parse(&reason)),
                from: address.get("from").and_then(|at| at.parse().ok()),
                to: address.get("to").and_then(|at| at.parse().ok()),
                ..RequestQuery::default()
            }
        })
    })
}

/// The address for a selection.
fn address_of(query: &RequestQuery) -> String {
    paths::Query::new()
        .add("view", query.view.filter(|view| *view != RequestView::WithoutRequest).map_or("", RequestView::as_str))
        .add("status_reason", query.status_reason.map_or("", StatusReason::as_str))
        .add("from", &query.from.map(paths::exact).unwrap_or_default())
        .add("to", &query.to.map(paths::exact).unwrap_or_default())
        .onto(paths::WITHOUT_REQUEST)
}

fn page() -> AnyView {
    let query = query_of_address();
    let changed = use_live().requests();
    let select = move || {
        changed.track();
        query.get()
    };
    let list = Paged::new(select, |query, limit, cursor| {
        Box::pin(api::requests::list_requests(RequestQuery { limit: Some(limit), cursor, ..query }))
    });
    let tabs = request_tabs(Signal::derive(|| None), |_| None);
    let table = show(
        list.first,
        "The accesses could not be read",
        || view! { <SkeletonRows columns=5 /> }.into_any(),
        move |_| {
            view! {
                <div class="c-table-wrap" aria-busy=told(move || list.first.loading.get().then_some("true"))>
                    {dynamic(move || if list.rows.with(Vec::is_empty) { empty(&query.get()) } else { ready(list) })}
                </div>
            }
            .into_any()
        },
    );
    view! {
        <Page title="Access without a request">
            <PageHeader
                title="Access without a request"
                note=|| "Access for which none of you was asked, with the reason. What needs your acknowledgement stays marked until one of you has given it."
            />
            {tabs}
            {filters(query)}
            {period(query)}
            {table}
        </Page>
    }
    .into_any()
}

/// By acknowledgement and by reason; the address leads.
fn filters(query: Memo<RequestQuery>) -> AnyView {
    let navigate = use_navigate();
    let (seen, reason) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    watch(move |_| {
        let now = query.get();
        seen.set(now.view.map_or("", RequestView::as_str).to_owned());
        reason.set(now.status_reason.map_or("", StatusReason::as_str).to_owned());
    });
    watch(move |first| {
        let (view, status_reason) = (RequestView::parse(&seen.get()), StatusReason::parse(&reason.get()));
        let now = query.get_untracked();
        let wanted = RequestQuery { view, status_reason, ..now.clone() };
        if !first && wanted != now {
            navigate(&address_of(&wanted), NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
    });
    let seen_options: Vec<_> = SEEN.iter().map(|(view, words)| SelectOption::new(view.as_str(), *words)).collect();
    let mut reason_options = vec![SelectOption::new("", "Any reason")];
    reason_options.extend(REASONS.iter().map(|reason| SelectOption::new(reason.as_str(), reason.label())));
    view! {
        <div class="c-requests__filters u-screen">
            <Select label="Acknowledged" value=seen options=seen_options />
            <Select label="Reason" value=reason options=reason_options />
        </div>
    }
    .into_any()
}

/// The period that a link, such as a figure of History, came with; one press takes it away.
fn period(query: Memo<RequestQuery>) -> AnyView {
    dynamic(move || {
        let now = query.get();
        let words = match (now.from, now.to) {
            (None, None) => return None,
            (Some(from), None) => format!("Since {}", time::short(from)),
            (None, Some(to)) => format!("Before {}", time::short(to)),
            (Some(from), Some(to)) => format!("From {} to {}", time::short(from), time::short(to)),
        };
        let any = address_of(&RequestQuery { from: None, to: None, ..now });
        Some(
            view! { <p class="c-requests__period" role="status">{words} " " <a href=any>"Any time"</a></p> }.into_any(),
        )
    })
}

fn ready(list: Paged<LockboxRequestSummary>) -> AnyView {
    let columns = COLUMNS.map(Column::words).to_vec();
    view! {
        <Table caption="Access without a request" columns=columns cards=true>
            {each(move || list.rows.get(), |row| format!("{} {} {}", row.id, row.version, row.access.state), row)}
        </Table>
        <Pager
            shown=Signal::derive(move || list.rows.with(Vec::len))
            more=Signal::derive(move || list.cursor.with(Option::is_some))
            pending=list.pending
            words=("access", "accesses")
            on_more=Callback::new(move |()| list.load_more())
        />
    }
    .into_any()
}

fn row(row: LockboxRequestSummary) -> AnyView {
    let [environment, when, reason, engineer, acknowledged] = COLUMNS;
    let href = paths::request(&row.id);
    let what = row.operations.join(", ");
    let name = format!("{}, {what}", row.environment_name);
    let ground = row.status_reason.map(|reason| reason.label());
    // Where an exclusion was claimed, its written reason; otherwise what the engineer wrote.
    let written = row.exclusion_reason.unwrap_or(row.justification);
    let seen = match row.acknowledgement {
        Some(seen) => view! {
            <span class="c-cell">
                <span>{seen.by} ", " <When at=seen.at end=true /></span>
                <span class="u-small u-soft">"“" {seen.comment} "”"</span>
            </span>
        }
        .into_any(),
        None if row.needs_acknowledgement => {
            view! { <span><Badge tone=Tone::Waiting icon=Icon::Warning text="To acknowledge" /></span> }.into_any()
        }
        None => view! { <span class="u-soft">"Not needed"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" data-label=environment>
                <span class="c-cell">
                    <a class="c-table__link" href=href aria-label=name>{row.environment_name}</a>
                    <span class="u-small u-soft c-cell__plain">{what}</span>
                </span>
            </th>
            <td data-label=when><When at=row.requested_at /></td>
            <td data-label=reason>
                <span class="c-cell">
                    <span>{ground}</span>
                    <span class="u-small u-soft">"“" {written} "”"</span>
                </span>
            </td>
            <td data-label=engineer>{row.engineer_name}</td>
            <td data-label=acknowledged>{seen}</td>
        </tr>
    }
    .into_any()
}

fn empty(query: &RequestQuery) -> AnyView {
    let narrowed = query.status_reason.is_some() || query.from.is_some() || query.to.is_some();
    let (title, note) = match query.view {
        _ if narrowed => ("No access matches", "Nothing fits these filters. Take one away, or look at all."),
        Some(RequestView::Unacknowledged) => (
            "Nothing to acknowledge",
            "Access on the ground of an exclusion stays here until one of you has acknowledged it.",
        ),
        Some(RequestView::Acknowledged) => {
            ("Nothing acknowledged yet", "What one of you acknowledges is kept here, with the comment.")
        }
        _ => ("No access without a request", "Whenever data was reached, one of you had approved."),
    };
    let is_all = query.view == Some(RequestView::WithoutRequest) && !narrowed;
    view! {
        <Empty icon=Icon::Shield title=title note=note>
            {(!is_all).then(|| view! { <a class="c-button" href=paths::WITHOUT_REQUEST>"Look at all"</a> })}
        </Empty>
    }
    .into_any()
}
