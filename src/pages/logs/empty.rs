//! No event fits: says which filters stand in the way, and takes each away with one press.

use super::{Logs, bar::value_words, filter::Filter};
use crate::ui::{Empty, Icon};
use leptos::prelude::*;

/// The empty log.
pub fn view(logs: Logs) -> AnyView {
    (move || {
        let filter = logs.filter.get();
        let parts = filter.parts();
        if parts.is_empty() {
            return view! {
                <Empty icon=Icon::Logs title="Nothing has been logged yet" note="Whatever people and engineers do with Lockbox appears here." />
            }
            .into_any();
        }
        let drops = parts
            .iter()
            .map(|part| {
                let without = filter.without(part).address(None);
                view! { <a class="c-button" href=without>{Icon::Cross.view()} "Drop " {part.field.label()} ": " {value_words(logs, part)}</a> }
            })
            .collect_view();
        let all = Filter { live: filter.live, ..Filter::default() }.address(None);
        let several = parts.len() > 1;
        view! {
            <Empty icon=Icon::Filter title="No event fits these filters" note="All of them have to fit an event. Drop one and see.">
                {drops}
                {several.then(|| view! { <a class="c-button c-button--quiet" href=all>"Drop all"</a> })}
            </Empty>
        }
        .into_any()
    })
    .into_any()
}
