//! What needs me now: soonest expiry first, each with its clock.

use crate::{
    components::{CountdownTo, When},
    paths,
    state::{
        pending::{count, use_pending},
        show,
    },
    ui::{Card, Icon, SkeletonBlock, dynamic, each},
};
use leptos::prelude::*;
use lockbox_api::requests::LockboxRequestSummary;

pub(super) fn waiting() -> AnyView {
    let pending = use_pending().to_decide;
    let title = Signal::derive(move || match count(pending) {
        Some(0) | None => "Waiting for a decision".to_owned(),
        Some(count) => format!("Waiting for a decision ({count})"),
    });
    let body = show(
        pending,
        "The pending requests could not be read",
        || view! { <div class="c-card__body"><SkeletonBlock lines=4 /></div> }.into_any(),
        |page| {
            let rows = move || page.with(|page| page.items.clone());
            view! {
                {dynamic(move || rows().is_empty().then(nothing))}
                <ul class="c-rows">
                    {each(rows, |row| format!("{} {}", row.id, row.version), row)}
                </ul>
                {super::rest(page, paths::REQUESTS.to_owned())}
            }
            .into_any()
        },
    );
    let all = || view! { <a href=paths::REQUESTS>"All requests"</a> }.into_any();
    view! { <Card title=title flush=true tools=all>{body}</Card> }.into_any()
}

fn row(row: LockboxRequestSummary) -> AnyView {
    let href = paths::request(&row.id);
    let what = row.operations.join(", ");
    view! {
        <li class="c-rows__row">
            {Icon::Hourglass.view()}
            <div class="l-grow">
                <p><a class="c-table__link u-strong" href=href>{row.environment_name}</a> " " <span>{what}</span></p>
                <p class="u-small u-soft">{row.engineer_name} ", " <When at=row.requested_at /> ": " {row.justification}</p>
            </div>
            <p class="c-rows__clock">
                {row.decide_by.map(|until| view! { <CountdownTo until=until over="Expired" /> <span class="u-small u-soft">"to decide"</span> })}
            </p>
        </li>
    }
    .into_any()
}

fn nothing() -> AnyView {
    view! {
        <p class="c-rows__none">
            {Icon::Check.view()} <span>"Nothing waits for a decision. New requests appear here by themselves."</span>
        </p>
    }
    .into_any()
}
