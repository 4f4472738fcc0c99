//! Checkbox, radio group and switch. The whole line is the target; what is off says why.

use super::unique_id;
use super::{dynamic, told};
use leptos::prelude::*;

/// A checkbox.
#[component]
pub fn Checkbox(
    /// Its name
    #[prop(into)]
    label: String,
    /// Whether it is set
    checked: RwSignal<bool>,
    /// One more line
    #[prop(optional, into)]
    hint: Option<String>,
    /// Why it can't be changed now
    #[prop(optional, into)]
    disabled_reason: Signal<Option<String>>,
) -> impl IntoView {
    let hint_id = unique_id("hint");
    let describes = hint_id.clone();
    let has_hint = hint.is_some();
    let note = move || disabled_reason.get().or_else(|| hint.clone());
    view! {
        <label class="c-choice">
            <input
                type="checkbox"
                prop:checked=move || checked.get()
                aria-disabled=told(move || disabled_reason.with(Option::is_some).then_some("true"))
                aria-describedby=told(move || (has_hint || disabled_reason.with(Option::is_some)).then(|| describes.clone()))
                on:click=move |event| {
                    if disabled_reason.with_untracked(Option::is_some) {
                        event.prevent_default();
                    }
                }
                on:change=move |event| checked.set(event_target_checked(&event))
            />
            <span>{label}</span>
            {dynamic(move || note().map(|note| view! { <span class="c-choice__hint" id=hint_id.clone() aria-hidden="true">{note}</span> }.into_any()))}
        </label>
    }
    .into_any()
}

/// One answer of a radio group.
#[derive(Clone, Debug)]
pub struct RadioOption {
    /// What the group's signal becomes
    pub value: &'static str,
    /// Its name
    pub label: &'static str,
    /// One more line; empty for none
    pub hint: &'static str,
}

/// A radio group.
#[component]
pub fn RadioGroup(
    /// The name of the group
    #[prop(into)]
    label: String,
    /// The value chosen
    value: RwSignal<String>,
    /// The answers, in order
    options: Vec<RadioOption>,
    /// Why it can't be changed now
    #[prop(optional, into)]
    disabled_reason: Signal<Option<String>>,
) -> impl IntoView {
    let name = unique_id("group");
    let reason_id = unique_id("reason");
    let describes = reason_id.clone();
    let radios = options
        .into_iter()
        .map(|option| {
            let hint_id = unique_id("hint");
            let chosen = option.value;
            let hinted = !option.hint.is_empty();
            view! {
                <label class="c-choice">
                    <input
                        type="radio"
                        name=name.clone()
                        value=chosen
                        prop:checked=move || value.with(|value| value == chosen)
                        aria-disabled=told(move || disabled_reason.with(Option::is_some).then_some("true"))
                        aria-describedby=hinted.then(|| hint_id.clone())
                        on:click=move |event| {
                            if disabled_reason.with_untracked(Option::is_some) {
                                event.prevent_default();
                            }
                        }
                        on:change=move |_| value.set(chosen.to_owned())
                    />
                    <span>{option.label}</span>
                    {hinted.then(|| view! { <span class="c-choice__hint" id=hint_id.clone() aria-hidden="true">{option.hint}</span> }.into_any())}
                </label>
            }
            .into_any()
        })
        .collect_view();
    let legend = unique_id("legend");
    let labelled_by = legend.clone();
    view! {
        <div
            role="radiogroup"
            class="c-field"
            aria-labelledby=labelled_by
            aria-describedby=told(move || disabled_reason.with(Option::is_some).then(|| describes.clone()))
        >
            <span class="c-field__label" id=legend>{label}</span>
            {dynamic(move || disabled_reason.get().map(|reason| view! { <span class="c-field__hint" id=reason_id.clone()>{reason}</span> }.into_any()))}
            <div class="c-choices">{radios}</div>
        </div>
    }
    .into_any()
}

/// A switch: on or off, at once or at the next save; the words beside it say which.
#[component]
pub fn Switch(
    /// Its name
    #[prop(into)]
    label: String,
    /// Whether it is on
    #[prop(into)]
    checked: Signal<bool>,
    /// Called with what the person wants
    #[prop(into)]
    on_change: Callback<bool>,
    /// Why it can't be changed now
    #[prop(optional, into)]
    disabled_reason: Signal<Option<String>>,
) -> impl IntoView {
    let reason_id = unique_id("reason");
    let describes = reason_id.clone();
    view! {
        <div class="c-field">
            <label class="c-switch">
                <input
                    type="checkbox"
                    role="switch"
                    prop:checked=move || checked.get()
                    aria-disabled=told(move || disabled_reason.with(Option::is_some).then_some("true"))
                    aria-describedby=told(move || disabled_reason.with(Option::is_some).then(|| describes.clone()))
                    on:click=move |event| {
                        if disabled_reason.with_untracked(Option::is_some) {
                            event.prevent_default();
                        }
                    }
                    on:change=move |event| on_change.run(event_target_checked(&event))
                />
                <span>{label}</span>
            </label>
            {dynamic(move || disabled_reason.get().map(|reason| view! { <span class="c-field__hint" id=reason_id.clone()>{reason}</span> }.into_any()))}
        </div>
    }
    .into_any()
}
