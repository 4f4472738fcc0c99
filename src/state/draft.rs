//! What somebody has typed or chosen survives a reload, a failed call and a sign-in that ran out. Kept in the tab's storage, removed once used.

use super::storage;
use crate::{api::json, ui::watch};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

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

/// What was chosen and kept under `name`, where there is any that can still be read.
pub fn kept<T: DeserializeOwned>(name: &str) -> Option<T> {
    json::read(&storage::tab()?.get_item(&key(name)).ok()??)
}

/// Keeps under `name` what `chosen` gives, as long as it gives something.
pub fn keep<T: Serialize>(name: String, chosen: impl Fn() -> Option<T> + 'static) {
    watch(move |_| {
        let (chosen, Some(tab)) = (chosen(), storage::tab()) else { return };
        // A full or forbidden storage loses the draft, not the page.
        let _ = match chosen.and_then(|chosen| serde_json::to_string(&chosen).ok()) {
            Some(text) => tab.set_item(&key(&name), &text),
            None => tab.remove_item(&key(&name)),
        };
    });
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
