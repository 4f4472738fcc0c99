//! `/access-without-request`: every access for which nobody was asked, with its reason, and who of the customer has seen it.

use crate::{
    components::{
        Page, When,
        request_list::{self, Requests, foot, framed, period, period_of, with_period},
        request_tabs,
    },
    paths,
    ui::{Badge, Column, Empty, Icon, PageHeader, Select, SelectOption, SkeletonRows, Table, Tone, each, memo, watch},
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
                ..period_of(address)
            }
        })
    })
}

/// The address for a selection.
fn address_of(query: &RequestQuery) -> String {
    with_period(paths::Query::new(), query)
        .add("view", query.view.filter(|view| *view != RequestView::WithoutRequest).map_or("", RequestView::as_str))
        .add("status_reason", query.status_reason.map_or("", StatusReason::as_str))
        .onto(paths::WITHOUT_REQUEST)
}

fn page() -> AnyView {
    let query = query_of_address();
    let list = request_list::requests(query);
    let tabs = request_tabs(Signal::derive(|| None), |_| None);
    let skeleton = || view! { <SkeletonRows columns=5 /> }.into_any();
    let table = framed((list, query), "The accesses could not be read", skeleton, ready, empty);
    view! {
        <Page title="Access without a request">
            <PageHeader
                title="Access without a request"
                note=|| "Access for which none of you was asked, with the reason. What needs your acknowledgement stays marked until one of you has given it."
            />
            {tabs}
            {filters(query)}
            {period(query, address_of)}
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

fn ready(list: Requests) -> AnyView {
    let columns = COLUMNS.map(Column::words).to_vec();
    view! {
        <Table caption="Access without a request" columns=columns cards=true>
            {each(move || list.rows.get(), |row| format!("{} {} {}", row.id, row.version, row.access.state), row)}
        </Table>
        {foot(list, ("access", "accesses"))}
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
