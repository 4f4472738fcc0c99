//! The Lockbox portal: what people see of Lockbox, in their browser.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")
)]

pub mod api;
pub mod app;
pub mod components;
pub mod layouts;
pub mod pages;
pub mod paths;
pub mod state;
pub mod ui;

use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the portal: mounts the app into the page, in the place of the shell that `index.html` showed meanwhile. Runs by
/// itself once the module is instantiated.
///
/// The export also keeps the app alive: without it link-time optimisation drops everything.
#[wasm_bindgen(start)]
pub fn start() {
    if let Some(shell) = leptos::prelude::document().get_element_by_id("boot") {
        shell.remove();
    }
    leptos::mount::mount_to_body(app::App);
}
