//! The server's time: one clock, which never goes backwards.
//!
//! Access must not come back to life because somebody set the machine's clock back. So the server counts on from the
//! latest time it knows with the monotonic clock, and only jumps forward, when the wall clock is ahead.
//!
//! A restart begins where the last process left off at the earliest: at the newest event, and at the mark, which is written
//! down every second while anything is open and before an answer is given at a time that a restart would not reach
//! ([`Clock::is_ahead_of_mark`]). As long as the machine runs it also says how much time has gone by since the mark, whatever
//! the wall clock is set to. Only of the time for which a machine was off and its wall clock was set back nobody knows.

mod mark;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use lockbox_api::Time;

use crate::store::{HighWater, MachineMoment};
pub use mark::Marked;
use mark::{Placed, begin};

/// A wall clock that lags the logical time by more than this is reported.
const TOLERATED_LAG: TimeDelta = TimeDelta::seconds(5);

/// Cheap to clone; all clones are one clock.
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    source: Box<dyn Source>,
    state: Mutex<State>,
    backward_jumps: AtomicU64,
    /// Whether a time was answered that a restart would not reach.
    ahead: AtomicBool,
}

struct State {
    /// The logical time that was answered last, and when that was on the monotonic clock.
    last: Time,
    at: Duration,
    /// Whether the wall clock was found behind and not yet seen to have caught up.
    lagging: bool,
    /// What was written down of this clock last.
    mark: Option<Placed>,
}

/// What the machine offers.
trait Source: Send + Sync {
    fn wall(&self) -> Time;
    /// Time since some fixed instant; never goes backwards.
    fn monotonic(&self) -> Duration;
    /// Where the machine stands.
    fn moment(&self) -> Option<MachineMoment>;
}

struct Machine {
    start: Instant,
}

impl Source for Machine {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn wall(&self) -> Time {
        Utc::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    fn moment(&self) -> Option<MachineMoment> {
        mark::of_machine()
    }
}

struct Stopped(Time);

impl Source for Stopped {
    fn wall(&self) -> Time {
        self.0
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn moment(&self) -> Option<MachineMoment> {
        None
    }
}

impl Clock {
    /// A clock that begins at the wall clock's time, or where an earlier one left off if that is later.
    #[must_use]
    pub fn starting_at(high_water: Option<&HighWater>) -> Self {
        Self::with_source(Box::new(Machine { start: Instant::now() }), high_water)
    }

    /// A clock that always shows `at`: for writing down what happened then.
    #[must_use]
    pub fn stopped_at(at: Time) -> Self {
        Self::with_source(Box::new(Stopped(at)), None)
    }

    fn with_source(source: Box<dyn Source>, high_water: Option<&HighWater>) -> Self {
        let wall = source.wall();
        let last = truncate(high_water.map_or(wall, |high| begin(high, wall, source.moment().as_ref())));
        let state = State { last, at: source.monotonic(), lagging: false, mark: None };
        let (backward_jumps, ahead) = (AtomicU64::new(0), AtomicBool::new(true));
        Self(Arc::new(Inner { source, state: Mutex::new(state), backward_jumps, ahead }))
    }

    /// The time now: UTC, whole microseconds, never before any time that this clock has answered.
    pub fn now(&self) -> Time {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Both readings are taken under the lock: one taken before it could be older than what was answered last.
        let (wall, at) = (self.0.source.wall(), self.0.source.monotonic());
        let elapsed = at.saturating_sub(state.at);
        let counted = TimeDelta::from_std(elapsed).ok().and_then(|it| state.last.checked_add_signed(it));
        let counted = counted.unwrap_or(state.last);
        let lagging = wall < counted - TOLERATED_LAG;
        if lagging && !state.lagging {
            self.0.backward_jumps.fetch_add(1, Ordering::Relaxed);
            let behind = (counted - wall).num_seconds();
            tracing::warn!(clock.behind_s = behind, "the wall clock is {behind} s behind; counting on without it");
        }
        state.lagging = lagging;
        if wall > counted {
            state.last = truncate(wall).max(state.last);
            state.at = at;
        } else if truncate(counted) > state.last {
            // What truncation cuts off stays in `at`, or a clock that is asked often would run slow.
            let cut = (counted - truncate(counted)).to_std().unwrap_or_default();
            state.last = truncate(counted);
            state.at = at.saturating_sub(cut);
        }
        if !state.mark.as_ref().is_some_and(|mark| mark.reaches(state.last, at)) {
            self.0.ahead.store(true, Ordering::Release);
        }
        state.last
    }

