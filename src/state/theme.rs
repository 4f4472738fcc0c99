//! Light, dark, or as the system has it.

use super::storage;
use crate::ui::watch;
use leptos::prelude::*;

const NAME: &str = "lockbox-theme";

/// `system`, `light` or `dark`.
#[derive(Clone, Copy)]
pub struct Theme(pub RwSignal<&'static str>);

/// Reads the person's choice and keeps `data-theme` on the root element in step with it.
pub fn provide_theme() {
    let kept = storage::browser().and_then(|browser| browser.get_item(NAME).ok().flatten());
    let theme = RwSignal::new(match kept.as_deref() {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "system",
    });
    watch(move |_| {
        let theme = theme.get();
        let Some(root) = document().document_element() else { return };
        let browser = storage::browser();
        // Neither a missing attribute nor a storage that refuses is worth a message.
        if theme == "system" {
            let _ = root.remove_attribute("data-theme");
            let _ = browser.map(|browser| browser.remove_item(NAME));
        } else {
            let _ = root.set_attribute("data-theme", theme);
            let _ = browser.map(|browser| browser.set_item(NAME, theme));
        }
    });
    provide_context(Theme(theme));
}
