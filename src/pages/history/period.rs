//! The period: a number of days up to now, or from one day to another; in the address. Days are days in UTC, as the figures count them.

use crate::{
    paths::{self, Query},
    ui::{Select, SelectOption, TextField, dynamic, memo, time, watch},
};
use chrono::{Days, NaiveDate, TimeDelta};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use lockbox_api::{
    Time,
    history::{History, HistoryQuery},
};

/// Lengths to choose from, days.
const LENGTHS: [u32; 4] = [7, 28, 90, 365];
/// The one without a choice.
const DEFAULT: u32 = 28;
/// The choice that shows two fields for days.
const CUSTOM: &str = "custom";

/// A period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// The last days
    Last(u32),
    /// From the beginning of one day to the end of another
    Days(NaiveDate, NaiveDate),
}

impl Period {
    /// From what the address says; what can't be read counts as nothing said.
    fn parse(days: Option<&str>, from: Option<&str>, to: Option<&str>) -> Self {
        let day = |text: Option<&str>| text.and_then(|text| text.parse::<NaiveDate>().ok());
        match (day(from), day(to)) {
            (Some(from), Some(to)) if from <= to => Self::Days(from, to),
            _ => Self::Last(
                days.and_then(|days| days.parse().ok()).filter(|days| LENGTHS.contains(days)).unwrap_or(DEFAULT),
            ),
        }
    }

    /// The address that shows it.
    fn address(self) -> String {
        let query = match self {
            Self::Last(DEFAULT) => Query::new(),
            Self::Last(days) => Query::new().add("days", &days.to_string()),
            Self::Days(from, to) => Query::new().add("from", &from.to_string()).add("to", &to.to_string()),
        };
        query.onto(paths::HISTORY)
    }

    /// As the server is asked.
    pub fn query(self) -> HistoryQuery {
        match self {
            Self::Last(days) => HistoryQuery { from: Some(format!("now-{days}d")), to: None },
            Self::Days(from, to) => {
                let end = to.checked_add_days(Days::new(1)).unwrap_or(to);
                HistoryQuery { from: Some(format!("{from}T00:00:00Z")), to: Some(format!("{end}T00:00:00Z")) }
            }
        }
    }
}

/// The period that the address asks for.
pub fn of_address() -> Memo<Period> {
    let address = use_query_map();
    memo(move || {
        address.with(|address| Period::parse(address.get_str("days"), address.get_str("from"), address.get_str("to")))
    })
}

/// The day that a period begins on.
pub fn day(from: Time) -> NaiveDate {
    from.date_naive()
}

/// The last day that a period holds: its end lies outside of it.
pub fn last_day(to: Time) -> NaiveDate {
    (to - TimeDelta::microseconds(1)).date_naive()
}

/// `25 Oct 2026 to 22 Nov 2026 (UTC)`.
pub fn in_words(report: &History) -> String {
    format!("{} to {} (UTC)", date(day(report.from)), date(last_day(report.to)))
}

