//! Adding a filter: one field in which one writes what one looks for, and a list of what can be filtered by. A combobox by the ARIA
//! Authoring Practices: the focus stays in the field, the arrow keys move the choice.

use super::{
    Logs,
    bar::value_words,
    complete::{self, Count, Known},
    filter::{Field, Part},
    time_range::PERIODS,
};
use crate::ui::{Dialog, dynamic, memo, told, unique_id, watch};
use leptos::prelude::*;
use lockbox_rules::{letters, log_filter::Field as ValueField};
use wasm_bindgen::JsCast;

/// Suggestions shown at a time.
const MOST: usize = 60;

/// The dialog.
pub fn view(logs: Logs, open: RwSignal<bool>) -> AnyView {
    view! {
        <Dialog title="Add filter" open=open>
            <Choice logs=logs open=open />
        </Dialog>
    }
    .into_any()
}

/// Everything that can be filtered by, as far as it is known here.
fn known(logs: Logs) -> Vec<Known> {
    let environments: Vec<_> = logs.environments().into_iter().map(|one| (one.id.0, one.name)).collect();
    let mut all = logs.summary.value.with(|summary| complete::known(summary.as_ref(), &environments));
    let times = PERIODS.iter().skip(1).map(|(value, words)| Known {
        part: Part::of(Field::Time, *value),
        words: (*words).to_owned(),
        count: None,
    });
    all.extend(times);
    for one in &mut all {
        one.words = value_words(logs, &one.part);
    }
    all
}

/// What fits what was typed, and what was typed itself as an actor or an id.
fn fitting(known: &[Known], typed: &str) -> Vec<Known> {
    let typed = typed.trim();
    let wanted: Vec<String> = letters::small(typed).split_whitespace().map(str::to_owned).collect();
    let fits = |one: &&Known| {
        let hay = letters::small(&format!("{}: {}", one.part.field.label(), one.words));
        wanted.iter().all(|word| hay.contains(word))
    };
    let mut found: Vec<_> = known.iter().filter(fits).take(MOST).cloned().collect();
    let fields: &[ValueField] = match typed {
        "" => &[],
        id if id.starts_with("lbx_") => &[ValueField::Request],
        id if id.starts_with("gr_") => &[ValueField::Grant],
        number if number.chars().all(|letter| letter.is_ascii_digit()) => {
            &[ValueField::ServiceRequest, ValueField::Actor]
        }
        _ => &[ValueField::Actor, ValueField::Operation, ValueField::ServiceRequest],
    };
    for field in fields {
        let part = Part::value(*field, typed);
        if !found.iter().any(|one| one.part == part) {
            // Names are found by how their words begin, ids only whole.
            let how = if matches!(field, ValueField::Actor | ValueField::Operation) { "named" } else { "exactly" };
            found.push(Known { part, words: format!("{how} “{typed}”"), count: None });
        }
    }
    found
}

#[component]
fn Choice(logs: Logs, open: RwSignal<bool>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let known = memo(move || known(logs));
    let found = memo(move || known.with(|known| text.with(|text| fitting(known, text))));
    watch(move |_| {
        found.track();
        chosen.set(0);
    });
    let list_id = unique_id("filters");
    let (controls, active, options) = (list_id.clone(), list_id.clone(), list_id.clone());
    let take = Callback::new(move |part: Part| {
        // First asked, then closed: the answer comes while the browser styles the page behind the dialog anew.
        logs.narrow(|filter| filter.try_with(&part));
        open.set(false);
    });
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let count = found.with(Vec::len);
        let now = chosen.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => chosen.set((now + 1) % count),
            "ArrowUp" if count > 0 => chosen.set((now + count - 1) % count),
            "Enter" => {
                if let Some(one) = found.with(|found| found.get(now).cloned()) {
                    take.run(one.part);
                }
            }
            _ => return,
        }
        event.prevent_default();
        scroll_to_chosen();
    };
    view! {
        <input
            class="c-palette__input"
            type="text"
            role="combobox"
            autofocus=true
            autocomplete="off"
            spellcheck="false"
            placeholder="An event, person, environment, outcome or id"
            aria-label="Filter by"
            aria-expanded="true"
            aria-autocomplete="list"
            aria-controls=controls
            aria-activedescendant=told(move || (!found.with(Vec::is_empty)).then(|| format!("{active}-{}", chosen.get())))
            prop:value=move || text.get()
            on:input=move |event| text.set(event_target_value(&event))
            on:keydown=keys
        />
        <div class="c-palette__list" role="listbox" id=list_id aria-label="Filters to add">
            {dynamic(move || rows(found.get(), &options, chosen, take))}
        </div>
        <p class="u-hidden" role="status">{dynamic(move || format!("{} found", found.with(Vec::len)))}</p>
    }
    .into_any()
}

fn rows(found: Vec<Known>, list_id: &str, chosen: RwSignal<usize>, take: Callback<Part>) -> AnyView {
    found
        .into_iter()
        .enumerate()
        .map(|(index, one)| {
            let part = one.part.clone();
            let count = one.count.map(Count::in_words);
            view! {
                <div
                    class="c-palette__item"
                    role="option"
                    id=format!("{list_id}-{index}")
                    aria-selected=told(move || if chosen.get() == index { "true" } else { "false" })
                    on:pointermove=move |_| {
                        if chosen.get_untracked() != index {
                            chosen.set(index);
                        }
                    }
                    on:click=move |_| take.run(part.clone())
                >
                    <span class="c-palette__note">{one.part.field.label()}": "</span>
                    <span class="c-palette__words">{one.words}</span>
                    {count.map(|count| view! { <span class="c-palette__note">{count}</span> })}
                </div>
            }
            .into_any()
        })
        .collect_view()
        .into_any()
}

fn scroll_to_chosen() {
    request_animation_frame(|| {
        let chosen = document().query_selector("dialog[open] [role='option'][aria-selected='true']").ok().flatten();
        if let Some(chosen) = chosen.and_then(|chosen| chosen.dyn_into::<web_sys::HtmlElement>().ok()) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            chosen.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Known> {
        let one = |field, value: &str, words: &str| Known {
            part: Part::value(field, value),
            words: words.to_owned(),
            count: None,
        };
        vec![
            one(ValueField::Outcome, "refused", "Refused"),
            one(ValueField::Environment, "env_payroll", "Payroll"),
            one(ValueField::Operation, "Approve Lockbox Request", "Approve Lockbox Request"),
            one(ValueField::Actor, "Ana Ferreira", "Ana Ferreira"),
        ]
    }

    fn words(typed: &str) -> Vec<String> {
        fitting(&known(), typed).into_iter().map(|one| format!("{}: {}", one.part.field.label(), one.words)).collect()
    }

    #[test]
    fn nothing_typed_offers_everything() {
        assert_eq!(words(" ").len(), 4);
    }

    #[test]
    fn words_fit_the_field_and_the_value() {
        assert_eq!(words("outc ref")[0], "Outcome: Refused");
        assert_eq!(words("PAYROLL")[0], "Environment: Payroll");
        assert_eq!(words("request approve")[0], "Event: Approve Lockbox Request");
    }

    #[test]
    fn what_was_typed_can_be_a_name_or_an_id() {
        assert_eq!(words("lbx_9"), ["Lockbox request: exactly “lbx_9”"]);
        assert_eq!(words("2611")[0], "Support request ID: exactly “2611”");
        assert!(words("Tom").contains(&"Actor: named “Tom”".to_owned()));
        assert_eq!(words("Ana Ferreira").iter().filter(|words| words.starts_with("Actor")).count(), 1);
    }
}
