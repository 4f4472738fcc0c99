//! Counting the log: what a filter lets through, by value and over time.
//!
//! Filters by category, operation, actor, environment, outcome and time are answered from the counts of days and hours,
//! exactly and at a cost that does not depend on how many events there are; only the broken hours at either end of the
//! range are counted event by event. Words and ids are not counted in advance: what they let through is counted one by
//! one, newest first, up to [`ONE_BY_ONE`].
//!
//! The values of a field are counted without what the filter asks of the same field: that tells what else could be asked.

use std::collections::HashMap;

use lockbox_api::{
    Time,
    events::{Category, Outcome},
    ids::OrganizationId,
};
use rusqlite::{Connection, Row, params};

use super::{
    convert::{Optional, Us, Word, database},
    counts::{self, DAY_HOURS, HOUR_US, Kind},
    events,
    log_terms::Terms,
    sieve::{self, Counted, Failed, Sieve},
};
use crate::store::{LogFilter, LogTally, LogValue, LogValues, Order, StoreResult};

/// Events that are counted one by one for a filter that is not counted in advance.
const ONE_BY_ONE: u32 = 2_500;
/// The same, for one field without what the filter asks of it.
const FIELD_ONE_BY_ONE: u32 = 500;
/// Events that are counted one by one in a broken hour at either end of the range.
const EDGE: i64 = 3_000;
/// Bars at most.
const BARS: i64 = 120;
/// Lengths of bars, seconds.
const LENGTHS: [i64; 10] = [60, 300, 900, 3_600, 10_800, 21_600, 43_200, DAY, 7 * DAY, 28 * DAY];
const DAY: i64 = 86_400;
/// Values per field that are looked at, and those that are told.
const LOOKED_AT: usize = 1_000;
const TOLD: usize = 100;
/// The columns that [`Counter::one`] reads.
const COLUMNS: &str = "e.time, e.category, e.outcome, e.operation, e.friendly_name, e.actor_id, e.actor_name, e.actor_kind, e.environment_id";

/// Counts what `filter` lets through; `now` ends a range that is open.
pub(super) fn tally(
    c: &Connection,
    organization: &OrganizationId,
    filter: &LogFilter,
    now: Time,
) -> StoreResult<LogTally> {
    let (last, newest) = events::newest(c, organization)?;
    let end = newest.map_or(now, |newest| newest.max(now)).timestamp_micros().saturating_add(1);
    let oldest: Option<i64> = c
        .prepare_cached("SELECT time FROM events WHERE organization_id = ?1 AND sequence = 1")
        .and_then(|mut s| s.query_row([&organization.0], |row| row.get(0)))
        .optional()?;
    let oldest = oldest.unwrap_or(end);
    let to = filter.to.map_or(end, |to| to.timestamp_micros().min(end));
    let mut from = filter.from.map_or(oldest, |from| from.timestamp_micros()).min(to);
    if to - from > 3 * 366 * DAY * 1_000_000 {
        // A beginning long before the first event would make bars of years.
        from = from.max(oldest.min(to));
    }
    let bounds = events::bounds(c, organization, filter)?;
    let within = bounds.map_or(0, |(first, end)| end.min(last.cast_signed() + 1) - first);
    let mut counter = Counter::new(from, to, within);
    let Some(number) = events::number(c, organization)? else { return counter.told(c, 0) };
    let sieve = Sieve::of(filter);
    if !sieve::counted_in_advance(filter) {
        counter.one_by_one(c, number, organization, filter)?;
    } else if counter.length < 3_600 {
        counter.edge(c, number, organization, &sieve, from, to)?;
    } else {
        counter.in_advance(c, number, organization, &sieve, (from, to), end)?;
    }
    counter.told(c, number)
}

