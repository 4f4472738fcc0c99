//! Requests by outcome, and the time to decide, over time: by day, or by week where days would be too many.

use super::period::date;
use crate::{
    paths,
    ui::{Bar, Fill, Line, Series, Slot, SpanLines, StackedBars, Tone, scale::float, time},
};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use leptos::prelude::*;
use lockbox_api::{
    Time,
    history::{History, HistoryDay},
    requests::{RequestView, Status},
};
use lockbox_rules::history::{DAYS_MOST, monday};

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

/// A day or a week of the period.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its label below a chart
    pub short: String,
    /// Its label in a table
    pub long: String,
    /// What it is: `Day (UTC)`, `Week (UTC)`
    pub unit: &'static str,
    /// From when
    pub from: Time,
    /// Until when
    pub to: Time,
    /// Its requests that asked the customer
    pub rows: String,
    /// Of these, in the order of the chart
    pub values: [u64; 5],
    /// The rows of each of these
    pub rows_by_outcome: [String; 5],
    /// Median time to decide, seconds
    pub median: Option<f64>,
    /// 95th percentile of the same, seconds
    pub p95: Option<f64>,
}

impl Part {
    /// Requests.
    pub fn asked(&self) -> f64 {
        float(self.values.iter().sum())
    }

    /// Approved of the decided ones.
    pub fn approval_rate(&self) -> Option<f64> {
        let [approved, denied, ..] = self.values;
        (approved + denied > 0).then(|| float(approved) / float(approved + denied))
    }

    /// Expired of the decided and the expired ones.
    pub fn expired_share(&self) -> Option<f64> {
        let [approved, denied, expired, ..] = self.values;
        let all = approved + denied + expired;
        (all > 0).then(|| float(expired) / float(all))
    }
}

/// The days of a report, or its weeks where the days would be too many.
pub fn parts(report: &History) -> Vec<Part> {
    let days = &report.by_day;
    let by_week = days.len() > DAYS_MOST;
    let mut firsts: Vec<(NaiveDate, [u64; 5])> = Vec::new();
    for day in days {
        let Ok(known) = day.day.parse::<NaiveDate>() else { continue };
        let first = if by_week { monday(known) } else { known };
        match firsts.last_mut() {
            Some((last, sums)) if *last == first => {
                for (sum, value) in sums.iter_mut().zip(values(day)) {
                    *sum += value;
                }
            }
            _ => firsts.push((first, values(day))),
        }
    }
    let part = |(first, values): (NaiveDate, [u64; 5])| {
        let name = first.to_string();
        let times = report.decision_times.iter().find(|times| times.day == name);
        // No further than the period: its first and last days may be broken ones.
        let begin = first.and_time(NaiveTime::MIN).and_utc();
        let end = begin + TimeDelta::days(if by_week { 7 } else { 1 });
        let (from, to) = (begin.max(report.from), end.min(report.to));
        let rows = paths::requests_of_period(RequestView::Asked, from, to);
        Part {
            short: first.format("%-d %b").to_string(),
            long: if by_week { format!("Week of {}", date(first)) } else { date(first) },
            unit: if by_week { "Week (UTC)" } else { "Day (UTC)" },
            from,
            to,
            rows: rows.clone().onto(paths::REQUESTS),
            rows_by_outcome: SERIES
                .map(|(status, _)| rows.clone().add("status", status.as_str()).onto(paths::REQUESTS)),
            values,
            median: times.and_then(|times| times.median_seconds),
            p95: times.and_then(|times| times.p95_seconds),
        }
    };
    firsts.into_iter().map(part).collect()
}

