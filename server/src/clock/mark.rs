//! What is written down of the clock, so that a restart goes on from there.

use std::{sync::OnceLock, time::Duration};

use chrono::TimeDelta;
use lockbox_api::Time;

use crate::store::{ClockMark, HighWater, MachineMoment};

/// So far beyond the mark no answer is given before there is a newer mark. After a start of the machine the clock begins
/// so far beyond the mark, if the wall clock says less.
const REACH: TimeDelta = TimeDelta::seconds(5);
/// So far the clock may run ahead of what the machine has counted since the mark: readings of two clocks are not one
/// reading.
const JITTER: TimeDelta = TimeDelta::milliseconds(20);
/// A wall clock that is behind by less was not set back: it is believed, or each restart would run further ahead of it.
const BELIEVED: TimeDelta = TimeDelta::milliseconds(50);
/// `/proc/uptime` counts in steps of 10 ms.
const STEP_US: i64 = 10_000;

/// A mark on its way to the disk.
#[derive(Clone, Debug)]
pub struct Marked {
    record: ClockMark,
    at: Duration,
}

/// A mark that is on disk, with its place on the monotonic clock of this process.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    time: Time,
    until: Time,
    at: Duration,
    /// Whether a restart on the running machine knows how much time has gone by.
    counted: bool,
}

impl Marked {
    /// `time` was answered after the machine was found at `moment` and the monotonic clock at `at`.
    pub(super) fn new(time: Time, at: Duration, moment: Option<MachineMoment>, last: bool) -> Self {
        let until = if last { time } else { time.checked_add_signed(REACH).unwrap_or(time) };
        Self { record: ClockMark { time, until, moment }, at }
    }

    /// What the store keeps.
    #[must_use]
    pub fn record(&self) -> &ClockMark {
        &self.record
    }

    pub(super) fn placed(&self) -> Placed {
        let ClockMark { time, until, ref moment } = self.record;
        Placed { time, until, at: self.at, counted: moment.is_some() }
    }
}

impl Placed {
    pub(super) fn time(&self) -> Time {
        self.time
    }

    /// Whether a restart, now or later, begins at `time` or after it.
    pub(super) fn reaches(&self, time: Time, now: Duration) -> bool {
        let gone = TimeDelta::from_std(now.saturating_sub(self.at)).unwrap_or(TimeDelta::MAX);
        // A clock that jumped forward is not followed by what the machine counts.
        let counted = || self.time.checked_add_signed(gone + JITTER).is_none_or(|reached| time <= reached);
        time <= self.until && (!self.counted || counted())
    }
}

/// Where a clock begins.
pub(super) fn begin(high: &HighWater, wall: Time, machine: Option<&MachineMoment>) -> Time {
    let known = high.newest_event.map_or(wall, |event| event.max(wall));
    let Some(mark) = &high.mark else { return known };
    let gone = mark.moment.as_ref().zip(machine).and_then(|(then, now)| {
        let same = then.boot_id == now.boot_id && then.uptime <= now.uptime;
        same.then(|| TimeDelta::microseconds(now.uptime - then.uptime + STEP_US))
    });
    let reached = match gone {
        Some(gone) => match mark.time.checked_add_signed(gone) {
            Some(counted) if wall + BELIEVED >= counted => wall,
            Some(counted) => counted.checked_add_signed(JITTER).unwrap_or(counted),
            None => mark.until,
        },
        None => mark.until,
    };
    known.max(reached)
}

/// Where this machine stands; `None` where it does not say so (only Linux does).
pub(super) fn of_machine() -> Option<MachineMoment> {
    static BOOT: OnceLock<Option<String>> = OnceLock::new();
    let read_boot = || std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| id.trim().to_owned());
    let boot_id = BOOT.get_or_init(read_boot).clone().filter(|id| !id.is_empty())?;
    let uptime = uptime_us(&std::fs::read_to_string("/proc/uptime").ok()?)?;
    Some(MachineMoment { boot_id, uptime })
}

/// Microseconds, from seconds with two digits after the point.
fn uptime_us(text: &str) -> Option<i64> {
    let (seconds, rest) = text.split_whitespace().next()?.split_once('.')?;
    let hundredths: i64 = rest.get(..2)?.parse().ok()?;
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(hundredths * STEP_US)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_timestamp(1_000_000 + seconds, 0).unwrap()
    }

    fn moment(boot_id: &str, uptime_s: i64) -> MachineMoment {
        MachineMoment { boot_id: boot_id.to_owned(), uptime: uptime_s * 1_000_000 }
    }

    fn high(event: Option<i64>, moment: Option<MachineMoment>, last: bool) -> HighWater {
        let mark = Marked::new(at(0), Duration::ZERO, moment, last).record().clone();
        HighWater { newest_event: event.map(at), mark: Some(mark) }
    }

    #[test]
    fn the_machine_counts_on_while_the_process_is_away() {
        let high = high(None, Some(moment("a", 50)), false);
        let begin = |wall: i64, machine: MachineMoment| begin(&high, at(wall), Some(&machine)) - at(0);
        let seconds = TimeDelta::seconds;
        // Seven hours gone by, of which the wall clock knows nothing.
        let counted = begin(-9_000, moment("a", 50 + 25_200));
        assert!(seconds(25_200) <= counted && counted < seconds(25_201), "{counted}");
        // A wall clock that goes right is believed to the microsecond, and one that is ahead as well.
        assert_eq!(begin(25_200, moment("a", 50 + 25_200)), seconds(25_200));
        assert_eq!(begin(90_000, moment("a", 51)), seconds(90_000));
        // Another start of the machine, or a count that began anew: no answer was given after `until`.
        assert_eq!(begin(-9_000, moment("b", 25_250)), REACH);
        assert_eq!(begin(-9_000, moment("a", 20)), REACH);
        assert_eq!(begin(3_600, moment("b", 20)), seconds(3_600));
    }

    #[test]
    fn without_a_mark_or_with_an_old_one_the_newest_event_counts() {
        assert_eq!(begin(&HighWater::default(), at(7), None), at(7));
        assert_eq!(begin(&HighWater { newest_event: Some(at(9)), mark: None }, at(7), None), at(9));
        assert_eq!(begin(&high(Some(100), Some(moment("a", 50)), false), at(7), Some(&moment("a", 51))), at(100));
        // A process that ended as it should has said where it stood.
        assert_eq!(begin(&high(None, None, true), at(-5), None), at(0));
        assert_eq!(begin(&high(None, None, false), at(-5), None), at(0) + REACH);
    }

    #[test]
    fn a_time_is_reached_only_if_a_restart_would_begin_after_it() {
        for known in [true, false] {
            let moment = known.then(|| moment("a", 50));
            let mark = Marked::new(at(0), Duration::from_secs(3), moment, false);
            let placed = mark.placed();
            assert!(placed.reaches(at(4), Duration::from_secs(7)));
            assert!(!placed.reaches(at(6), Duration::from_secs(9)), "longer ago than a start of the machine forgives");
            assert_eq!(placed.reaches(at(4), Duration::from_secs(4)), !known, "a jump that nobody has counted");
            assert_eq!(placed.reaches(at(4), Duration::from_secs(2)), !known);
        }
    }

    #[test]
    fn the_uptime_is_read_to_its_last_digit() {
        assert_eq!(uptime_us("38452.95 11217.42\n"), Some(38_452_950_000));
        assert_eq!(uptime_us("0.07 0.00\n"), Some(70_000));
        for wrong in ["", "12", "x.10 1", "12.x1 4", "12.1"] {
            assert_eq!(uptime_us(wrong), None, "{wrong}");
        }
    }
}
