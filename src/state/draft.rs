//! What somebody has typed survives a reload, a failed call and a sign-in that ran out. Kept in the tab's storage, removed once used.

use super::storage;
use crate::ui::watch;
use leptos::prelude::*;

fn key(name: &str) -> String {
    format!("lockbox-draft:{name}")
}

/// A text that is kept under `name` while it is typed.
pub fn use_draft(name: String) -> RwSignal<String> {
    let kept = storage::tab().and_then(|tab| tab.get_item(&key(&name)).ok().flatten()).unwrap_or_default();
    let text = RwSignal::new(kept);
    watch(move |_| {
        let Some(tab) = storage::tab() else { return };
        // A full or forbidden storage loses the draft, not the page.
        let _ = text
            .with(|text| if text.is_empty() { tab.remove_item(&key(&name)) } else { tab.set_item(&key(&name), text) });
    });
    text
}

/// Forgets what was kept under `name`.
pub fn drop_draft(name: &str) {
    if let Some(tab) = storage::tab() {
        let _ = tab.remove_item(&key(name));
    }
}

/// Forgets everything that was typed and not sent: after signing out, nothing of a person stays in the browser.
pub fn drop_all() {
    if let Some(tab) = storage::tab() {
        let _ = tab.clear();
    }
}
