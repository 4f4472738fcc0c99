//! What the log showed when one left it, for the way back: the browser's history knows the address, not the rows that had been
//! loaded nor how far one had scrolled. Each step of the history that shows the log carries a number of its own in its state;
//! a link to the same address is another step, and begins at the newest event.

use leptos::{prelude::*, wasm_bindgen::JsValue};
use lockbox_api::events::Event;
use std::{cell::RefCell, collections::VecDeque, sync::Arc};

/// So many steps are kept: their rows take memory.
const STEPS: usize = 4;
/// More rows than this are not kept: what was loaded last would have to go first, and the place with it.
const ROWS: usize = 5_000;
/// The name of the number in the state of a step.
const NAME: &str = "lockboxLog";

/// What was shown.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Whose log: another person may have signed in since
    pub person: String,
    /// The filter, as the address had it
    pub search: String,
    /// The rows, newest first
    pub rows: Vec<Arc<Event>>,
    /// Where the next part begins
    pub cursor: Option<String>,
    /// How much of the rows had left the screen at the top, pixels
    pub above: f64,
}

thread_local! {
    static KEPT: RefCell<VecDeque<(f64, Kept)>> = const { RefCell::new(VecDeque::new()) };
}

/// The number of the step that one stands on, if it has shown the log before.
pub fn step() -> Option<f64> {
    let state = window().history().ok()?.state().ok()?;
    js_sys::Reflect::get(&state, &NAME.into()).ok()?.as_f64()
}

/// Gives the step that one stands on a number, if it has none.
pub fn number_step() -> Option<f64> {
    step().or_else(|| {
        let number = js_sys::Date::now() + js_sys::Math::random();
        // Where the browser refuses, the way back begins at the newest event.
        window().history().ok()?.replace_state(&state_of(number), "").ok().map(|()| number)
    })
}

/// The state that keeps a step's number when its address is replaced.
pub fn state_of(step: f64) -> JsValue {
    let state = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&state, &NAME.into(), &step.into());
    state.into()
}

/// Keeps what a step shows.
pub fn keep(step: f64, kept: Kept) {
    KEPT.with_borrow_mut(|all| {
        all.retain(|(own, _)| *own != step);
        if kept.rows.len() <= ROWS {
            all.push_back((step, kept));
        }
        while all.len() > STEPS {
            all.pop_front();
        }
    });
}

/// What a step showed to this person with this filter.
pub fn of(step: f64, person: &str, search: &str) -> Option<Kept> {
    KEPT.with_borrow(|all| {
        let (_, kept) = all.iter().find(|(own, _)| *own == step)?;
        (kept.person == person && kept.search == search).then(|| kept.clone())
    })
}
