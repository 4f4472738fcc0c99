//! Stacked bars as SVG: readable without colour (every series has a pattern), and with its numbers as a table beside it.
//! Lengths along the bars are in per cent and lengths upwards in pixels, so that nothing is stretched at any width.

use super::{
    Tone,
    scale::{float, labelled, stack, ticks},
    told, unique_id,
};
use leptos::prelude::*;

/// How a series is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Full
    Solid,
    /// Slanted lines
    Slanted,
    /// Dots
    Dots,
    /// Only an outline
    Hollow,
    /// Level lines
    Level,
}

/// One part of every bar.
#[derive(Clone, Copy, Debug)]
pub struct Series {
    /// What it counts
    pub name: &'static str,
    /// Colour
    pub tone: Tone,
    /// Pattern
    pub fill: Fill,
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Its label below, where there is room
    pub short: String,
    /// Its label in the table
    pub long: String,
    /// One number for each series; none where nothing was counted
    pub values: Vec<u64>,
    /// Where it leads to in the table, and then each of its numbers; none where they lead nowhere
    pub hrefs: Vec<String>,
}

/// Instead of numbers, where nothing was counted.
const NOT_COUNTED: &str = "not counted";

/// Height of the bars in a chart of its own, pixels.
pub(super) const HEIGHT: f64 = 168.0;
/// Room below them for labels, and above them for the topmost number.
pub(super) const BELOW: f64 = 24.0;
pub(super) const ABOVE: f64 = 8.0;
/// Labels below at most, so that they stay apart on a phone.
pub(super) const LABELS: usize = 6;

/// The chart, its key, and its numbers as a table, which anybody can show in the chart's place.
#[component]
pub fn StackedBars(
    /// What it shows; its accessible name
    #[prop(into)]
    title: String,
    /// The parts, from the bottom up
    series: Vec<Series>,
    /// The bars
    bars: Vec<Bar>,
    /// What a bar stands for: `Day`, `Week`
    #[prop(into)]
    unit: String,
) -> impl IntoView {
    let id = unique_id("chart");
    let drawing = drawing(&id, &title, &series, &bars, HEIGHT, true);
    let table = table(&title, &series, &bars, unit);
    frame(&id, &series, None, drawing, table, RwSignal::new(false))
}

/// The frame of a chart of bars: its key, `head` beside it, the button that shows the table in the drawing's place, which sets
/// `as_table`.
pub fn frame(
    id: &str,
    series: &[Series],
    head: Option<AnyView>,
    drawing: AnyView,
    table: AnyView,
    as_table: RwSignal<bool>,
) -> AnyView {
    let swatch = |index: usize, one: &Series| {
        let drawn = rect(id, index, one.tone, "0%", "100%", 0.0, 12.0);
        view! { <svg class="c-chart__swatch" aria-hidden="true">{drawn}</svg> }.into_any()
    };
    let keys = series.iter().enumerate().map(|(index, one)| (swatch(index, one), one.name)).collect();
    // In a drawing of their own: the key needs them also while the bars are away.
    let patterns = series.iter().enumerate().map(|(index, one)| pattern(id, index, *one)).collect_view();
    let patterns = view! { <svg class="c-chart__patterns" aria-hidden="true"><defs>{patterns}</defs></svg> }.into_any();
    framed(patterns, keys, head, drawing, table, as_table)
}

