//! The log. Appending is the only change there is; triggers refuse every other one.

use lockbox_api::{
    Time,
    events::{Actor, Event},
    ids::{EnvironmentId, EventId, GrantId, OrganizationId, PersonId, RequestId, ServiceRequestId},
};
use rusqlite::{Connection, Row, params, params_from_iter};

use super::{
    convert::{Conditions, Json, Optional, Us, Word, database, values},
    derived::Derived,
    log_index::{self, Asked, Entry},
    log_terms::Terms,
};
use crate::store::{EventPlace, LogFilter, LogRow, NewEvent, Order, StoreError, StoreResult};

pub(super) const COLUMNS: &str = "e.id, e.sequence, e.time, e.category, e.operation, e.friendly_name, e.actor_id, e.actor_name, e.actor_kind, e.environment_id, e.request_id, e.service_request_id, e.grant_id, e.outcome, e.client_ip, e.correlation_id, e.details";

pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: EventId(row.get(0)?),
        sequence: row.get::<_, i64>(1)?.unsigned_abs(),
        time: row.get::<_, Us>(2)?.0,
        category: row.get::<_, Word<_>>(3)?.0,
        operation: row.get(4)?,
        friendly_name: row.get(5)?,
        actor: Actor { id: row.get(6)?, name: row.get(7)?, kind: row.get::<_, Word<_>>(8)?.0 },
        environment_id: row.get::<_, Option<String>>(9)?.map(EnvironmentId),
        request_id: row.get::<_, Option<String>>(10)?.map(RequestId),
        service_request_id: row.get::<_, Option<String>>(11)?.map(ServiceRequestId),
        grant_id: row.get::<_, Option<String>>(12)?.map(GrantId),
        outcome: row.get::<_, Word<_>>(13)?.0,
        client_ip: row.get(14)?,
        correlation_id: row.get(15)?,
        details: row.get::<_, Json<_>>(16)?.0,
    })
}

/// An event that was appended, and what is still to be written for it.
pub(super) struct Appended {
    pub(super) event: Event,
    pub(super) organization: i64,
    pub(super) rowid: i64,
    pub(super) entry: Entry,
}

/// Where an organisation's log stands: its newest sequence and moment, and the number that stands for it in the index.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) sequence: i64,
    pub(super) time: Time,
    pub(super) number: i64,
}

/// Gives the event its place: the organisation's counter row, under the write lock, is what makes the sequence dense.
pub(super) fn append(
    c: &Connection,
    terms: &mut Terms,
    organization: &OrganizationId,
    event: NewEvent,
) -> StoreResult<Appended> {
    let place = c
        .prepare_cached(
            "UPDATE organizations SET last_sequence = last_sequence + 1, last_event_at = max(last_event_at, ?1)
             WHERE id = ?2 RETURNING last_sequence, last_event_at, number",
        )
        .and_then(|mut s| {
            s.query_row(params![Us(event.time), organization.0], |row| {
                Ok(Place { sequence: row.get(0)?, time: row.get::<_, Us>(1)?.0, number: row.get(2)? })
            })
        })
        .optional()?
        .ok_or_else(|| StoreError::Corrupt(format!("no organisation {organization} to log for")))?;
    insert(c, terms, organization, place, event)
}

/// Writes the event to its place.
pub(super) fn insert(
    c: &Connection,
    terms: &mut Terms,
    organization: &OrganizationId,
    place: Place,
    event: NewEvent,
) -> StoreResult<Appended> {
    let event = event.placed(place.sequence.unsigned_abs(), place.time);
    c.prepare_cached(
        "INSERT INTO events (id, sequence, time, category, operation, friendly_name, actor_id, actor_name, actor_kind,
             environment_id, request_id, service_request_id, grant_id, outcome, client_ip, correlation_id, details, organization_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )
    .and_then(|mut s| {
        s.execute(params![
            event.id.0,
            place.sequence,
            Us(event.time),
            event.category.as_str(),
            event.operation,
            event.friendly_name,
            event.actor.id,
            event.actor.name,
            event.actor.kind.as_str(),
            event.environment_id.as_ref().map(|id| &id.0),
            event.request_id.as_ref().map(|id| &id.0),
            event.service_request_id.as_ref().map(|id| &id.0),
            event.grant_id.as_ref().map(|id| &id.0),
            event.outcome.as_str(),
            event.client_ip,
            event.correlation_id,
            Json(&event.details),
            organization.0,
        ])
    })
    .map_err(database)?;
    let rowid = c.last_insert_rowid();
    let entry = log_index::entry(c, terms, place.number, &event)?;
    Ok(Appended { event, organization: place.number, rowid, entry })
}

