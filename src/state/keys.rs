//! Whether single keys do anything (WCAG 2.1.4: they can be switched off).

use super::storage;
use crate::ui::watch;
use leptos::prelude::*;

const NAME: &str = "lockbox-keys";

/// Single-key shortcuts are on.
#[derive(Clone, Copy)]
pub struct Keys(pub RwSignal<bool>);

/// Reads the person's choice; on unless switched off.
pub fn provide_keys() {
    let off =
        storage::browser().and_then(|browser| browser.get_item(NAME).ok().flatten()).is_some_and(|kept| kept == "off");
    let on = RwSignal::new(!off);
    watch(move |_| {
        if let Some(browser) = storage::browser() {
            let _ = if on.get() { browser.remove_item(NAME) } else { browser.set_item(NAME, "off") };
        }
    });
    provide_context(Keys(on));
}
