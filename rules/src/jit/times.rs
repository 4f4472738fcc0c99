//! Parts of the day, and of the week, as rules name them.

use chrono::{Datelike, TimeDelta, Timelike};
use lockbox_api::{
    Time,
    jit::{TimeOfDay, Weekday},
};

/// Minutes of a day.
const DAY: i64 = 24 * 60;
/// Farthest that any clock on earth is from UTC, minutes.
const OFFSET_MAX: i32 = 14 * 60;

/// Minutes since midnight of `HH:MM`.
fn minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |part: &str, max: i64| {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i64>().ok().filter(|number| digits && *number <= max)
    };
    Some(number(hours, 23)? * 60 + number(minutes, 59)?)
}

/// Whether `now` lies in it. One that can't be read holds always, so that a mistake is never an easier rule;
/// [`faults`] has refused it before.
pub(super) fn holds(part: &TimeOfDay, now: Time) -> bool {
    let (Some(from), Some(to)) = (minutes(&part.from), minutes(&part.to)) else { return true };
    let there = now + TimeDelta::minutes(part.utc_offset_minutes.clamp(-OFFSET_MAX, OFFSET_MAX).into());
    let minute = i64::from(there.hour() * 60 + there.minute());
    // How long ago it began, if it did today or yesterday.
    let since = (minute - from).rem_euclid(DAY);
    let long = if to > from { to - from } else { to - from + DAY };
    if since >= long {
        return false;
    }
    let began = there - TimeDelta::minutes(since);
    part.days.is_empty() || part.days.contains(&weekday(began.weekday()))
}

/// What is wrong with it: the field, and a sentence.
pub(super) fn faults(part: &TimeOfDay) -> Vec<(&'static str, &'static str)> {
    let mut faults = Vec::new();
    for (field, text) in [("from", &part.from), ("to", &part.to)] {
        if minutes(text).is_none() {
            faults.push((field, "Write the time as HH:MM, from 00:00 to 23:59."));
        }
    }
    if !(-OFFSET_MAX..=OFFSET_MAX).contains(&part.utc_offset_minutes) {
        faults.push(("utc_offset_minutes", "It must be from -840 to 840."));
    }
    faults
}

/// The moment as people read it.
pub(super) fn told(now: Time) -> String {
    format!("{}, {:02}:{:02} UTC", now.format("%A"), now.hour(), now.minute())
}

const fn weekday(day: chrono::Weekday) -> Weekday {
    match day {
        chrono::Weekday::Mon => Weekday::Monday,
        chrono::Weekday::Tue => Weekday::Tuesday,
        chrono::Weekday::Wed => Weekday::Wednesday,
        chrono::Weekday::Thu => Weekday::Thursday,
        chrono::Weekday::Fri => Weekday::Friday,
        chrono::Weekday::Sat => Weekday::Saturday,
        chrono::Weekday::Sun => Weekday::Sunday,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(from: &str, to: &str, offset: i32, days: &[Weekday]) -> TimeOfDay {
        TimeOfDay { from: from.to_owned(), to: to.to_owned(), utc_offset_minutes: offset, days: days.to_vec() }
    }

    /// A day of the week of 16 November 2026, which was a Monday.
    fn at(day: u32, hour: u32, minute: u32) -> Time {
        chrono::NaiveDate::from_ymd_opt(2026, 11, 15 + day).unwrap().and_hms_opt(hour, minute, 59).unwrap().and_utc()
    }

    #[test]
    fn parts_of_the_day_begin_inclusive_end_exclusive_and_reach_over_midnight() {
        use Weekday::{Friday, Saturday, Sunday};
        let office = part("08:00", "18:00", 0, &[]);
        let night = part("22:00", "06:00", 0, &[]);
        let weekend = part("18:00", "08:00", 0, &[Friday, Saturday, Sunday]);
        let paris = part("08:00", "18:00", 60, &[]);
        let whole = part("00:00", "00:00", 0, &[Sunday]);
        for (part, day, hour, minute, expected) in [
            (&office, 1, 7, 59, false),
            (&office, 1, 8, 0, true),
            (&office, 1, 17, 59, true),
            (&office, 1, 18, 0, false),
            (&night, 1, 21, 59, false),
            (&night, 1, 22, 0, true),
            (&night, 1, 5, 59, true),
            (&night, 1, 6, 0, false),
            (&weekend, 5, 17, 59, false),
            (&weekend, 5, 18, 0, true),
            (&weekend, 6, 7, 59, true),
            (&weekend, 6, 12, 0, false),
            (&weekend, 8, 7, 59, true),
            (&weekend, 8, 8, 0, false),
            (&weekend, 8, 18, 0, false),
            (&paris, 1, 7, 0, true),
            (&paris, 1, 17, 0, false),
            (&whole, 7, 0, 0, true),
            (&whole, 7, 23, 59, true),
            (&whole, 8, 0, 0, false),
        ] {
            assert_eq!(holds(part, at(day, hour, minute)), expected, "{part:?} {day} {hour}:{minute}");
        }
    }

    #[test]
    fn what_can_t_be_read_is_a_fault_and_never_lets_through() {
        for text in ["", "8:00", "24:00", "08:60", "08-00", "08:00:00", "+8:00"] {
            assert_eq!(faults(&part(text, "09:00", 0, &[])).len(), 1, "{text}");
            assert!(holds(&part(text, "09:00", 0, &[]), at(1, 12, 0)));
        }
        assert_eq!(faults(&part("08:00", "09:00", 841, &[]))[0].0, "utc_offset_minutes");
        assert!(faults(&part("23:59", "00:00", -840, &[])).is_empty());
    }
}
