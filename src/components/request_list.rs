//! What both pages of requests are made of: the list that follows the address, its frame, its foot and the line that names a period.

use crate::{
    api, paths,
    state::{Paged, show, use_live},
    ui::{Pager, dynamic, time, told},
};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use lockbox_api::requests::{LockboxRequestSummary, RequestQuery};

/// The requests that a selection is about, read again whenever one of them changes.
pub type Requests = Paged<LockboxRequestSummary>;

/// Reads what `query` selects, and again whenever a request changes.
pub fn requests(query: Memo<RequestQuery>) -> Requests {
    let changed = use_live().requests();
    let select = move || {
        changed.track();
        query.get()
    };
    Paged::new(select, |query, limit, cursor| {
        Box::pin(api::requests::list_requests(RequestQuery { limit: Some(limit), cursor, ..query }))
    })
}

/// The list with its states: `skeleton` while it is read, `ready` with rows in it, `empty` without.
pub fn framed(
    (list, query): (Requests, Memo<RequestQuery>),
    failed: &'static str,
    skeleton: fn() -> AnyView,
    ready: fn(Requests) -> AnyView,
    empty: fn(&RequestQuery) -> AnyView,
) -> AnyView {
    show(list.first, failed, skeleton, move |_| {
        let none = move || list.rows.with(Vec::is_empty);
        view! {
            <div class="c-table-wrap" aria-busy=told(move || list.first.loading.get().then_some("true"))>
                {dynamic(move || if none() { empty(&query.get()) } else { ready(list) })}
            </div>
        }
        .into_any()
    })
}

/// How many are shown, and the button for more; `words`: one row, several rows.
pub fn foot(list: Requests, words: (&'static str, &'static str)) -> AnyView {
    view! {
        <Pager
            shown=Signal::derive(move || list.rows.with(Vec::len))
            more=Signal::derive(move || list.cursor.with(Option::is_some))
            pending=list.pending
            words=words
            on_more=Callback::new(move |()| list.load_more())
        />
    }
    .into_any()
}

/// The period that a link, such as a figure of History, came with; one press takes it away. `address`: that of a selection.
pub fn period(query: Memo<RequestQuery>, address: fn(&RequestQuery) -> String) -> AnyView {
    dynamic(move || {
        let now = query.get();
        let words = match (now.from, now.to) {
            (None, None) => return None,
            (Some(from), None) => format!("Since {}", time::minute(from, false)),
            (None, Some(to)) => format!("Before {}", time::minute(to, false)),
            (Some(from), Some(to)) => format!("From {} to {}", time::minute(from, false), time::minute(to, false)),
        };
        let any = address(&RequestQuery { from: None, to: None, ..now });
        Some(
            view! { <p class="c-requests__period" role="status">{words} " " <a href=any>"Any time"</a></p> }.into_any(),
        )
    })
}

/// What an address asks for, as far as the period goes.
pub fn period_of(address: &ParamsMap) -> RequestQuery {
    let at = |name| address.get(name).and_then(|at| at.parse().ok());
    RequestQuery { from: at("from"), to: at("to"), ..RequestQuery::default() }
}

/// Adds the period to an address.
pub fn with_period(address: paths::Query, query: &RequestQuery) -> paths::Query {
    let exact = |at: Option<_>| at.map(paths::exact).unwrap_or_default();
    address.add("from", &exact(query.from)).add("to", &exact(query.to))
}
