//! Reading the log.

use chrono::DateTime;
use lockbox_api::{
    Time,
    events::{Activity, ActorKind, Category, Event, Outcome},
    ids::EventId,
    logs::{LogBucket, LogCount, LogCounts, LogFilter, LogHistogram, LogQuery, LogSummary, LogSummaryQuery},
};
use lockbox_rules::{
    log_filter::{self, Field},
    permission::{Action, Subject},
    window,
};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Env, Error, Me, Result, Who,
    record::{Entry, log},
    requests::{ordered, page_limit, search},
};
use crate::store::{EventPlace, LogFilter as Selection, LogRow, LogTally, LogValues, Order, ReadTx, WriteTx};

/// What is to be said of a page besides its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// What others did was looked at, and that is still to be noted for this hour: see [`note`].
    pub to_be_noted: bool,
}

/// Hands a page of events to `take`, newest first, as they are kept: reading the log is what people do all day, and most of
/// what it would cost is taking texts apart and putting them together again. Permissions: [`Action::ReadLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`].
pub fn list(
    tx: &dyn ReadTx,
    env: &Env,
    who: &Who,
    query: &LogQuery,
    take: &mut dyn FnMut(&LogRow<'_>),
) -> Result<Listed> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    let limit = page_limit(query.limit)?;
    let (now, asked) = (env.now(), query.filter());
    let to_be_noted =
        concerns_others(&me, &asked) && !tx.has_read(me.organization_id(), &me.person.id, hour(now), &part(&asked))?;
    let mut filter = selection(asked, now)?;
    filter.before = query.cursor.as_deref().map(cursor).transpose()?;
    // One more than the page holds tells whether there is another page.
    filter.limit = limit + 1;
    let (mut rows, mut last, mut more) = (0, 0, false);
    tx.events(me.organization_id(), &filter, Order::NewestFirst, &mut |row| {
        more = rows == limit;
        if !more {
            (rows, last) = (rows + 1, row.sequence);
            take(row);
        }
        !more
    })?;
    Ok(Listed { next_cursor: more.then(|| last.to_string()), to_be_noted })
}

/// Notes who looked at what others did, once an hour for each part of the log: whoever reads the log of data access, or
/// what one person did, is in the log as well. Permissions: those of [`list`].
///
/// # Errors
/// Only when the database fails.
pub fn note(tx: &mut dyn WriteTx, env: &Env, who: &Who, values: &LogFilter) -> Result<()> {
    let me = Me::load(tx.reader(), who)?;
    note_read(tx, env, who, &me, values, env.now())
}

pub(super) fn note_read(
    tx: &mut dyn WriteTx,
    env: &Env,
    who: &Who,
    me: &Me,
    values: &LogFilter,
    now: Time,
) -> Result<()> {
    if concerns_others(me, values) && tx.add_read(me.organization_id(), &me.person.id, hour(now), &part(values))? {
        let details = json!({"filter": log_filter::print(values)});
        let entry = Entry::general(Activity::LogRead, me.actor(), details);
        log(tx, env, &who.origin, me.organization_id(), now, entry)?;
    }
    Ok(())
}

/// Data access, or what somebody else did.
fn concerns_others(me: &Me, values: &LogFilter) -> bool {
    let own = |actor: &String| *actor == me.person.id.0 || *actor == me.person.name;
    values.category.contains(&Category::DataAccess) || values.actor.iter().any(|actor| !own(actor))
}

fn hour(now: Time) -> i64 {
    now.timestamp().div_euclid(3_600)
}

/// Which part of the log: neither its time nor the words in it make it another, so that nobody's typing or dragging
/// fills the log.
fn part(values: &LogFilter) -> [u8; 32] {
    let part = LogFilter { from: None, to: None, q: None, ..values.clone() };
    Sha256::digest(log_filter::print(&part)).into()
}

/// One event, by its id or its sequence. Permissions: [`Action::ReadLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::NotFound`].
pub fn get(tx: &dyn ReadTx, who: &Who, place: &str) -> Result<Event> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    let sequence = place.parse::<u64>().ok().filter(|sequence| i64::try_from(*sequence).is_ok());
    let place = sequence.map_or_else(|| EventPlace::Id(EventId::from(place)), EventPlace::Sequence);
    tx.event(me.organization_id(), &place)?.ok_or(Error::NotFound)
}