    /// Whether this clock has answered a time that a restart might not reach. Then nobody may hear of that time before a
    /// mark is on disk.
    #[must_use]
    pub fn is_ahead_of_mark(&self) -> bool {
        self.0.ahead.load(Ordering::Acquire)
    }

    /// How long ago, in this clock's time, the last mark was made; `None` before the first.
    pub fn since_mark(&self) -> Option<TimeDelta> {
        let now = self.now();
        let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.mark.as_ref().map(|mark| now - mark.time())
    }

    /// What is to be written down now. `last`: the process ends, no later time will be answered.
    #[must_use]
    pub fn mark(&self, last: bool) -> Marked {
        // The machine is asked first, or it would say that less time has gone by than has.
        let moment = self.0.source.moment();
        let at = self.0.source.monotonic();
        Marked::new(self.now(), at, moment, last)
    }

    /// Takes note that a mark is on disk.
    pub fn marked(&self, mark: &Marked) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let placed = mark.placed();
        let ahead = !placed.reaches(state.last, self.0.source.monotonic());
        state.mark = Some(placed);
        self.0.ahead.store(ahead, Ordering::Release);
    }

    /// The machine's own time, which may lie behind [`Clock::now`] and may jump: for what others compare with their own
    /// clocks, never for a decision.
    #[must_use]
    pub fn wall(&self) -> Time {
        truncate(self.0.source.wall())
    }

    /// How often the wall clock was found more than 5 s behind.
    #[must_use]
    pub fn backward_jumps(&self) -> u64 {
        self.0.backward_jumps.load(Ordering::Relaxed)
    }
}

/// Whole microseconds: what is stored and sent.
fn truncate(time: Time) -> Time {
    DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}

/// A clock for tests, and the hand that moves it.
#[cfg(any(test, feature = "test-hooks"))]
mod settable {
    use super::{Clock, Duration, HighWater, Instant, MachineMoment, Mutex, PoisonError, Source, Time, mark};
    use chrono::TimeDelta;
    use std::sync::Arc;

    /// Moves a clock that was made with [`Clock::settable`]. Between moves the clock ticks like any other.
    #[derive(Clone)]
    pub struct ClockHand(Arc<Settable>);

    struct Settable {
        begin: Time,
        start: Instant,
        moved: Mutex<TimeDelta>,
    }

    impl Source for Arc<Settable> {
        fn wall(&self) -> Time {
            let moved = *self.moved.lock().unwrap_or_else(PoisonError::into_inner);
            self.begin + moved + TimeDelta::from_std(self.start.elapsed()).unwrap_or_default()
        }

        fn monotonic(&self) -> Duration {
            self.start.elapsed()
        }

        fn moment(&self) -> Option<MachineMoment> {
            mark::of_machine()
        }
    }

    impl Clock {
        /// A clock that shows `begin` now and that tests can move.
        #[must_use]
        pub fn settable(begin: Time, high_water: Option<&HighWater>) -> (Self, ClockHand) {
            let source = Arc::new(Settable { begin, start: Instant::now(), moved: Mutex::new(TimeDelta::zero()) });
            (Self::with_source(Box::new(Arc::clone(&source)), high_water), ClockHand(source))
        }
    }

    impl Clock {
        /// A clock that begins like the machine's and that tests can move.
        #[must_use]
        #[expect(clippy::disallowed_methods, reason = "a clock has to begin somewhere")]
        pub fn settable_from_now(high_water: Option<&HighWater>) -> (Self, ClockHand) {
            Self::settable(chrono::Utc::now(), high_water)
        }
    }

    impl ClockHand {
        /// Moves the wall clock: forward, which the logical time follows, or backward, which it must not.
        pub fn advance(&self, by: TimeDelta) {
            let mut moved = self.0.moved.lock().unwrap_or_else(PoisonError::into_inner);
            *moved += by;
        }

        /// Moves the wall clock to a time.
        pub fn set(&self, to: Time) {
            self.advance(to - self.0.wall());
        }
    }
}

#[cfg(any(test, feature = "test-hooks"))]
pub use settable::ClockHand;

#[cfg(test)]
mod tests;
