//! Which rows of a long table are really in the page. Pure reckoning; rows have one height, and one of them may be open below.

/// Rows beyond the screen that are kept ready, on each side.
const AHEAD: usize = 16;
/// The window moves in steps of so many rows, so that most scrolling changes nothing.
const STEP: usize = 8;

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
}

/// The rows in the page and the room that the others would take.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Window {
    /// First row
    pub start: usize,
    /// After the last row
    pub end: usize,
    /// Pixels above
    pub before: f64,
    /// Pixels below
    pub after: f64,
}

/// The window for a table of `total` rows.
pub fn window(total: usize, place: Place) -> Window {
    let row = place.row.max(1.0);
    let extra = |until: usize| place.open.filter(|(index, _)| *index < until).map_or(0.0, |(_, height)| height);
    let top = |index: usize| float(index) * row + extra(index);
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
    let first = at(place.above).saturating_sub(AHEAD) / STEP * STEP;
    let last = (at(place.above.max(0.0) + place.screen) + 1 + AHEAD).next_multiple_of(STEP);
    let (start, end) = (first.min(total), last.min(total));
    Window { start, end, before: top(start), after: top(total) - top(end) }
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
        Place { above, screen: 960.0, row: 32.0, open: None }
    }

    #[test]
    fn a_short_table_is_there_whole() {
        assert_eq!(window(10, place(0.0)), Window { start: 0, end: 10, before: 0.0, after: 0.0 });
        assert_eq!(window(0, place(0.0)), Window::default());
    }

    #[test]
    fn a_long_table_stays_small_and_keeps_its_height() {
        for above in [0.0, 1.0, 31.9, 5_000.0, 159_999.0, 319_040.0, 1e9] {
            let window = window(10_000, place(above));
            assert!(window.end - window.start <= 30 + 2 * AHEAD + 2 * STEP, "{window:?}");
            let height = window.before + float(window.end - window.start) * 32.0 + window.after;
            assert!((height - 320_000.0).abs() < 0.01, "{above}: {height}");
        }
    }

    #[test]
    fn what_is_on_the_screen_is_in_the_window() {
        for above in (0..320_000).step_by(777) {
            let above = f64::from(above);
            let window = window(10_000, place(above));
            assert!(window.before <= above);
            let shown_until = window.before + float(window.end - window.start) * 32.0;
            assert!(shown_until >= (above + 960.0).min(320_000.0), "{above}");
        }
    }

    #[test]
    fn an_open_row_counts_with_what_it_shows() {
        let open = |above| Place { open: Some((50, 600.0)), ..place(above) };
        for above in [0.0, 1_000.0, 1_640.0, 2_200.0, 2_300.0, 9_000.0] {
            let window = window(1_000, open(above));
            let inside = if (window.start..window.end).contains(&50) { 600.0 } else { 0.0 };
            let height = window.before + float(window.end - window.start) * 32.0 + inside + window.after;
            assert!((height - 32_600.0).abs() < 0.01, "{above}: {window:?}");
        }
        // Inside of what row 50 shows: the row itself must stay.
        let inside = window(1_000, open(2_000.0));
        assert!((inside.start..inside.end).contains(&50), "{inside:?}");
    }
}
