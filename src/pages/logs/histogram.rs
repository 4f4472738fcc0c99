//! How many events there were when, by outcome, above the rows. A range is drawn over it with the pointer or walked with the arrow
//! keys, and becomes the time of the filter.

use super::{
    Logs,
    filter::{Field, Part},
    zone::Zone,
};
use crate::ui::{Bar, Fill, LiveRegion, Series, Tone, chart, dynamic, memo, time, told, unique_id};
use chrono::{DateTime, TimeDelta, Utc};
use leptos::{ev, html, prelude::*};
use lockbox_api::logs::{LogBucket, LogHistogram, LogSummary};

/// Height of the bars, pixels.
const HEIGHT: f64 = 64.0;

/// The parts of a bar, from the bottom up.
const SERIES: [Series; 3] = [
    Series { name: "Success", tone: Tone::Good, fill: Fill::Solid },
    Series { name: "Failure", tone: Tone::Waiting, fill: Fill::Level },
    Series { name: "Refused", tone: Tone::Bad, fill: Fill::Slanted },
];

/// The bars that are drawn over: from the first to the last, either way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Brush {
    from: usize,
    to: usize,
}

impl Brush {
    fn ends(self) -> (usize, usize) {
        (self.from.min(self.to), self.from.max(self.to))
    }
}

/// The histogram with the number of events.
pub fn view(logs: Logs) -> AnyView {
    let value = logs.summary.value;
    let histogram = memo(move || value.with(|summary| summary.as_ref().map(|summary| summary.histogram.clone())));
    let counted_from = memo(move || value.with(|summary| summary.as_ref().and_then(|summary| summary.counted_from)));
    let known = memo(move || histogram.with(|histogram| histogram.as_ref().is_some_and(|one| one.buckets.len() > 1)));
    let head = move || value.with(|summary| summary.as_ref().map(|summary| total_words(summary, logs.zone.get())));
    let drawn = move || {
        histogram.with(|one| one.as_ref().map(|one| bars(one, counted_from.get(), logs.zone.get())).unwrap_or_default())
    };
    let id = unique_id("histogram");
    let title = "Events over time";
    // As high as what comes, so that it moves nothing.
    let coming = memo(move || value.with(Option::is_none) && logs.summary.failure.with(Option::is_none));
    dynamic(move || {
        if coming.get() {
            return view! { <div class="c-logs__histogram"></div> }.into_any();
        }
        if !known.get() {
            return view! { <p class="u-soft c-logs__total" role="status">{dynamic(head)}</p> }.into_any();
        }
        let own = id.clone();
        let drawing = view! {
            {dynamic(move || {
                let bars = drawn();
                chart::drawing(&own, title, &SERIES, &bars, HEIGHT, false)
            })}
            {brush(logs, histogram, counted_from)}
        };
        // Made when it is asked for: some hundred rows, in a page whose filters change often.
        let as_table = RwSignal::new(false);
        let table = dynamic(move || {
            as_table.get().then(|| {
                let bars = drawn();
                let unit = histogram.with(|one| one.as_ref().map(unit_words).unwrap_or_default());
                chart::table(title, &SERIES, &bars, unit)
            })
        });
        let head = view! { <p class="c-logs__total" role="status">{dynamic(head)}</p> }.into_any();
        let frame = chart::frame(&id, &SERIES, Some(head), drawing.into_any(), table, as_table);
        view! { <div class="c-logs__histogram">{frame}</div> }.into_any()
    })
}

/// `1,234 events`, or what is known of it.
fn total_words(summary: &LogSummary, zone: Zone) -> String {
    let count = lockbox_rules::words::count(summary.total, "event");
    let count =
        count.replace(&summary.total.to_string(), &time::number(usize::try_from(summary.total).unwrap_or(usize::MAX)));
    match summary.counted_from {
        _ if summary.exact => count,
        Some(from) => format!("At least {count}; counted back to {}", zone.whole(from)),
        None => format!("At least {count}"),
    }
}

fn unit_words(histogram: &LogHistogram) -> String {
    let words = match histogram.bucket_seconds {
        seconds if seconds < 3_600 => lockbox_rules::words::count(seconds / 60, "minute"),
        seconds if seconds < 86_400 => lockbox_rules::words::count(seconds / 3_600, "hour"),
        seconds => lockbox_rules::words::count(seconds / 86_400, "day"),
    };
    format!("From, {words} each")
}

/// The numbers of a bar, as `SERIES` has them.
fn values(bucket: &LogBucket) -> [u64; 3] {
    [bucket.success, bucket.failure, bucket.refused]
}