/// The counts so far.
struct Counter {
    total: u64,
    exact: bool,
    counted_from: Option<Time>,
    /// By field, whether all its values were counted.
    fields_exact: [bool; 5],
    categories: [u64; 2],
    outcomes: [u64; 3],
    /// By number: operations, actors, environments.
    numbers: [HashMap<u32, u64>; 3],
    /// Length of a bar and begin of the first, seconds.
    length: i64,
    start: i64,
    bars: Vec<[u64; 3]>,
    /// Numbers of values met in single events.
    terms: Terms,
}

impl Counter {
    /// For a range in microseconds that holds `within` events.
    fn new(from: i64, to: i64, within: i64) -> Self {
        let seconds = (to - from).max(1).div_euclid(1_000_000) + 1;
        // Below an hour a bar's events are counted one by one.
        let shortest = if within > i64::from(ONE_BY_ONE) { 3_600 } else { 0 };
        let fits = |length: &&i64| **length >= shortest && seconds.div_euclid(**length) < BARS;
        let longest = 28 * DAY;
        let length = LENGTHS.iter().find(fits).copied().unwrap_or((seconds / BARS / longest + 1) * longest);
        let start = floor(from.div_euclid(1_000_000), length);
        let bars =
            if to > from { (to - 1).div_euclid(1_000_000).saturating_sub(start).div_euclid(length) + 1 } else { 0 };
        Self {
            total: 0,
            exact: true,
            counted_from: None,
            fields_exact: [true; 5],
            categories: [0; 2],
            outcomes: [0; 3],
            numbers: Default::default(),
            length,
            start,
            bars: vec![[0; 3]; usize::try_from(bars).unwrap_or(0)],
            terms: Terms::default(),
        }
    }

    /// `count` events of a kind at a moment, seconds, as far as they pass.
    fn add(&mut self, at: i64, kind: Kind, failed: Failed, count: u64) {
        for field in Counted::ALL.into_iter().filter(|field| failed.at_most(*field)) {
            self.add_value(field, kind, count);
        }
        if failed.nothing() {
            self.add_total(at, kind, count);
        }
    }

    fn add_total(&mut self, at: i64, kind: Kind, count: u64) {
        self.total += count;
        let bar = usize::try_from((at - self.start).div_euclid(self.length)).ok();
        if let Some(bar) = bar.and_then(|bar| self.bars.get_mut(bar)) {
            bar[place(kind.outcome)] += count;
        }
    }

    fn add_value(&mut self, field: Counted, kind: Kind, count: u64) {
        let [operations, actors, environments] = &mut self.numbers;
        *match field {
            Counted::Category => &mut self.categories[usize::from(kind.category == Category::DataAccess)],
            Counted::Outcome => &mut self.outcomes[place(kind.outcome)],
            Counted::Operation => operations.entry(kind.operation).or_default(),
            Counted::Actor => actors.entry(kind.actor).or_default(),
            Counted::Environment => environments.entry(kind.environment).or_default(),
        } += count;
    }

    /// Whole days and hours from the counts, what is left of the range from the events.
    fn in_advance(
        &mut self,
        c: &Connection,
        number: i64,
        organization: &OrganizationId,
        sieve: &Sieve,
        (from, to): (i64, i64),
        end: i64,
    ) -> StoreResult<()> {
        let first = -(-from).div_euclid(HOUR_US);
        // Nothing comes after the end: the hour that it lies in is whole.
        let last = if to >= end { to.div_euclid(HOUR_US) + 1 } else { to.div_euclid(HOUR_US) };
        if first >= last {
            return self.edge(c, number, organization, sieve, from, to);
        }
        self.edge(c, number, organization, sieve, from, first * HOUR_US)?;
        if to < end {
            self.edge(c, number, organization, sieve, last * HOUR_US, to)?;
        }
        // The newest day is not added up yet; bars shorter than a day are made of hours.
        let newest: Option<i64> = c
            .prepare_cached("SELECT day FROM log_days WHERE organization = ?1 ORDER BY day DESC LIMIT 1")
            .and_then(|mut s| s.query_row([number], |row| row.get(0)))
            .optional()?;
        let first_day = -(-first).div_euclid(DAY_HOURS);
        let last_day = last.div_euclid(DAY_HOURS).min(newest.map_or(i64::MIN, |newest| newest + 1));
        let hours = |counter: &mut Self, from: i64, to: i64| {
            counts::hours(c, number, from, to, |hour, kind, count| {
                counter.add(hour * 3_600, kind, sieve.failed(&kind), count);
            })
        };
        if self.length < DAY || first_day >= last_day {
            return hours(self, first, last);
        }
        hours(self, first, first_day * DAY_HOURS)?;
        counts::days(c, number, first_day, last_day, |day, kind, count| {
            self.add(day * DAY, kind, sieve.failed(&kind), count);
        })?;
        hours(self, last_day * DAY_HOURS, last)
    }

