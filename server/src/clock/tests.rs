use super::*;
use std::sync::atomic::AtomicI64;

/// Wall and monotonic clock as two numbers of nanoseconds.
struct Fake(Arc<(AtomicI64, AtomicU64)>);

impl Source for Fake {
    fn wall(&self) -> Time {
        DateTime::from_timestamp_nanos(self.0.0.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_nanos(self.0.1.load(Ordering::SeqCst))
    }

    fn moment(&self) -> Option<MachineMoment> {
        let uptime = i64::try_from(self.0.1.load(Ordering::SeqCst)).ok()? / 1_000;
        Some(MachineMoment { boot_id: "fake".to_owned(), uptime })
    }
}

const SECOND: i64 = 1_000_000_000;

fn fake(wall_s: i64, newest_event: Option<Time>) -> (Clock, Arc<(AtomicI64, AtomicU64)>) {
    let state = Arc::new((AtomicI64::new(wall_s * SECOND), AtomicU64::new(0)));
    let high_water = HighWater { newest_event, mark: None };
    (Clock::with_source(Box::new(Fake(Arc::clone(&state))), Some(&high_water)), state)
}

fn at(s: i64) -> Time {
    DateTime::from_timestamp_nanos(s * SECOND)
}

#[test]
fn begins_at_the_later_of_wall_and_high_water() {
    assert_eq!(fake(1_000, None).0.now(), at(1_000));
    assert_eq!(fake(1_000, Some(at(900))).0.now(), at(1_000));
    assert_eq!(fake(1_000, Some(at(90_000))).0.now(), at(90_000));
}

#[test]
fn a_wall_clock_that_is_set_back_does_not_take_the_time_along() {
    for back in [1, 60, 86_400] {
        let (clock, state) = fake(1_000_000, None);
        let before = clock.now();
        state.0.fetch_sub(back * SECOND, Ordering::SeqCst);
        assert_eq!(clock.now(), before);
        state.1.fetch_add(7 * 1_000_000_000, Ordering::SeqCst);
        state.0.fetch_add(7 * SECOND, Ordering::SeqCst);
        assert_eq!(clock.now(), before + TimeDelta::seconds(7), "it counts on");
    }
}

#[test]
fn a_wall_clock_that_is_ahead_is_followed() {
    let (clock, state) = fake(1_000, None);
    state.0.fetch_add(86_400 * SECOND, Ordering::SeqCst);
    assert_eq!(clock.now(), at(87_400));
    state.0.fetch_sub(86_400 * SECOND, Ordering::SeqCst);
    assert_eq!(clock.now(), at(87_400));
}

#[test]
fn each_jump_back_is_counted_once_and_small_ones_are_not() {
    let (clock, state) = fake(1_000, None);
    state.0.fetch_sub(4 * SECOND, Ordering::SeqCst);
    clock.now();
    assert_eq!(clock.backward_jumps(), 0);
    for expected in [1, 2] {
        state.0.fetch_sub(60 * SECOND, Ordering::SeqCst);
        clock.now();
        clock.now();
        assert_eq!(clock.backward_jumps(), expected);
        state.0.fetch_add(60 * SECOND, Ordering::SeqCst);
        clock.now();
    }
}

#[test]
fn microseconds_without_losing_the_rest() {
    let (clock, state) = fake(1_000, None);
    state.0.fetch_sub(3 * SECOND, Ordering::SeqCst);
    for _ in 0..1_000 {
        state.1.fetch_add(1_500, Ordering::SeqCst);
        assert_eq!(clock.now().timestamp_subsec_nanos() % 1_000, 0);
    }
    assert_eq!(clock.now(), at(1_000) + TimeDelta::microseconds(1_500));
}

#[test]
fn what_a_restart_would_not_reach_is_noticed_until_it_is_written_down() {
    let (clock, state) = fake(1_000_000, None);
    let keep = |clock: &Clock| clock.marked(&clock.mark(false));
    clock.now();
    assert!(clock.is_ahead_of_mark(), "nothing is written down yet");
    keep(&clock);
    let tick = |by: i64| {
        state.0.fetch_add(by * SECOND, Ordering::SeqCst);
        state.1.fetch_add(by.unsigned_abs() * 1_000_000_000, Ordering::SeqCst);
    };
    tick(4);
    clock.now();
    assert!(!clock.is_ahead_of_mark(), "the machine counts on");
    assert_eq!(clock.since_mark(), Some(TimeDelta::seconds(4)));
    tick(2);
    clock.now();
    assert!(clock.is_ahead_of_mark(), "too long ago for a machine that starts anew");
    keep(&clock);
    assert!(!clock.is_ahead_of_mark());
    // A jump forward is answered at once, and has to be on disk before.
    state.0.fetch_add(SECOND, Ordering::SeqCst);
    let told = clock.now();
    assert!(clock.is_ahead_of_mark());
    let mark = clock.mark(false);
    state.0.fetch_add(SECOND, Ordering::SeqCst);
    clock.now();
    clock.marked(&mark);
    assert!(clock.is_ahead_of_mark(), "the mark is older than what was answered since");
    keep(&clock);
    // Killed, and the wall clock set back by a day: the next process goes on from there.
    let mark = Some(clock.mark(false).record().clone());
    state.0.fetch_sub(86_400 * SECOND, Ordering::SeqCst);
    let high_water = HighWater { newest_event: None, mark };
    let next = Clock::with_source(Box::new(Fake(Arc::clone(&state))), Some(&high_water));
    assert!(next.now() >= told + TimeDelta::seconds(1) && next.now() < told + TimeDelta::seconds(2));
}

#[test]
fn threads_never_see_time_run_backwards() {
    let (clock, hand) = Clock::settable(at(1_000), None);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut last = clock.now();
                for _ in 0..10_000 {
                    let now = clock.now();
                    assert!(now >= last);
                    last = now;
                }
            });
        }
        for by in [3, -5, 100, -100, 7] {
            hand.advance(TimeDelta::seconds(by));
        }
    });
}

#[test]
fn tests_can_move_a_clock_that_also_ticks() {
    let (clock, hand) = Clock::settable(at(5_000), None);
    let first = clock.now();
    assert!(first - at(5_000) < TimeDelta::seconds(5));
    hand.advance(TimeDelta::hours(4));
    assert!(clock.now() >= first + TimeDelta::hours(4));
    hand.set(at(90_000));
    assert!(clock.now() >= at(90_000));
    std::thread::sleep(Duration::from_millis(2));
    assert!(clock.now() > at(90_000));
}
