//! The decided requests with decision, decider and justification.

use crate::{
    api,
    components::status_badge,
    paths,
    state::use_toasts,
    ui::{Button, Column, Table, dynamic, each, time},
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::{
    Time,
    history::History,
    page::LIMIT_MAX,
    requests::{LockboxRequestSummary, RequestQuery, RequestView},
};
use lockbox_rules::{letters, window::minutes_in_words, words};

const COLUMNS: [&str; 7] =
    ["Raised (UTC)", "Request", "Environment", "Decision", "By", "Decided (UTC)", "Justification"];

/// The table, and how many there are beyond it.
pub fn view(report: &History) -> AnyView {
    if report.decided.is_empty() {
        return view! { <p class="u-soft c-card__body">"No request was decided in this period."</p> }.into_any();
    }
    let (from, to) = (report.from, report.to);
    let all = report.current.approved + report.current.denied;
    let rows = RwSignal::new(report.decided.clone());
    let next = RwSignal::new(report.decided_next.clone());
    let pending = RwSignal::new(false);
    let toasts = use_toasts();
    let more = Callback::new(move |()| {
        let Some(cursor) = next.get_untracked().filter(|_| !pending.get_untracked()) else { return };
        pending.set(true);
        let query = RequestQuery {
            view: Some(RequestView::Decided),
            from: Some(from),
            to: Some(to),
            limit: Some(LIMIT_MAX),
            cursor: Some(cursor),
            ..RequestQuery::default()
        };
        spawn_local(async move {
            match api::requests::list_requests(query).await {
                Ok(page) => {
                    // The period that is shown may be another one by now.
                    rows.try_update(|rows| rows.extend(page.items));
                    next.try_set(page.next_cursor);
                }
                Err(failure) => toasts.fail(failure.sentence()),
            }
            pending.try_set(false);
        });
    });
    let list = paths::requests_of_period(RequestView::Decided, from, to).onto(paths::REQUESTS);
    let told = move || {
        let shown = rows.with(Vec::len);
        let number = |count: u64| time::number(usize::try_from(count).unwrap_or(usize::MAX));
        if next.with(Option::is_none) {
            format!("{} shown, that is all", words::count(shown as u64, "decided request"))
        } else {
            format!("The newest {} of {} decided requests are shown", time::number(shown), number(all))
        }
    };
    view! {
        <Table caption="Decided requests" columns=COLUMNS.map(Column::words).to_vec() cards=true>
            {each(move || rows.get(), |row| row.id.0.clone(), |request| row(&request))}
        </Table>
        <div class="c-pager c-decided__foot">
            <span role="status">{dynamic(told)}</span>
            {dynamic(move || {
                next.with(Option::is_some).then(|| view! { <span class="u-screen"><Button label="Load more" pending=pending on_press=more /></span> })
            })}
            <a class="u-screen c-button c-button--quiet" href=list>"All of them in Requests"</a>
        </div>
    }
    .into_any()
}

fn row(request: &LockboxRequestSummary) -> AnyView {
    let [raised, what, place, decision, by, decided, why] = COLUMNS;
    let made = request.decision.clone();
    let granted = made.as_ref().and_then(|made| made.access_minutes).map(minutes_in_words);
    view! {
        <tr>
            <td data-label=raised class="u-nowrap">{fixed(request.requested_at)}</td>
            <th scope="row" data-label=what>
                <span>
                    <a href=paths::request(&request.id)>{request.operations.join(", ")}</a>
                    <span class="u-small u-soft c-block"><bdi>{letters::visible(&request.engineer_name)}</bdi> ", " <bdi class="u-mono">{letters::visible(request.service_request_id.as_str())}</bdi></span>
                </span>
            </th>
            <td data-label=place><bdi>{letters::visible(&request.environment_name)}</bdi></td>
            <td data-label=decision>
                <span>{status_badge(request.status)} {granted.map(|granted| view! { <span class="u-small u-soft c-block">{granted}</span> })}</span>
            </td>
            <td data-label=by><bdi>{made.as_ref().map(|made| letters::visible(&made.by))}</bdi></td>
            <td data-label=decided class="u-nowrap">{made.as_ref().map(|made| fixed(made.at))}</td>
            <td data-label=why class="u-words"><bdi>{made.map(|made| letters::visible(&made.justification))}</bdi></td>
        </tr>
    }
    .into_any()
}

/// A day, the exact time on hover: a report is read long after "3 days ago". The days of the report are those of UTC.
fn fixed(at: Time) -> AnyView {
    view! { <time datetime=time::iso(at) title=time::both(at)>{time::day(at)}</time> }.into_any()
}
