//! When people are told of refused actions: at once of the first, then at most once in a while of all that came since. The
//! log and the timeline have every one of them; mail that comes by the thousand is read by nobody.

use chrono::TimeDelta;
use lockbox_api::Time;

/// Between two mails about refused actions under one grant.
pub const PAUSE: TimeDelta = TimeDelta::minutes(10);

/// What to do about refused actions that nobody has been told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// There are none.
    Nothing,
    /// Tell people now, of so many.
    Tell(u64),
    /// Tell people later, of these and of those to come.
    Wait,
}

/// `refused`: how many actions under the grant were refused so far; `told`: how many of them people were told of, last at
/// `told_at`.
#[must_use]
pub fn refused(refused: u64, told: u64, told_at: Option<Time>, now: Time) -> Alert {
    match (refused.saturating_sub(told), told_at) {
        (0, _) => Alert::Nothing,
        (_, Some(at)) if now < at + PAUSE => Alert::Wait,
        (untold, _) => Alert::Tell(untold),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_at_once_and_the_rest_in_digests() {
        let at = Time::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(refused(0, 0, None, at), Alert::Nothing);
        assert_eq!(refused(3, 0, None, at), Alert::Tell(3));
        assert_eq!(refused(3, 3, Some(at), at + PAUSE), Alert::Nothing);
        assert_eq!(refused(1_003, 3, Some(at), at), Alert::Wait);
        assert_eq!(refused(1_003, 3, Some(at), at + PAUSE - TimeDelta::microseconds(1)), Alert::Wait);
        assert_eq!(refused(1_003, 3, Some(at), at + PAUSE), Alert::Tell(1_000));
    }

    #[test]
    fn nothing_is_lost_and_nobody_is_told_twice_in_a_pause() {
        let begin = Time::from_timestamp(1_800_000_000, 0).unwrap();
        let (mut total, mut told, mut told_at) = (0, 0, None);
        let mut mails = Vec::new();
        for second in 0..7_200 {
            let now = begin + TimeDelta::seconds(second);
            total += u64::from(second % 7 == 0 && second < 3_000);
            if let Alert::Tell(untold) = refused(total, told, told_at, now) {
                mails.push((now, untold));
                (told, told_at) = (total, Some(now));
            }
        }
        assert_eq!(mails.iter().map(|mail| mail.1).sum::<u64>(), total);
        assert!(mails.windows(2).all(|two| two[1].0 - two[0].0 >= PAUSE) && mails[0] == (begin, 1));
        assert_eq!(mails.len(), 6);
    }
}
