//! The same requests by environment, service, reason, team and decider; and the access for which nobody was asked. Every number
//! is a link to the requests behind it.

use crate::{
    paths,
    ui::{Card, Column, Table},
};
use leptos::prelude::*;
use lockbox_api::{
    history::{History, HistoryCount},
    requests::{RequestView, Status},
};

/// The cards.
pub fn view(report: &History) -> AnyView {
    let asked = |parameter: &'static str| rows_of(report, RequestView::Asked, parameter);
    view! {
        <div class="c-halves">
            {slices("By environment", "Environment", &report.by_environment, asked("environment"))}
            {slices("By service", "Service", &report.by_service, asked("service"))}
            {slices("By reason", "Reason", &report.by_reason, asked("reason_code"))}
            {slices("By team", "The engineer’s team", &report.by_team, asked("team"))}
            {slices("By decider", "Who decided", &report.by_decider, rows_of(report, RequestView::Decided, "decided_by"))}
            {without_request(&report.without_request, rows_of(report, RequestView::WithoutRequest, "status_reason"))}
        </div>
    }
    .into_any()
}

/// Where a slice's rows are: by its key, and by status if only some of them are meant.
type Rows = Box<dyn Fn(&str, Option<Status>) -> String>;

fn rows_of(report: &History, view: RequestView, parameter: &'static str) -> Rows {
    let of_period = paths::requests_of_period(view, report.from, report.to);
    Box::new(move |key, status| {
        // An empty key says something: engineers without a team.
        let narrowed = of_period.clone().with(parameter, key).add("status", status.map_or("", Status::as_str));
        narrowed.onto(paths::list_of(view))
    })
}

/// A number that leads to the rows behind it; `what` says aloud what it counts.
fn number(number: String, what: &str, href: String) -> AnyView {
    let spoken = format!("{number} {what}");
    view! { <td class="u-number"><a class="c-quiet" href=href aria-label=spoken>{number}</a></td> }.into_any()
}

fn slices(title: &'static str, what: &'static str, counts: &[HistoryCount], rows: Rows) -> AnyView {
    let most = counts.iter().map(|slice| slice.count).max().unwrap_or(1).max(1);
    let lines = counts
        .iter()
        .map(|slice| {
            let HistoryCount { key, label, count, approved, hours_granted } = slice;
            let approved_rows = || rows(key, Some(Status::Approved));
            view! {
                <tr>
                    <th scope="row"><a href=rows(key, None)>{label.clone()}</a> {share(*count, most)}</th>
                    {number(count.to_string(), &format!("requests, {label}"), rows(key, None))}
                    {number(approved.to_string(), &format!("approved, {label}"), approved_rows())}
                    {number(format!("{hours_granted:.1}"), &format!("hours granted, {label}"), approved_rows())}
                </tr>
            }
            .into_any()
        })
        .collect_view();
    let columns = vec![
        Column::words(what),
        Column::numbers("Requests"),
        Column::numbers("Approved"),
        Column::numbers("Hours granted"),
    ];
    let body = if counts.is_empty() {
        view! { <p class="u-soft c-card__body">"No request in this period."</p> }.into_any()
    } else {
        view! { <Table caption=title columns=columns dense=true>{lines}</Table> }.into_any()
    };
    view! { <Card title=title flush=true>{body}</Card> }.into_any()
}

fn without_request(counts: &[HistoryCount], rows: Rows) -> AnyView {
    let most = counts.iter().map(|slice| slice.count).max().unwrap_or(1).max(1);
    let lines = counts
        .iter()
        .map(|slice| {
            let HistoryCount { key, label, count, .. } = slice;
            view! {
                <tr>
                    <th scope="row"><a href=rows(key, None)>{label.clone()}</a> {share(*count, most)}</th>
                    {number(count.to_string(), &format!("accesses, {label}"), rows(key, None))}
                </tr>
            }
            .into_any()
        })
        .collect_view();
    let body = if counts.is_empty() {
        view! { <p class="u-soft c-card__body">"None: whenever data was reached, one of you had approved."</p> }
            .into_any()
    } else {
        let columns = vec![Column::words("Reason"), Column::numbers("Accesses")];
        view! { <Table caption="Access without a request" columns=columns dense=true>{lines}</Table> }.into_any()
    };
    view! { <Card title="Access without a request" flush=true>{body}</Card> }.into_any()
}

/// A bar as long as its share of the longest. The number stands beside it.
fn share(count: u64, most: u64) -> AnyView {
    view! { <span class="c-share" aria-hidden="true" style:inline-size=format!("{}%", count * 100 / most)></span> }
        .into_any()
}
