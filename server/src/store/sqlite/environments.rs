//! Environments.

use lockbox_api::{
    Time,
    ids::{EnvironmentId, OrganizationId},
};
use rusqlite::{Connection, Row, params};

use super::convert::{Optional, Us, database, us};
use crate::store::{EnvironmentRecord, StoreResult};

const COLUMNS: &str = "id, name, service, region, has_database, copied_from, deleted_at, restored_from";

fn record(row: &Row<'_>) -> rusqlite::Result<EnvironmentRecord> {
    Ok(EnvironmentRecord {
        id: EnvironmentId(row.get(0)?),
        name: row.get(1)?,
        service: row.get(2)?,
        region: row.get(3)?,
        has_database: row.get(4)?,
        copied_from: row.get::<_, Option<String>>(5)?.map(EnvironmentId),
        deleted_at: row.get::<_, Option<Us>>(6)?.map(|time| time.0),
        restored_from: row.get::<_, Option<String>>(7)?.map(EnvironmentId),
    })
}

pub(super) fn get(
    c: &Connection,
    organization: &OrganizationId,
    id: &EnvironmentId,
) -> StoreResult<Option<EnvironmentRecord>> {
    c.prepare_cached(&format!("SELECT {COLUMNS} FROM environments WHERE organization_id = ?1 AND id = ?2"))
        .and_then(|mut s| s.query_row([&organization.0, &id.0], record))
        .optional()
}

pub(super) fn services(c: &Connection) -> StoreResult<Vec<(String, u64)>> {
    c.prepare_cached(
        "SELECT service, count(*) FROM environments WHERE deleted_at IS NULL GROUP BY service ORDER BY service",
    )
    .and_then(|mut s| s.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?.collect())
    .map_err(database)
}

pub(super) fn all(c: &Connection, organization: &OrganizationId) -> StoreResult<Vec<EnvironmentRecord>> {
    c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM environments WHERE organization_id = ?1 ORDER BY name COLLATE NOCASE, id"
    ))
    .and_then(|mut s| s.query_map([&organization.0], record)?.collect())
    .map_err(database)
}

pub(super) fn put(
    c: &Connection,
    organization: &OrganizationId,
    record: &EnvironmentRecord,
    now: Time,
) -> StoreResult<bool> {
    let known = get(c, organization, &record.id)?.is_some();
    c.prepare_cached(
        "INSERT INTO environments (organization_id, id, name, service, region, has_database, copied_from, created_at, deleted_at,
             restored_from)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (organization_id, id) DO UPDATE SET name = excluded.name, service = excluded.service,
         region = excluded.region, has_database = excluded.has_database, copied_from = excluded.copied_from,
         deleted_at = excluded.deleted_at, restored_from = excluded.restored_from",
    )
    .and_then(|mut s| {
        s.execute(params![
            organization.0,
            record.id.0,
            record.name,
            record.service,
            record.region,
            record.has_database,
            record.copied_from.as_ref().map(|id| &id.0),
            Us(now),
            us(record.deleted_at),
            record.restored_from.as_ref().map(|id| &id.0),
        ])
    })
    .map_err(database)?;
    Ok(!known)
}