/// `22 Nov 2026`, of a day rather than of an instant.
pub fn date(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// The select `Period`, and two fields while days are chosen by hand.
pub fn picker(period: Memo<Period>, report: RwSignal<Option<History>>) -> AnyView {
    let navigate = use_navigate();
    let go = StoredValue::new_local(move |period: Period| {
        navigate(&period.address(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    let value = |period: Period| match period {
        Period::Last(days) => days.to_string(),
        Period::Days(..) => CUSTOM.to_owned(),
    };
    let chosen = RwSignal::new(value(period.get_untracked()));
    let (from, to) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    // The address leads: Back and Forward put the fields right.
    watch(move |_| {
        let now = period.get();
        chosen.set(value(now));
        if let Period::Days(first, last) = now {
            from.set(first.to_string());
            to.set(last.to_string());
        }
    });
    watch(move |first| {
        let wanted = chosen.get();
        let now = period.get_untracked();
        if first || wanted == value(now) {
            return;
        }
        let next = match wanted.parse() {
            Ok(days) => Some(Period::Last(days)),
            // The days that are shown, to begin with.
            Err(_) => report.with_untracked(|report| {
                report.as_ref().map(|report| Period::Days(day(report.from), last_day(report.to)))
            }),
        };
        if let Some(next) = next {
            go.with_value(|go| go(next));
        }
    });
    let fault = Signal::derive(move || {
        let days = (from.with(|from| from.parse::<NaiveDate>()), to.with(|to| to.parse::<NaiveDate>()));
        match days {
            (Ok(from), Ok(to)) if from > to => Some("The last day lies before the first.".to_owned()),
            _ => None,
        }
    });
    watch(move |first| {
        let days = from.with(|from| from.parse()).ok().zip(to.with(|to| to.parse()).ok());
        let wanted = days.filter(|(from, to)| from <= to).map(|(from, to)| Period::Days(from, to));
        if let Some(wanted) = wanted.filter(|wanted| {
            !first && *wanted != period.get_untracked() && matches!(period.get_untracked(), Period::Days(..))
        }) {
            go.with_value(|go| go(wanted));
        }
    });
    let options: Vec<_> = LENGTHS
        .into_iter()
        .map(|days| SelectOption::new(days.to_string(), format!("Last {days} days")))
        .chain([SelectOption::new(CUSTOM, "From one day to another")])
        .collect();
    let by_hand = memo(move || matches!(period.get(), Period::Days(..)));
    view! {
        <div class="c-filters u-screen">
            <Select label="Period" value=chosen options=options />
            {dynamic(move || {
                by_hand
                    .get()
                    .then(|| {
                        view! {
                            <TextField label="First day" kind="date" value=from />
                            <TextField label="Last day" kind="date" value=to error=fault />
                        }
                    })
            })}
            <p class="u-soft c-filters__note" role="status">
                {dynamic(move || report.with(|report| report.as_ref().map(|report| format!("{}, compared with the {} before", in_words(report), length(report)))))}
            </p>
        </div>
    }
    .into_any()
}

fn length(report: &History) -> String {
    lockbox_rules::words::count((report.to - report.from).num_days().unsigned_abs(), "day")
}

/// An instant's day in the browser's zone.
pub fn short_day(at: Time) -> String {
    time::day(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_and_the_period_say_the_same() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(Period::parse(None, None, None), Period::Last(28));
        assert_eq!(Period::parse(Some("90"), None, None), Period::Last(90));
        assert_eq!(Period::parse(Some("13"), None, None), Period::Last(28));
        let days = Period::Days(date("2026-10-01"), date("2026-10-31"));
        assert_eq!(Period::parse(Some("7"), Some("2026-10-01"), Some("2026-10-31")), days);
        assert_eq!(Period::parse(None, Some("2026-11-01"), Some("2026-10-31")), Period::Last(28));
        assert_eq!(Period::parse(None, Some("2026-02-30"), Some("2026-10-31")), Period::Last(28));
        assert_eq!(days.address(), "/history?from=2026-10-01&to=2026-10-31");
        assert_eq!(Period::Last(28).address(), "/history");
        assert_eq!(Period::Last(7).address(), "/history?days=7");
    }

    #[test]
    fn the_last_day_belongs_to_the_period() {
        let query = Period::Days("2026-10-01".parse().unwrap(), "2026-10-31".parse().unwrap()).query();
        assert_eq!(query.from.as_deref(), Some("2026-10-01T00:00:00Z"));
        assert_eq!(query.to.as_deref(), Some("2026-11-01T00:00:00Z"));
        assert_eq!(last_day("2026-11-01T00:00:00Z".parse().unwrap()).to_string(), "2026-10-31");
        assert_eq!(date("2026-11-02".parse().unwrap()), "2 Nov 2026");
    }
}
