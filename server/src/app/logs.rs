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

/// Where the next page of the log begins, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub Option<String>);

/// Hands a page of events to `take`, newest first, as they are kept: reading the log is what people do all day, and most of
/// what it would cost is taking texts apart and putting them together again. `None`: nothing was read, because this read is
/// to be noted first, see [`note`]. Permissions: [`Action::ReadLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`].
pub fn list(
    tx: &dyn ReadTx,
    env: &Env,
    who: &Who,
    query: &LogQuery,
    take: &mut dyn FnMut(&LogRow<'_>),
) -> Result<Option<Cursor>> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    let limit = page_limit(query.limit)?;
    let mut filter = selection(tx, &me, query.filter(), env.now())?;
    filter.before = query.cursor.as_deref().map(cursor).transpose()?;
    if to_be_noted(tx, env, &me, &filter.values)? {
        return Ok(None);
    }
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
    Ok(Some(Cursor(more.then(|| last.to_string()))))
}

/// Others' doing is looked at, and that is not yet on record for this hour. `values`: with the ids of environments in the place of
/// their names, which may be given away: what is put on record says the same at any later time.
fn to_be_noted(tx: &dyn ReadTx, env: &Env, me: &Me, values: &LogFilter) -> Result<bool> {
    if !log_filter::concerns_others(values, &me.person.id.0) {
        return Ok(false);
    }
    Ok(!tx.has_read(me.organization_id(), &me.person.id, hour(env.now()), &hash(&part(values)))?)
}

/// Notes who looks at what others did, once an hour for each part of the log and before they see it: whoever reads data
/// access, or what one person did, is in the log as well. Permissions: those of [`list`].
///
/// # Errors
/// [`Error::Parameters`] where a name has come to stand for too many environments since [`list`].
pub fn note(tx: &mut dyn WriteTx, env: &Env, who: &Who, values: &LogFilter) -> Result<()> {
    let (me, now) = (Me::load(tx.reader(), who)?, env.now());
    if !log_filter::concerns_others(values, &me.person.id.0) {
        return Ok(());
    }
    let mut values = values.clone();
    tx.reader().log_terms(me.organization_id(), &mut values)?;
    let part = part(&values);
    if tx.add_read(me.organization_id(), &me.person.id, hour(now), &hash(&part))? {
        let details = json!({"filter": part});
        let entry = Entry::general(Activity::LogRead, me.actor(), details);
        log(tx, env, &who.origin, me.organization_id(), now, entry)?;
    }
    Ok(())
}

fn hour(now: Time) -> i64 {
    now.timestamp().div_euclid(3_600)
}

/// Which part of the log, as a filter line: neither its time nor the words in it make it another, so that nobody's typing
/// or dragging fills the log. What is put on record is the whole part, of which a search shows some.
fn part(values: &LogFilter) -> String {
    log_filter::print(&LogFilter { from: None, to: None, q: None, not_q: Vec::new(), ..values.clone() })
}

fn hash(part: &str) -> [u8; 32] {
    Sha256::digest(part).into()
}

/// One event, by its id or its sequence. `None`: it is of data access, and that this is read is to be noted first, see
/// [`note`] with [`data_access`]. Permissions: [`Action::ReadLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::NotFound`].
pub fn get(tx: &dyn ReadTx, env: &Env, who: &Who, place: &str) -> Result<Option<Event>> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    let sequence = place.parse::<u64>().ok().filter(|sequence| i64::try_from(*sequence).is_ok());
    let place = sequence.map_or_else(|| EventPlace::Id(EventId::from(place)), EventPlace::Sequence);
    let event = tx.event(me.organization_id(), &place)?.ok_or(Error::NotFound)?;
    let unnoted = event.category == Category::DataAccess && to_be_noted(tx, env, &me, &data_access())?;
    Ok((!unnoted).then_some(event))
}

/// All data access, as a filter.
#[must_use]
pub fn data_access() -> LogFilter {
    LogFilter { category: vec![Category::DataAccess], ..LogFilter::default() }
}

/// Counts by value and over time. They tell what others did as well as the events do: `None` as in [`list`]. Permissions:
/// [`Action::ReadLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`].
pub fn summary(tx: &dyn ReadTx, env: &Env, who: &Who, query: &LogSummaryQuery) -> Result<Option<LogSummary>> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    let now = env.now();
    let filter = selection(tx, &me, query.filter(), now)?;
    if to_be_noted(tx, env, &me, &filter.values)? {
        return Ok(None);
    }
    let (last_sequence, _) = tx.newest_event(me.organization_id())?;
    Ok(Some(present(tx.tally(me.organization_id(), &filter, now)?, last_sequence)))
}

/// The filter as the store understands it: relative times are resolved, and names are looked up, once for all that is done
/// with it.
///
/// # Errors
/// [`Error::Parameters`].
pub(super) fn selection(tx: &dyn ReadTx, me: &Me, mut values: LogFilter, now: Time) -> Result<Selection> {
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
    for text in std::mem::take(&mut values.not_q) {
        log_filter::leave_out(&mut values, &text).map_err(|message| Error::parameter("not_q", message))?;
    }
    let terms = tx.log_terms(me.organization_id(), &mut values)?;
    Ok(Selection { values, terms, from, to, ..Selection::default() })
}

fn cursor(text: &str) -> Result<u64> {
    text.parse::<u64>().ok().filter(|sequence| i64::try_from(*sequence).is_ok()).ok_or_else(|| {
        Error::parameter("cursor", "This is not a cursor of this list. Leave it out to begin at the start.")
    })
}

fn present(tally: LogTally, last_sequence: u64) -> LogSummary {
    let [category_exact, outcome_exact, operation_exact, actor_exact, environment_exact] = tally.fields_exact;
    let words = |exact, counts: Vec<(&str, &str, u64)>| {
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
        LogCounts { distinct: items.len() as u64, items, exact }
    };
    let [activity, data_access] = tally.categories;
    let [success, failure, refused] = tally.outcomes;
    let starts = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH);
    LogSummary {
        total: tally.total,
        exact: tally.exact,
        counted_from: tally.counted_from,
        last_sequence,
        categories: words(
            category_exact,
            vec![
                (Category::Activity.as_str(), "Activity", activity),
                (Category::DataAccess.as_str(), "Data access", data_access),
            ],
        ),
        operations: values(tally.operations, operation_exact),
        actors: values(tally.actors, actor_exact),
        environments: values(tally.environments, environment_exact),
        outcomes: words(
            outcome_exact,
            vec![
                (Outcome::Success.as_str(), "Success", success),
                (Outcome::Failure.as_str(), "Failure", failure),
                (Outcome::Refused.as_str(), "Refused", refused),
            ],
        ),
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

fn values(values: LogValues, exact: bool) -> LogCounts {
    let items = values.items.into_iter().map(|one| LogCount {
        label: if one.label.is_empty() { one.value.clone() } else { one.label },
        kind: ActorKind::parse(&one.kind),
        value: one.value,
        count: one.count,
    });
    LogCounts { items: items.collect(), distinct: values.distinct, exact }
}