fn bars(histogram: &LogHistogram, counted_from: Option<DateTime<Utc>>, zone: Zone) -> Vec<Bar> {
    // Below the bars there is room for a day or a time of day, not for both.
    let days = histogram.bucket_seconds >= 6 * 3_600;
    let short = |at| match zone.short(at).split_once(", ") {
        Some((day, hour)) => if days { day } else { hour }.to_owned(),
        None => zone.short(at),
    };
    let counted = counted(histogram, counted_from);
    let bar = |(bucket, counted): (&LogBucket, Counted)| Bar {
        short: short(bucket.start),
        long: match counted {
            Counted::InPart => format!("{}, counted in part", zone.whole(bucket.start)),
            Counted::Not | Counted::Whole => zone.whole(bucket.start),
        },
        values: if counted == Counted::Not { Vec::new() } else { values(bucket).to_vec() },
        hrefs: Vec::new(),
    };
    histogram.buckets.iter().zip(counted).map(bar).collect()
}

/// Whether the events of a bar were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    Not,
    InPart,
    Whole,
}

/// By bar: counting goes from the newest event back and may stop before the oldest.
fn counted(histogram: &LogHistogram, from: Option<DateTime<Utc>>) -> Vec<Counted> {
    let length = TimeDelta::seconds(i64::try_from(histogram.bucket_seconds).unwrap_or_default());
    let of = |bucket: &LogBucket| match from {
        Some(from) if bucket.start + length <= from => Counted::Not,
        Some(from) if bucket.start < from => Counted::InPart,
        _ => Counted::Whole,
    };
    histogram.buckets.iter().map(of).collect()
}

/// From the beginning of the first bar to the end of the last one.
fn range(histogram: &LogHistogram, brush: Brush) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let (first, last) = brush.ends();
    let length = TimeDelta::seconds(i64::try_from(histogram.bucket_seconds).ok()?);
    let (first, last) = (histogram.buckets.get(first)?, histogram.buckets.get(last)?);
    Some((first.start, last.start + length))
}

/// What stands over the bars and takes pointer and keys: a slider whose value is a bar.
fn brush(logs: Logs, histogram: Memo<Option<LogHistogram>>, counted_from: Memo<Option<DateTime<Utc>>>) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    let count = memo(move || histogram.with(|one| one.as_ref().map_or(0, |one| one.buckets.len())));
    let drawn = RwSignal::new(None::<Brush>);
    let pulling = StoredValue::new(false);
    let said = RwSignal::new(String::new());
    let last = move || count.get_untracked().saturating_sub(1);
    let at = move |event: &ev::PointerEvent| {
        let rect = node.get_untracked().map(|node| node.get_bounding_client_rect());
        rect.map_or(0, |rect| bar_at(f64::from(event.client_x()) - rect.left(), rect.width(), count.get_untracked()))
    };
    let apply = move |brush: Brush| {
        let ends = histogram.with_untracked(|one| one.as_ref().and_then(|one| range(one, brush)));
        drawn.set(None);
        if let Some((from, to)) = ends {
            let zone = logs.zone.get_untracked();
            said.set(format!("Narrowed to {} until {}", zone.whole(from), zone.whole(to)));
            let part = Part::of(Field::Time, format!("{}..{}", time::iso(from), time::iso(to)));
            logs.go.run((logs.filter.with_untracked(|filter| filter.with(&part)), false));
        }
    };
    let pressed = move |event: ev::PointerEvent| {
        if event.button() == 0 {
            let bar = at(&event);
            pulling.set_value(true);
            drawn.set(Some(Brush { from: bar, to: bar }));
            if let Some(node) = node.get_untracked() {
                // Without it, a pointer that leaves the chart ends the range there.
                let _ = node.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let moved = move |event: ev::PointerEvent| {
        if pulling.get_value() {
            let bar = at(&event);
            drawn.update(|drawn| *drawn = drawn.map(|brush| Brush { to: bar, ..brush }));
        }
    };
    let released = move |_: ev::PointerEvent| {
        if pulling.get_value() {
            pulling.set_value(false);
            if let Some(brush) = drawn.get_untracked() {
                apply(brush);
            }
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let now = drawn.get_untracked();
        let place = now.map_or(last(), |brush| brush.to);
        let wanted = match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => place.saturating_sub(1),
            "ArrowRight" | "ArrowUp" => (place + 1).min(last()),
            "PageDown" => place.saturating_sub(10),
            "PageUp" => (place + 10).min(last()),
            "Home" => 0,
            "End" => last(),
            "Escape" if now.is_some() => {
                event.prevent_default();
                return drawn.set(None);
            }
            "Enter" => {
                event.prevent_default();
                return now.into_iter().for_each(apply);
            }
            _ => return,
        };
        event.prevent_default();
        let from = now.filter(|_| event.shift_key()).map_or(wanted, |brush| brush.from);
        drawn.set(Some(Brush { from, to: wanted }));
    };
    let words = move || {
        let brush = drawn.get().unwrap_or(Brush { from: last(), to: last() });
        histogram.with(|one| one.as_ref().and_then(|one| spoken(one, counted_from.get(), brush, logs.zone.get())))
    };
    let shade = move || {
        let (brush, count) = (drawn.get()?, count.get());
        let (first, end) = brush.ends();
        let share = |index: usize| format!("{}%", percent(index, count));
        Some(view! {
            <span class="c-brush__range" style:inset-inline-start=share(first) style:inline-size=share(end + 1 - first)></span>
        })
    };
    view! {
        <div
            class="c-brush u-screen"
            role="slider"
            tabindex="0"
            aria-label="Narrow the time"
            aria-valuemin="0"
            aria-valuemax=told(move || count.get().saturating_sub(1).to_string())
            aria-valuenow=told(move || drawn.get().map_or_else(|| count.get().saturating_sub(1), |brush| brush.to).to_string())
            aria-valuetext=told(words)
            title="Draw over the bars to narrow the time. With the keyboard: arrow keys, Shift for more bars, then Enter."
            node_ref=node
            on:pointerdown=pressed
            on:pointermove=moved
            on:pointerup=released
            on:pointercancel=move |_| {
                pulling.set_value(false);
                drawn.set(None);
            }
            on:blur=move |_| drawn.set(None)
            on:keydown=keys
        >
            {dynamic(shade)}
        </div>
        {dynamic(move || drawn.get().map(|_| view! { <p class="c-brush__words" aria-hidden="true">{words()}</p> }))}
        <LiveRegion text=said />
    }
    .into_any()
}

/// The bars under the brush in words: when, and how many of what.
fn spoken(histogram: &LogHistogram, counted_from: Option<DateTime<Utc>>, brush: Brush, zone: Zone) -> Option<String> {
    let (from, to) = range(histogram, brush)?;
    let (first, last) = brush.ends();
    let mut sums = [0_u64; 3];
    for bucket in histogram.buckets.get(first..=last)? {
        for (sum, value) in sums.iter_mut().zip(values(bucket)) {
            *sum += value;
        }
    }
    let counts: Vec<_> = SERIES.iter().zip(sums).map(|(one, sum)| format!("{} {sum}", one.name)).collect();
    let known = counted(histogram, counted_from);
    let known = known.get(first..=last)?;
    let words = if known.iter().all(|one| *one == Counted::Not) {
        "not counted".to_owned()
    } else if known.contains(&Counted::Not) || known.contains(&Counted::InPart) {
        format!("{}, counted in part", counts.join(", "))
    } else {
        counts.join(", ")
    };
    Some(format!("{} until {}: {words}", zone.whole(from), zone.whole(to)))
}

/// The bar under a point `x` pixels from the left of a chart that is `width` wide.
fn bar_at(x: f64, width: f64, count: usize) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "within the chart, which has some hundred bars at most"
    )]
    let bar = (x.max(0.0) / width.max(1.0) * count as f64) as usize;
    bar.min(count.saturating_sub(1))
}

