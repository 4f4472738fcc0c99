//! A section of a page with a heading and a hairline around it, and the figure that stands in one.

use super::dynamic;
use super::unique_id;
use leptos::prelude::*;

/// A section with its heading (level 2). `tools` stand at the right of the heading.
#[component]
pub fn Card(
    /// The heading
    #[prop(into)]
    title: Signal<String>,
    /// Controls beside the heading
    #[prop(optional, into)]
    tools: Option<ViewFn>,
    /// The content brings its own edges (tables, lists)
    #[prop(optional)]
    flush: bool,
    /// More classes, such as `c-card--danger`
    #[prop(optional)]
    class: &'static str,
    /// The content
    children: Children,
) -> impl IntoView {
    let id = unique_id("card");
    let labelled_by = id.clone();
    view! {
        <section class=format!("c-card {class}") aria-labelledby=labelled_by>
            <div class="c-card__head">
                <h2 id=id>{dynamic(move || title.get())}</h2>
                {tools.map(|tools| view! { <div class="c-card__tools">{tools.run()}</div> }.into_any())}
            </div>
            <div class=if flush { "c-card__body c-card__body--flush" } else { "c-card__body" }>{children()}</div>
        </section>
    }
    .into_any()
}

/// One number with what it counts.
#[component]
pub fn Figure(
    /// The number, with its unit
    #[prop(into)]
    value: Signal<String>,
    /// What it is
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    view! {
        <p class="c-figure">
            <span class="c-figure__value">{dynamic(move || value.get())}</span>
            <span class="c-figure__label">{dynamic(move || label.get())}</span>
        </p>
    }
    .into_any()
}
