//! Times in words, with the absolute one at hand. Pure functions, and the two components that show them.
//! Everything is reckoned from `now`, the server's clock, which the caller passes in.

use super::LiveRegion;
use super::{dynamic, memo};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use js_sys::{Array, Function, Intl, Object, Reflect};
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::JsValue;

/// A number with thousands separated: `2,000`.
pub fn number(value: usize) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A length of time in its two largest units: `3 d 4 h`, `2 h 5 min`, `45 s`. Negative lengths count as none.
pub fn span(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let two = |big: i64, big_unit: &str, small: i64, small_unit: &str| {
        if small == 0 { format!("{big} {big_unit}") } else { format!("{big} {big_unit} {small} {small_unit}") }
    };
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => two(hours, "h", minutes, "min"),
        _ => two(days, "d", hours, "h"),
    }
}

/// `at` seen from `now`: `in 2 h 5 min`, `3 d ago`, `just now`.
pub fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let ahead = at - now;
    // The words follow a clock that ticks every ten seconds: nearer than that, they say nothing finer.
    if ahead.num_seconds().abs() <= 10 {
        return "just now".to_owned();
    }
    let largest = |length: TimeDelta| {
        let text = span(length);
        // Looking back, one unit is enough; looking ahead, people plan by two.
        text.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ")
    };
    if ahead > TimeDelta::zero() { format!("in {}", span(ahead)) } else { format!("{} ago", largest(-ahead)) }
}

/// The time left in a form that ticks: `3 d 04:05:06`, `4:05:06`, `5:06`.
pub fn clock_face(left: TimeDelta) -> String {
    let seconds = left.num_seconds().max(0);
    let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}:{rest:02}"),
        (0, _) => format!("{hours}:{minutes:02}:{rest:02}"),
        _ => format!("{days} d {hours:02}:{minutes:02}:{rest:02}"),
    }
}

/// Machine-readable, for `datetime`.
pub fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `22 Nov 2026, 14:05:12 CET`: the browser's zone, or UTC.
pub fn absolute(at: DateTime<Utc>, utc: bool) -> String {
    whole(at, utc, true)
}

/// `22 Nov 2026, 14:05 CET`: where nothing beside it gives year or zone.
pub fn minute(at: DateTime<Utc>, utc: bool) -> String {
    whole(at, utc, false)
}

