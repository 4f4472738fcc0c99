//! Scales and ticks of charts: pure reckoning. Lengths along a chart are in per cent and lengths upwards in shares of its
//! height, so that a drawing is never stretched, whatever its width.

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

/// A count as a length.
#[expect(clippy::cast_precision_loss, reason = "counts of things that happened are far below 2^52")]
pub fn float(value: u64) -> f64 {
    value as f64
}

/// A tick of an axis of time spans: seconds, and its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanTick {
    /// How long
    pub seconds: u64,
    /// `30 min`, `2 h`, `3 d`
    pub words: String,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// Steps between ticks that people count in.
const SPAN_STEPS: [u64; 14] = [
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    10 * DAY,
];

/// Ticks from nothing to at least `most` seconds, at most five of them, in one unit.
pub fn span_ticks(most: f64) -> Vec<SpanTick> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no request waits for centuries")]
    let most = most.max(0.0).ceil() as u64;
    let step = SPAN_STEPS.into_iter().find(|step| most.div_ceil(*step) <= 4);
    let step = step.unwrap_or_else(|| most.div_ceil(4).next_multiple_of(DAY));
    let (unit, name) = if step >= DAY {
        (DAY, "d")
    } else if step >= HOUR {
        (HOUR, "h")
    } else {
        (MINUTE, "min")
    };
    let words = |seconds: u64| if seconds == 0 { "0".to_owned() } else { format!("{} {name}", seconds / unit) };
    (0..=most.div_ceil(step).max(1))
        .map(|count| SpanTick { seconds: count * step, words: words(count * step) })
        .collect()
}

/// A point of a line: per cent from the left, and share of the height from below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Per cent from the left
    pub x: f64,
    /// Share of the height, 0 to 1
    pub y: f64,
}

/// Where the known values of a line lie: each in the middle of its slot, the whole height standing for `top`.
pub fn points(values: &[Option<f64>], top: f64) -> Vec<Point> {
    let slot = 100.0 / float(values.len().max(1) as u64);
    let top = if top > 0.0 { top } else { 1.0 };
    let known = values.iter().enumerate().filter_map(|(index, value)| value.map(|value| (index, value)));
    known
        .map(|(index, value)| Point { x: slot * (float(index as u64) + 0.5), y: (value / top).clamp(0.0, 1.0) })
        .collect()
}

/// The largest of the known values; nothing where none is.
pub fn largest<'a>(values: impl IntoIterator<Item = &'a Option<f64>>) -> f64 {
    values.into_iter().flatten().copied().fold(0.0, f64::max)
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
    fn ticks_of_time_are_few_round_and_in_one_unit() {
        let words = |most: f64| span_ticks(most).into_iter().map(|tick| tick.words).collect::<Vec<_>>();
        assert_eq!(words(0.0), ["0", "1 min"]);
        assert_eq!(words(200.0), ["0", "1 min", "2 min", "3 min", "4 min"]);
        assert_eq!(words(7_200.0), ["0", "30 min", "60 min", "90 min", "120 min"]);
        assert_eq!(words(7_201.0), ["0", "1 h", "2 h", "3 h"]);
        assert_eq!(words(86_400.0 * 4.0), ["0", "1 d", "2 d", "3 d", "4 d"]);
        for most in (0_u32..4_000_000).step_by(997) {
            let ticks = span_ticks(f64::from(most));
            assert!((2..=5).contains(&ticks.len()), "{most}: {ticks:?}");
            assert!(ticks.last().is_some_and(|last| last.seconds >= u64::from(most)), "{most}");
            assert!(ticks.is_sorted_by_key(|tick| tick.seconds));
        }
    }

    #[test]
    fn a_line_has_a_point_for_each_known_value_in_the_middle_of_its_slot() {
        let found = points(&[Some(1.0), None, Some(4.0), Some(0.0)], 4.0);
        let at = |x, y| Point { x, y };
        assert_eq!(found, [at(12.5, 0.25), at(62.5, 1.0), at(87.5, 0.0)]);
        assert!(points(&[], 1.0).is_empty());
        assert_eq!(points(&[Some(0.0)], 0.0), [at(50.0, 0.0)], "nothing lies on the ground");
        assert_eq!(points(&[Some(9.0)], 4.0), [at(50.0, 1.0)], "nothing leaves the drawing");
        assert!((largest(&[None, Some(2.0), Some(7.5)]) - 7.5).abs() < 1e-9);
    }

    #[test]
    fn parts_stand_on_each_other() {
        assert_eq!(stack(&[1, 0, 3], 4), [(0.0, 0.25), (0.25, 0.0), (0.25, 0.75)]);
        assert_eq!(stack(&[0], 0), [(0.0, 0.0)]);
    }
}
