//! The decided requests with decision, decider and justification.

use super::period::short_day;
use crate::{
    components::status_badge,
    paths,
    ui::{Banner, Column, Table, time},
};
use leptos::prelude::*;
use lockbox_api::{Time, history::History, requests::LockboxRequestSummary};
use lockbox_rules::window::minutes_in_words;

const COLUMNS: [&str; 7] = ["Raised", "Request", "Environment", "Decision", "By", "Decided", "Justification"];

/// The table.
pub fn view(report: &History) -> AnyView {
    if report.decided.is_empty() {
        return view! { <p class="u-soft c-card__body">"No request was decided in this period."</p> }.into_any();
    }
    let truncated = report.decided_truncated.then(|| {
        view! { <Banner title=format!("The newest {} of more", report.decided.len())><p>"Choose a shorter period to see every one."</p></Banner> }
    });
    let rows = report.decided.iter().map(row).collect_view();
    view! {
        {truncated}
        <Table caption="Decided requests" columns=COLUMNS.map(Column::words).to_vec() cards=true>
            {rows}
        </Table>
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
                    <span class="u-small u-soft c-block">{request.engineer_name.clone()} ", " <span class="u-mono">{request.service_request_id.0.clone()}</span></span>
                </span>
            </th>
            <td data-label=place>{request.environment_name.clone()}</td>
            <td data-label=decision>
                <span>{status_badge(request.status)} {granted.map(|granted| view! { <span class="u-small u-soft c-block">{granted}</span> })}</span>
            </td>
            <td data-label=by>{made.as_ref().map(|made| made.by.clone())}</td>
            <td data-label=decided class="u-nowrap">{made.as_ref().map(|made| fixed(made.at))}</td>
            <td data-label=why class="u-words">{made.map(|made| made.justification)}</td>
        </tr>
    }
    .into_any()
}

/// A day, the exact time on hover: a report is read long after "3 days ago".
fn fixed(at: Time) -> AnyView {
    view! { <time datetime=time::iso(at) title=time::absolute(at, false)>{short_day(at)}</time> }.into_any()
}
