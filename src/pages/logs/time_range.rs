//! The time of the log: relative, where "now" moves with every look, or between two fixed points.

use super::{
    Logs,
    filter::{Field, Part},
    zone::Zone,
};
use crate::{
    state::clock,
    ui::{Button, ButtonKind, Dialog, Select, SelectOption, TextField, memo, time, watch},
};
use js_sys::Date;
use leptos::{prelude::*, wasm_bindgen::JsValue};
use lockbox_api::Time;
use lockbox_rules::window::parse_moment;

/// The usual periods: value in the address, words.
pub const PERIODS: [(&str, &str); 6] = [
    ("", "Any time"),
    ("now-1h", "Last hour"),
    ("now-24h", "Last 24 hours"),
    ("now-7d", "Last 7 days"),
    ("now-28d", "Last 28 days"),
    ("now-90d", "Last 90 days"),
];

/// The choice that opens the two fields.
const BETWEEN: &str = "between";

/// A time as people read it: `Last 24 hours`, `22 Nov 2026, 03:00 CET to 22 Nov 2026, 04:00 CET`.
pub fn in_words(value: &str, zone: Zone) -> String {
    let moment = |text| moment(text, zone);
    if let Some((_, words)) = PERIODS.iter().find(|(own, _)| *own == value) {
        return (*words).to_owned();
    }
    let (from, to) = value.split_once("..").unwrap_or((value, ""));
    match (from.is_empty(), to.is_empty()) {
        (false, true) => format!("since {}", moment(from)),
        (true, false) => format!("until {}", moment(to)),
        _ => format!("{} to {}", moment(from), moment(to)),
    }
}

/// A fixed point in the zone that times are shown in; anything else as it is written.
fn moment(text: &str, zone: Zone) -> String {
    match parse_moment(text, clock::server_now()) {
        Ok(at) if !text.starts_with("now") => zone.whole(at),
        _ => text.to_owned(),
    }
}

/// The select `Time` and its dialog.
pub fn view(logs: Logs) -> AnyView {
    let now = memo(move || {
        let part = logs.filter.with(|filter| filter.parts().into_iter().find(|part| part.field == Field::Time));
        part.map(|part| part.value).unwrap_or_default()
    });
    let shown = RwSignal::new(now.get_untracked());
    let open = RwSignal::new(false);
    watch(move |_| shown.set(now.get()));
    watch(move |first| {
        let wanted = shown.get();
        if !first && wanted != now.get_untracked() {
            if wanted == BETWEEN {
                open.set(true);
            } else {
                let part = Part::of(Field::Time, wanted);
                logs.go.run((logs.filter.with_untracked(|filter| filter.with(&part)), false));
            }
        }
    });
    // Left without a choice, the select says again what holds.
    watch(move |_| {
        if !open.get() && shown.get_untracked() == BETWEEN {
            shown.set(now.get_untracked());
        }
    });
    let options = Signal::derive(move || {
        let mut options: Vec<_> = PERIODS.iter().map(|(value, words)| SelectOption::new(*value, *words)).collect();
        let own = now.get();
        if !PERIODS.iter().any(|(value, _)| *value == own) {
            options.push(SelectOption::new(own.clone(), in_words(&own, logs.zone.get())));
        }
        options.push(SelectOption::new(BETWEEN, "Between two times…"));
        options
    });
    view! {
        <Select label="Time" value=shown options=options />
        <Dialog title="Between two times" open=open>
            <Between logs=logs open=open />
        </Dialog>
    }
    .into_any()
}

#[component]
fn Between(logs: Logs, open: RwSignal<bool>) -> impl IntoView {
    let query = logs.filter.with_untracked(|filter| filter.query.clone());
    // The dialog lies over the choice of the zone: it can't change while the fields are filled in.
    let zone = logs.zone.get_untracked();
    let (to_field, from_field) = (move |at| to_field(at, zone), move |text: &str| from_field(text, zone));
    let at_start = |text: Option<String>, otherwise: &str| {
        let clock = clock::server_now();
        let text = text.unwrap_or_else(|| otherwise.to_owned());
        RwSignal::new(parse_moment(&text, clock).map(to_field).unwrap_or_default())
    };
    let (from, to) = (at_start(query.from, "now-24h"), at_start(query.to, "now"));
    let tried = RwSignal::new(false);
    let fault = Signal::derive(move || match (from_field(&from.get()), from_field(&to.get())) {
        (Some(from), Some(to)) if from >= to => Some("The end has to lie after the beginning.".to_owned()),
        (None, _) | (_, None) => Some("Give both a date and a time.".to_owned()),
        _ => None,
    });
    let shown = Signal::derive(move || fault.get().filter(|_| tried.get()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let ends = from_field(&from.get_untracked()).zip(from_field(&to.get_untracked()));
        if let Some((from, to)) = ends.filter(|(from, to)| from < to) {
            let part = Part::of(Field::Time, format!("{}..{}", time::iso(from), time::iso(to)));
            open.set(false);
            logs.go.run((logs.filter.with_untracked(|filter| filter.with(&part)), false));
        }
    };
    let hint = format!("In {}.", zone.name().unwrap_or_else(|| "the time zone of your browser".to_owned()));
    view! {
        <form on:submit=submit novalidate=true>
            <div class="c-dialog__body">
                <TextField label="From" kind="datetime-local" value=from hint=hint />
                <TextField label="To" kind="datetime-local" value=to error=shown />
            </div>
            <div class="c-dialog__foot">
                <Button label="Cancel" on_press=Callback::new(move |()| open.set(false)) />
                <Button kind=ButtonKind::Primary label="Use this time" submit=true />
            </div>
        </form>
    }
    .into_any()
}

/// What a `datetime-local` field holds, read in UTC or in the browser's zone.
fn from_field(text: &str, zone: Zone) -> Option<Time> {
    let text = if zone.is_utc() { format!("{text}Z") } else { text.to_owned() };
    let ms = Date::new(&JsValue::from_str(&text)).get_time();
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date fit 64 bits")]
    let known = (!ms.is_nan()).then(|| Time::from_timestamp_millis(ms as i64));
    known.flatten()
}

/// The same, the other way, to the minute.
fn to_field(at: Time, zone: Zone) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of any date fit a double exactly")]
    let ms = at.timestamp_millis() as f64;
    let minutes = if zone.is_utc() { 0.0 } else { Date::new(&JsValue::from_f64(ms)).get_timezone_offset() };
    let offset = minutes * 60_000.0;
    let local = Date::new(&JsValue::from_f64(ms - offset)).to_iso_string();
    local.as_string().and_then(|text| text.get(..16).map(str::to_owned)).unwrap_or_default()
}
