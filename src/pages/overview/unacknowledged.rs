//! Access without a request that nobody has acknowledged yet: shown until somebody has; nothing where there is none.

use crate::{
    api::Failure,
    components::When,
    paths,
    state::{
        Remote,
        pending::{count, use_pending},
        remote::failed,
    },
    ui::{Card, Icon, dynamic, each, memo},
};
use leptos::prelude::*;
use lockbox_api::{page::RequestPage, requests::LockboxRequestSummary};

pub(super) fn unacknowledged() -> AnyView {
    let remote = use_pending().to_acknowledge;
    let rows = move || remote.value.with(|page| page.iter().flat_map(|page| page.items.clone()).collect::<Vec<_>>());
    let any = memo(move || !rows().is_empty());
    // What could not be read must not look like nothing to see.
    let wrong = memo(move || remote.failure.get().filter(|_| !any.get()));
    dynamic(move || (any.get() || wrong.with(Option::is_some)).then(|| card(remote, wrong.get())))
}

fn card(remote: Remote<RequestPage>, wrong: Option<Failure>) -> AnyView {
    let title = Signal::derive(move || {
        count(remote).map_or_else(
            || "Access without a request".to_owned(),
            |count| format!("Access without a request ({count})"),
        )
    });
    let tools = || view! { <a href=paths::WITHOUT_REQUEST>"All access without a request"</a> }.into_any();
    let rows = move || remote.value.with(|page| page.iter().flat_map(|page| page.items.clone()).collect::<Vec<_>>());
    let none = RequestPage { items: Vec::new(), next_cursor: None, total: None };
    let page = Signal::derive(move || remote.value.get().unwrap_or_else(|| none.clone()));
    view! {
        <Card title=title flush=true tools=tools>
            {wrong.map(|failure| {
                failed("It could not be read whether there is any", failure, Callback::new(move |()| remote.reload()))
            })}
            <ul class="c-rows">{each(rows, |row| format!("{} {}", row.id, row.version), row)}</ul>
            {super::rest(page, paths::requests_to_acknowledge())}
        </Card>
    }
    .into_any()
}

fn row(row: LockboxRequestSummary) -> AnyView {
    let href = paths::request(&row.id);
    let reason = row.exclusion_reason.map(|reason| format!(" “{reason}”"));
    view! {
        <li class="c-rows__row">
            {Icon::Warning.view()}
            <div class="l-grow">
                <p><a class="c-table__link u-strong" href=href>{row.environment_name}</a> " " <span>{row.operations.join(", ")}</span></p>
                <p class="u-small u-soft">{row.status_reason.map(|reason| reason.label())} {reason}</p>
                <p class="u-small u-soft">{row.engineer_name} ", " <When at=row.requested_at /></p>
            </div>
        </li>
    }
    .into_any()
}
