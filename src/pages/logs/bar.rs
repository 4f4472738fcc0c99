//! Search, time, chips, and what adds and removes them.

use super::{
    Logs, add,
    events::EventList,
    export,
    filter::{Fault, Field, Filter, Part},
    line,
    refused::Refused,
    time_range, views, zone,
};
use crate::ui::{Button, Icon, LiveRegion, Switch, dynamic, each, memo, told};
use leptos::prelude::*;
use lockbox_api::{
    events::{Category, Outcome},
    ids::EnvironmentId,
};
use lockbox_rules::{letters, log_filter::Field as ValueField};
use wasm_bindgen::JsCast;

/// A value as people read it.
pub fn value_words(logs: Logs, part: &Part) -> String {
    match part.field {
        Field::Value(ValueField::Category) => {
            Category::parse(&part.value).map_or_else(|| part.value.clone(), |known| category_words(known).to_owned())
        }
        Field::Value(ValueField::Outcome) => {
            Outcome::parse(&part.value).map_or_else(|| part.value.clone(), |known| outcome_words(known).to_owned())
        }
        Field::Value(ValueField::Environment) => logs.name_of(&EnvironmentId(part.value.clone())),
        Field::Value(ValueField::Actor) => logs.name_of_actor(&part.value),
        Field::Time => time_range::in_words(&part.value, logs.zone.get()),
        _ => letters::visible(&part.value),
    }
}

/// The words of a category.
pub fn category_words(category: Category) -> &'static str {
    match category {
        Category::Activity => "Activity",
        Category::DataAccess => "Data access",
    }
}

/// The words of an outcome.
pub fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "Success",
        Outcome::Failure => "Failure",
        Outcome::Refused => "Refused",
    }
}

/// The bar.
pub fn view(logs: Logs, list: EventList) -> AnyView {
    let adding = RwSignal::new(false);
    let live = Signal::derive(move || logs.filter.with(|filter| filter.live));
    let follow = Callback::new(move |live| {
        logs.go.run((Filter { live, ..logs.filter.get_untracked() }, true));
    });
    // What is refused stands among the faults.
    let chips = move || {
        let mut parts = logs.filter.with(Filter::parts);
        logs.refused.with(|refused| parts.retain(|part| !refused.iter().any(|one| one.part == *part)));
        parts
    };
    let faults = move || {
        let unread = logs.filter.with(|filter| filter.faults.clone()).into_iter().map(|fault| (None, fault));
        let refused = logs.refused.get().into_iter().map(|one| refused(logs, one));
        unread.chain(refused).collect::<Vec<_>>()
    };
    let any = memo(move || logs.filter.with(|filter| !filter.faults.is_empty() || !filter.parts().is_empty()));
    let clear = Callback::new(move |()| {
        let kept = Filter { live: live.get_untracked(), ..Filter::default() };
        logs.go.run((kept, false));
        focus_add();
    });
    view! {
        <div class="c-filters c-logs__bar u-screen">
            {line::view(logs)}
            {time_range::view(logs)}
            {zone::view(logs.zone)}
            <span id="add-filter">
                <Button label="Add filter" icon=Icon::Filter shortcut="f" on_press=Callback::new(move |()| adding.set(true)) />
            </span>
            <Switch label="Live" checked=live on_change=follow />
            <span class="c-logs__tools">{views::view(logs)} {export::view(logs)}</span>
        </div>
        <ul class="c-chips" aria-label="Filters" hidden=told(move || !any.get())>
            {each(faults, |(_, fault)| format!("{}={} {}", fault.name, fault.value, fault.message), move |(part, fault)| faulty(logs, part, fault))}
            {each(chips, |part| format!("{} {} {}", part.not, part.field.label(), part.value), move |part| chip(logs, part))}
            <li class="u-screen">
                <Button kind=crate::ui::ButtonKind::Quiet label="Clear filters" on_press=clear />
            </li>
        </ul>
        <LiveRegion text=list.said />
        {add::view(logs, adding)}
    }
    .into_any()
}

/// One filter: a press, Delete or Backspace takes it away.
fn chip(logs: Logs, part: Part) -> AnyView {
    let own = part.clone();
    let words = memo(move || value_words(logs, &own));
    let label = part.field.label();
    let not = if part.not { "not " } else { "" };
    let remove = move || {
        logs.go.run((logs.filter.with_untracked(|filter| filter.without(&part)), false));
        focus_add();
    };
    let by_key = remove.clone();
    view! {
        <li>
            <button
                type="button"
                class="c-chip"
                aria-label=told(move || format!("Remove filter {label}: {not}{}", words.get()))
                on:click=move |_| remove()
                on:keydown=move |event| {
                    if matches!(event.key().as_str(), "Delete" | "Backspace") {
                        event.prevent_default();
                        by_key();
                    }
                }
            >
                <span class="u-soft">{label}": "</span>
                {(!not.is_empty()).then(|| view! { <em>"not"</em> " " })}
                {dynamic(move || words.get())}
                {Icon::Cross.view()}
            </button>
        </li>
    }
    .into_any()
}

/// A piece that the server refuses, as what is wrong with it.
fn refused(logs: Logs, Refused { part, message }: Refused) -> (Option<Part>, Fault) {
    let not = if part.not { "not " } else { "" };
    let value = format!("{not}{}", untrack(|| value_words(logs, &part)));
    let name = part.field.label().to_owned();
    (Some(part), Fault { name, value, message })
}

/// A filter of the address that can't be read, or a `part` of it that the server refuses, with the reason; a press takes it away.
/// It may be anything that somebody put into a link.
fn faulty(logs: Logs, part: Option<Part>, fault: Fault) -> AnyView {
    let [name, value, message] = [&fault.name, &fault.value, &fault.message].map(|text| letters::visible(text));
    let spoken = format!("Remove filter {name}: {value}. {message}");
    let remove = move |_| {
        let without =
            |filter: &Filter| part.as_ref().map_or_else(|| filter.without_fault(&fault), |part| filter.without(part));
        logs.go.run((logs.filter.with_untracked(without), false));
        focus_add();
    };
    view! {
        <li>
            <button type="button" class="c-chip c-chip--bad" aria-label=spoken on:click=remove>
                {Icon::Warning.view()} <span><bdi>{name}</bdi> ": " <bdi>{value}</bdi></span> <span class="u-soft">{message}</span> {Icon::Cross.view()}
            </button>
        </li>
    }
    .into_any()
}

/// A chip that goes takes the focus with it: it belongs to the button beside.
fn focus_add() {
    request_animation_frame(|| {
        let button = document().query_selector("#add-filter button").ok().flatten();
        if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = button.focus();
        }
    });
}
