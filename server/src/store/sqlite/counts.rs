//! How many events of each kind every hour and every finished day had: what counts and the histogram are made of, so
//! that nobody has to read the events for them.
//!
//! An hour's counts are one small value: per kind five numbers, each packed into as few bytes as it needs. They are
//! gathered while a transaction appends events and written when it commits, so log and counts never differ. The first
//! event of a later day adds the hours of the day before it up.

use std::collections::BTreeMap;

use lockbox_api::{
    Time,
    events::{Category, Outcome},
};
use rusqlite::{Connection, params};

use super::convert::{Optional, database};
use crate::store::{StoreError, StoreResult};

/// Microseconds of an hour.
pub(super) const HOUR_US: i64 = 3_600_000_000;
/// Hours of a day.
pub(super) const DAY_HOURS: i64 = 24;

/// What an event is counted as. The numbers are those of `log_terms`; an environment of 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) operation: u32,
    pub(super) actor: u32,
    pub(super) environment: u32,
    pub(super) category: Category,
    pub(super) outcome: Outcome,
}

/// Counts by kind.
pub(super) type Counts = BTreeMap<Kind, u64>;

/// What a transaction has appended and not counted yet: by organisation's number and hour.
#[derive(Default)]
pub(super) struct Pending(BTreeMap<(i64, i64), Counts>);

impl Pending {
    /// One more event.
    pub(super) fn add(&mut self, organization: i64, time: Time, kind: Kind) {
        let hour = time.timestamp_micros().div_euclid(HOUR_US);
        *self.0.entry((organization, hour)).or_default().entry(kind).or_default() += 1;
    }

    /// Writes everything down.
    pub(super) fn write(self, c: &Connection) -> StoreResult<()> {
        for ((organization, hour), mut counts) in self.0 {
            let known: Option<Vec<u8>> = c
                .prepare_cached("SELECT counts FROM log_hours WHERE organization = ?1 AND hour = ?2")
                .and_then(|mut s| s.query_row([organization, hour], |row| row.get(0)))
                .optional()?;
            match known {
                Some(bytes) => each(&bytes, |kind, count| *counts.entry(kind).or_default() += count)?,
                None => close_day_before(c, organization, hour)?,
            }
            c.prepare_cached(
                "INSERT INTO log_hours (organization, hour, counts) VALUES (?1, ?2, ?3)
                 ON CONFLICT (organization, hour) DO UPDATE SET counts = excluded.counts",
            )
            .and_then(|mut s| s.execute(params![organization, hour, pack(&counts)]))
            .map_err(database)?;
        }
        Ok(())
    }
}

/// The hour is new. Where the newest hour before it lies in an earlier day, that day is over: its hours are added up.
fn close_day_before(c: &Connection, organization: i64, hour: i64) -> StoreResult<()> {
    let newest: Option<i64> = c
        .prepare_cached("SELECT hour FROM log_hours WHERE organization = ?1 AND hour < ?2 ORDER BY hour DESC LIMIT 1")
        .and_then(|mut s| s.query_row([organization, hour], |row| row.get(0)))
        .optional()?;
    let Some(day) = newest.map(|newest| newest.div_euclid(DAY_HOURS)).filter(|day| *day < hour.div_euclid(DAY_HOURS))
    else {
        return Ok(());
    };
    let mut whole = Counts::new();
    hours(c, organization, day * DAY_HOURS, (day + 1) * DAY_HOURS, |_, kind, count| {
        *whole.entry(kind).or_default() += count;
    })?;
    c.prepare_cached("INSERT INTO log_days (organization, day, counts) VALUES (?1, ?2, ?3)")
        .and_then(|mut s| s.execute(params![organization, day, pack(&whole)]))
        .map(drop)
        .map_err(database)
}

/// The counts of the hours from `from` to before `to`: hour, kind, count.
pub(super) fn hours(
    c: &Connection,
    organization: i64,
    from: i64,
    to: i64,
    take: impl FnMut(i64, Kind, u64),
) -> StoreResult<()> {
    const HOURS: &str = "SELECT hour, counts FROM log_hours WHERE organization = ?1 AND hour >= ?2 AND hour < ?3";
    counted(c, HOURS, [organization, from, to], take)
}

