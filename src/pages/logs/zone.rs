//! How the log shows times: how long ago, by the browser's clock, or in UTC. A taste of whoever looks, so the browser keeps it;
//! files that leave the log are in UTC whatever is chosen here.

use crate::{
    state::storage,
    ui::{Select, SelectOption, time, watch},
};
use chrono::{DateTime, Utc};
use js_sys::{Array, Intl, Object, Reflect};
use leptos::{prelude::*, wasm_bindgen::JsValue};

/// Under this name the browser keeps it.
const NAME: &str = "lockbox-log-times";

/// How times are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// In words: `5 min ago`
    #[default]
    Ago,
    /// By the browser's clock
    Local,
    /// In UTC
    Utc,
}

impl Zone {
    /// All of them, in the order in which they are offered.
    const ALL: [Self; 3] = [Self::Ago, Self::Local, Self::Utc];

    fn key(self) -> &'static str {
        match self {
            Self::Ago => "ago",
            Self::Local => "local",
            Self::Utc => "utc",
        }
    }

    fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|zone| zone.key() == key)
    }

    fn words(self) -> String {
        match self {
            Self::Ago => "How long ago".to_owned(),
            Self::Local => format!("Local ({})", local_name()),
            Self::Utc => "UTC".to_owned(),
        }
    }

    /// Whether times are in UTC.
    pub fn is_utc(self) -> bool {
        self == Self::Utc
    }

    /// The name of the zone, where times need one: `UTC`, `Europe/Berlin`.
    pub fn name(self) -> Option<String> {
        match self {
            Self::Ago => None,
            Self::Local => Some(local_name()),
            Self::Utc => Some("UTC".to_owned()),
        }
    }

    /// A time in a row, whose head names the zone: `22 Nov 2026, 14:05:12`.
    pub fn in_row(self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        match self {
            Self::Ago => time::relative(at, now),
            _ => without_zone(&time::absolute(at, self.is_utc())),
        }
    }

    /// `22 Nov 2026, 14:05 CET`.
    pub fn whole(self, at: DateTime<Utc>) -> String {
        time::minute(at, self.is_utc())
    }

    /// `22 Nov, 14:05`: below an axis, where there is no room for more.
    pub fn short(self, at: DateTime<Utc>) -> String {
        if self.is_utc() { shortened(&time::absolute(at, true)) } else { time::short(at) }
    }
}

/// `22 Nov 2026, 14:05:12 UTC` without the zone.
fn without_zone(text: &str) -> String {
    let parts = text.split_once(", ").and_then(|(date, clock)| Some((date, clock.get(..8)?)));
    parts.map_or_else(|| text.to_owned(), |(date, clock)| format!("{date}, {clock}"))
}

/// `22 Nov 2026, 14:05:12 UTC` without year, seconds and zone.
fn shortened(text: &str) -> String {
    let parts = text.split_once(", ").and_then(|(date, clock)| date.rsplit_once(' ').zip(clock.get(..5)));
    parts.map_or_else(|| text.to_owned(), |((day, _), clock)| format!("{day}, {clock}"))
}

/// The name of the browser's zone, which is the same in summer and winter.
fn local_name() -> String {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    let name = Reflect::get(&options, &JsValue::from_str("timeZone")).ok().and_then(|name| name.as_string());
    name.unwrap_or_else(|| "this browser".to_owned())
}

/// What this browser was told last.
pub fn kept() -> RwSignal<Zone> {
    let kept = storage::browser().and_then(|browser| browser.get_item(NAME).ok().flatten());
    let zone = RwSignal::new(kept.and_then(|kept| Zone::of_key(&kept)).unwrap_or_default());
    watch(move |first| {
        let zone = zone.get();
        if !first && let Some(browser) = storage::browser() {
            // A full storage forgets it; nothing else does.
            let _ = browser.set_item(NAME, zone.key());
        }
    });
    zone
}

/// The select `Show times`.
pub fn view(zone: RwSignal<Zone>) -> AnyView {
    let chosen = RwSignal::new(zone.get_untracked().key().to_owned());
    watch(move |first| {
        let wanted = chosen.with(|chosen| Zone::of_key(chosen)).unwrap_or_default();
        if !first {
            zone.set(wanted);
        }
    });
    let options: Vec<_> = Zone::ALL.into_iter().map(|zone| SelectOption::new(zone.key(), zone.words())).collect();
    view! { <Select label="Show times" value=chosen options=options /> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_head_says_is_not_said_again() {
        assert_eq!(without_zone("22 Nov 2026, 14:05:12 CET"), "22 Nov 2026, 14:05:12");
        assert_eq!(without_zone("22 Nov 2026, 14:05:12 GMT+5:30"), "22 Nov 2026, 14:05:12");
        assert_eq!(shortened("22 Nov 2026, 14:05:12 UTC"), "22 Nov, 14:05");
        assert_eq!(shortened("2 Sept 2026, 04:05:12 UTC"), "2 Sept, 04:05");
        assert_eq!(shortened("something else"), "something else");
    }

    #[test]
    fn what_is_kept_comes_back() {
        for zone in Zone::ALL {
            assert_eq!(Zone::of_key(zone.key()), Some(zone));
        }
        assert_eq!(Zone::of_key("mars"), None);
    }
}
