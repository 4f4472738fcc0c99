//! The command palette: finds pages, requests, support requests, environments and actions.

use leptos::prelude::*;

/// The palette.
#[component]
pub fn Palette(
    /// Open or not
    open: RwSignal<bool>,
) -> impl IntoView {
    let _ = open;
}
