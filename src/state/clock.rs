//! The server's clock, as seen from here. Countdowns are reckoned by it, so that a wrong clock in the browser shows nothing wrong.

use crate::ui::memo;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use std::cell::Cell;

thread_local! {
    /// Milliseconds that the server's clock is ahead of the browser's, once known.
    static OFFSET_MS: Cell<Option<i64>> = const { Cell::new(None) };
    /// What the app shows as now.
    static NOW: Cell<Option<RwSignal<DateTime<Utc>>>> = const { Cell::new(None) };
}

/// The `Date` header has whole seconds and travels for a while: differences below this are not the clock's.
const TOLERANCE_MS: i64 = 2_000;

/// The server's clock as signals.
#[derive(Clone, Copy)]
pub struct Clock {
    /// To the second, for countdowns
    pub now: Signal<DateTime<Utc>>,
    /// To ten seconds, for words such as "3 min ago"
    pub coarse: Signal<DateTime<Utc>>,
}

/// Starts the clock for the whole app.
pub fn provide_clock() {
    let now = RwSignal::new(server_now());
    NOW.set(Some(now));
    // Lives as long as the page; a hidden tab ticks more slowly by the browser's own rule, and each tick reads the clock afresh.
    Interval::new(1_000, move || now.set(server_now())).forget();
    let coarse = memo(move || {
        let now = now.get();
        now.duration_trunc(TimeDelta::seconds(10)).unwrap_or(now)
    });
    provide_context(Clock { now: now.into(), coarse: coarse.into() });
}

/// The clock that [`provide_clock`] started.
pub fn use_clock() -> Clock {
    use_context().unwrap_or_else(|| {
        let now = Signal::derive(server_now);
        Clock { now, coarse: now }
    })
}

/// The server's time at this moment, as far as known.
pub fn server_now() -> DateTime<Utc> {
    from_ms(browser_ms() + OFFSET_MS.get().unwrap_or(0))
}

/// Takes note of the server's exact time (from the session).
pub fn heard_exactly(at: DateTime<Utc>) {
    take_offset(at.timestamp_millis() - browser_ms());
}

/// Not at the next tick but at once: with a wrong clock in the browser, nothing may look expired even for a moment.
fn take_offset(offset_ms: i64) {
    OFFSET_MS.set(Some(offset_ms));
    if let Some(now) = NOW.get() {
        now.try_set(server_now());
    }
}

/// Takes note of a `Date` header. Changes nothing while it agrees with what is known.
pub fn heard(date: &str) {
    let parsed = js_sys::Date::parse(date);
    if parsed.is_nan() {
        return;
    }
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date fit 64 bits")]
    let offset = parsed as i64 - browser_ms();
    if OFFSET_MS.get().is_none_or(|known| (known - offset).abs() > TOLERANCE_MS) {
        take_offset(offset);
    }
}

fn browser_ms() -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date fit 64 bits")]
    let now = js_sys::Date::now() as i64;
    now
}

fn from_ms(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}