    /// The events of a short part of the range, microseconds.
    fn edge(
        &mut self,
        c: &Connection,
        number: i64,
        organization: &OrganizationId,
        sieve: &Sieve,
        from: i64,
        to: i64,
    ) -> StoreResult<()> {
        let moment = |us: i64| Time::from_timestamp_micros(us);
        let part = LogFilter { from: moment(from), to: moment(to), ..LogFilter::default() };
        let Some((first, end)) = events::bounds(c, organization, &part)? else { return Ok(()) };
        if to <= from {
            return Ok(());
        }
        let mut statement = c
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM events e WHERE e.organization_id = ?1 AND e.sequence >= ?2 AND e.sequence < ?3
                 ORDER BY e.sequence DESC LIMIT ?4"
            ))
            .map_err(database)?;
        let mut rows = statement.query(params![organization.0, first, end, EDGE + 1]).map_err(database)?;
        let mut seen = 0;
        while let Some(row) = rows.next().map_err(database)? {
            seen += 1;
            if seen > EDGE {
                (self.exact, self.fields_exact) = (false, [false; 5]);
                break;
            }
            let (at, kind) = self.one(c, number, row)?;
            self.add(at, kind, sieve.failed(&kind), 1);
        }
        Ok(())
    }

    /// Whatever the filter lets through, newest first, as far as it goes; then each field of which it asks something, without
    /// that.
    fn one_by_one(
        &mut self,
        c: &Connection,
        number: i64,
        organization: &OrganizationId,
        filter: &LogFilter,
    ) -> StoreResult<()> {
        let others = Counted::ALL.map(|field| (field, field.left_out(filter)));
        let counted_from = self.each(c, number, (organization, filter), ONE_BY_ONE, |counter, at, kind| {
            counter.add_total(at, kind, 1);
            for (field, _) in others.iter().filter(|(_, without)| without.is_none()) {
                counter.add_value(*field, kind, 1);
            }
        })?;
        (self.exact, self.counted_from) = (counted_from.is_none(), counted_from);
        for (field, without) in &others {
            let cut = match without {
                None => counted_from,
                Some(without) => {
                    let add = |counter: &mut Self, _, kind| counter.add_value(*field, kind, 1);
                    self.each(c, number, (organization, without), FIELD_ONE_BY_ONE, add)?
                }
            };
            self.fields_exact[field.place()] = cut.is_none();
        }
        Ok(())
    }

    /// Hands events to `take`, newest first, `most` at most. Where there are more: the moment of the last one.
    fn each(
        &mut self,
        c: &Connection,
        number: i64,
        (organization, filter): (&OrganizationId, &LogFilter),
        most: u32,
        mut take: impl FnMut(&mut Self, i64, Kind),
    ) -> StoreResult<Option<Time>> {
        let filter = LogFilter { before: None, ..filter.clone() };
        let (mut taken, mut oldest, mut cut, mut fault) = (0, None, None, None);
        let walked = events::walk(c, organization, &filter, COLUMNS, Order::NewestFirst, most + 1, |row| {
            if taken >= most {
                cut = oldest;
                return Ok(false);
            }
            taken += 1;
            oldest = Some(row.get::<_, Us>(0)?.0);
            match self.one(c, number, row) {
                Ok((at, kind)) => take(self, at, kind),
                Err(error) => fault = Some(error),
            }
            Ok(fault.is_none())
        });
        walked.and(fault.map_or(Ok(cut), Err))
    }

    /// Moment (seconds) and kind of one event.
    fn one(&mut self, c: &Connection, number: i64, row: &Row<'_>) -> StoreResult<(i64, Kind)> {
        let text = |at: usize| row.get_ref(at).and_then(|value| Ok(value.as_str_or_null()?.unwrap_or_default()));
        let read = || -> rusqlite::Result<_> {
            let time: i64 = row.get(0)?;
            let (category, outcome) = (row.get::<_, Word<Category>>(1)?.0, row.get::<_, Word<Outcome>>(2)?.0);
            Ok((time, category, outcome, [text(3)?, text(4)?], [text(5)?, text(6)?, text(7)?], text(8)?))
        };
        let (time, category, outcome, operation, actor, environment) = read().map_err(database)?;
        // Every value of an event that is stored has its number: none is given here.
        let kind = Kind {
            operation: self.terms.number(c, number, "operation", operation[0], operation[1], "")?,
            actor: self.terms.number(c, number, "actor", actor[0], actor[1], actor[2])?,
            environment: match environment {
                "" => 0,
                id => self.terms.number(c, number, "environment", id, "", "")?,
            },
            category,
            outcome,
        };
        Ok((time.div_euclid(1_000_000), kind))
    }

    /// The counts with words for the numbers.
    fn told(self, c: &Connection, organization: i64) -> StoreResult<LogTally> {
        let [operations, actors, mut environments] = self.numbers;
        environments.remove(&0);
        let starts = (0..).map(|bar| self.start + bar * self.length);
        Ok(LogTally {
            total: self.total,
            exact: self.exact,
            counted_from: self.counted_from,
            categories: self.categories,
            outcomes: self.outcomes,
            fields_exact: self.fields_exact,
            operations: values(c, organization, operations)?,
            actors: values(c, organization, actors)?,
            environments: values(c, organization, environments)?,
            bucket_seconds: self.length,
            buckets: starts.zip(self.bars).collect(),
        })
    }
}