#[expect(clippy::cast_precision_loss, reason = "some hundred bars at most")]
fn percent(index: usize, count: usize) -> f64 {
    100.0 * index as f64 / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram() -> LogHistogram {
        let start: DateTime<Utc> = "2026-11-22T03:00:00Z".parse().unwrap();
        let bucket = |hour: i64| LogBucket {
            start: start + TimeDelta::hours(hour),
            success: 10,
            failure: 1,
            refused: u64::from(hour == 2),
        };
        LogHistogram { bucket_seconds: 3_600, buckets: (0..4).map(bucket).collect() }
    }

    #[test]
    fn a_range_holds_its_bars_whole_whichever_way_it_was_drawn() {
        let ends =
            |from, to| range(&histogram(), Brush { from, to }).map(|(from, to)| (from.to_rfc3339(), to.to_rfc3339()));
        let expected = Some(("2026-11-22T04:00:00+00:00".to_owned(), "2026-11-22T06:00:00+00:00".to_owned()));
        assert_eq!(ends(1, 2), expected);
        assert_eq!(ends(2, 1), expected);
        assert_eq!(ends(1, 9), None);
    }

    #[test]
    fn bars_before_the_counting_stopped_were_not_counted() {
        let at = |text: &str| Some(text.parse().unwrap());
        assert_eq!(counted(&histogram(), None), [Counted::Whole; 4]);
        assert_eq!(
            counted(&histogram(), at("2026-11-22T05:30:00Z")),
            [Counted::Not, Counted::Not, Counted::InPart, Counted::Whole]
        );
        assert_eq!(counted(&histogram(), at("2026-11-22T04:00:00Z"))[..2], [Counted::Not, Counted::Whole]);
    }

    #[test]
    fn a_point_is_over_one_bar() {
        assert_eq!(bar_at(-5.0, 100.0, 4), 0);
        assert_eq!(bar_at(24.9, 100.0, 4), 0);
        assert_eq!(bar_at(25.1, 100.0, 4), 1);
        assert_eq!(bar_at(100.0, 100.0, 4), 3);
        assert_eq!(bar_at(1e9, 100.0, 4), 3);
        assert_eq!(bar_at(1.0, 0.0, 0), 0);
    }

    #[test]
    fn bars_carry_the_three_outcomes() {
        let histogram = histogram();
        assert_eq!(values(&histogram.buckets[2]), [10, 1, 1]);
        assert_eq!(unit_words(&histogram), "From, 1 hour each");
        assert_eq!(unit_words(&LogHistogram { bucket_seconds: 604_800, ..histogram }), "From, 7 days each");
    }
}