fn whole(at: DateTime<Utc>, utc: bool, seconds: bool) -> String {
    let mut options = vec![
        ("day", "numeric"),
        ("month", "short"),
        ("year", "numeric"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("hourCycle", "h23"),
        ("timeZoneName", "short"),
    ];
    if seconds {
        options.push(("second", "2-digit"));
    }
    if utc {
        options.push(("timeZone", "UTC"));
    }
    format_with(at, &options)
}

/// `22 Nov 2026`, in UTC.
pub fn day(at: DateTime<Utc>) -> String {
    format_with(at, &[("day", "numeric"), ("month", "short"), ("year", "numeric"), ("timeZone", "UTC")])
}

/// `22 Nov, 14:05`, in the browser's zone. Only where a title or a neighbour gives year and zone.
pub fn short(at: DateTime<Utc>) -> String {
    format_with(
        at,
        &[("day", "numeric"), ("month", "short"), ("hour", "2-digit"), ("minute", "2-digit"), ("hourCycle", "h23")],
    )
}

/// `22 Nov, 14:05 CET`, in the browser's zone, for a time that is near.
pub fn short_with_zone(at: DateTime<Utc>) -> String {
    format_with(
        at,
        &[
            ("day", "numeric"),
            ("month", "short"),
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            ("hourCycle", "h23"),
            ("timeZoneName", "short"),
        ],
    )
}

/// What a format shows, by the names and values that the browser knows.
type Shown = Vec<(&'static str, &'static str)>;

thread_local! {
    /// The formats that were used so far. Making one costs far more than using it, and every row of a table shows times.
    static FORMATS: RefCell<Vec<(Shown, Function)>> = const { RefCell::new(Vec::new()) };
}

fn format_with(at: DateTime<Utc>, options: &[(&'static str, &'static str)]) -> String {
    let format = FORMATS.with_borrow_mut(|formats| {
        let known = formats.iter().find(|(shown, _)| shown == options).map(|(_, format)| format.clone());
        known.unwrap_or_else(|| {
            let format = new_format(options);
            formats.push((options.to_vec(), format.clone()));
            format
        })
    });
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of any date fit a double exactly")]
    let date = JsValue::from_f64(at.timestamp_millis() as f64);
    format.call1(&JsValue::UNDEFINED, &date).ok().and_then(|text| text.as_string()).unwrap_or_else(|| iso(at))
}

fn new_format(options: &[(&'static str, &'static str)]) -> Function {
    let object = Object::new();
    for (name, value) in options {
        // Setting a property of a fresh object can't fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    Intl::DateTimeFormat::new(&Array::of1(&JsValue::from_str("en-GB")), &object).format()
}

/// The absolute time in the viewer's zone and in UTC, a line each; one line where these are the same.
pub fn both(at: DateTime<Utc>) -> String {
    let (here, utc) = (absolute(at, false), absolute(at, true));
    if here == utc { utc } else { format!("{here}\n{utc}") }
}

/// A time: in words, the absolute one (viewer's zone and UTC) on hover and focus.
#[component]
pub fn Time(
    /// When
    at: DateTime<Utc>,
    /// The server's clock
    #[prop(into)]
    now: Signal<DateTime<Utc>>,
    /// Opens the tooltip towards the other side
    #[prop(optional)]
    end: bool,
) -> impl IntoView {
    view! {
        <time
            class=if end { "c-time c-time--end" } else { "c-time" }
            tabindex="0"
            datetime=iso(at)
            data-absolute=both(at)
        >
            {dynamic(move || relative(at, now.get()))}
        </time>
    }
    .into_any()
}

/// Thresholds that a countdown says aloud, in seconds.
const THRESHOLDS: [(i64, &str); 4] =
    [(3_600, "One hour left."), (600, "Ten minutes left."), (60, "One minute left."), (0, "The time is up.")];

/// What a countdown says aloud at `left` seconds: the tightest threshold that has been passed.
fn announcement(left: i64) -> Option<&'static str> {
    THRESHOLDS.iter().rev().find(|(limit, _)| left <= *limit).map(|(_, words)| *words)
}

/// The time left until `until`, ticking; the absolute time on hover and focus, and on paper. Screen readers hear only the thresholds that are passed while they listen.
#[component]
pub fn Countdown(
    /// The end
    until: DateTime<Utc>,
    /// The server's clock, to the second
    #[prop(into)]
    now: Signal<DateTime<Utc>>,
    /// Shown instead of zero
    #[prop(into)]
    over: String,
    /// Large, as a figure
    #[prop(optional)]
    figure: bool,
    /// Says thresholds aloud; one per page at most
    #[prop(optional)]
    announce: bool,
) -> impl IntoView {
    let left = memo(move || (until - now.get()).num_seconds().max(0));
    let first = announcement(left.get_untracked());
    let said = memo(move || announcement(left.get()));
    let class = move || {
        let state = match left.get() {
            0 => " c-countdown--gone",
            1..=3_600 => " c-countdown--soon",
            _ => "",
        };
        format!("c-time{} c-countdown{state}", if figure { " c-countdown--figure" } else { " c-time--end" })
    };
    let text = move || if left.get() == 0 { over.clone() } else { clock_face(TimeDelta::seconds(left.get())) };
    let spoken =
        Signal::derive(move || said.get().filter(|words| Some(*words) != first).unwrap_or_default().to_owned());
    view! {
        <time class=class role="timer" aria-live="off" tabindex="0" datetime=iso(until) data-absolute=both(until)>
            {dynamic(text)}
        </time>
        {announce.then(|| view! { <LiveRegion text=spoken /> })}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(2_000), "2,000");
        assert_eq!(number(1_234_567), "1,234,567");
    }

    #[test]
    fn spans_use_the_two_largest_units() {
        assert_eq!(span(TimeDelta::seconds(45)), "45 s");
        assert_eq!(span(TimeDelta::seconds(60)), "1 min");
        assert_eq!(span(TimeDelta::minutes(125)), "2 h 5 min");
        assert_eq!(span(TimeDelta::hours(48)), "2 d");
        assert_eq!(span(TimeDelta::seconds(-3)), "0 s");
        assert_eq!(clock_face(TimeDelta::seconds(86_400 + 3_661)), "1 d 01:01:01");
        assert_eq!(clock_face(TimeDelta::seconds(65)), "1:05");
    }

    #[test]
    fn words_look_ahead_and_back() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a date");
        assert_eq!(relative(now, now), "just now");
        assert_eq!(relative(now + TimeDelta::minutes(125), now), "in 2 h 5 min");
        assert_eq!(relative(now - TimeDelta::minutes(125), now), "2 h ago");
    }

    #[test]
    fn only_the_tightest_threshold_is_said() {
        assert_eq!(announcement(4_000), None);
        assert_eq!(announcement(3_600), Some("One hour left."));
        assert_eq!(announcement(30), Some("One minute left."));
        assert_eq!(announcement(0), Some("The time is up."));
    }
}
