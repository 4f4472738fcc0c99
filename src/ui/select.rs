//! The browser's own select: right on every phone and with every screen reader.

use super::field::{FieldIds, frame};
use super::{dynamic, told};
use leptos::prelude::*;

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectOption {
    /// What the signal becomes
    pub value: String,
    /// What people read
    pub label: String,
}

impl SelectOption {
    /// A choice from its value and its words.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// One of several.
#[component]
pub fn Select(
    /// Its name
    #[prop(into)]
    label: String,
    /// The value chosen
    value: RwSignal<String>,
    /// The choices, in order
    #[prop(into)]
    options: Signal<Vec<SelectOption>>,
    /// One line of help
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with it
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let ids = FieldIds::new();
    let input = view! {
        <select
            class="c-input"
            id=ids.input.clone()
            aria-invalid=told(move || error.with(Option::is_some).then_some("true"))
            aria-describedby=ids.described_by(hint.is_some(), error)
            on:change=move |event| value.set(event_target_value(&event))
        >
            {dynamic(move || {
                options
                    .get()
                    .into_iter()
                    .map(|option| {
                        let own = option.value.clone();
                        view! { <option value=option.value prop:selected=move || value.with(|value| *value == own)>{option.label}</option> }
                            .into_any()
                    })
                    .collect_view()
            })}
        </select>
    }
    .into_any();
    frame(ids, label, hint, error, None, input)
}
