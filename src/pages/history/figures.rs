//! The figures, each beside what it was in the period before, each a link to the rows behind it.

use crate::{
    paths::{self, Query},
    ui::time,
};
use chrono::TimeDelta;
use leptos::prelude::*;
use lockbox_api::{
    history::{History, HistoryFigures},
    requests::Status,
};

/// What stands where there is no number.
const NOTHING: &str = "–";

/// A figure.
struct Compared {
    label: &'static str,
    now: String,
    before: String,
    link: Option<String>,
}

/// The figures of a report: name, now, before.
pub fn rows(report: &History) -> Vec<(&'static str, String, String)> {
    compared(report).into_iter().map(|one| (one.label, one.now, one.before)).collect()
}

fn compared(report: &History) -> Vec<Compared> {
    let History { current, previous, .. } = report;
    let both = |label, of: &dyn Fn(&HistoryFigures) -> String, link| Compared {
        label,
        now: of(current),
        before: of(previous),
        link,
    };
    let requests = |view: &str| Some(paths::requests_of_period(view, report.from, report.to).onto(paths::REQUESTS));
    let expired = paths::requests_of_period("all", report.from, report.to).add("status", Status::Expired.as_str());
    let expired = Some(expired.onto(paths::REQUESTS));
    let logs = |outcome: &str| {
        let (from, to) = (time::iso(report.from), time::iso(report.to));
        let query = Query::new().add("category", "data_access").add("outcome", outcome);
        Some(query.add("from", &from).add("to", &to).onto(paths::LOGS))
    };
    vec![
        both("Requests", &|of| count(of.requests), requests("all")),
        both("Approval rate", &|of| of.approval_rate.map_or_else(nothing, percent), None),
        both("Median time to decide", &|of| of.median_seconds_to_decide.map_or_else(nothing, span), None),
        both("95 of 100 decided within", &|of| of.p95_seconds_to_decide.map_or_else(nothing, span), None),
        both("Expired share", &|of| of.expired_share.map_or_else(nothing, percent), expired),
        both("Hours granted", &|of| hours(of.hours_granted), None),
        both("Hours open", &|of| hours(of.hours_open), None),
        both("Hours used", &|of| hours(of.hours_used), None),
        both("Actions", &|of| count(of.actions), logs("")),
        both("Rows touched", &|of| count(of.rows_touched), None),
        both("Refused actions", &|of| count(of.refused_actions), logs("refused")),
        both("Access without a request", &|of| count(of.without_request), requests("without_request")),
    ]
}

/// The figures.
pub fn view(report: &History) -> AnyView {
    let days = (report.to - report.from).num_days();
    let figures = compared(report)
        .into_iter()
        .map(|one| {
            let Compared { label, now, before, link } = one;
            let words = match link {
                Some(href) => view! { <a href=href>{label}</a> }.into_any(),
                None => label.into_any(),
            };
            view! {
                <div class="c-figures__one">
                    <dt class="c-figure__label">{words}</dt>
                    <dd class="c-figure__value">{now}</dd>
                    <dd class="c-figure__label">{before} " before"</dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="c-figures" aria-label=format!("Figures of {days} days, beside those of the {days} days before")>{figures}</dl> }
        .into_any()
}

fn nothing() -> String {
    NOTHING.to_owned()
}

fn count(number: u64) -> String {
    time::number(usize::try_from(number).unwrap_or(usize::MAX))
}

fn percent(rate: f64) -> String {
    format!("{:.0} %", rate * 100.0)
}

fn hours(hours: f64) -> String {
    format!("{hours:.1} h")
}

fn span(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "no request waits for longer than a few days")]
    let whole = seconds.round() as i64;
    time::span(TimeDelta::seconds(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        assert_eq!(percent(0.834), "83 %");
        assert_eq!(hours(12.25), "12.2 h");
        assert_eq!(span(7_500.4), "2 h 5 min");
        assert_eq!(count(1_234), "1,234");
    }
}
