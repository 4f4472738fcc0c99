//! What happened, in order.

use super::{Icon, Tone};
use leptos::prelude::*;

/// A list of things that happened.
#[component]
pub fn Timeline(
    /// Its accessible name
    #[prop(into)]
    label: String,
    /// `TimelineItem`s
    children: Children,
) -> impl IntoView {
    view! { <ol class="c-timeline" aria-label=label>{children()}</ol> }.into_any()
}

/// One thing that happened.
#[component]
pub fn TimelineItem(
    /// Shape
    icon: Icon,
    /// Colour
    #[prop(optional)]
    tone: Tone,
    /// What happened
    #[prop(into)]
    text: String,
    /// When and who
    #[prop(into)]
    when: ViewFn,
    /// More about it
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <li class=format!("c-timeline__item c-timeline__item--{}", tone.class())>
            {icon.view()}
            <div>
                <p>{text}</p>
                <p class="c-timeline__when">{when.run()}</p>
                {children.map(|children| children())}
            </div>
        </li>
    }
    .into_any()
}
