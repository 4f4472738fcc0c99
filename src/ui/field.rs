//! Fields that one types into. Label, hint, counter and error are tied to the input, so that everybody meets them together.

use super::{Icon, dynamic, told, unique_id};
use leptos::prelude::*;

/// The ids of one field's parts, and what `aria-describedby` says.
#[derive(Clone)]
pub(super) struct FieldIds {
    /// The input itself
    pub(super) input: String,
    hint: String,
    error: String,
}

impl FieldIds {
    pub(super) fn new() -> Self {
        let input = unique_id("field");
        Self { hint: format!("{input}-hint"), error: format!("{input}-error"), input }
    }

    /// The ids that describe the input now.
    pub(super) fn described_by(
        &self,
        hint: bool,
        error: Signal<Option<String>>,
    ) -> impl Fn() -> Option<String> + Send + use<> {
        let Self { hint: hint_id, error: error_id, .. } = self.clone();
        move || match (hint, error.with(Option::is_some)) {
            (false, false) => None,
            (true, false) => Some(hint_id.clone()),
            (false, true) => Some(error_id.clone()),
            (true, true) => Some(format!("{error_id} {hint_id}")),
        }
    }
}

/// Label above, hint and error below whatever `input` is.
pub(super) fn frame(
    ids: FieldIds,
    label: String,
    hint: Option<String>,
    error: Signal<Option<String>>,
    counter: Option<Signal<String>>,
    input: AnyView,
) -> AnyView {
    let FieldIds { input: input_id, hint: hint_id, error: error_id } = ids;
    view! {
        <div class="c-field">
            <label class="c-field__label" for=input_id>{label}</label>
            {input}
            {dynamic(move || {
                error
                    .get()
                    .map(|error| {
                        view! { <p class="c-field__error" id=error_id.clone()>{Icon::Warning.view()} <span>{error}</span></p> }.into_any()
                    })
            })}
            {(hint.is_some() || counter.is_some())
                .then(|| {
                    view! {
                        <div class="c-field__foot">
                            {hint.map(|hint| view! { <span class="c-field__hint" id=hint_id>{hint}</span> }.into_any())}
                            {counter.map(|text| view! { <span class="c-field__count">{dynamic(move || text.get())}</span> }.into_any())}
                        </div>
                    }
                    .into_any()
                })}
        </div>
    }
    .into_any()
}

/// "12 of 2,000", counted in characters as people see the limit.
fn count(value: RwSignal<String>, limit: Option<usize>) -> Option<Signal<String>> {
    limit.map(|limit| {
        Signal::derive(move || {
            let used = value.with(|value| value.chars().count());
            format!("{} of {}", super::time::number(used), super::time::number(limit))
        })
    })
}

/// A line of text.
#[component]
pub fn TextField(
    /// Its name, exactly as people and tests know it
    #[prop(into)]
    label: String,
    /// What is typed
    value: RwSignal<String>,
    /// `text`, `email`, `url`, `number`, `datetime-local`
    #[prop(optional, into)]
    kind: Option<&'static str>,
    /// One line of help
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with it
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Has to be filled
    #[prop(optional)]
    required: bool,
    /// Greatest length, counted below the field
    #[prop(optional, into)]
    limit: Option<usize>,
    /// The browser's name for what belongs here, such as `username`
    #[prop(optional, into)]
    autocomplete: Option<&'static str>,
    /// Takes the focus when it appears
    #[prop(optional)]
    autofocus: bool,
    /// Why it can be read and copied, but not changed
    #[prop(optional, into)]
    readonly: Signal<Option<String>>,
) -> impl IntoView {
    let ids = FieldIds::new();
    let why_id = unique_id("why");
    let (own, described_by) = (why_id.clone(), ids.described_by(hint.is_some(), error));
    let described_by = move || match (readonly.with(Option::is_some), described_by()) {
        (false, others) => others,
        (true, None) => Some(own.clone()),
        (true, Some(others)) => Some(format!("{own} {others}")),
    };
    let why = dynamic(move || {
        readonly.get().map(|why| view! { <span class="u-hidden" id=why_id.clone()>{why}</span> }.into_any())
    });
    let input = view! {
        <input
            class="c-input"
            id=ids.input.clone()
            type=kind.unwrap_or("text")
            autocomplete=autocomplete
            autofocus=autofocus
            readonly=told(move || readonly.with(Option::is_some))
            prop:value=move || value.get()
            aria-required=required.then_some("true")
            aria-invalid=told(move || error.with(Option::is_some).then_some("true"))
            aria-describedby=described_by
            on:input=move |event| value.set(event_target_value(&event))
        />
        {why}
    }
    .into_any();
    frame(ids, label, hint, error, count(value, limit), input)
}

/// A password, with a button that shows it.
#[component]
pub fn PasswordField(
    /// Its name
    #[prop(into)]
    label: String,
    /// What is typed
    value: RwSignal<String>,
    /// `current-password` or `new-password`
    autocomplete: &'static str,
    /// What is wrong with it
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let ids = FieldIds::new();
    let shown = RwSignal::new(false);
    let input = view! {
        <div class="c-password">
            <input
                class="c-input"
                id=ids.input.clone()
                type=told(move || if shown.get() { "text" } else { "password" })
                autocomplete=autocomplete
                spellcheck="false"
                autocapitalize="off"
                prop:value=move || value.get()
                aria-required="true"
                aria-invalid=told(move || error.with(Option::is_some).then_some("true"))
                aria-describedby=ids.described_by(false, error)
                on:input=move |event| value.set(event_target_value(&event))
            />
            <button
                type="button"
                class="c-button c-button--quiet c-password__show"
                aria-pressed=told(move || if shown.get() { "true" } else { "false" })
                aria-controls=ids.input.clone()
                on:click=move |_| shown.update(|shown| *shown = !*shown)
            >
                {dynamic(move || if shown.get() { "Hide" } else { "Show" })}
            </button>
        </div>
    }
    .into_any();
    frame(ids, label, None, error, None, input)
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// Its name
    #[prop(into)]
    label: String,
    /// What is typed
    value: RwSignal<String>,
    /// One line of help
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with it
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Has to be filled
    #[prop(optional)]
    required: bool,
    /// Greatest length, counted below the field
    #[prop(optional, into)]
    limit: Option<usize>,
) -> impl IntoView {
    let ids = FieldIds::new();
    let input = view! {
        <textarea
            class="c-input"
            id=ids.input.clone()
            rows="3"
            prop:value=move || value.get()
            aria-required=required.then_some("true")
            aria-invalid=told(move || error.with(Option::is_some).then_some("true"))
            aria-describedby=ids.described_by(hint.is_some(), error)
            on:input=move |event| value.set(event_target_value(&event))
        ></textarea>
    }
    .into_any();
    frame(ids, label, hint, error, count(value, limit), input)
}

/// A search box without a visible label; `label` is its accessible name and its placeholder.
#[component]
pub fn SearchField(
    /// Its name
    #[prop(into)]
    label: String,
    /// What is typed
    value: RwSignal<String>,
) -> impl IntoView {
    view! {
        <div class="c-search" role="search">
            {Icon::Search.view()}
            <input
                class="c-input"
                type="search"
                aria-label=label.clone()
                placeholder=label
                aria-keyshortcuts="/"
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        </div>
    }
    .into_any()
}
