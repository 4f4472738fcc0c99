//! The log. Appending is the only change there is; triggers refuse every other one.

use lockbox_api::{
    Time,
    events::{Actor, Event},
    ids::{EnvironmentId, EventId, GrantId, OrganizationId, RequestId, ServiceRequestId},
};
use rusqlite::{Connection, Row, params, params_from_iter};
use serde_json::Value;

use super::convert::{Conditions, Json, Optional, Us, Word, database, values};
use crate::store::{LogFilter, NewEvent, StoreError, StoreResult};

const COLUMNS: &str = "e.id, e.sequence, e.time, e.category, e.operation, e.friendly_name, e.actor_id, e.actor_name, e.actor_kind, e.environment_id, e.request_id, e.service_request_id, e.grant_id, e.outcome, e.client_ip, e.correlation_id, e.details";

fn record(row: &Row<'_>) -> rusqlite::Result<Event> {
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

/// Gives the event its place: the organisation's counter row, under the write lock, is what makes the sequence dense.
pub(super) fn append(c: &Connection, organization: &OrganizationId, event: NewEvent) -> StoreResult<Event> {
    let (sequence, time, number): (i64, Us, i64) = c
        .prepare_cached(
            "UPDATE organizations SET last_sequence = last_sequence + 1, last_event_at = max(last_event_at, ?1)
             WHERE id = ?2 RETURNING last_sequence, last_event_at, rowid",
        )
        .and_then(|mut s| {
            s.query_row(params![Us(event.time), organization.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        })
        .optional()?
        .ok_or_else(|| StoreError::Corrupt(format!("no organisation {organization} to log for")))?;
    let event = event.placed(sequence.unsigned_abs(), time.0);
    c.prepare_cached(
        "INSERT INTO events (id, sequence, time, category, operation, friendly_name, actor_id, actor_name, actor_kind,
             environment_id, request_id, service_request_id, grant_id, outcome, client_ip, correlation_id, details, organization_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )
    .and_then(|mut s| {
        s.execute(params![
            event.id.0,
            sequence,
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
    c.prepare_cached("INSERT INTO events_text (rowid, organization, text) VALUES (?1, ?2, ?3)")
        .and_then(|mut s| s.execute(params![rowid, token(number), searchable(&event)]))
        .map_err(database)?;
    Ok(event)
}

/// The organisation as one word of the free-text index.
fn token(number: i64) -> String {
    format!("organization{number}")
}

/// Everything of an event that a person might search for.
fn searchable(event: &Event) -> String {
    let mut text = String::with_capacity(256);
    let mut add = |part: &str| {
        text.push_str(part);
        text.push('\n');
    };
    add(&event.operation);
    let optional = [
        event.friendly_name.as_deref(),
        event.environment_id.as_ref().map(|id| id.as_str()),
        event.request_id.as_ref().map(|id| id.as_str()),
        event.service_request_id.as_ref().map(|id| id.as_str()),
        event.grant_id.as_ref().map(|id| id.as_str()),
        event.client_ip.as_deref(),
    ];
    optional.into_iter().flatten().for_each(&mut add);
    add(&event.actor.name);
    add(&event.actor.id);
    add(event.outcome.as_str());
    add(&event.correlation_id);
    for value in event.details.values() {
        collect(value, &mut text);
    }
    text
}

fn collect(value: &Value, text: &mut String) {
    match value {
        Value::String(part) => {
            text.push_str(part);
            text.push('\n');
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, text)),
        Value::Object(map) => map.values().for_each(|value| collect(value, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A search that can't be mistaken for query syntax: every word becomes a quoted phrase, the last one may be unfinished.
/// `None` where no word is left to search for.
fn phrase(q: &str) -> Option<String> {
    let words: Vec<String> = q
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"").replace('\0', "")))
        .collect();
    (!words.is_empty()).then(|| format!("{}*", words.join(" AND ")))
}

/// A time bound as a bound of the sequence: within one organisation both grow together.
fn first_sequence_at(c: &Connection, organization: &OrganizationId, at: Time) -> StoreResult<Option<i64>> {
    c.prepare_cached(
        "SELECT sequence FROM events WHERE organization_id = ?1 AND time >= ?2 ORDER BY time, sequence LIMIT 1",
    )
    .and_then(|mut s| s.query_row(params![organization.0, Us(at)], |row| row.get(0)))
    .optional()
}

pub(super) fn page(c: &Connection, organization: &OrganizationId, filter: &LogFilter) -> StoreResult<Vec<Event>> {
    let mut conditions = Conditions::default();
    let mut from = "FROM events e";
    let mut order = "e.sequence";
    if let Some(q) = &filter.q {
        let Some(phrase) = phrase(q) else { return Ok(Vec::new()) };
        let number: Option<i64> = c
            .prepare_cached("SELECT rowid FROM organizations WHERE id = ?1")
            .and_then(|mut s| s.query_row([&organization.0], |row| row.get(0)))
            .optional()?;
        let Some(number) = number else { return Ok(Vec::new()) };
        from = "FROM events_text t CROSS JOIN events e ON e.rowid = t.rowid";
        order = "t.rowid";
        let query = format!("organization : {} AND text : ({phrase})", token(number));
        conditions.and("t.events_text MATCH ?", values![query]);
        if let Some(before) = filter.before {
            conditions.and(
                "t.rowid < coalesce((SELECT rowid FROM events WHERE organization_id = ? AND sequence = ?), 9223372036854775807)",
                values![organization.0.clone(), before.cast_signed()],
            );
        }
    }
    conditions.and("e.organization_id = ?", values![organization.0.clone()]);
    if let Some(before) = filter.before {
        conditions.and("e.sequence < ?", values![before.cast_signed()]);
    }
    if let Some(at) = filter.from {
        let Some(first) = first_sequence_at(c, organization, at)? else { return Ok(Vec::new()) };
        conditions.and("e.sequence >= ?", values![first]);
    }
    if let Some(at) = filter.to
        && let Some(end) = first_sequence_at(c, organization, at)?
    {
        conditions.and("e.sequence < ?", values![end]);
    }
    if let Some(category) = filter.category {
        conditions.and("e.category = ?", values![category.as_str()]);
    }
    if !filter.operations.is_empty() {
        let marks = vec!["?"; filter.operations.len()].join(", ");
        let values = filter.operations.iter().map(|name| Box::new(name.clone()) as Box<dyn rusqlite::ToSql>);
        conditions.and(&format!("e.operation IN ({marks})"), values);
    }
    if let Some(actor) = &filter.actor {
        conditions.and("(e.actor_id = ? OR e.actor_name = ?)", values![actor.clone(), actor.clone()]);
    }
    if let Some(id) = &filter.environment_id {
        conditions.and("e.environment_id = ?", values![id.0.clone()]);
    }
    if let Some(id) = &filter.request_id {
        conditions.and("e.request_id = ?", values![id.0.clone()]);
    }
    if let Some(id) = &filter.service_request_id {
        conditions.and("e.service_request_id = ?", values![id.0.clone()]);
    }
    if let Some(outcome) = filter.outcome {
        conditions.and("e.outcome = ?", values![outcome.as_str()]);
    }
    let text = format!("SELECT {COLUMNS} {from}{} ORDER BY {order} DESC LIMIT ?", conditions.text());
    conditions.push(filter.limit);
    c.prepare_cached(&text)
        .and_then(|mut s| s.query_map(params_from_iter(conditions.values()), record)?.collect())
        .map_err(database)
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

pub(super) fn of_request(c: &Connection, organization: &OrganizationId, id: &RequestId) -> StoreResult<Vec<Event>> {
    c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM events e WHERE e.organization_id = ?1 AND e.request_id = ?2 ORDER BY e.sequence"
    ))
    .and_then(|mut s| s.query_map([&organization.0, &id.0], record)?.collect())
    .map_err(database)
}