/// Events after a row, in their order, each with its row and its organisation's number.
pub(super) fn part(c: &Connection, after: i64, limit: u32) -> StoreResult<Vec<(Event, i64, i64)>> {
    c.prepare_cached(&format!(
        "SELECT {COLUMNS}, e.rowid, o.number FROM events e JOIN organizations o ON o.id = e.organization_id
         WHERE e.rowid > ?1 ORDER BY e.rowid LIMIT ?2"
    ))
    .and_then(|mut s| {
        s.query_map(params![after, limit], |row| Ok((record(row)?, row.get(17)?, row.get(18)?)))?.collect()
    })
    .map_err(database)
}

/// Puts every event that there is into the index and the counts: for databases from before there were any.
pub(super) fn index_all(c: &Connection) -> StoreResult<()> {
    const PART: u32 = 10_000;
    let mut last = 0_i64;
    let mut terms = Terms::without_names();
    loop {
        let mut derived = Derived::default();
        let part = part(c, last, PART)?;
        let Some((_, newest, _)) = part.last() else { return Ok(()) };
        last = *newest;
        for (event, rowid, organization) in part {
            let entry = log_index::entry(c, &mut terms, organization, &event)?;
            derived.add(Appended { event, organization, rowid, entry });
        }
        derived.write(c)?;
    }
}

/// The number that stands for an organisation in index and counts.
pub(super) fn number(c: &Connection, organization: &OrganizationId) -> StoreResult<Option<i64>> {
    c.prepare_cached("SELECT number FROM organizations WHERE id = ?1")
        .and_then(|mut s| s.query_row([&organization.0], |row| row.get(0)))
        .optional()
}

/// A time bound as a bound of the sequence: within one organisation both grow together.
fn first_sequence_at(c: &Connection, organization: &OrganizationId, at: Time) -> StoreResult<Option<i64>> {
    c.prepare_cached(
        "SELECT sequence FROM events WHERE organization_id = ?1 AND time >= ?2 ORDER BY time, sequence LIMIT 1",
    )
    .and_then(|mut s| s.query_row(params![organization.0, Us(at)], |row| row.get(0)))
    .optional()
}

/// The sequences that a filter's bounds leave: from the first to before the second. `None`: none at all.
pub(super) fn bounds(
    c: &Connection,
    organization: &OrganizationId,
    filter: &LogFilter,
) -> StoreResult<Option<(i64, i64)>> {
    let signed = |sequence: u64| i64::try_from(sequence).unwrap_or(i64::MAX);
    let mut first = filter.from_sequence.map_or(1, signed).max(1);
    let mut end = filter.to_sequence.map_or(i64::MAX, |last| signed(last).saturating_add(1));
    end = end.min(filter.before.map_or(i64::MAX, signed));
    if let Some(at) = filter.from {
        let Some(sequence) = first_sequence_at(c, organization, at)? else { return Ok(None) };
        first = first.max(sequence);
    }
    if let Some(at) = filter.to
        && let Some(sequence) = first_sequence_at(c, organization, at)?
    {
        end = end.min(sequence);
    }
    Ok((first < end).then_some((first, end)))
}

/// The part of a statement that selects what a filter lets through, from `FROM` on, and its order.
pub(super) struct Selection {
    text: String,
    conditions: Conditions,
    order: &'static str,
}

