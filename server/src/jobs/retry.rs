//! When what was handed over is tried again: one rule for mail and for webhooks.

use std::{collections::HashMap, time::Duration};

use chrono::TimeDelta;
use lockbox_api::Time;
use tokio::time::Instant;

/// First pause before a second attempt.
const FIRST: TimeDelta = TimeDelta::seconds(5);
/// Longest pause between attempts.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// How long something is tried at all; a mail about a request that waits longer, as long as it waits.
pub const GIVE_UP: TimeDelta = TimeDelta::hours(75);
/// First pause before a second copy of what could not be written down.
const UNWRITTEN_FIRST: Duration = Duration::from_secs(4);
/// Longest pause between such copies.
const UNWRITTEN_LONGEST: Duration = Duration::from_hours(1);

/// When to try again, after so many attempts before this one; `None`: not any more, from `give_up` on. Pauses double from 5 seconds to an
/// hour, shifted by the id so that many don't come at once.
pub(super) fn at(id: &str, attempts: u32, give_up: Time, now: Time) -> Option<Time> {
    if now >= give_up {
        return None;
    }
    let pause = FIRST * 2_i32.saturating_pow(attempts.min(10));
    let shift = id.bytes().fold(0_i64, |sum, byte| sum.wrapping_mul(31).wrapping_add(i64::from(byte))) & 0xfff;
    Some(now + pause.min(LONGEST) + TimeDelta::milliseconds(shift))
}

/// What became of these could not be written down, so they are still due. Without a pause they would go out again as fast
/// as they are taken. Each has its own, so that a damaged row holds up nothing but itself.
#[derive(Default)]
pub(super) struct Unwritten(HashMap<String, (u32, Instant)>);

impl Unwritten {
    /// How many there are: so many rows of what is due may be theirs.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Whether this one is not to go out yet.
    pub(super) fn holds(&self, id: &str) -> bool {
        self.0.get(id).is_some_and(|(_, until)| Instant::now() < *until)
    }

    /// Whether what became of it was written down.
    pub(super) fn note(&mut self, id: &str, written: bool) {
        if written {
            self.0.remove(id);
            return;
        }
        let times = self.0.get(id).map_or(0, |(times, _)| *times);
        let pause = UNWRITTEN_FIRST.saturating_mul(2_u32.saturating_pow(times)).min(UNWRITTEN_LONGEST);
        self.0.insert(id.to_owned(), (times.saturating_add(1), Instant::now() + pause));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour_and_end_after_three_days() {
        let now = Time::from_timestamp(1_800_000_000, 0).unwrap();
        let pauses: Vec<i64> =
            (0..14).map(|attempts| (at("eml_1", attempts, now + GIVE_UP, now).unwrap() - now).num_seconds()).collect();
        assert!(pauses.is_sorted() && pauses[0] >= 5 && pauses[0] < 10 && pauses[13] <= 3_605, "{pauses:?}");
        assert_eq!(at("eml_1", 3, now, now), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_can_not_be_written_down_is_held_longer_each_time_and_holds_up_nothing_else() {
        let mut unwritten = Unwritten::default();
        for pause in [4, 8, 16, 32] {
            unwritten.note("eml_1", false);
            assert!(unwritten.holds("eml_1") && !unwritten.holds("eml_2"));
            tokio::time::advance(Duration::from_secs(pause - 1)).await;
            assert!(unwritten.holds("eml_1"), "{pause}");
            tokio::time::advance(Duration::from_secs(1)).await;
            assert!(!unwritten.holds("eml_1"), "{pause}");
        }
        for _ in 0..40 {
            unwritten.note("eml_1", false);
        }
        tokio::time::advance(UNWRITTEN_LONGEST).await;
        assert!(!unwritten.holds("eml_1"));
        assert_eq!(unwritten.count(), 1);
        unwritten.note("eml_1", true);
        assert_eq!(unwritten.count(), 0);
    }
}
