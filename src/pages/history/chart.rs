//! Requests by outcome over time: a bar for a day, or for a week where days would be too many.

use super::period::date;
use crate::{
    paths,
    ui::{Bar, Fill, Series, StackedBars, Tone, time},
};
use chrono::{Datelike, Days, NaiveDate};
use leptos::prelude::*;
use lockbox_api::{
    history::{History, HistoryDay},
    requests::Status,
};

/// More days than this are shown by week.
const DAYS_MOST: usize = 45;

/// The parts of a bar, from the bottom up.
const SERIES: [(Status, Series); 5] = [
    (Status::Approved, Series { name: "Approved", tone: Tone::Good, fill: Fill::Solid }),
    (Status::Denied, Series { name: "Denied", tone: Tone::Bad, fill: Fill::Slanted }),
    (Status::Expired, Series { name: "Expired", tone: Tone::Muted, fill: Fill::Dots }),
    (Status::Cancelled, Series { name: "Cancelled", tone: Tone::Muted, fill: Fill::Hollow }),
    (Status::CustomerNotified, Series { name: "Action needed", tone: Tone::Waiting, fill: Fill::Level }),
];

fn values(day: &HistoryDay) -> [u64; 5] {
    [day.approved, day.denied, day.expired, day.cancelled, day.pending]
}

/// The bars, and what one stands for.
pub fn bars(days: &[HistoryDay]) -> (Vec<Bar>, &'static str) {
    let read = |day: &HistoryDay| day.day.parse::<NaiveDate>().ok();
    if days.len() <= DAYS_MOST {
        let bar = |day: &HistoryDay| {
            let known = read(day);
            Bar {
                short: known.map_or_else(|| day.day.clone(), |day| day.format("%-d %b").to_string()),
                long: known.map_or_else(|| day.day.clone(), date),
                values: values(day).to_vec(),
            }
        };
        return (days.iter().map(bar).collect(), "Day (UTC)");
    }
    let mut weeks: Vec<(NaiveDate, Vec<u64>)> = Vec::new();
    for day in days {
        let Some(monday) =
            read(day).and_then(|day| day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))))
        else {
            continue;
        };
        match weeks.last_mut() {
            Some((known, sums)) if *known == monday => {
                for (sum, value) in sums.iter_mut().zip(values(day)) {
                    *sum += value;
                }
            }
            _ => weeks.push((monday, values(day).to_vec())),
        }
    }
    let bar = |(monday, values): (NaiveDate, Vec<u64>)| Bar {
        short: monday.format("%-d %b").to_string(),
        long: format!("Week of {}", date(monday)),
        values,
    };
    (weeks.into_iter().map(bar).collect(), "Week (UTC)")
}

/// The chart and, below, what it adds up to.
pub fn view(report: &History) -> AnyView {
    let (bars, unit) = bars(&report.by_day);
    let current = &report.current;
    let totals = [current.approved, current.denied, current.expired, current.cancelled, current.pending];
    let sums = SERIES
        .iter()
        .zip(totals)
        .map(|((status, series), total)| {
            let of_period = paths::requests_of_period("all", report.from, report.to);
            let href = of_period.add("status", status.as_str()).onto(paths::REQUESTS);
            let total = time::number(usize::try_from(total).unwrap_or(usize::MAX));
            view! { <li><a href=href>{series.name}</a> " " <strong>{total}</strong></li> }
        })
        .collect_view();
    view! {
        <StackedBars title="Requests by outcome over time" series=SERIES.map(|(_, series)| series).to_vec() bars=bars unit=unit />
        <ul class="c-names" aria-label="All in all">{sums}</ul>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(first: &str, count: u64) -> Vec<HistoryDay> {
        let first: NaiveDate = first.parse().unwrap();
        (0..count)
            .map(|after| HistoryDay {
                day: (first + Days::new(after)).to_string(),
                approved: 1,
                denied: 0,
                expired: 0,
                cancelled: 0,
                pending: after % 2,
            })
            .collect()
    }

    #[test]
    fn a_short_period_is_shown_by_day() {
        let (bars, unit) = bars(&days("2026-10-25", 28));
        assert_eq!((bars.len(), unit), (28, "Day (UTC)"));
        assert_eq!(bars[0].short, "25 Oct");
        assert_eq!(bars[0].long, "25 Oct 2026");
        assert_eq!(bars[1].values, [1, 0, 0, 0, 1]);
    }

    #[test]
    fn a_long_period_is_shown_by_week_and_loses_nothing() {
        // Thursday to Wednesday: begins and ends in the middle of a week.
        let days = days("2026-01-01", 91);
        let (bars, unit) = bars(&days);
        assert_eq!((bars.len(), unit), (14, "Week (UTC)"));
        assert_eq!(bars[0].long, "Week of 29 Dec 2025");
        assert_eq!(bars[0].values[0], 4);
        assert_eq!(bars.iter().map(|bar| bar.values[0]).sum::<u64>(), 91);
    }
}
