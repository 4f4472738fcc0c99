//! Which rows of a long table are really in the page. Pure reckoning; rows have one height, and one of them may be open below.

use std::ops::Range;

/// Rows beyond the screen that are kept ready where one goes to.
const AHEAD: usize = 10;
/// Rows beyond the screen that are kept where one comes from. Each row in the page costs in every frame.
const BEHIND: usize = 4;
/// The window moves in steps of so many rows, so that most scrolling changes nothing.
const STEP: usize = 2;
/// Rows that come into the page in one frame.
const AT_ONCE: usize = 8;

/// Where one is in the table, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// How much of the rows has left the screen at the top
    pub above: f64,
    /// Height of the screen
    pub screen: f64,
    /// Height of a row
    pub row: f64,
    /// The row that is open, and the height of what it shows below itself
    pub open: Option<(usize, f64)>,
    /// One went up last
    pub up: bool,
}

/// The rows that are to be in the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// All of them, with those that are kept ready
    pub rows: Range<usize>,
    /// Those on the screen
    pub seen: Range<usize>,
}

/// The window for a table of `total` rows.
pub fn window(total: usize, place: Place) -> Window {
    let row = place.row.max(1.0);
    // The row at a distance from the top of the first one.
    let at = |distance: f64| {
        let distance = distance.max(0.0);
        match place.open {
            Some((index, _)) if distance < float(index + 1) * row => whole(distance / row),
            Some((index, height)) if distance < float(index + 1) * row + height => index,
            Some((_, height)) => whole((distance - height) / row),
            None => whole(distance / row),
        }
    };
    let seen = at(place.above)..at(place.above.max(0.0) + place.screen) + 1;
    let (above, below) = if place.up { (AHEAD, BEHIND) } else { (BEHIND, AHEAD) };
    let first = seen.start.saturating_sub(above) / STEP * STEP;
    let last = (seen.end + below).next_multiple_of(STEP);
    Window { rows: first.min(total)..last.min(total), seen: seen.start.min(total)..seen.end.min(total) }
}

/// Pixels that the rows above and below these would take.
pub fn room(total: usize, place: Place, rows: &Range<usize>) -> (f64, f64) {
    let extra = |until: usize| place.open.filter(|(index, _)| *index < until).map_or(0.0, |(_, height)| height);
    let top = |index: usize| float(index) * place.row.max(1.0) + extra(index);
    (top(rows.start), top(total) - top(rows.end))
}

/// The rows that are in the page in the next frame, on the way from those that are there to the window: what is out of it goes,
/// and a few come, those on the screen first. To make them all at once would hold the frame up.
pub fn next(there: &Range<usize>, window: &Window) -> Range<usize> {
    let Window { rows, seen } = window;
    let kept = there.start.max(rows.start)..there.end.min(rows.end);
    let mut next = if kept.is_empty() { seen.start..seen.start } else { kept };
    let mut room = AT_ONCE;
    for goal in [seen, rows] {
        let below = goal.end.saturating_sub(next.end).min(room);
        next.end += below;
        room -= below;
        let above = next.start.saturating_sub(goal.start).min(room);
        next.start -= above;
        room -= above;
    }
    next
}

#[expect(clippy::cast_precision_loss, reason = "rows are counted in thousands")]
fn float(rows: usize) -> f64 {
    rows as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "never negative, and rows are counted in thousands"
)]
fn whole(rows: f64) -> usize {
    rows as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(above: f64) -> Place {
        Place { above, screen: 960.0, row: 32.0, open: None, up: false }
    }

    #[test]
    fn a_short_table_is_there_whole() {
        assert_eq!(window(10, place(0.0)), Window { rows: 0..10, seen: 0..10 });
        assert_eq!(room(10, place(0.0), &(0..10)), (0.0, 0.0));
        assert_eq!(window(0, place(0.0)), Window::default());
    }

    #[test]
    fn a_long_table_stays_small_and_keeps_its_height() {
        for above in [0.0, 1.0, 31.9, 5_000.0, 159_999.0, 319_040.0, 1e9] {
            let window = window(10_000, place(above));
            assert!(window.rows.len() <= 31 + AHEAD + BEHIND + 2 * STEP, "{window:?}");
            let (before, after) = room(10_000, place(above), &window.rows);
            let height = before + float(window.rows.len()) * 32.0 + after;
            assert!((height - 320_000.0).abs() < 0.01, "{above}: {height}");
        }
    }

    #[test]
    fn what_is_on_the_screen_is_in_the_window() {
        for above in (0..320_000).step_by(777) {
            let above = f64::from(above);
            for up in [false, true] {
                let Window { rows, seen } = window(10_000, Place { up, ..place(above) });
                assert!(rows.start <= seen.start && seen.end <= rows.end);
                assert!(float(seen.start) * 32.0 <= above);
                assert!(float(seen.end) * 32.0 >= (above + 960.0).min(320_000.0), "{above}");
                let (before, after) = (seen.start - rows.start, rows.end - seen.end);
                let more = if up { before >= AHEAD.min(seen.start) } else { after >= AHEAD.min(10_000 - seen.end) };
                assert!(more, "{above}: {before} rows before, {after} after");
            }
        }
    }

    #[test]
    fn an_open_row_counts_with_what_it_shows() {
        let open = |above| Place { open: Some((50, 600.0)), ..place(above) };
        for above in [0.0, 1_000.0, 1_640.0, 2_200.0, 2_300.0, 9_000.0] {
            let rows = window(1_000, open(above)).rows;
            let inside = if rows.contains(&50) { 600.0 } else { 0.0 };
            let (before, after) = room(1_000, open(above), &rows);
            let height = before + float(rows.len()) * 32.0 + inside + after;
            assert!((height - 32_600.0).abs() < 0.01, "{above}: {rows:?}");
        }
        // Inside of what row 50 shows: the row itself must stay.
        let inside = window(1_000, open(2_000.0));
        assert!(inside.seen.contains(&50), "{inside:?}");
    }

    #[test]
    fn a_few_rows_come_in_a_frame_until_all_are_there() {
        let far = window(10_000, place(200_000.0));
        for begin in [
            0..0,
            0..44,
            6_200..6_260,
            far.seen.start - 5..far.seen.start + 3,
            far.seen.end - 3..far.seen.end + 2,
            9_000..9_044,
            far.rows.clone(),
        ] {
            let mut there = begin.clone();
            let mut frames = 0;
            while there != far.rows {
                let now = next(&there, &far);
                let new = now.clone().filter(|row| !there.contains(row)).count();
                assert!((1..=AT_ONCE).contains(&new) || now.len() < there.len(), "{begin:?}: {there:?}, then {now:?}");
                assert!(now.start >= far.rows.start && now.end <= far.rows.end);
                // What is on the screen does not wait for what is not.
                let unseen = now.clone().any(|row| !far.seen.contains(&row) && !there.contains(&row));
                assert!(!unseen || (now.start <= far.seen.start && now.end >= far.seen.end), "{there:?}, then {now:?}");
                there = now;
                frames += 1;
                assert!(frames < 20);
            }
            assert_eq!(next(&there, &far), far.rows);
        }
        assert_eq!(next(&(0..0), &Window::default()), 0..0);
    }
}
