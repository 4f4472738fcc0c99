//! Support requests and their conversations.

use lockbox_api::{
    ids::{EnvironmentId, MessageId, OrganizationId, PersonId, ServiceRequestId},
    service_requests::{Message, ServiceRequestState},
};
use rusqlite::{Connection, Row, params, params_from_iter};

use super::convert::{Conditions, Optional, Us, Word, database, like, us, values};
use crate::store::{ServiceRequestFilter, ServiceRequestRecord, StoreResult};

const COLUMNS: &str = "id, title, description, severity, environment_id, opened_by_id, opened_by, opened_at, closed_at, updated_at, version";

fn record(row: &Row<'_>) -> rusqlite::Result<ServiceRequestRecord> {
    Ok(ServiceRequestRecord {
        id: ServiceRequestId(row.get(0)?),
        title: row.get(1)?,
        description: row.get(2)?,
        severity: row.get::<_, Word<_>>(3)?.0,
        environment_id: row.get::<_, Option<String>>(4)?.map(EnvironmentId),
        opened_by_id: row.get::<_, Option<String>>(5)?.map(PersonId),
        opened_by: row.get(6)?,
        opened_at: row.get::<_, Us>(7)?.0,
        closed_at: row.get::<_, Option<Us>>(8)?.map(|time| time.0),
        updated_at: row.get::<_, Us>(9)?.0,
        version: row.get::<_, i64>(10)?.unsigned_abs(),
    })
}

pub(super) fn get(
    c: &Connection,
    organization: &OrganizationId,
    id: &ServiceRequestId,
) -> StoreResult<Option<ServiceRequestRecord>> {
    c.prepare_cached(&format!("SELECT {COLUMNS} FROM service_requests WHERE organization_id = ?1 AND id = ?2"))
        .and_then(|mut s| s.query_row([&organization.0, &id.0], record))
        .optional()
}

pub(super) fn page(
    c: &Connection,
    organization: &OrganizationId,
    filter: &ServiceRequestFilter,
) -> StoreResult<Vec<(ServiceRequestRecord, u32)>> {
    let mut conditions = Conditions::default();
    conditions.and("organization_id = ?", values![organization.0.clone()]);
    match filter.state {
        Some(ServiceRequestState::Open) => conditions.and("closed_at IS NULL", []),
        Some(ServiceRequestState::Closed) => conditions.and("closed_at IS NOT NULL", []),
        None => {}
    }
    if let Some(q) = &filter.q {
        conditions.and(r"(id LIKE ? ESCAPE '\' OR title LIKE ? ESCAPE '\')", values![like(q), like(q)]);
    }
    if let Some(person) = &filter.opened_by {
        conditions.and("opened_by_id = ?", values![person.0.clone()]);
    }
    if let Some((at, id)) = &filter.after {
        conditions.and("(opened_at, id) < (?, ?)", values![at.timestamp_micros(), id.0.clone()]);
    }
    let text = format!(
        "SELECT {COLUMNS}, (SELECT count(*) FROM requests r
             WHERE r.organization_id = service_requests.organization_id AND r.service_request_id = service_requests.id
             AND r.hidden = 0)
         FROM service_requests{} ORDER BY opened_at DESC, id DESC LIMIT ?",
        conditions.text()
    );
    conditions.push(filter.limit);
    c.prepare_cached(&text)
        .and_then(|mut s| {
            s.query_map(params_from_iter(conditions.values()), |row| Ok((record(row)?, row.get(11)?)))?.collect()
        })
        .map_err(database)
}

pub(super) fn put(c: &Connection, organization: &OrganizationId, r: &ServiceRequestRecord) -> StoreResult<()> {
    c.prepare_cached(&format!(
        "INSERT INTO service_requests ({COLUMNS}, organization_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (organization_id, id) DO UPDATE SET title = excluded.title, description = excluded.description,
         severity = excluded.severity, environment_id = excluded.environment_id, closed_at = excluded.closed_at,
         updated_at = excluded.updated_at, version = excluded.version"
    ))
    .and_then(|mut s| {
        s.execute(params![
            r.id.0,
            r.title,
            r.description,
            r.severity.as_str(),
            r.environment_id.as_ref().map(|id| &id.0),
            r.opened_by_id.as_ref().map(|id| &id.0),
            r.opened_by,
            Us(r.opened_at),
            us(r.closed_at),
            Us(r.updated_at),
            r.version.cast_signed(),
            organization.0,
        ])
    })
    .map(drop)
    .map_err(database)
}

pub(super) fn messages(
    c: &Connection,
    organization: &OrganizationId,
    id: &ServiceRequestId,
) -> StoreResult<Vec<Message>> {
    c.prepare_cached(
        "SELECT id, author, author_name, at, text FROM messages
         WHERE organization_id = ?1 AND service_request_id = ?2 ORDER BY at, id",
    )
    .and_then(|mut s| {
        s.query_map([&organization.0, &id.0], |row| {
            Ok(Message {
                id: MessageId(row.get(0)?),
                author: row.get::<_, Word<_>>(1)?.0,
                author_name: row.get(2)?,
                at: row.get::<_, Us>(3)?.0,
                text: row.get(4)?,
            })
        })?
        .collect()
    })
    .map_err(database)
}

pub(super) fn add_message(
    c: &Connection,
    organization: &OrganizationId,
    id: &ServiceRequestId,
    m: &Message,
) -> StoreResult<bool> {
    c.prepare_cached(
        "INSERT INTO messages (organization_id, service_request_id, id, author, author_name, at, text)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
    )
    .and_then(|mut s| {
        s.execute(params![organization.0, id.0, m.id.0, m.author.as_str(), m.author_name, Us(m.at), m.text])
    })
    .map(|rows| rows == 1)
    .map_err(database)
}
