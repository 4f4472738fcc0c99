//! The Lockbox portal.

pub mod app;
pub mod pages;

use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the portal: mounts the app into the page. Runs by itself once the module is instantiated.
///
/// The export also keeps the app alive: without it link-time optimisation drops everything.
#[wasm_bindgen(start)]
pub fn start() {
    leptos::mount::mount_to_body(app::App);
}
