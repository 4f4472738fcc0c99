//! The figures, each beside what it was in the period before, each a link to the rows behind it; and how the main ones went.

use super::chart::{Part, parts};
use crate::{
    paths,
    ui::{TwinRow, sparkline, time, twin},
};
use chrono::TimeDelta;
use leptos::prelude::*;
use lockbox_api::{
    Time,
    events::Outcome,
    history::{History, HistoryFigures},
    requests::{RequestView, Status},
};

/// What stands where there is no number.
const NOTHING: &str = "–";

/// Actions are counted however they ended.
const ACTIONS: Option<Outcome> = None;

/// A figure.
struct Compared {
    label: &'static str,
    now: String,
    before: String,
    /// The rows behind it, of this period and of the one before
    view: RequestView,
    status: Option<Status>,
    /// What it counts is in the log: with this outcome, or with any
    events: Option<Option<Outcome>>,
    /// How it went, where that says something
    course: Option<fn(&Part) -> Option<f64>>,
}

fn compared(report: &History) -> Vec<Compared> {
    let History { current, previous, .. } = report;
    let figure = |label, view, of: &dyn Fn(&HistoryFigures) -> String| Compared {
        label,
        now: of(current),
        before: of(previous),
        view,
        status: None,
        events: None,
        course: None,
    };
    let with = |figure: Compared, course: fn(&Part) -> Option<f64>| Compared { course: Some(course), ..figure };
    let logged = |figure: Compared, outcome| Compared { events: Some(outcome), ..figure };
    let (asked, decided, opened, used) =
        (RequestView::Asked, RequestView::Decided, RequestView::Opened, RequestView::Used);
    let median = figure("Median time to decide", decided, &|of| of.median_seconds_to_decide.map_or_else(nothing, span));
    let p95 = figure("95 of 100 decided within", decided, &|of| of.p95_seconds_to_decide.map_or_else(nothing, span));
    let expired = figure("Expired share", asked, &|of| of.expired_share.map_or_else(nothing, percent));
    vec![
        with(figure("Requests", asked, &|of| count(of.requests)), |part| Some(part.asked())),
        with(
            figure("Approval rate", decided, &|of| of.approval_rate.map_or_else(nothing, percent)),
            Part::approval_rate,
        ),
        with(median, |part| part.median),
        with(p95, |part| part.p95),
        with(Compared { status: Some(Status::Expired), ..expired }, Part::expired_share),
        figure("Hours granted", opened, &|of| hours(of.hours_granted)),
        figure("Hours open", opened, &|of| hours(of.hours_open)),
        figure("Hours used", used, &|of| hours(of.hours_used)),
        logged(figure("Actions", used, &|of| count(of.actions)), ACTIONS),
        logged(figure("Rows touched", used, &|of| count(of.rows_touched)), ACTIONS),
        logged(
            figure("Refused actions", RequestView::Refused, &|of| count(of.refused_actions)),
            Some(Outcome::Refused),
        ),
        figure("Access without a request", RequestView::WithoutRequest, &|of| count(of.without_request)),
        figure("Stayed inside the provider", RequestView::Inside, &|of| count(of.inside)),
    ]
}

impl Compared {
    fn rows(&self, from: Time, to: Time) -> String {
        let status = self.status.map_or("", Status::as_str);
        paths::requests_of_period(self.view, from, to).add("status", status).onto(paths::list_of(self.view))
    }
}

/// The figures.
pub fn view(report: &History) -> AnyView {
    let days = (report.to - report.from).num_days();
    let earlier = report.from - (report.to - report.from);
    let parts = parts(report);
    let figures = compared(report)
        .into_iter()
        .map(|one| {
            let (rows, rows_before) = (one.rows(report.from, report.to), one.rows(earlier, report.from));
            let Compared { label, now, before, course, events, .. } = one;
            // The figure is of the access that was asked for in the period, whenever it was used; the log knows when.
            let events = events.map(|outcome| {
                let href = paths::data_access_of_period(report.from, report.to, outcome);
                let spoken = format!("{label}: what was done in this period, in the log");
                view! { <dd class="c-figure__label u-screen"><a class="c-quiet" href=href aria-label=spoken>"in the log"</a></dd> }
            });
            let course = course.map(|of| sparkline(&parts.iter().map(of).collect::<Vec<_>>()));
            let spoken = format!("{label}: {before} before");
            view! {
                <div class="c-figures__one">
                    <dt class="c-figure__label"><a href=rows>{label}</a></dt>
                    <dd class="c-figure__value">{now} {course}</dd>
                    <dd class="c-figure__label"><a class="c-quiet" href=rows_before aria-label=spoken>{before} " before"</a></dd>
                    {events}
                </div>
            }
        })
        .collect_view();
    view! {
        <dl class="c-figures" aria-label=format!("Figures of {days} days, beside those of the {days} days before")>{figures}</dl>
        {courses(report, &parts)}
    }
    .into_any()
}

/// The numbers of the small lines.
fn courses(report: &History, parts: &[Part]) -> AnyView {
    let with_course: Vec<_> =
        compared(report).into_iter().filter_map(|one| one.course.map(|course| (one, course))).collect();
    let names: Vec<_> = with_course.iter().map(|(one, _)| one.label).collect();
    let words = |at: usize, value: Option<f64>| match (names.get(at).copied(), value) {
        (_, None) => nothing(),
        (Some("Requests"), Some(value)) => format!("{value:.0}"),
        (Some("Approval rate" | "Expired share"), Some(value)) => percent(value),
        (_, Some(value)) => span(value),
    };
    // Each number leads to what the figure itself leads to, of that day or week.
    let row = |part: &Part| TwinRow {
        name: part.long.clone(),
        hrefs: std::iter::once(part.rows.clone())
            .chain(with_course.iter().map(|(one, _)| one.rows(part.from, part.to)))
            .collect(),
        cells: with_course.iter().enumerate().map(|(at, (_, of))| words(at, of(part))).collect(),
    };
    let unit = parts.first().map(|part| part.unit).unwrap_or_default();
    let table = twin("Figures over time", unit.to_owned(), &names, parts.iter().map(row).collect());
    view! {
        <details class="c-small-lines u-screen">
            <summary>"The small lines as a table"</summary>
            <div class="c-table__scroll">{table}</div>
        </details>
    }
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
