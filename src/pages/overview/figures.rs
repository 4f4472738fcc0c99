//! The last 28 days in a line.

use crate::{
    api::{self, Pending},
    paths,
    state::{Remote, show, use_live},
    ui::{Card, SkeletonBlock, dynamic, time},
};
use leptos::prelude::*;
use lockbox_api::history::{History, HistoryFigures};

pub(super) fn last_days() -> AnyView {
    let changed = use_live().requests();
    let remote = Remote::new(move || {
        changed.track();
        Box::pin(api::lockbox::read_history("now-28d")) as Pending<History>
    });
    let body = show(
        remote,
        "The figures could not be read",
        || view! { <SkeletonBlock lines=2 /> }.into_any(),
        |history| dynamic(move || line(history.with(|history| history.current.clone()))),
    );
    let more = || view! { <a href=paths::HISTORY>"History"</a> }.into_any();
    view! { <Card title="Last 28 days" tools=more>{body}</Card> }.into_any()
}

fn line(figures: HistoryFigures) -> AnyView {
    let parts = [
        (figures.requests, "requests"),
        (figures.approved, "approved"),
        (figures.denied, "denied"),
        (figures.expired, "expired"),
        (figures.without_request, "without a request"),
    ];
    let cells = parts
        .map(|(count, words)| {
            let count = time::number(usize::try_from(count).unwrap_or(usize::MAX));
            view! {
                <li class="c-line__part">
                    <span class="c-line__number">{count}</span>
                    <span class="u-small u-soft">{words}</span>
                </li>
            }
            .into_any()
        })
        .collect_view();
    view! { <ul class="c-line">{cells}</ul> }.into_any()
}
