//! Keys that work anywhere. Single keys do nothing while one types, in a dialog, or when they are switched off; none of them
//! does more than go somewhere, focus something, or press a button that asks first.

use crate::{paths, state::keys::Keys};
use leptos::{ev, prelude::*};
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// What keys open.
#[derive(Clone, Copy)]
pub struct Openers {
    /// The command palette
    pub palette: RwSignal<bool>,
    /// The sheet of shortcuts
    pub shortcuts: RwSignal<bool>,
}

/// Listens to the keyboard for the whole app. Inside the router.
pub fn listen(openers: Openers) {
    let navigate = use_navigate();
    let single_keys = use_context::<Keys>().map(|keys| keys.0);
    // When `g` was pressed, milliseconds since the document began: the letter has a second and a half to follow. Not 0 at
    // first: a key in the document's first moments would count as that letter.
    let gone = StoredValue::new(f64::NEG_INFINITY);
    let handle = window_event_listener(ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && !event.alt_key() && event.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            openers.palette.update(|open| *open = !*open);
            return;
        }
        if (event.ctrl_key() || event.meta_key()) && event.key() == "Enter" {
            if let Some(button) = field_of(&event).and_then(|field| main_button_beside(&field)) {
                event.prevent_default();
                button.click();
            }
            return;
        }
        let plain = !(event.ctrl_key()
            || event.meta_key()
            || event.alt_key()
            || event.default_prevented()
            || event.repeat() && event.key() == "g");
        // Out of a field with one key, so that the single keys work again.
        if event.key() == "Escape" && plain {
            leave_field(&event);
            return;
        }
        if !plain || single_keys.is_some_and(|on| !on.get_untracked()) || is_busy(&event) {
            return;
        }
        let key = event.key();
        if event.time_stamp() - gone.get_value() < 1_500.0 {
            gone.set_value(f64::NEG_INFINITY);
            if let Some(path) = destination(&key) {
                event.prevent_default();
                navigate(path, leptos_router::NavigateOptions::default());
                return;
            }
        }
        match key.as_str() {
            "g" => gone.set_value(event.time_stamp()),
            "?" => openers.shortcuts.set(true),
            "j" => step(1),
            "k" => step(-1),
            _ => {
                if !use_shortcut(&key) {
                    return;
                }
            }
        }
        event.prevent_default();
    });
    on_cleanup(move || handle.remove());
}

fn destination(key: &str) -> Option<&'static str> {
    match key {
        "o" => Some(paths::OVERVIEW),
        "r" | "p" => Some(paths::REQUESTS),
        "s" => Some(paths::SERVICE_REQUESTS),
        "l" => Some(paths::LOGS),
        "h" => Some(paths::HISTORY),
        "a" => Some(paths::ADMINISTRATION),
        _ => None,
    }
}

/// Somebody types, or a dialog is open.
fn is_busy(event: &KeyboardEvent) -> bool {
    field_of(event).is_some() || in_dialog()
}

/// The field that one types into.
fn field_of(event: &KeyboardEvent) -> Option<HtmlElement> {
    let element = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok())?;
    let typing =
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || element.is_content_editable();
    typing.then_some(element)
}

fn in_dialog() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}

fn leave_field(event: &KeyboardEvent) {
    if let Some(field) = field_of(event).filter(|_| !in_dialog()) {
        let _ = field.blur();
    }
}

/// The one primary button of the form or card that a field of several lines stands in: what Ctrl Enter presses.
fn main_button_beside(field: &HtmlElement) -> Option<HtmlElement> {
    let around = field.closest("textarea").ok()?.and_then(|area| area.closest("form, .c-card").ok()?)?;
    around.query_selector(".c-button--primary").ok()??.dyn_into().ok()
}

/// Room at the top of the screen that a row keeps when it takes the focus, so that none moves the page: a table's head that stays there,
/// and the page's own, pixels.
const TABLE_HEAD: f64 = 64.0;

/// Focuses the next or previous row: its link, or the button that opens it.
fn step(by: i32) {
    let Ok(rows) = document().query_selector_all("main .c-table__link") else { return };
    let count = i32::try_from(rows.length()).unwrap_or(0);
    if count == 0 {
        return;
    }
    let focused = document().active_element();
    let row = |index: i32| rows.get(index.unsigned_abs()).and_then(|node| node.dyn_into::<Element>().ok());
    let screen = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
    // A row that scrolling has left behind is no place to go on from: that would only move the page.
    let current = (0..count).find(|index| {
        row(*index).filter(|row| Some(row) == focused.as_ref()).is_some_and(|row| {
            let place = row.get_bounding_client_rect();
            place.bottom() > 0.0 && place.top() < screen
        })
    });
    // From nowhere, the first row in sight, also of a table whose head stays at the top.
    let seen = || {
        let top = |index: &i32| row(*index).is_some_and(|row| row.get_bounding_client_rect().top() >= TABLE_HEAD);
        (0..count).find(top).unwrap_or(0)
    };
    let next = current.map_or_else(seen, |current| (current + by).clamp(0, count - 1));
    focus(rows.get(next.unsigned_abs()).and_then(|node| node.dyn_into().ok()));
}

/// Presses the button, or focuses the field, that carries this key in `data-shortcut` or `aria-keyshortcuts`.
fn use_shortcut(key: &str) -> bool {
    if key.len() != 1 || !key.chars().all(|letter| letter.is_ascii_lowercase() || letter == '/') {
        return false;
    }
    let found = document().query_selector(&format!("main [aria-keyshortcuts='{key}']")).ok().flatten();
    let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else { return false };
    let _ = element.focus();
    if element.tag_name() == "BUTTON" {
        element.click();
    }
    true
}

fn focus(element: Option<HtmlElement>) {
    if let Some(element) = element {
        let _ = element.focus();
    }
}
