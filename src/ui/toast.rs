//! Short messages that come by themselves, and the places where a screen reader hears them.

use super::{Icon, dynamic, each};
use leptos::prelude::*;

/// One short message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Tells two apart
    pub id: u32,
    /// What it says
    pub text: String,
    /// It reports a failure
    pub failed: bool,
}

/// The messages of this moment, in a polite live region that is always in the page.
#[component]
pub fn Toasts(
    /// The messages, oldest first
    #[prop(into)]
    items: Signal<Vec<Toast>>,
    /// Takes one away
    #[prop(into)]
    on_close: Callback<u32>,
) -> impl IntoView {
    let one = move |toast: Toast| {
        let icon = if toast.failed { Icon::Warning } else { Icon::Check };
        view! {
            <div class="c-toast">
                {icon.view()} <span class="c-toast__words">{toast.text}</span>
                <button type="button" class="c-toast__close" aria-label="Dismiss" on:click=move |_| on_close.run(toast.id)>
                    {Icon::Cross.view()}
                </button>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="c-toasts" role="status" aria-live="polite">
            {each(move || items.get(), |toast| toast.id.to_string(), one)}
        </div>
    }
    .into_any()
}

/// Says `text` to screen readers whenever it changes; shows nothing.
#[component]
pub fn LiveRegion(
    /// What to say
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! { <div class="u-hidden" role="status" aria-live="polite">{dynamic(move || text.get())}</div> }.into_any()
}