/// The place of an outcome's counts.
const fn place(outcome: Outcome) -> usize {
    match outcome {
        Outcome::Success => 0,
        Outcome::Failure => 1,
        Outcome::Refused => 2,
    }
}

/// The beginning of the bar that holds a moment, seconds. Bars of weeks begin on Mondays; 1970 began on a Thursday.
fn floor(at: i64, length: i64) -> i64 {
    let monday = if length % (7 * DAY) == 0 { 4 * DAY } else { 0 };
    (at - monday).div_euclid(length) * length + monday
}

/// The most frequent values by their numbers. A value with several labels counts once, under the newest of them.
fn values(c: &Connection, organization: i64, numbers: HashMap<u32, u64>) -> StoreResult<LogValues> {
    let mut numbers: Vec<(u32, u64)> = numbers.into_iter().collect();
    numbers.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let beyond = numbers.len().saturating_sub(LOOKED_AT);
    numbers.truncate(LOOKED_AT);
    let mut found: HashMap<String, (u32, LogValue)> = HashMap::new();
    let mut statement = c
        .prepare_cached("SELECT value, label, kind FROM log_terms WHERE organization = ?1 AND number = ?2")
        .map_err(database)?;
    for (number, count) in numbers {
        let (value, label, kind): (String, String, String) = statement
            .query_row(params![organization, number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .map_err(database)?;
        let (newest, entry) = found
            .entry(value.clone())
            .or_insert_with(|| (number, LogValue { value, label: label.clone(), kind: kind.clone(), count: 0 }));
        entry.count += count;
        if number > *newest {
            (*newest, entry.label, entry.kind) = (number, label, kind);
        }
    }
    let distinct = (found.len() + beyond) as u64;
    let mut items: Vec<LogValue> = found.into_values().map(|(_, value)| value).collect();
    items.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    items.truncate(TOLD);
    Ok(LogValues { items, distinct })
}