impl Selection {
    /// What `filter` lets through; `None` where that is nothing.
    pub(super) fn of(c: &Connection, organization: &OrganizationId, filter: &LogFilter) -> StoreResult<Option<Self>> {
        let Some(number) = number(c, organization)? else { return Ok(None) };
        let Some((first, end)) = bounds(c, organization, filter)? else { return Ok(None) };
        let mut conditions = Conditions::default();
        let (from, order) = match log_index::expression(number, filter) {
            Asked::Nothing => return Ok(None),
            Asked::Everything => {
                conditions.and("e.organization_id = ?", values![organization.0.clone()]);
                conditions.and("e.sequence >= ? AND e.sequence < ?", values![first, end]);
                ("FROM events e", "e.sequence")
            }
            Asked::Matching(expression) => {
                conditions.and("t.events_index MATCH ?", values![expression]);
                // Rows are in log order: the bounds are rows as well.
                let row = |sequence: i64| {
                    c.prepare_cached("SELECT rowid FROM events WHERE organization_id = ?1 AND sequence = ?2")
                        .and_then(|mut s| s.query_row(params![organization.0, sequence], |row| row.get::<_, i64>(0)))
                        .optional()
                };
                if first > 1 {
                    let Some(first) = row(first)? else { return Ok(None) };
                    conditions.and("t.rowid >= ?", values![first]);
                }
                if end < i64::MAX
                    && let Some(end) = row(end)?
                {
                    conditions.and("t.rowid < ?", values![end]);
                }
                conditions.and("e.organization_id = ?", values![organization.0.clone()]);
                ids(&mut conditions, filter);
                ("FROM events_index t CROSS JOIN events e ON e.rowid = t.rowid", "t.rowid")
            }
        };
        Ok(Some(Self { text: format!("{from}{}", conditions.text()), conditions, order }))
    }

    /// The whole statement and its values.
    fn statement(&mut self, columns: &str, order: Order, limit: u32) -> String {
        self.conditions.push(limit);
        let direction = match order {
            Order::NewestFirst => "DESC",
            Order::OldestFirst => "ASC",
        };
        format!("SELECT {columns} {} ORDER BY {} {direction} LIMIT ?", self.text, self.order)
    }
}

/// In the index ids are shortened; these are the ids themselves.
fn ids(conditions: &mut Conditions, filter: &LogFilter) {
    let f = &filter.values;
    let columns: [(&str, Vec<&str>); 4] = [
        ("e.request_id", f.request_id.iter().map(|id| id.as_str()).collect()),
        ("e.service_request_id", f.service_request_id.iter().map(|id| id.as_str()).collect()),
        ("e.grant_id", f.grant_id.iter().map(|id| id.as_str()).collect()),
        ("e.correlation_id", f.correlation_id.iter().map(String::as_str).collect()),
    ];
    for (column, ids) in columns.into_iter().filter(|(_, ids)| !ids.is_empty()) {
        let marks = vec!["?"; ids.len()].join(", ");
        let ids = ids.into_iter().map(|id| Box::new(id.to_owned()) as Box<dyn rusqlite::ToSql>);
        conditions.and(&format!("{column} IN ({marks})"), ids);
    }
}

/// Hands what the filter lets through to `take`, as columns and in either order, at most `limit` rows, until it says no.
pub(super) fn walk(
    c: &Connection,
    organization: &OrganizationId,
    filter: &LogFilter,
    columns: &str,
    order: Order,
    limit: u32,
    mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<bool>,
) -> StoreResult<()> {
    let Some(mut selection) = Selection::of(c, organization, filter)? else { return Ok(()) };
    let text = selection.statement(columns, order, limit);
    let mut statement = c.prepare_cached(&text).map_err(database)?;
    let mut rows = statement.query(params_from_iter(selection.conditions.values())).map_err(database)?;
    while let Some(row) = rows.next().map_err(database)? {
        if !take(row).map_err(database)? {
            break;
        }
    }
    Ok(())
}

pub(super) fn one(c: &Connection, organization: &OrganizationId, place: &EventPlace) -> StoreResult<Option<Event>> {
    match place {
        EventPlace::Sequence(sequence) => c
            .prepare_cached(&format!("SELECT {COLUMNS} FROM events e WHERE e.organization_id = ?1 AND e.sequence = ?2"))
            .and_then(|mut s| s.query_row(params![organization.0, sequence.cast_signed()], record))
            .optional(),
        EventPlace::Id(id) => c
            .prepare_cached(&format!("SELECT {COLUMNS} FROM events e WHERE e.id = ?1 AND e.organization_id = ?2"))
            .and_then(|mut s| s.query_row([&id.0, &organization.0], record))
            .optional(),
    }
}

