//! Stacked bars as SVG: readable without colour (every series has a pattern), and with its numbers as a table beside it.
//! Lengths along the bars are in per cent and lengths upwards in pixels, so that nothing is stretched at any width.

use super::{Tone, told, unique_id};
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
    /// One number for each series
    pub values: Vec<u64>,
}

/// Height of the bars in a chart of its own, pixels.
const HEIGHT: f64 = 168.0;
/// Room below them for labels, and above them for the topmost number.
const BELOW: f64 = 24.0;
const ABOVE: f64 = 8.0;
/// Labels below at most, so that they stay apart on a phone.
const LABELS: usize = 6;

/// Round numbers from 0 to at least `most`, at most five of them.
pub fn ticks(most: u64) -> Vec<u64> {
    let step = (0..).flat_map(|power| [1_u64, 2, 5].map(|base| base * 10_u64.saturating_pow(power)));
    let step = step.take(60).find(|step| most.div_ceil(*step) <= 4).unwrap_or(u64::MAX);
    (0..=most.div_ceil(step).max(1)).map(|count| count.saturating_mul(step)).collect()
}

/// Which of `count` bars carry a label: evenly spread, the first always among them.
pub fn labelled(count: usize, most: usize) -> impl Fn(usize) -> bool {
    let step = count.div_ceil(most.max(1)).max(1);
    move |index| index.is_multiple_of(step)
}

/// Where each part of a bar begins (from the bottom) and how high it is, in units of `top` = 1.
pub fn stack(values: &[u64], top: u64) -> Vec<(f64, f64)> {
    let mut below = 0;
    let share = |value: u64| float(value) / float(top.max(1));
    let mut parts = Vec::with_capacity(values.len());
    for value in values {
        parts.push((share(below), share(*value)));
        below += value;
    }
    parts
}

#[expect(clippy::cast_precision_loss, reason = "counts of things that happened are far below 2^52")]
fn float(value: u64) -> f64 {
    value as f64
}

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
    frame(&id, &series, None, drawing, table)
}

/// The frame of a chart: its key, `head` beside it, the button that shows the table in the drawing's place.
pub fn frame(id: &str, series: &[Series], head: Option<AnyView>, drawing: AnyView, table: AnyView) -> AnyView {
    let as_table = RwSignal::new(false);
    let key = series
        .iter()
        .enumerate()
        .map(|(index, one)| {
            view! {
                <li class="c-chart__key">
                    <svg class="c-chart__swatch" aria-hidden="true">{rect(id, index, one.tone, "0%", "100%", 0.0, 12.0)}</svg>
                    {one.name}
                </li>
            }
        })
        .collect_view();
    // In a drawing of their own: the key needs them also while the bars are away.
    let patterns = series.iter().enumerate().map(|(index, one)| pattern(id, index, *one)).collect_view();
    view! {
        <figure class="c-chart">
            <svg class="c-chart__patterns" aria-hidden="true"><defs>{patterns}</defs></svg>
            <div class="l-row l-row--spread">
                {head}
                <ul class="c-chart__keys" aria-label="Key">{key}</ul>
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

/// The bars, `height` pixels high, with their axes. Narrow bars that would look lost in a wide page are kept together if `kept`.
pub fn drawing(id: &str, title: &str, series: &[Series], bars: &[Bar], height: f64, kept: bool) -> AnyView {
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
            let counts = series.iter().zip(&bar.values).filter(|(_, value)| **value > 0);
            let words = counts.map(|(one, value)| format!("{}: {value}", one.name)).collect::<Vec<_>>().join(", ");
            let words = if words.is_empty() { "none".to_owned() } else { words };
            let label = has_label(index).then(|| {
                let center = format!("{}%", left + slot / 2.0);
                view! { <text class="c-chart__text" x=center y=ABOVE + height + 17.0 text-anchor="middle">{bar.short.clone()}</text> }
            });
            view! {
                <g>
                    <title>{bar.long.clone()} ": " {words}</title>
                    <rect class="c-chart__touch" x=format!("{left}%") width=format!("{slot}%") y="0" height=ABOVE + height></rect>
                    {parts}
                    {label}
                </g>
            }
            .into_any()
        })
        .collect_view();
    let most_width = if kept { format!("{}px", bars.len() * 72) } else { "none".to_owned() };
    let height = ABOVE + height + BELOW;
    view! {
        <svg class="c-chart__axis" height=height aria-hidden="true">{numbers}</svg>
        <svg class="c-chart__plot" height=height style:max-inline-size=most_width role="img" aria-label=format!("{title}. The same numbers are in the table that follows.")>
            {lines}
            {columns}
        </svg>
    }
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
    let heads = series.iter().map(|one| view! { <th scope="col" class="u-number">{one.name}</th> }).collect_view();
    let rows = bars
        .iter()
        .map(|bar| {
            let cells = bar.values.iter().map(|value| view! { <td class="u-number">{*value}</td> }).collect_view();
            view! { <tr><th scope="row">{bar.long.clone()}</th>{cells}</tr> }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_few_and_reach_the_top() {
        assert_eq!(ticks(0), [0, 1]);
        assert_eq!(ticks(1), [0, 1]);
        assert_eq!(ticks(3), [0, 1, 2, 3]);
        assert_eq!(ticks(7), [0, 2, 4, 6, 8]);
        assert_eq!(ticks(17), [0, 5, 10, 15, 20]);
        assert_eq!(ticks(4_001), [0, 2_000, 4_000, 6_000]);
        for most in (0..5_000).chain([u64::MAX / 2]) {
            let ticks = ticks(most);
            assert!(ticks.len() <= 5 && ticks.len() >= 2, "{most}: {ticks:?}");
            assert!(ticks.last() >= Some(&most), "{most}");
        }
    }

    #[test]
    fn labels_are_spread_and_few() {
        for count in 0..400 {
            let chosen = (0..count).filter(|index| labelled(count, 6)(*index)).count();
            assert!(chosen <= 6, "{count}: {chosen}");
            assert!(count == 0 || labelled(count, 6)(0));
        }
        assert!((0..6).all(labelled(6, 6)));
    }

    #[test]
    fn parts_stand_on_each_other() {
        assert_eq!(stack(&[1, 0, 3], 4), [(0.0, 0.25), (0.25, 0.0), (0.25, 0.75)]);
        assert_eq!(stack(&[0], 0), [(0.0, 0.0)]);
    }
}
