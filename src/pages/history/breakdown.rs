//! The same requests by environment, service, reason, team and decider; and the access for which nobody was asked. Every number
//! is a link to the requests behind it.

use crate::{
    paths,
    ui::{Card, Column, Table, dynamic, time, told},
};
use leptos::prelude::*;
use lockbox_api::{
    history::{History, HistoryCount},
    requests::{RequestView, Status},
};
use lockbox_rules::letters;
use std::sync::Arc;

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

/// Where a slice's rows are: by its key, and by status if only some of them are meant. Without a key, those of all slices.
type Rows = Arc<dyn Fn(Option<&str>, Option<Status>) -> String + Send + Sync>;

fn rows_of(report: &History, view: RequestView, parameter: &'static str) -> Rows {
    let of_period = paths::requests_of_period(view, report.from, report.to);
    Arc::new(move |key, status| {
        // An empty key says something: engineers without a team.
        let of_key = key.map_or_else(|| of_period.clone(), |key| of_period.clone().with(parameter, key));
        let narrowed = of_key.add("status", status.map_or("", Status::as_str));
        narrowed.onto(paths::list_of(view))
    })
}

/// A number that leads to the rows behind it; `what` says aloud what it counts.
fn number(number: String, what: &str, href: String) -> AnyView {
    let spoken = format!("{number} {what}");
    let title = what.ends_with(OF_ALL).then_some(TO_ALL);
    view! { <td class="u-number"><a class="c-quiet" href=href title=title aria-label=spoken>{number}</a></td> }
        .into_any()
}

/// Slices that are shown until all are asked for, and on paper.
const SHOWN: usize = 20;

fn slices(title: &'static str, what: &'static str, counts: &[HistoryCount], rows: Rows) -> AnyView {
    let all = Arc::clone(&rows);
    let line = move |slice: &HistoryCount, most: u64| {
        let HistoryCount { key, count, approved, hours_granted, .. } = slice;
        // Names are others' words.
        let label = letters::visible(&slice.label);
        let key = Some(key.as_str());
        let approved_rows = || rows(key, Some(Status::Approved));
        view! {
            <tr>
                <th scope="row"><a href=rows(key, None)><bdi>{label.clone()}</bdi></a> {share(*count, most)}</th>
                {number(count.to_string(), &format!("requests, {label}"), rows(key, None))}
                {number(approved.to_string(), &format!("approved, {label}"), approved_rows())}
                {number(format!("{hours_granted:.1}"), &format!("hours granted, {label}"), approved_rows())}
            </tr>
        }
        .into_any()
    };
    // The list can't be narrowed to all but some: these lead to the rows of every slice, and say so.
    let rest = move |others: &[HistoryCount], name: &str| {
        let count: u64 = others.iter().map(|one| one.count).sum();
        let approved: u64 = others.iter().map(|one| one.approved).sum();
        let hours: f64 = others.iter().map(|one| one.hours_granted).sum();
        let approved_rows = || all(None, Some(Status::Approved));
        view! {
            <tr>
                {others_head(name, all(None, None))}
                {number(count.to_string(), &format!("requests, {name}{OF_ALL}"), all(None, None))}
                {number(approved.to_string(), &format!("approved, {name}{OF_ALL}"), approved_rows())}
                {number(format!("{hours:.1}"), &format!("hours granted, {name}{OF_ALL}"), approved_rows())}
            </tr>
        }
        .into_any()
    };
    let columns = vec![
        Column::words(what),
        Column::numbers("Requests"),
        Column::numbers("Approved"),
        Column::numbers("Hours granted"),
    ];
    if counts.is_empty() {
        let body = view! { <p class="u-soft c-card__body">"No request in this period."</p> };
        return view! { <Card title=title flush=true>{body}</Card> }.into_any();
    }
    card(title, columns, counts, line, rest)
}

/// What is said of a link of the others, which leads to more than those.
const OF_ALL: &str = "; leads to all of the period";
/// The same for those who see it.
const TO_ALL: &str = "Leads to all of the period";

fn others_head(name: &str, href: String) -> AnyView {
    view! { <th scope="row"><a href=href title=TO_ALL aria-label=format!("{name}{OF_ALL}")>{name.to_owned()}</a></th> }
        .into_any()
}

fn without_request(counts: &[HistoryCount], rows: Rows) -> AnyView {
    let all = Arc::clone(&rows);
    let title = "Access without a request";
    if counts.is_empty() {
        let body =
            view! { <p class="u-soft c-card__body">"None: whenever data was reached, one of you had approved."</p> };
        return view! { <Card title=title flush=true>{body}</Card> }.into_any();
    }
    let line = move |slice: &HistoryCount, most: u64| {
        let (HistoryCount { key, count, .. }, label) = (slice, letters::visible(&slice.label));
        let key = Some(key.as_str());
        view! {
            <tr>
                <th scope="row"><a href=rows(key, None)><bdi>{label.clone()}</bdi></a> {share(*count, most)}</th>
                {number(count.to_string(), &format!("accesses, {label}"), rows(key, None))}
            </tr>
        }
        .into_any()
    };
    let columns = vec![Column::words("Reason"), Column::numbers("Accesses")];
    let rest = move |others: &[HistoryCount], name: &str| {
        let count: u64 = others.iter().map(|one| one.count).sum();
        view! {
            <tr>
                {others_head(name, all(None, None))}
                {number(count.to_string(), &format!("accesses, {name}{OF_ALL}"), all(None, None))}
            </tr>
        }
        .into_any()
    };
    card(title, columns, counts, line, rest)
}

/// The table of some slices: the largest ones and what the others add up to, or all of them.
fn card(
    title: &'static str,
    columns: Vec<Column>,
    counts: &[HistoryCount],
    line: impl Fn(&HistoryCount, u64) -> AnyView + Send + Sync + 'static,
    rest: impl Fn(&[HistoryCount], &str) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let most = counts.iter().map(|slice| slice.count).max().unwrap_or(1).max(1);
    let (total, beyond) = (counts.len(), counts.len().saturating_sub(SHOWN));
    // One more row says as much as a row that stands for it.
    let beyond = if beyond > 1 { beyond } else { 0 };
    let all = RwSignal::new(false);
    let counts = StoredValue::new(counts.to_vec());
    let lines = move || {
        counts.with_value(|counts| {
            let shown = if all.get() { total } else { total - beyond };
            let (largest, others) = counts.split_at(shown);
            let lines = largest.iter().map(|slice| line(slice, most)).collect_view();
            let others = (!others.is_empty()).then(|| rest(others, &format!("{} others", time::number(others.len()))));
            view! { {lines} {others} }.into_any()
        })
    };
    let toggle = (beyond > 0).then(|| {
        let words = move || if all.get() { format!("Show the {SHOWN} largest") } else { format!("Show all {}", time::number(total)) };
        view! {
            <div class="c-card__foot u-screen">
                <button type="button" class="c-button c-button--quiet" aria-label=told(move || format!("{}, {title}", words())) on:click=move |_| all.update(|all| *all = !*all)>
                    {dynamic(words)}
                </button>
            </div>
        }
    });
    view! {
        <Card title=title flush=true>
            <Table caption=title columns=columns dense=true>{dynamic(lines)}</Table>
            {toggle}
        </Card>
    }
    .into_any()
}

/// A bar as long as its share of the longest. The number stands beside it.
fn share(count: u64, most: u64) -> AnyView {
    view! { <span class="c-share" aria-hidden="true" style:inline-size=format!("{}%", count * 100 / most)></span> }
        .into_any()
}
