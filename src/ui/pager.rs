//! The foot of a list that is loaded part by part.

use super::Button;
use super::dynamic;
use leptos::prelude::*;

/// How many are shown, and `Load more` while there are more.
#[component]
pub fn Pager(
    /// How many rows stand above
    #[prop(into)]
    shown: Signal<usize>,
    /// There are more on the server
    #[prop(into)]
    more: Signal<bool>,
    /// The next part has been asked for
    #[prop(into)]
    pending: Signal<bool>,
    /// What the rows are: "request", "requests"
    words: (&'static str, &'static str),
    /// Asks for the next part
    #[prop(into)]
    on_more: Callback<()>,
) -> impl IntoView {
    let text = move || {
        let count = shown.get();
        let word = if count == 1 { words.0 } else { words.1 };
        format!("{} {word} shown{}", super::time::number(count), if more.get() { "" } else { ", that is all" })
    };
    view! {
        <div class="c-pager">
            <span role="status">{dynamic(text)}</span>
            {dynamic(move || more.get().then(|| view! { <Button label="Load more" pending=pending on_press=on_more /> }))}
        </div>
    }
    .into_any()
}