/// Outcomes over time and, below, what they add up to.
pub fn outcomes(report: &History) -> AnyView {
    let parts = parts(report);
    let unit = parts.first().map(|part| part.unit).unwrap_or_default();
    let bar = |part: Part| Bar {
        short: part.short,
        long: part.long,
        values: part.values.to_vec(),
        hrefs: [part.rows].into_iter().chain(part.rows_by_outcome).collect(),
    };
    let bars = parts.into_iter().map(bar).collect();
    let current = &report.current;
    let totals = [current.approved, current.denied, current.expired, current.cancelled, current.pending];
    let sums = SERIES
        .iter()
        .zip(totals)
        .map(|((status, series), total)| {
            let of_period = paths::requests_of_period(RequestView::Asked, report.from, report.to);
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

/// How long decisions took over time.
pub fn times(report: &History) -> AnyView {
    if report.current.median_seconds_to_decide.is_none() {
        return view! { <p class="u-soft">"No request was decided in this period."</p> }.into_any();
    }
    let parts = parts(report);
    let unit = parts.first().map(|part| part.unit).unwrap_or_default();
    let lines = vec![
        Line { name: "Median", dashed: false, values: parts.iter().map(|part| part.median).collect() },
        Line { name: "95 of 100 decided within", dashed: true, values: parts.iter().map(|part| part.p95).collect() },
    ];
    // The times are those of the decided ones.
    let decided = |part: &Part| paths::requests_of_period(RequestView::Decided, part.from, part.to);
    let slot =
        |part: Part| Slot { href: Some(decided(&part).onto(paths::REQUESTS)), short: part.short, long: part.long };
    let slots = parts.into_iter().map(slot).collect();
    view! { <SpanLines title="Time to decide, by when requests were raised" lines=lines slots=slots unit=unit /> }
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use lockbox_api::history::{HistoryFigures, HistoryTimes};

    /// Raised half a day after midnight and until half a day after another one.
    fn report(first: &str, count: u64) -> History {
        let first: NaiveDate = first.parse().unwrap();
        let noon = |day: NaiveDate| day.and_hms_opt(12, 0, 0).unwrap().and_utc();
        let day = |after| HistoryDay {
            day: (first + Days::new(after)).to_string(),
            approved: 1,
            denied: u64::from(after == 1),
            pending: after % 2,
            ..HistoryDay::default()
        };
        History {
            from: noon(first),
            to: noon(first + Days::new(count - 1)),
            current: HistoryFigures::default(),
            previous: HistoryFigures::default(),
            by_day: (0..count).map(day).collect(),
            decision_times: vec![HistoryTimes {
                day: (first + Days::new(1)).to_string(),
                decided: 2,
                median_seconds: Some(60.0),
                p95_seconds: Some(90.0),
            }],
            by_environment: Vec::new(),
            by_service: Vec::new(),
            by_reason: Vec::new(),
            by_team: Vec::new(),
            by_decider: Vec::new(),
            without_request: Vec::new(),
            decided: Vec::new(),
            decided_truncated: false,
            decided_next: None,
        }
    }

    #[test]
    fn a_short_period_is_shown_by_day() {
        let parts = parts(&report("2026-10-25", 28));
        assert_eq!((parts.len(), parts[0].unit), (28, "Day (UTC)"));
        assert_eq!((parts[0].short.as_str(), parts[0].long.as_str()), ("25 Oct", "25 Oct 2026"));
        assert_eq!((parts[1].values, parts[1].median, parts[1].p95), ([1, 1, 0, 0, 1], Some(60.0), Some(90.0)));
        assert_eq!((parts[1].approval_rate(), parts[1].expired_share(), parts[0].median), (Some(0.5), Some(0.0), None));
        // The rows of a broken day are those of its part of the period.
        assert!(
            parts[0].rows.ends_with("&from=2026-10-25T12%3A00%3A00Z&to=2026-10-26T00%3A00%3A00Z"),
            "{}",
            parts[0].rows
        );
        assert!(parts[27].rows.ends_with("&to=2026-11-21T12%3A00%3A00Z"), "{}", parts[27].rows);
    }

    #[test]
    fn a_long_period_is_shown_by_week_and_loses_nothing() {
        // Thursday to Wednesday: begins and ends in the middle of a week.
        let parts = parts(&report("2026-01-01", 91));
        assert_eq!((parts.len(), parts[0].unit), (14, "Week (UTC)"));
        assert_eq!(parts[0].long, "Week of 29 Dec 2025");
        assert_eq!(parts[0].values[0], 4);
        assert_eq!(parts.iter().map(|part| part.values[0]).sum::<u64>(), 91);
        assert!(
            parts[0].rows.contains("&from=2026-01-01T12%3A00%3A00Z&to=2026-01-05T00%3A00%3A00Z"),
            "{}",
            parts[0].rows
        );
    }
}