/// Counts by value and over time. Permissions: [`Action::ReadLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`].
pub fn summary(tx: &dyn ReadTx, env: &Env, who: &Who, query: &LogSummaryQuery) -> Result<LogSummary> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    let now = env.now();
    let filter = selection(query.filter(), now)?;
    let (last_sequence, _) = tx.newest_event(me.organization_id())?;
    Ok(present(tx.tally(me.organization_id(), &filter, now)?, last_sequence))
}

/// The filter as the store understands it; relative times are resolved.
///
/// # Errors
/// [`Error::Parameters`].
pub(super) fn selection(mut values: LogFilter, now: Time) -> Result<Selection> {
    for field in Field::ALL {
        for (excluded, before) in [(false, ""), (true, "not_")] {
            let given = log_filter::values(&values, *field, excluded);
            let name = || format!("{before}{}", field.parameter());
            // Adding them one by one to nothing tells what is wrong with them, in the words of the typed line.
            let mut again = LogFilter::default();
            for value in given {
                log_filter::add(&mut again, *field, excluded, value)
                    .map_err(|message| Error::parameter(&name(), message))?;
            }
        }
    }
    let moment = |name: &str, text: &Option<String>| {
        let parsed = text.as_deref().map(|text| window::parse_moment(text, now)).transpose();
        parsed.map_err(|message| Error::parameter(name, message))
    };
    let (from, to) = (moment("from", &values.from)?, moment("to", &values.to)?);
    ordered(from, to)?;
    values.q = search(values.q.as_deref())?;
    values.q.as_deref().map_or(Ok(()), log_filter::check_text).map_err(|message| Error::parameter("q", message))?;
    Ok(Selection { values, from, to, ..Selection::default() })
}

fn cursor(text: &str) -> Result<u64> {
    text.parse::<u64>().ok().filter(|sequence| i64::try_from(*sequence).is_ok()).ok_or_else(|| {
        Error::parameter("cursor", "This is not a cursor of this list. Leave it out to begin at the start.")
    })
}

fn present(tally: LogTally, last_sequence: u64) -> LogSummary {
    let words = |counts: Vec<(&str, &str, u64)>| {
        let mut items: Vec<LogCount> = counts
            .into_iter()
            .filter(|(_, _, count)| *count > 0)
            .map(|(value, label, count)| LogCount {
                value: value.to_owned(),
                label: label.to_owned(),
                kind: None,
                count,
            })
            .collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.count));
        LogCounts { distinct: items.len() as u64, items }
    };
    let [activity, data_access] = tally.categories;
    let [success, failure, refused] = tally.outcomes;
    let starts = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH);
    LogSummary {
        total: tally.total,
        exact: tally.exact,
        counted_from: tally.counted_from,
        last_sequence,
        categories: words(vec![
            (Category::Activity.as_str(), "Activity", activity),
            (Category::DataAccess.as_str(), "Data access", data_access),
        ]),
        operations: values(tally.operations),
        actors: values(tally.actors),
        environments: values(tally.environments),
        outcomes: words(vec![
            (Outcome::Success.as_str(), "Success", success),
            (Outcome::Failure.as_str(), "Failure", failure),
            (Outcome::Refused.as_str(), "Refused", refused),
        ]),
        histogram: LogHistogram {
            bucket_seconds: tally.bucket_seconds.unsigned_abs(),
            buckets: tally
                .buckets
                .into_iter()
                .map(|(start, [success, failure, refused])| LogBucket {
                    start: starts(start),
                    success,
                    failure,
                    refused,
                })
                .collect(),
        },
    }
}

fn values(values: LogValues) -> LogCounts {
    let items = values.items.into_iter().map(|one| LogCount {
        label: if one.label.is_empty() { one.value.clone() } else { one.label },
        kind: ActorKind::parse(&one.kind),
        value: one.value,
        count: one.count,
    });
    LogCounts { items: items.collect(), distinct: values.distinct }
}
