//! Nothing here, and it did not work: both said in words, with what to do.

use super::{Button, Copyable, Icon};
use leptos::prelude::*;

/// A list without rows: why, and what next.
#[component]
pub fn Empty(
    /// Drawn above the words
    icon: Icon,
    /// What there is not
    #[prop(into)]
    title: String,
    /// Why, and what to do
    #[prop(into)]
    note: String,
    /// Links and buttons
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="c-state">
            {icon.view()}
            <p class="c-state__title">{title}</p>
            <p class="c-state__note">{note}</p>
            {children.map(|children| view! { <div class="c-state__tools">{children()}</div> }.into_any())}
        </div>
    }
    .into_any()
}

/// Something could not be loaded or done: what, the id under which the server knows it, and another try.
#[component]
pub fn ErrorView(
    /// What failed
    #[prop(into)]
    title: String,
    /// What the server or the browser said
    #[prop(into)]
    detail: String,
    /// The id of the failed call
    #[prop(optional, into)]
    request_id: Option<String>,
    /// Tries again
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <div class="c-state c-state--bad" role="alert">
            {Icon::CrossCircle.view()}
            <p class="c-state__title">{title}</p>
            <p class="c-state__note">{detail}</p>
            {request_id
                .filter(|id| !id.is_empty())
                .map(|id| {
                    view! { <p class="c-state__id">"Id of this call: " <Copyable value=id what="id of this call" /></p> }.into_any()
                })}
            {on_retry
                .map(|retry| {
                    view! {
                        <div class="c-state__tools">
                            <Button label="Try again" icon=Icon::Refresh on_press=retry />
                        </div>
                    }
                    .into_any()
                })}
        </div>
    }
    .into_any()
}
