//! An id that can be copied.

use super::Icon;
use super::dynamic;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// A value in the shape it has on the wire, with a button that copies it. Says in words whether that worked.
#[component]
pub fn Copyable(
    /// The value
    #[prop(into)]
    value: String,
    /// What it is, for the button's name: "Copy request id"
    #[prop(into)]
    what: String,
    /// Only the button; the value stands somewhere else already
    #[prop(optional)]
    button_only: bool,
) -> impl IntoView {
    let said = RwSignal::new("");
    let shown = (!button_only).then(|| view! { <span class="c-copy__value">{value.clone()}</span> }.into_any());
    let copy = move |_| {
        let promise = window().navigator().clipboard().write_text(&value);
        spawn_local(async move {
            said.set(if JsFuture::from(promise).await.is_ok() {
                "Copied"
            } else {
                "The browser did not allow copying"
            });
            TimeoutFuture::new(2_000).await;
            said.try_set("");
        });
    };
    view! {
        <span class="c-copy">
            {shown}
            <button type="button" class="c-copy__button" aria-label=format!("Copy {what}") title=format!("Copy {what}") on:click=copy>
                {dynamic(move || if said.get() == "Copied" { Icon::Check.view() } else { Icon::Copy.view() })}
            </button>
            <span class="u-hidden" role="status">{dynamic(move || said.get())}</span>
        </span>
    }
    .into_any()
}
