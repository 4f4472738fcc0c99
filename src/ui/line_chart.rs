//! Lines as SVG: a chart of time spans with axes, key and table, and the small line beside a figure. Lines differ by stroke and by
//! the shape of their points, so that they are told apart without colour.

use super::{
    chart::{ABOVE, BELOW, HEIGHT, LABELS, TwinRow, framed, place, twin},
    scale::{Point, float, labelled, largest, points, span_ticks},
    time,
};
use chrono::TimeDelta;
use leptos::prelude::*;

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it shows
    pub name: &'static str,
    /// Drawn in dashes, with hollow points
    pub dashed: bool,
    /// A value for each slot, seconds; none where there is nothing to tell
    pub values: Vec<Option<f64>>,
}

/// One place along a line chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its label below, where there is room
    pub short: String,
    /// Its label in the table
    pub long: String,
    /// Where its numbers in the table lead to
    pub href: Option<String>,
}

/// What stands where there is nothing to tell.
const NOTHING: &str = "–";

fn words(value: Option<f64>) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "no request waits for longer than a few days")]
    value.map_or_else(|| NOTHING.to_owned(), |seconds| time::span(TimeDelta::seconds(seconds.round() as i64)))
}

/// Time spans as lines, their key, and their numbers as a table, which anybody can show in the chart's place.
#[component]
pub fn SpanLines(
    /// What it shows; its accessible name
    #[prop(into)]
    title: String,
    /// The lines
    lines: Vec<Line>,
    /// The places along them
    slots: Vec<Slot>,
    /// What a place stands for: `Day`, `Week`
    #[prop(into)]
    unit: String,
) -> impl IntoView {
    let ticks = span_ticks(largest(lines.iter().flat_map(|line| &line.values)));
    let top = ticks.last().map_or(1.0, |tick| float(tick.seconds));
    let up = move |share: f64| ABOVE + HEIGHT * (1.0 - share);
    let levels: Vec<_> = ticks.into_iter().map(|tick| (up(float(tick.seconds) / top), tick.words)).collect();
    let rules = levels
        .iter()
        .map(|(y, _)| view! { <line class="c-chart__line" x1="0" x2="100%" y1=*y y2=*y></line> }.into_any())
        .collect_view();
    let numbers = levels
        .into_iter()
        .map(|(y, words)| {
            view! { <text class="c-chart__text" x="100%" dx="-6" text-anchor="end" y=y dy="4">{words}</text> }
                .into_any()
        })
        .collect_view();
    let drawn = lines.iter().map(|line| draw(&points(&line.values, top), line.dashed, ABOVE, HEIGHT)).collect_view();
    let width = 100.0 / float(slots.len().max(1) as u64);
    let has_label = labelled(slots.len(), LABELS);
    let below = slots
        .iter()
        .enumerate()
        .map(|(index, slot)| {
            let left = width * float(index as u64);
            let told =
                lines.iter().map(|line| format!("{}: {}", line.name, words(line.values.get(index).copied().flatten())));
            let told = told.collect::<Vec<_>>().join(", ");
            let label = has_label(index).then(|| slot.short.clone());
            place(left, width, HEIGHT, format!("{}: {told}", slot.long), label, ().into_any())
        })
        .collect_view();
    let height = ABOVE + HEIGHT + BELOW;
    let most_width = format!("{}px", slots.len() * 72);
    let drawing = view! {
        <svg class="c-chart__axis c-chart__axis--wide" height=height aria-hidden="true">{numbers}</svg>
        <svg class="c-chart__plot" height=height style:max-inline-size=most_width role="img" aria-label=format!("{title}. The same numbers are in the table that follows.")>
            {rules}
            {below}
            {drawn}
        </svg>
    };
    let swatch = |line: &Line| {
        let pair = [Point { x: 0.0, y: 0.5 }, Point { x: 100.0, y: 0.5 }];
        let middle = [Point { x: 50.0, y: 0.5 }];
        view! {
            <svg class="c-chart__swatch c-chart__swatch--line" aria-hidden="true">
                {draw_path(&pair, line.dashed, 0.0, 12.0)} {draw_points(&middle, line.dashed, 0.0, 12.0)}
            </svg>
        }
        .into_any()
    };
    let keys = lines.iter().map(|line| (swatch(line), line.name)).collect();
    let heads: Vec<_> = lines.iter().map(|line| line.name).collect();
    let rows = slots.iter().enumerate().map(|(index, slot)| TwinRow {
        name: slot.long.clone(),
        hrefs: slot.href.iter().cycle().take(1 + lines.len()).cloned().collect(),
        cells: lines.iter().map(|line| words(line.values.get(index).copied().flatten())).collect(),
    });
    let table = twin(&title, unit, &heads, rows.collect());
    framed(().into_any(), keys, None, drawing.into_any(), table, RwSignal::new(false))
}

/// A line with its points, `height` pixels high under a margin of `above`.
fn draw(points: &[Point], dashed: bool, above: f64, height: f64) -> AnyView {
    view! { <g>{draw_path(points, dashed, above, height)} {draw_points(points, dashed, above, height)}</g> }.into_any()
}

/// Straight from each known value to the next: a day without a decision is no gap in the story.
fn draw_path(points: &[Point], dashed: bool, above: f64, height: f64) -> AnyView {
    let class = if dashed { "c-chart__stroke c-chart__stroke--dashed" } else { "c-chart__stroke" };
    let up = |point: &Point| above + height * (1.0 - point.y);
    points
        .windows(2)
        .map(|pair| {
            let (x1, x2) = (format!("{}%", pair[0].x), format!("{}%", pair[1].x));
            view! { <line class=class x1=x1 y1=up(&pair[0]) x2=x2 y2=up(&pair[1])></line> }.into_any()
        })
        .collect_view()
        .into_any()
}

fn draw_points(points: &[Point], hollow: bool, above: f64, height: f64) -> AnyView {
    let class = if hollow { "c-chart__point c-chart__point--hollow" } else { "c-chart__point" };
    points
        .iter()
        .map(|point| {
            let y = above + height * (1.0 - point.y);
            view! { <circle class=class cx=format!("{}%", point.x) cy=y r=if hollow { 3.0 } else { 2.5 }></circle> }
                .into_any()
        })
        .collect_view()
        .into_any()
}

/// Height of a small line, and its margins above and below.
const SMALL: f64 = 20.0;
const SMALL_MARGIN: f64 = 3.0;

/// A small line beside a figure, its last known value marked. Says nothing aloud: whoever shows it gives its numbers as a table.
pub fn sparkline(values: &[Option<f64>]) -> AnyView {
    let points = points(values, largest(values));
    let last = points.last().copied();
    view! {
        <svg class="c-spark" height=SMALL + 2.0 * SMALL_MARGIN aria-hidden="true">
            {draw_path(&points, false, SMALL_MARGIN, SMALL)}
            {draw_points(last.as_slice(), false, SMALL_MARGIN, SMALL)}
        </svg>
    }
    .into_any()
}
