//! Times: until when a request can be decided, until when access lasts, and how people write and read both.

use chrono::{DateTime, Datelike, SubsecRound, TimeDelta, Utc};
use lockbox_api::Time;

use crate::words;

/// Access periods that the portal offers, in minutes.
const ACCESS_STEPS: &[u32] = &[15, 30, 60, 120, 240, 480, 720, 1_440, 2_880, 4_320, 5_760, 10_080];

/// Until when a request can be decided, exclusively: the shorter of the catalog's and the organisation's queue time.
#[must_use]
pub fn decide_by(requested_at: Time, catalog_queue_hours: u32, organization_queue_hours: Option<u32>) -> Time {
    let hours = queue_hours(catalog_queue_hours, organization_queue_hours);
    later(requested_at, TimeDelta::hours(i64::from(hours)))
}

/// The queue time in force, hours: an organisation can shorten the catalog's, never lengthen it.
#[must_use]
pub fn queue_hours(catalog_queue_hours: u32, organization_queue_hours: Option<u32>) -> u32 {
    organization_queue_hours.map_or(catalog_queue_hours, |hours| hours.min(catalog_queue_hours))
}

/// When access that opens at `start` for `minutes` is over, exclusively.
#[must_use]
pub fn expires_at(start: Time, minutes: u32) -> Time {
    later(start, TimeDelta::minutes(i64::from(minutes)))
}

/// Whether what lasts until `end` is over at `now`. Every end is exclusive: at the instant itself it is over.
#[must_use]
pub fn is_over(end: Time, now: Time) -> bool {
    now >= end
}

fn later(start: Time, by: TimeDelta) -> Time {
    start.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The minutes that an approval grants: what the approver wished, else what was asked for.
///
/// # Errors
/// A sentence for people where the wish is not from 1 to `asked`.
pub fn granted_minutes(asked: u32, wished: Option<u32>) -> Result<u32, String> {
    match wished {
        None => Ok(asked),
        Some(minutes) if (1..=asked).contains(&minutes) => Ok(minutes),
        Some(0) => Err("The access period must be at least 1 minute.".to_owned()),
        Some(_) => {
            Err(format!("The access period can be at most the {} that were asked for.", minutes_in_words(asked)))
        }
    }
}

/// The access periods to choose from, minutes, ascending: usual steps shorter than what was asked for, then that itself.
#[must_use]
pub fn access_choices(asked: u32) -> Vec<u32> {
    let mut choices: Vec<u32> = ACCESS_STEPS.iter().copied().filter(|step| *step < asked).collect();
    choices.push(asked);
    choices
}

/// A point in time as a filter says it: RFC 3339 (`2026-11-22T03:00:00Z`), `now`, or `now` less or plus a number of
/// minutes, hours or days (`now-90m`, `now-24h`, `now-7d`). Cut to microseconds.
///
/// # Errors
/// A sentence for people that names the forms.
pub fn parse_moment(text: &str, now: Time) -> Result<Time, String> {
    let text = text.trim();
    let moment = match text.strip_prefix("now") {
        Some("") => Some(now),
        Some(offset) => parse_offset(offset).and_then(|offset| now.checked_add_signed(offset)),
        None => DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.with_timezone(&Utc)),
    };
    // Further away a time has no RFC 3339 form, so it could be neither stored nor sent.
    let moment = moment.filter(|moment| (0..=9_999).contains(&moment.year()));
    moment.map(|moment| moment.trunc_subsecs(6)).ok_or_else(|| {
        "Write a time as 2026-11-22T03:00:00Z, or relative to now as now-90m, now-24h or now-7d.".to_owned()
    })
}

fn parse_offset(text: &str) -> Option<TimeDelta> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+')?),
    };
    let unit = rest.chars().last()?;
    let digits = rest.strip_suffix(unit)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    let offset = match unit {
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        _ => None,
    }?;
    Some(if negative { -offset } else { offset })
}

/// Minutes in words, exactly: `"8 hours"`, `"2 hours 30 minutes"`, `"1 day 4 hours 5 minutes"`.
#[must_use]
pub fn minutes_in_words(minutes: u32) -> String {
    units_in_words(u64::from(minutes) * 60, 3).unwrap_or_else(|| "0 minutes".to_owned())
}

/// A length of time in words, its two largest units, rounded down: `"3 days 4 hours"`, `"59 minutes 30 seconds"`,
/// `"12 seconds"`. Nothing and less than nothing are `"0 seconds"`.
#[must_use]
pub fn duration_in_words(length: TimeDelta) -> String {
    let seconds = u64::try_from(length.num_seconds()).unwrap_or(0);
    units_in_words(seconds, 2).unwrap_or_else(|| "0 seconds".to_owned())
}

/// The largest unit that is not zero and those directly below it, at most `parts`; none for nothing.
fn units_in_words(seconds: u64, parts: usize) -> Option<String> {
    let units = [
        (seconds / 86_400, "day"),
        (seconds / 3_600 % 24, "hour"),
        (seconds / 60 % 60, "minute"),
        (seconds % 60, "second"),
    ];
    let largest = units.iter().position(|(number, _)| *number > 0)?;
    let spoken: Vec<String> = units
        .iter()
        .skip(largest)
        .take(parts)
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| words::count(*number, noun))
        .collect();
    Some(spoken.join(" "))
}

#[cfg(test)]
mod tests;
