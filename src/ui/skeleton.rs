//! The shape of what is coming. Invisible for the first 150 ms (by CSS), hidden from screen readers, which hear "Loading".

use leptos::prelude::*;

/// Rows of a table.
#[component]
pub fn SkeletonRows(
    /// How many rows to draw
    #[prop(default = 6)]
    rows: usize,
    /// How many cells in each
    #[prop(default = 5)]
    columns: usize,
) -> impl IntoView {
    let row = move || {
        let cells = (0..columns).map(|_| view! { <span class="c-skeleton__line"></span> }.into_any()).collect_view();
        view! { <div class="c-skeleton__row">{cells}</div> }.into_any()
    };
    view! {
        <div class="c-table-wrap" aria-busy="true">
            <span class="u-hidden" role="status">"Loading"</span>
            <div class="c-skeleton" aria-hidden="true">{(0..rows).map(|_| row()).collect_view()}</div>
        </div>
    }
    .into_any()
}

/// A few lines of text, or a box.
#[component]
pub fn SkeletonBlock(
    /// How many lines
    #[prop(default = 3)]
    lines: usize,
    /// Followed by a box of the height of a card
    #[prop(optional)]
    with_box: bool,
) -> impl IntoView {
    let line = |index: usize| {
        let class = if index % 3 == 2 {
            "c-skeleton__line c-skeleton__line--short"
        } else {
            "c-skeleton__line c-skeleton__line--long"
        };
        view! { <span class=class></span> }.into_any()
    };
    view! {
        <div aria-busy="true">
            <span class="u-hidden" role="status">"Loading"</span>
            <div class="c-skeleton" aria-hidden="true">
                {(0..lines).map(line).collect_view()}
                {with_box.then(|| view! { <span class="c-skeleton__box"></span> }.into_any())}
            </div>
        </div>
    }
    .into_any()
}
