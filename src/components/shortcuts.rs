//! The sheet that `?` opens.

use crate::{state::keys::Keys, ui::Switch};
use leptos::prelude::*;

/// Keys and what they do, in groups.
const GROUPS: [(&str, &[(&str, &str)]); 3] = [
    (
        "Anywhere",
        &[
            ("Ctrl K", "Find and go"),
            ("?", "This sheet"),
            ("/", "Search or filter"),
            ("Esc", "Close what is open, leave a field"),
        ],
    ),
    (
        "Lists and requests",
        &[
            ("j", "Next row"),
            ("k", "Previous row"),
            ("Enter", "Open the row"),
            ("a", "Approve"),
            ("d", "Deny"),
            ("Ctrl Enter", "Press the main button, while typing"),
        ],
    ),
    (
        "Go to",
        &[
            ("g o", "Overview"),
            ("g r", "Requests"),
            ("g s", "Support requests"),
            ("g l", "Logs"),
            ("g h", "History"),
            ("g a", "Administration"),
        ],
    ),
];

/// The content of the sheet.
#[component]
pub fn Shortcuts() -> impl IntoView {
    let keys = use_context::<Keys>().map(|keys| keys.0);
    let group = |(name, lines): (&'static str, &'static [(&'static str, &'static str)])| {
        let lines = lines
            .iter()
            .map(|(keys, words)| {
                let keys = keys.split(' ').map(|key| view! { <kbd>{key}</kbd> " " }.into_any()).collect_view();
                view! { <div class="c-keys__line"><dt>{*words}</dt><dd>{keys}</dd></div> }.into_any()
            })
            .collect_view();
        view! { <section class="l-stack l-stack--tight"><h3>{name}</h3><dl>{lines}</dl></section> }.into_any()
    };
    view! {
        <div class="c-dialog__body">
            <div class="c-keys">{GROUPS.map(group).collect_view()}</div>
            {keys
                .map(|on| {
                    view! { <Switch label="Single-key shortcuts" checked=on on_change=Callback::new(move |wanted| on.set(wanted)) /> }
                })}
        </div>
    }
    .into_any()
}