/// The counts of the finished days from `from` to before `to`: day, kind, count.
pub(super) fn days(
    c: &Connection,
    organization: i64,
    from: i64,
    to: i64,
    take: impl FnMut(i64, Kind, u64),
) -> StoreResult<()> {
    const DAYS: &str = "SELECT day, counts FROM log_days WHERE organization = ?1 AND day >= ?2 AND day < ?3";
    counted(c, DAYS, [organization, from, to], take)
}

/// Takes the packed counts of each row apart.
fn counted(c: &Connection, sql: &str, range: [i64; 3], mut take: impl FnMut(i64, Kind, u64)) -> StoreResult<()> {
    let mut statement = c.prepare_cached(sql).map_err(database)?;
    let mut rows = statement.query(range).map_err(database)?;
    while let Some(row) = rows.next().map_err(database)? {
        let place = row.get(0).map_err(database)?;
        each(row.get_ref(1).and_then(|bytes| Ok(bytes.as_blob()?)).map_err(database)?, |kind, count| {
            take(place, kind, count);
        })?;
    }
    Ok(())
}

/// Per kind: category and outcome in one byte, then operation, actor, environment and count, seven bits a byte.
fn pack(counts: &Counts) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(counts.len() * 6);
    for (kind, count) in counts {
        let category = match kind.category {
            Category::Activity => 0,
            Category::DataAccess => 4,
        };
        let outcome = match kind.outcome {
            Outcome::Success => 0,
            Outcome::Failure => 1,
            Outcome::Refused => 2,
        };
        bytes.push(category | outcome);
        for number in [kind.operation, kind.actor, kind.environment] {
            number_to(&mut bytes, u64::from(number));
        }
        number_to(&mut bytes, *count);
    }
    bytes
}

fn number_to(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes packed counts apart.
fn each(mut bytes: &[u8], mut take: impl FnMut(Kind, u64)) -> StoreResult<()> {
    let corrupt = || StoreError::Corrupt("counts of the log".to_owned());
    while let Some((&flags, rest)) = bytes.split_first() {
        bytes = rest;
        let mut number = || number_from(&mut bytes).ok_or_else(corrupt);
        let [operation, actor, environment, count] = [number()?, number()?, number()?, number()?];
        let small = |number: u64| u32::try_from(number).map_err(|_| corrupt());
        let kind = Kind {
            operation: small(operation)?,
            actor: small(actor)?,
            environment: small(environment)?,
            category: if flags & 4 == 0 { Category::Activity } else { Category::DataAccess },
            outcome: match flags & 3 {
                0 => Outcome::Success,
                1 => Outcome::Failure,
                2 => Outcome::Refused,
                _ => return Err(corrupt()),
            },
        };
        take(kind, count);
    }
    Ok(())
}

fn number_from(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let mut counts = Counts::new();
        let numbers = [0, 1, 127, 128, 16_383, 16_384, u32::MAX];
        for (at, number) in numbers.into_iter().enumerate() {
            for outcome in Outcome::ALL {
                let category = Category::ALL[at % 2];
                let kind =
                    Kind { operation: number, actor: number / 3, environment: number / 7, category, outcome: *outcome };
                counts.insert(kind, u64::from(number) * 1_000_003 + 1);
            }
        }
        let mut again = Counts::new();
        each(&pack(&counts), |kind, count| assert_eq!(again.insert(kind, count), None)).unwrap();
        assert_eq!(again, counts);
    }

    #[test]
    fn damage_is_told_and_never_counted() {
        let kind =
            Kind { operation: 300, actor: 2, environment: 3, category: Category::Activity, outcome: Outcome::Success };
        let packed = pack(&Counts::from([(kind, 5)]));
        for end in 1..packed.len() {
            assert!(each(&packed[..end], |_, _| {}).is_err(), "{end}");
        }
        assert!(each(&[3, 1, 1, 1, 1], |_, _| {}).is_err(), "an outcome that is none");
        assert!(each(&[0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], |_, _| {}).is_err());
    }
}
