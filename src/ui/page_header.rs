//! The head of a page: its one h1, what it is about, and what can be done to the whole of it.

use super::dynamic;
use leptos::prelude::*;

/// The head of a page. The h1 takes the focus when the page is come to.
#[component]
pub fn PageHeader(
    /// The h1
    #[prop(into)]
    title: Signal<String>,
    /// One line above it: where one is
    #[prop(optional, into)]
    above: Option<ViewFn>,
    /// Right after it, such as a button that copies the id in it
    #[prop(optional, into)]
    beside: Option<ViewFn>,
    /// One line below it
    #[prop(optional, into)]
    note: Option<ViewFn>,
    /// Buttons
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="c-page-header">
            <div class="c-page-header__words">
                {above.map(|above| view! { <p class="c-page-header__above">{above.run()}</p> }.into_any())}
                <div class="c-page-header__title">
                    <h1 tabindex="-1">{dynamic(move || title.get())}</h1>
                    {beside.map(|beside| beside.run())}
                </div>
                {note.map(|note| view! { <p class="c-page-header__note">{note.run()}</p> }.into_any())}
            </div>
            {children.map(|children| view! { <div class="c-page-header__tools u-screen">{children()}</div> }.into_any())}
        </header>
    }
    .into_any()
}