/// Sequence and time of the newest event; 0 and none for an empty log.
pub(super) fn newest(c: &Connection, organization: &OrganizationId) -> StoreResult<(u64, Option<Time>)> {
    let found: Option<(i64, Us)> = c
        .prepare_cached("SELECT last_sequence, last_event_at FROM organizations WHERE id = ?1")
        .and_then(|mut s| s.query_row([&organization.0], |row| Ok((row.get(0)?, row.get(1)?))))
        .optional()?;
    Ok(found.map_or((0, None), |(sequence, at)| (sequence.unsigned_abs(), (sequence > 0).then_some(at.0))))
}

pub(super) fn log_end(c: &Connection, reader: &PersonId) -> StoreResult<Option<u64>> {
    c.prepare_cached(
        "SELECT o.last_sequence FROM people p JOIN organizations o ON o.id = p.organization_id WHERE p.id = ?1",
    )
    .map_err(database)?
    .query_row([&reader.0], |row| row.get::<_, i64>(0).map(i64::unsigned_abs))
    .optional()
}

/// Events as they stand in the table: texts borrowed, details as JSON text.
pub(super) fn each(
    c: &Connection,
    organization: &OrganizationId,
    filter: &LogFilter,
    order: Order,
    take: &mut dyn FnMut(&LogRow<'_>) -> bool,
) -> StoreResult<()> {
    let limit = if filter.limit == 0 { u32::MAX } else { filter.limit };
    walk(c, organization, filter, COLUMNS, order, limit, |row| {
        let text = |at: usize| -> rusqlite::Result<&str> { Ok(row.get_ref(at)?.as_str()?) };
        let some = |at: usize| -> rusqlite::Result<Option<&str>> { Ok(row.get_ref(at)?.as_str_or_null()?) };
        Ok(take(&LogRow {
            id: text(0)?,
            sequence: row.get::<_, i64>(1)?.unsigned_abs(),
            time: row.get::<_, Us>(2)?.0,
            category: text(3)?,
            operation: text(4)?,
            friendly_name: some(5)?,
            actor_id: text(6)?,
            actor_name: text(7)?,
            actor_kind: text(8)?,
            environment_id: some(9)?,
            request_id: some(10)?,
            service_request_id: some(11)?,
            grant_id: some(12)?,
            outcome: text(13)?,
            client_ip: some(14)?,
            correlation_id: text(15)?,
            details: text(16)?,
        }))
    })
}

pub(super) fn after(
    c: &Connection,
    organization: &OrganizationId,
    sequence: u64,
    limit: u32,
) -> StoreResult<Vec<Event>> {
    c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM events e WHERE e.organization_id = ?1 AND e.sequence > ?2 ORDER BY e.sequence LIMIT ?3"
    ))
    .and_then(|mut s| s.query_map(params![organization.0, sequence.cast_signed(), limit], record)?.collect())
    .map_err(database)
}

/// Puts an event of a hidden request aside.
pub(super) fn park(c: &Connection, request: &RequestId, event: &NewEvent) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO hidden_events (request_id, number, event)
         VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM hidden_events WHERE request_id = ?1), ?2)",
    )
    .and_then(|mut s| s.execute(params![request.0, Json(event)]))
    .map(drop)
    .map_err(database)
}

/// Takes the events back that were put aside.
pub(super) fn take_parked(c: &Connection, request: &RequestId) -> StoreResult<Vec<NewEvent>> {
    let events = c
        .prepare_cached("SELECT event FROM hidden_events WHERE request_id = ?1 ORDER BY number")
        .and_then(|mut s| s.query_map([&request.0], |row| Ok(row.get::<_, Json<_>>(0)?.0))?.collect())
        .map_err(database)?;
    c.prepare_cached("DELETE FROM hidden_events WHERE request_id = ?1")
        .and_then(|mut s| s.execute([&request.0]))
        .map_err(database)?;
    Ok(events)
}