/// The frame of any chart; `keys` are swatches with their names.
pub(super) fn framed(
    patterns: AnyView,
    keys: Vec<(AnyView, &'static str)>,
    head: Option<AnyView>,
    drawing: AnyView,
    table: AnyView,
    as_table: RwSignal<bool>,
) -> AnyView {
    let keys = keys
        .into_iter()
        .map(|(swatch, name)| view! { <li class="c-chart__key">{swatch} {name}</li> }.into_any())
        .collect_view();
    view! {
        <figure class="c-chart">
            {patterns}
            <div class="l-row l-row--spread">
                {head}
                <ul class="c-chart__keys" aria-label="Key">{keys}</ul>
                <button
                    type="button"
                    class="c-button c-button--quiet u-screen"
                    aria-pressed=told(move || if as_table.get() { "true" } else { "false" })
                    on:click=move |_| as_table.update(|on| *on = !*on)
                >
                    "As a table"
                </button>
            </div>
            <div class="c-chart__bars" hidden=told(move || as_table.get())>{drawing}</div>
            <div class=move || if as_table.get() { "c-table__scroll" } else { "u-hidden" }>{table}</div>
        </figure>
    }
    .into_any()
}

/// The bars, `height` pixels high, with their axes. A chart that stands `alone` says its numbers where it is pointed at, keeps
/// narrow bars together, which would look lost in a wide page, and has its table in the page; otherwise something stands over
/// the bars that says what they are.
pub fn drawing(id: &str, title: &str, series: &[Series], bars: &[Bar], height: f64, alone: bool) -> AnyView {
    let most = bars.iter().map(|bar| bar.values.iter().sum::<u64>()).max().unwrap_or(0);
    let ticks = ticks(most);
    let top = ticks.last().copied().unwrap_or(1);
    let up = |share: f64| ABOVE + height * (1.0 - share);
    let lines = ticks
        .iter()
        .map(|tick| {
            let y = up(float(*tick) / float(top));
            view! { <line class="c-chart__line" x1="0" x2="100%" y1=y y2=y></line> }
        })
        .collect_view();
    let numbers = ticks
        .iter()
        .map(|tick| view! { <text class="c-chart__text" x="100%" dx="-6" text-anchor="end" y=up(float(*tick) / float(top)) dy="4">{*tick}</text> })
        .collect_view();
    let slot = 100.0 / float(bars.len().max(1) as u64);
    let has_label = labelled(bars.len(), LABELS);
    let columns = bars
        .iter()
        .enumerate()
        .map(|(index, bar)| {
            let left = slot * float(index as u64);
            let parts = stack(&bar.values, top)
                .into_iter()
                .zip(series)
                .enumerate()
                .filter(|(_, ((_, share), _))| *share > 0.0)
                .map(|(part, ((from, part_height), one))| {
                    let (x, width) = (format!("{}%", left + slot * 0.14), format!("{}%", slot * 0.72));
                    rect(id, part, one.tone, &x, &width, up(from + part_height), height * part_height)
                })
                .collect_view();
            let label = has_label(index).then(|| bar.short.clone());
            if !alone {
                return vec![parts.into_any(), label_below(left + slot / 2.0, height, label)].into_any();
            }
            let counts = series.iter().zip(&bar.values).filter(|(_, value)| **value > 0);
            let words = counts.map(|(one, value)| format!("{}: {value}", one.name)).collect::<Vec<_>>().join(", ");
            let words = match (bar.values.is_empty(), words.is_empty()) {
                (true, _) => NOT_COUNTED.to_owned(),
                (_, true) => "none".to_owned(),
                _ => words,
            };
            let words = format!("{}: {words}", bar.long);
            place(left, slot, height, words, label, parts.into_any())
        })
        .collect_view();
    let most_width = if alone { format!("{}px", bars.len() * 72) } else { "none".to_owned() };
    let height = ABOVE + height + BELOW;
    let table =
        if alone { "The same numbers are in the table that follows." } else { "“As a table” shows its numbers." };
    view! {
        <svg class="c-chart__axis" height=height aria-hidden="true">{numbers}</svg>
        <svg class="c-chart__plot" height=height style:max-inline-size=most_width role="img" aria-label=format!("{title}. {table}")>
            {lines}
            {columns}
        </svg>
    }
    .into_any()
}

/// A place along a chart, from `left` and `width` wide in per cent: what it says when it is pointed at, what is drawn in it, and its
/// label below, where there is room for one.
pub(super) fn place(
    left: f64,
    width: f64,
    height: f64,
    words: String,
    label: Option<String>,
    drawn: AnyView,
) -> AnyView {
    let label = label_below(left + width / 2.0, height, label);
    view! {
        <g>
            <title>{words}</title>
            <rect class="c-chart__touch" x=format!("{left}%") width=format!("{width}%") y="0" height=ABOVE + height></rect>
            {drawn}
            {label}
        </g>
    }
    .into_any()
}

fn label_below(center: f64, height: f64, label: Option<String>) -> AnyView {
    label
        .map(|label| {
            let x = format!("{center}%");
            view! { <text class="c-chart__text" x=x y=ABOVE + height + 17.0 text-anchor="middle">{label}</text> }
        })
        .into_any()
}

fn rect(id: &str, index: usize, tone: Tone, x: &str, width: &str, y: f64, height: f64) -> AnyView {
    let fill = format!("url(#{id}-{index})");
    view! {
        <rect class=format!("c-chart__part c-chart__part--{}", tone.class()) x=x.to_owned() width=width.to_owned() y=y height=height fill=fill></rect>
    }
    .into_any()
}

fn pattern(id: &str, index: usize, series: Series) -> AnyView {
    let class = format!("c-chart__ink c-chart__part--{}", series.tone.class());
    let drawn = match series.fill {
        Fill::Solid => view! { <rect class="c-chart__full" width="6" height="6"></rect> }.into_any(),
        Fill::Slanted => view! { <path d="M-1 1 1-1M0 6 6 0M5 7 7 5" stroke-width="2"></path> }.into_any(),
        Fill::Dots => view! { <circle class="c-chart__full" cx="3" cy="3" r="1.4"></circle> }.into_any(),
        Fill::Hollow => ().into_any(),
        Fill::Level => view! { <path d="M0 1.5h6M0 4.5h6" stroke-width="1.5"></path> }.into_any(),
    };
    view! {
        <pattern id=format!("{id}-{index}") width="6" height="6" patternUnits="userSpaceOnUse">
            <g class=class>{drawn}</g>
        </pattern>
    }
    .into_any()
}

/// The same numbers as a table; `unit` heads the bars' names.
pub fn table(title: &str, series: &[Series], bars: &[Bar], unit: String) -> AnyView {
    let heads: Vec<_> = series.iter().map(|one| one.name).collect();
    let rows = bars.iter().map(|bar| TwinRow {
        name: bar.long.clone(),
        hrefs: bar.hrefs.clone(),
        cells: if bar.values.is_empty() {
            series.iter().map(|_| NOT_COUNTED.to_owned()).collect()
        } else {
            bar.values.iter().map(u64::to_string).collect()
        },
    });
    twin(title, unit, &heads, rows.collect())
}

/// A row of a chart's table.
pub struct TwinRow {
    /// What the row stands for
    pub name: String,
    /// Where it leads to, and then each of its numbers; those without one lead nowhere
    pub hrefs: Vec<String>,
    /// Its numbers, as text
    pub cells: Vec<String>,
}

/// The table beside a drawing.
pub fn twin(title: &str, unit: String, heads: &[&'static str], rows: Vec<TwinRow>) -> AnyView {
    let names = heads.to_vec();
    let heads =
        heads.iter().map(|name| view! { <th scope="col" class="u-number">{*name}</th> }.into_any()).collect_view();
    let rows = rows
        .into_iter()
        .map(|TwinRow { name, hrefs, cells }| {
            let mut hrefs = hrefs.into_iter();
            let mut linked = |text: String, spoken: Option<String>| match hrefs.next() {
                Some(href) => view! { <a href=href aria-label=spoken>{text}</a> }.into_any(),
                None => text.into_any(),
            };
            let of = name.clone();
            let name = linked(name, None);
            let cells = cells
                .into_iter()
                .zip(&names)
                .map(|(cell, head)| {
                    let spoken = format!("{cell}, {head}, {of}");
                    view! { <td class="u-number">{linked(cell, Some(spoken))}</td> }.into_any()
                })
                .collect_view();
            view! { <tr><th scope="row">{name}</th>{cells}</tr> }.into_any()
        })
        .collect_view();
    view! {
        <table class="c-table c-table--dense">
            <caption class="u-hidden">{title.to_owned()}</caption>
            <thead>
                <tr>
                    <th scope="col">{unit}</th>
                    {heads}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}
