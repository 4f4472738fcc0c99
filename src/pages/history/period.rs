//! The period: a number of days up to now, or from one day to another; in the address. Days are days in UTC, as the figures count them.

use crate::{
    paths::{self, Query},
    ui::{Select, SelectOption, TextField, dynamic, memo, watch},
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

/// Longest period, days: two years and a leap day, as the server takes it.
const DAYS_MOST: i64 = 731;

/// A field of the picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The select
    Length,
    /// The first day
    First,
    /// The last day
    Last,
}

/// A period of the address that can't be read: what was said stays, so that it can be put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The first day, as it was written
    from: String,
    /// The last day, as it was written
    to: String,
    /// Where it is wrong
    field: Field,
    /// What is wrong
    message: String,
}

/// What the address asks for.
pub type Asked = Result<Period, Wrong>;

/// A period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// The last days
    Last(u32),
    /// From the beginning of one day to the end of another
    Days(NaiveDate, NaiveDate),
}

impl Period {
    /// From what the address says; no other period is shown in the place of one that can't be read.
    fn parse(days: Option<&str>, from: Option<&str>, to: Option<&str>) -> Result<Self, Wrong> {
        let said = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let wrong = |field, message: String| Wrong { from: said(from), to: said(to), field, message };
        let day = |field, text: &str| {
            text.parse::<NaiveDate>()
                .map_err(|_| wrong(field, format!("There is no day “{text}”. Write it as 2026-11-22.")))
        };
        match (days, from, to) {
            (None, None, None) => Ok(Self::Last(DEFAULT)),
            (Some(days), None, None) => match days.parse() {
                Ok(known) if LENGTHS.contains(&known) => Ok(Self::Last(known)),
                _ => Err(wrong(Field::Length, format!("“{days}” is none of these lengths. Choose one."))),
            },
            (None, Some(from), Some(to)) => {
                let (first, last) = (day(Field::First, from)?, day(Field::Last, to)?);
                if first > last {
                    return Err(wrong(Field::Last, "The last day lies before the first.".to_owned()));
                }
                if (last - first).num_days() >= DAYS_MOST {
                    return Err(wrong(Field::First, format!("The period is longer than {DAYS_MOST} days.")));
                }
                Ok(Self::Days(first, last))
            }
            (None, Some(from), None) => {
                day(Field::First, from)?;
                Err(wrong(Field::Last, "The last day is missing.".to_owned()))
            }
            (None, None, Some(to)) => {
                day(Field::Last, to)?;
                Err(wrong(Field::First, "The first day is missing.".to_owned()))
            }
            (Some(_), ..) => Err(wrong(Field::Length, "The address names a length and days. Choose one.".to_owned())),
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
pub fn of_address() -> Memo<Asked> {
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

/// The select `Period`, and two fields while days are chosen by hand. What is wrong stands at its field, with what was written.
pub fn picker(period: Memo<Asked>, report: RwSignal<Option<History>>) -> AnyView {
    let navigate = use_navigate();
    let go = StoredValue::new_local(move |period: Period| {
        navigate(&period.address(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    let value = |asked: &Asked| match asked {
        Ok(Period::Last(days)) => days.to_string(),
        Ok(Period::Days(..)) => CUSTOM.to_owned(),
        Err(wrong) if wrong.field == Field::Length => String::new(),
        Err(_) => CUSTOM.to_owned(),
    };
    let chosen = RwSignal::new(period.with_untracked(value));
    let (from, to) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    // The address leads: Back and Forward put the fields right.
    watch(move |_| {
        let now = period.get();
        chosen.set(value(&now));
        match now {
            Ok(Period::Days(first, last)) => {
                from.set(first.to_string());
                to.set(last.to_string());
            }
            Ok(Period::Last(_)) => {}
            Err(wrong) => {
                from.set(wrong.from);
                to.set(wrong.to);
            }
        }
    });
    watch(move |first| {
        let wanted = chosen.get();
        if first || wanted.is_empty() || wanted == period.with_untracked(value) {
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
    // What the fields held when one had written the date to its end: a year that is being typed passes through 0002.
    let done = RwSignal::new((String::new(), String::new()));
    let written = move || {
        let (from, to) = done.get();
        let part = |text: &String| (!text.is_empty()).then(|| text.clone());
        let (from, to) = (part(&from), part(&to));
        (from.is_some() || to.is_some()).then(|| Period::parse(None, from.as_deref(), to.as_deref()))
    };
    let fault = move |field: Field| {
        Signal::derive(move || {
            let wrong = written().and_then(Result::err).or_else(|| period.get().err());
            wrong.filter(|wrong| wrong.field == field).map(|wrong| wrong.message)
        })
    };
    let by_hand = memo(move || period.with(value) == CUSTOM);
    // Another period in the address: what was written before is done with.
    watch(move |_| {
        period.track();
        done.set((String::new(), String::new()));
    });
    let commit = move || {
        done.set((from.get_untracked(), to.get_untracked()));
        let wanted = untrack(written).and_then(Result::ok);
        if let Some(wanted) = wanted.filter(|wanted| period.with_untracked(|now| now.as_ref() != Ok(wanted))) {
            go.with_value(|go| go(wanted));
        }
    };
    let typing = StoredValue::new(false);
    let keys = move |event: leptos::ev::KeyboardEvent| {
        typing.set_value(event.key() != "Enter");
        if event.key() == "Enter" {
            commit();
        }
    };
    // A day picked in the browser's calendar is whole at once.
    let picked = move |_| {
        if !typing.get_value() {
            commit();
        }
    };
    let left = move |_| {
        if typing.get_value() {
            typing.set_value(false);
            commit();
        }
    };
    let mut options: Vec<_> = LENGTHS
        .into_iter()
        .map(|days| SelectOption::new(days.to_string(), format!("Last {days} days")))
        .chain([SelectOption::new(CUSTOM, "From one day to another")])
        .collect();
    if period.with_untracked(|asked| asked.as_ref().is_err_and(|wrong| wrong.field == Field::Length)) {
        options.insert(0, SelectOption::new("", "Choose a period"));
    }
    let note = move || {
        report.with(|report| {
            let report = report.as_ref().filter(|_| period.with(Result::is_ok))?;
            Some(format!("{}, compared with the {} before", in_words(report), length(report)))
        })
    };
    view! {
        <div class="c-filters u-screen">
            <Select label="Period" value=chosen options=options error=fault(Field::Length) />
            {dynamic(move || {
                by_hand
                    .get()
                    .then(|| {
                        view! {
                            <div class="c-filters__days" on:keydown=keys on:change=picked on:focusout=left>
                                <TextField label="First day" kind="date" value=from error=fault(Field::First) />
                                <TextField label="Last day" kind="date" value=to error=fault(Field::Last) />
                            </div>
                        }
                    })
            })}
            <p class="u-soft c-filters__note" role="status">{dynamic(note)}</p>
        </div>
    }
    .into_any()
}

fn length(report: &History) -> String {
    lockbox_rules::words::count((report.to - report.from).num_days().unsigned_abs(), "day")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_and_the_period_say_the_same() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(Period::parse(None, None, None), Ok(Period::Last(28)));
        assert_eq!(Period::parse(Some("90"), None, None), Ok(Period::Last(90)));
        let days = Period::Days(date("2026-10-01"), date("2026-10-31"));
        assert_eq!(Period::parse(None, Some("2026-10-01"), Some("2026-10-31")), Ok(days));
        assert_eq!(days.address(), "/history?from=2026-10-01&to=2026-10-31");
        assert_eq!(Period::Last(28).address(), "/history");
        assert_eq!(Period::Last(7).address(), "/history?days=7");
    }

    #[test]
    fn no_other_period_stands_in_for_one_that_cannot_be_read() {
        for (asked, field, message) in [
            ((Some("13"), None, None), Field::Length, "“13” is none of these lengths. Choose one."),
            (
                (Some("28"), Some("2026-10-01"), Some("2026-10-02")),
                Field::Length,
                "The address names a length and days. Choose one.",
            ),
            ((None, Some("2026-11-01"), Some("2026-10-31")), Field::Last, "The last day lies before the first."),
            (
                (None, Some("2026-02-30"), Some("2026-10-31")),
                Field::First,
                "There is no day “2026-02-30”. Write it as 2026-11-22.",
            ),
            ((None, Some("2026-02-01"), None), Field::Last, "The last day is missing."),
            ((None, None, Some("2026-02-01")), Field::First, "The first day is missing."),
            ((None, Some("2020-01-01"), Some("2022-01-01")), Field::First, "The period is longer than 731 days."),
        ] {
            let wrong = Period::parse(asked.0, asked.1, asked.2).unwrap_err();
            assert_eq!((wrong.field, wrong.message.as_str()), (field, message), "{asked:?}");
            assert_eq!(
                (wrong.from.as_str(), wrong.to.as_str()),
                (asked.1.unwrap_or_default(), asked.2.unwrap_or_default())
            );
        }
        assert!(Period::parse(None, Some("2020-01-01"), Some("2021-12-31")).is_ok(), "731 days");
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
