//! The browser's storage. It may be full, forbidden or gone: then the portal works without it.

use leptos::prelude::window;
use web_sys::Storage;

/// Lives as long as the tab.
pub fn tab() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Lives until somebody clears it. For tastes (theme, keys), never for anything of Lockbox.
pub fn browser() -> Option<Storage> {
    window().local_storage().ok().flatten()
}
