//! No event fits: says which filters stand in the way, and takes each away with one press.

use super::{
    Logs,
    bar::value_words,
    filter::{Field, Filter, Part},
};
use crate::ui::{Empty, Icon};
use leptos::prelude::*;
use lockbox_rules::log_filter;

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
                view! { <a class="c-button" href=without>{Icon::Cross.view()} "Drop " {part.field.label()} ": " {part.not.then_some("not ")} {value_words(logs, part)}</a> }
            })
            .collect_view();
        let all = Filter { live: filter.live, ..Filter::default() }.address(None);
        let several = parts.len() > 1;
        // Words are searched for whole: whoever typed the beginning of one is one press away from what begins so.
        let begun = filter.query.q.as_deref().filter(|text| !text.ends_with('*')).map(|text| format!("{text}*"));
        let begun = begun.filter(|text| {
            text.split_whitespace().last().is_some_and(|piece| log_filter::beginning(piece).is_some())
                && log_filter::check_text(text).is_ok()
        });
        let begun = begun.map(|text| {
            let address = filter.with(&Part::of(Field::Text, text.clone())).address(None);
            view! { <a class="c-button c-button--primary" href=address>"Search for " {text}</a> }
        });
        view! {
            <Empty icon=Icon::Filter title="No event fits these filters" note="All of them have to fit an event. Drop one and see.">
                {begun}
                {drops}
                {several.then(|| view! { <a class="c-button c-button--quiet" href=all>"Drop all"</a> })}
            </Empty>
        }
        .into_any()
    })
    .into_any()
}
