//! Requests as a table: the seven columns that people know from the provider's own pages.

use crate::{
    components::{CountdownTo, When, request_badge},
    paths,
    ui::{Column, Copyable, Table, each},
};
use leptos::prelude::*;
use lockbox_api::requests::{AccessState, LockboxRequestSummary};
use lockbox_rules::{lifecycle::State, window::minutes_in_words};

/// The columns, in order.
const COLUMNS: [&str; 7] = [
    "Support request ID",
    "Environment",
    "Status",
    "Requested",
    "Request expiration",
    "Access period",
    "Access expiration",
];

/// The table. Rows keep their place in the DOM while they do not change.
#[component]
pub fn RequestTable(
    /// What the table holds
    #[prop(into)]
    caption: String,
    /// The rows
    #[prop(into)]
    rows: Signal<Vec<LockboxRequestSummary>>,
) -> impl IntoView {
    let columns = COLUMNS.map(Column::words).to_vec();
    view! {
        <Table caption=caption columns=columns cards=true>
            {each(move || rows.get(), |row| format!("{} {} {}", row.id, row.version, row.access.state), row)}
        </Table>
    }
}

fn row(row: LockboxRequestSummary) -> AnyView {
    let [ticket, environment, status, requested, decide_by, period, access_end] = COLUMNS;
    let href = paths::request(&row.id);
    let number = row.service_request_id.0;
    let what = row.operations.join(", ");
    let name = format!("{}, {what}, {number}", row.environment_name);
    let pending = State::new(row.status, row.access.state).can_be_decided();
    let decide = row.decide_by.map(|until| {
        if pending {
            view! { <CountdownTo until=until over="Expired" /> }.into_any()
        } else {
            view! { <When at=until /> }.into_any()
        }
    });
    let minutes = minutes_in_words(row.access_minutes);
    let ends = row.access.ended_at.or(row.access.expires_at);
    let early = matches!(row.access.state, AccessState::Completed | AccessState::Revoked).then_some("Ended ");
    view! {
        <tr>
            <th scope="row" data-label=ticket>
                <span class="c-copy">
                    <a class="c-table__link u-mono" href=href aria-label=name>{number.clone()}</a>
                    <Copyable value=number what="support request id" button_only=true />
                </span>
            </th>
            <td data-label=environment>
                <span>
                    <span class="u-strong">{row.environment_name}</span>
                    <span class="c-requests__who">{row.engineer_name}</span>
                </span>
            </td>
            <td data-label=status><span>{request_badge(row.status, &row.access)}</span></td>
            <td data-label=requested><When at=row.requested_at /></td>
            <td data-label=decide_by>{decide.unwrap_or_else(dash)}</td>
            <td data-label=period class="u-nowrap">{minutes}</td>
            <td data-label=access_end>{ends.map_or_else(dash, |at| view! { <span>{early} <When at=at end=true /></span> }.into_any())}</td>
        </tr>
    }
    .into_any()
}

/// Nothing to say here, also aloud.
fn dash() -> AnyView {
    view! { <span aria-hidden="true" class="u-soft">"–"</span> <span class="u-hidden">"none"</span> }.into_any()
}
