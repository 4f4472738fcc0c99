//! Names and their values.

use leptos::prelude::*;

/// A list of facts.
#[component]
pub fn Facts(
    /// Each name above its value, for narrow places
    #[prop(optional)]
    stacked: bool,
    /// `Fact`s
    children: Children,
) -> impl IntoView {
    view! { <dl class=if stacked { "c-facts c-facts--stacked" } else { "c-facts" }>{children()}</dl> }.into_any()
}

/// One fact.
#[component]
pub fn Fact(
    /// What it is
    #[prop(into)]
    name: String,
    /// What is so
    children: Children,
) -> impl IntoView {
    view! {
        <dt class="c-facts__name">{name}</dt>
        <dd class="c-facts__value">{children()}</dd>
    }
    .into_any()
}
