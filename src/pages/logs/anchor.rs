//! The reader's place between two filters: the row at the top stays where it is on the screen, if it is in what the next filter
//! lets through; otherwise the next older one comes there.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Height of the table's head, which stays at the top of the screen, with some room, pixels.
const HEAD: f64 = 48.0;

/// A row and how far down the screen it stands.
#[derive(Clone, Copy, Debug)]
pub struct Anchor {
    /// The sequence of its event
    pub sequence: u64,
    /// Pixels from the top of the screen
    top: f64,
}

fn body() -> Option<HtmlElement> {
    document().query_selector("table.c-logs > tbody").ok()??.dyn_into().ok()
}

/// The row that one reads: the one whose details have the focus, or the first one in sight. None before anything was scrolled.
pub fn of_screen() -> Option<Anchor> {
    let body = body()?;
    if body.get_bounding_client_rect().top() >= 0.0 {
        return None;
    }
    let opened = || document().active_element()?.closest("tr.c-logs__details").ok()??.previous_element_sibling();
    let row = opened().or_else(|| {
        let rows = body.query_selector_all("tr.c-logs__row").ok()?;
        (0..rows.length())
            .filter_map(|index| rows.get(index)?.dyn_into::<Element>().ok())
            .find(|row| row.get_bounding_client_rect().top() >= HEAD)
    })?;
    let sequence = row.get_attribute("data-sequence")?.parse().ok()?;
    Some(Anchor { sequence, top: row.get_bounding_client_rect().top().max(HEAD) })
}

/// Puts the row with this index where the anchor stood, once the rows are drawn; without an index the newest row comes into sight.
pub fn put(anchor: Anchor, index: Option<usize>) {
    let scroll = move || {
        let Some(body) = body() else { return };
        let row = body.query_selector("tr.c-logs__row").ok().flatten();
        let height = row.map_or(32.0, |row| row.get_bounding_client_rect().height());
        #[expect(clippy::cast_precision_loss, reason = "rows are counted in thousands")]
        let down = index.map_or(-HEAD, |index| index as f64 * height - anchor.top);
        let start = body.get_bounding_client_rect().top() + window().scroll_y().unwrap_or(0.0);
        window().scroll_to_with_x_and_y(0.0, (start + down).max(0.0));
    };
    request_animation_frame(move || request_animation_frame(scroll));
}
