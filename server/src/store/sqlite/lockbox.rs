//! Organisations and the versions of their Lockbox setting.

use lockbox_api::{
    Time,
    ids::OrganizationId,
    lockbox::{Lockbox, LockboxVersion, Policy},
};
use rusqlite::{Connection, Row, params};

use super::convert::{Json, Optional, Us, Word, database};
use crate::store::{OrganizationRecord, StoreResult};

fn organization_row(row: &Row<'_>) -> rusqlite::Result<OrganizationRecord> {
    Ok(OrganizationRecord { id: OrganizationId(row.get(0)?), name: row.get(1)?, is_provider: row.get(2)? })
}

pub(super) fn organization(c: &Connection, id: &OrganizationId) -> StoreResult<Option<OrganizationRecord>> {
    c.prepare_cached("SELECT id, name, is_provider FROM organizations WHERE id = ?1")
        .and_then(|mut s| s.query_row([&id.0], organization_row))
        .optional()
}

pub(super) fn provider(c: &Connection) -> StoreResult<Option<OrganizationRecord>> {
    c.prepare_cached("SELECT id, name, is_provider FROM organizations WHERE is_provider = 1 ORDER BY id LIMIT 1")
        .and_then(|mut s| s.query_row([], organization_row))
        .optional()
}

pub(super) fn newest_event(c: &Connection) -> StoreResult<Option<Time>> {
    c.prepare_cached("SELECT max(last_event_at) FROM organizations WHERE last_event_at > 0")
        .and_then(|mut s| s.query_row([], |row| row.get::<_, Option<Us>>(0)))
        .map(|time| time.map(|time| time.0))
        .map_err(database)
}

pub(super) fn put_organization(c: &Connection, record: &OrganizationRecord, now: Time) -> StoreResult<bool> {
    let known = organization(c, &record.id)?.is_some();
    c.prepare_cached(
        "INSERT INTO organizations (id, name, is_provider, created_at, number)
         VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(number), 0) + 1 FROM organizations))
         ON CONFLICT (id) DO UPDATE SET name = excluded.name",
    )
    .and_then(|mut s| s.execute(params![record.id.0, record.name, record.is_provider, Us(now)]))
    .map_err(database)?;
    Ok(!known)
}

const VERSION_COLUMNS: &str =
    "enabled, scope, environment_ids, queue_hours, version, updated_by, updated_at, reason, changes";

fn version_row(row: &Row<'_>) -> rusqlite::Result<LockboxVersion> {
    Ok(LockboxVersion {
        lockbox: Lockbox {
            enabled: row.get(0)?,
            policy: Policy { scope: row.get::<_, Word<_>>(1)?.0, environment_ids: row.get::<_, Json<_>>(2)?.0 },
            queue_hours: row.get(3)?,
            version: row.get::<_, i64>(4)?.unsigned_abs(),
            updated_by: row.get(5)?,
            updated_at: row.get::<_, Us>(6)?.0,
        },
        reason: row.get(7)?,
        changes: row.get::<_, Json<_>>(8)?.0,
    })
}

pub(super) fn lockbox(c: &Connection, organization: &OrganizationId) -> StoreResult<Option<Lockbox>> {
    c.prepare_cached(&format!(
        "SELECT {VERSION_COLUMNS} FROM lockbox_versions WHERE organization_id = ?1 ORDER BY version DESC LIMIT 1"
    ))
    .and_then(|mut s| s.query_row([&organization.0], version_row))
    .optional()
    .map(|version| version.map(|version| version.lockbox))
}

pub(super) fn versions(c: &Connection, organization: &OrganizationId) -> StoreResult<Vec<LockboxVersion>> {
    c.prepare_cached(&format!(
        "SELECT {VERSION_COLUMNS} FROM lockbox_versions WHERE organization_id = ?1 ORDER BY version DESC"
    ))
    .and_then(|mut s| s.query_map([&organization.0], version_row)?.collect())
    .map_err(database)
}

pub(super) fn add_version(c: &Connection, organization: &OrganizationId, version: &LockboxVersion) -> StoreResult<()> {
    let lockbox = &version.lockbox;
    c.prepare_cached(&format!(
        "INSERT INTO lockbox_versions ({VERSION_COLUMNS}, organization_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    ))
    .and_then(|mut s| {
        s.execute(params![
            lockbox.enabled,
            lockbox.policy.scope.as_str(),
            Json(&lockbox.policy.environment_ids),
            lockbox.queue_hours,
            lockbox.version.cast_signed(),
            lockbox.updated_by,
            Us(lockbox.updated_at),
            version.reason,
            Json(&version.changes),
            organization.0,
        ])
    })
    .map(drop)
    .map_err(database)
}

pub(super) fn notifications(c: &Connection, organization: &OrganizationId) -> StoreResult<(Vec<String>, u64)> {
    c.prepare_cached("SELECT notification_addresses, notifications_version FROM organizations WHERE id = ?1")
        .and_then(|mut s| {
            s.query_row([&organization.0], |row| {
                Ok((row.get::<_, Json<_>>(0)?.0, row.get::<_, i64>(1)?.unsigned_abs()))
            })
        })
        .map_err(database)
}

pub(super) fn set_notifications(
    c: &Connection,
    organization: &OrganizationId,
    addresses: &[String],
) -> StoreResult<()> {
    c.prepare_cached(
        "UPDATE organizations SET notification_addresses = ?1, notifications_version = notifications_version + 1 WHERE id = ?2",
    )
    .and_then(|mut s| s.execute(params![Json(addresses), organization.0]))
    .map(drop)
    .map_err(database)
}
