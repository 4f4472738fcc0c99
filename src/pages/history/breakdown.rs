//! The same requests by environment, service and reason; and the access for which nobody was asked.

use crate::{
    paths,
    ui::{Card, Column, Table},
};
use leptos::prelude::*;
use lockbox_api::history::{History, HistoryCount};

/// The cards.
pub fn view(report: &History) -> AnyView {
    let of_period = |view: &str| paths::requests_of_period(view, report.from, report.to);
    let environment = |key: &str| Some(of_period("all").add("environment", key).onto(paths::REQUESTS));
    view! {
        <div class="c-halves">
            {slices("By environment", "Environment", &report.by_environment, environment)}
            {slices("By service", "Service", &report.by_service, |_| None)}
            {slices("By reason", "Reason", &report.by_reason, |_| None)}
            {slices("By team", "The engineer’s team", &report.by_team, |_| None)}
            {slices("By decider", "Who decided", &report.by_decider, |_| None)}
            {without_request(&report.without_request, of_period("without_request").onto(paths::REQUESTS))}
        </div>
    }
    .into_any()
}

fn slices(
    title: &'static str,
    what: &'static str,
    counts: &[HistoryCount],
    link: impl Fn(&str) -> Option<String>,
) -> AnyView {
    let most = counts.iter().map(|slice| slice.count).max().unwrap_or(1).max(1);
    let rows = counts
        .iter()
        .map(|slice| {
            let label = slice.label.clone();
            let name = match link(&slice.key) {
                Some(href) => view! { <a href=href>{label}</a> }.into_any(),
                None => label.into_any(),
            };
            view! {
                <tr>
                    <th scope="row">{name} {share(slice.count, most)}</th>
                    <td class="u-number">{slice.count}</td>
                    <td class="u-number">{slice.approved}</td>
                    <td class="u-number">{format!("{:.1}", slice.hours_granted)}</td>
                </tr>
            }
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
        view! { <Table caption=title columns=columns dense=true>{rows}</Table> }.into_any()
    };
    view! {
        <Card title=title flush=true>{body}</Card>
    }
    .into_any()
}

fn without_request(counts: &[HistoryCount], href: String) -> AnyView {
    let most = counts.iter().map(|slice| slice.count).max().unwrap_or(1).max(1);
    let rows = counts
        .iter()
        .map(|slice| {
            view! {
                <tr>
                    <th scope="row">{slice.label.clone()} {share(slice.count, most)}</th>
                    <td class="u-number">{slice.count}</td>
                </tr>
            }
        })
        .collect_view();
    let body = if counts.is_empty() {
        view! { <p class="u-soft c-card__body">"None: whenever data was reached, one of you had approved."</p> }
            .into_any()
    } else {
        let columns = vec![Column::words("Reason"), Column::numbers("Accesses")];
        view! {
            <Table caption="Access without a request" columns=columns dense=true>{rows}</Table>
            <p class="c-card__foot u-screen"><a href=href>"Look at each of them"</a></p>
        }
        .into_any()
    };
    view! { <Card title="Access without a request" flush=true>{body}</Card> }.into_any()
}

/// A bar as long as its share of the longest. The number stands beside it.
fn share(count: u64, most: u64) -> AnyView {
    view! { <span class="c-share" aria-hidden="true" style:inline-size=format!("{}%", count * 100 / most)></span> }
        .into_any()
}
