//! What is kept about the use of the log: exports, who read what in which hour, saved views.

use lockbox_api::ids::{ExportId, LogViewId, OrganizationId, PersonId};
use rusqlite::{Connection, Row, params};

use super::convert::{Json, Optional, Us, Word, database, us};
use crate::store::{ExportMeaning, ExportRecord, LogViewRecord, StoreResult};

const EXPORT: &str = "SELECT x.id, x.organization_id, x.person_id, p.name, x.format, x.filter, x.from_sequence,
    x.to_sequence, x.started_at, x.state, x.ended_at, x.rows, x.bytes, x.sha256, x.continues
    FROM log_exports x JOIN people p ON p.id = x.person_id";

fn export_row(row: &Row<'_>) -> rusqlite::Result<ExportRecord> {
    let count =
        |at: usize| -> rusqlite::Result<Option<u64>> { Ok(row.get::<_, Option<i64>>(at)?.map(i64::unsigned_abs)) };
    Ok(ExportRecord {
        id: ExportId(row.get(0)?),
        organization_id: OrganizationId(row.get(1)?),
        person_id: PersonId(row.get(2)?),
        person: row.get(3)?,
        continues: row.get::<_, Option<String>>(14)?.map(ExportId),
        format: row.get::<_, Word<_>>(4)?.0,
        filter: row.get(5)?,
        from_sequence: row.get::<_, i64>(6)?.unsigned_abs(),
        to_sequence: row.get::<_, i64>(7)?.unsigned_abs(),
        started_at: row.get::<_, Us>(8)?.0,
        state: row.get::<_, Word<_>>(9)?.0,
        ended_at: row.get::<_, Option<Us>>(10)?.map(|time| time.0),
        rows: count(11)?,
        bytes: count(12)?,
        sha256: row.get(13)?,
    })
}

pub(super) fn export(
    c: &Connection,
    organization: &OrganizationId,
    id: &ExportId,
) -> StoreResult<Option<ExportRecord>> {
    c.prepare_cached(&format!("{EXPORT} WHERE x.organization_id = ?1 AND x.id = ?2"))
        .and_then(|mut s| s.query_row([&organization.0, &id.0], export_row))
        .optional()
}

pub(super) fn running_exports(c: &Connection) -> StoreResult<Vec<ExportRecord>> {
    c.prepare_cached(&format!("{EXPORT} WHERE x.state = 'running' ORDER BY x.started_at"))
        .and_then(|mut s| s.query_map([], export_row)?.collect())
        .map_err(database)
}

pub(super) fn put_export(c: &Connection, x: &ExportRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO log_exports (id, organization_id, person_id, format, filter, from_sequence, to_sequence, started_at,
             state, ended_at, rows, bytes, sha256, continues)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at, rows = excluded.rows,
             bytes = excluded.bytes, sha256 = excluded.sha256",
    )
    .and_then(|mut s| {
        s.execute(params![
            x.id.0,
            x.organization_id.0,
            x.person_id.0,
            x.format.as_str(),
            x.filter,
            x.from_sequence.cast_signed(),
            x.to_sequence.cast_signed(),
            Us(x.started_at),
            x.state.as_str(),
            us(x.ended_at),
            x.rows.map(u64::cast_signed),
            x.bytes.map(u64::cast_signed),
            x.sha256,
            x.continues.as_ref().map(|id| &id.0),
        ])
    })
    .map(drop)
    .map_err(database)
}

pub(super) fn put_export_meaning(c: &Connection, id: &ExportId, meaning: &ExportMeaning) -> StoreResult<()> {
    c.prepare_cached("UPDATE log_exports SET meaning = ?2 WHERE id = ?1")
        .and_then(|mut s| s.execute(params![id.0, Json(meaning)]))
        .map(drop)
        .map_err(database)
}

pub(super) fn export_meaning(c: &Connection, id: &ExportId) -> StoreResult<Option<ExportMeaning>> {
    let meaning = c
        .prepare_cached("SELECT meaning FROM log_exports WHERE id = ?1")
        .and_then(|mut s| s.query_row([&id.0], |row| row.get::<_, Option<Json<ExportMeaning>>>(0)))
        .optional()?;
    Ok(meaning.flatten().map(|meaning| meaning.0))
}

pub(super) fn has_read(
    c: &Connection,
    organization: &OrganizationId,
    person: &PersonId,
    hour: i64,
    filter: &[u8; 32],
) -> StoreResult<bool> {
    c.prepare_cached(
        "SELECT 1 FROM log_reads WHERE organization_id = ?1 AND person_id = ?2 AND hour = ?3 AND filter_hash = ?4",
    )
    .and_then(|mut s| s.exists(params![organization.0, person.0, hour, filter]))
    .map_err(database)
}

/// True when it was not known yet. What earlier hours knew of the person is forgotten.
pub(super) fn add_read(
    c: &Connection,
    organization: &OrganizationId,
    person: &PersonId,
    hour: i64,
    filter: &[u8; 32],
) -> StoreResult<bool> {
    c.prepare_cached("DELETE FROM log_reads WHERE organization_id = ?1 AND person_id = ?2 AND hour < ?3")
        .and_then(|mut s| s.execute(params![organization.0, person.0, hour]))
        .map_err(database)?;
    c.prepare_cached(
        "INSERT OR IGNORE INTO log_reads (organization_id, person_id, hour, filter_hash) VALUES (?1, ?2, ?3, ?4)",
    )
    .and_then(|mut s| s.execute(params![organization.0, person.0, hour, filter]))
    .map(|added| added == 1)
    .map_err(database)
}

fn view_row(row: &Row<'_>) -> rusqlite::Result<LogViewRecord> {
    Ok(LogViewRecord {
        id: LogViewId(row.get(0)?),
        organization_id: OrganizationId(row.get(1)?),
        owner_id: PersonId(row.get(2)?),
        name: row.get(3)?,
        filter: row.get(4)?,
        shared: row.get(5)?,
        created_at: row.get::<_, Us>(6)?.0,
        updated_at: row.get::<_, Us>(7)?.0,
        version: row.get::<_, i64>(8)?.unsigned_abs(),
    })
}

pub(super) fn views(
    c: &Connection,
    organization: &OrganizationId,
    person: &PersonId,
) -> StoreResult<Vec<LogViewRecord>> {
    c.prepare_cached(
        "SELECT id, organization_id, owner_id, name, filter, shared, created_at, updated_at, version FROM log_views
         WHERE organization_id = ?1 AND (owner_id = ?2 OR shared) ORDER BY name, id",
    )
    .and_then(|mut s| s.query_map([&organization.0, &person.0], view_row)?.collect())
    .map_err(database)
}

pub(super) fn put_view(c: &Connection, v: &LogViewRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO log_views (id, organization_id, owner_id, name, filter, shared, created_at, updated_at, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, filter = excluded.filter, shared = excluded.shared,
             updated_at = excluded.updated_at, version = excluded.version",
    )
    .and_then(|mut s| {
        s.execute(params![
            v.id.0,
            v.organization_id.0,
            v.owner_id.0,
            v.name,
            v.filter,
            v.shared,
            Us(v.created_at),
            Us(v.updated_at),
            v.version.cast_signed(),
        ])
    })
    .map_err(database)?;
    // Whom it was shared with can't open the log with it any more.
    if !v.shared {
        c.prepare_cached("DELETE FROM log_starts WHERE view_id = ?1 AND person_id <> ?2")
            .and_then(|mut s| s.execute([&v.id.0, &v.owner_id.0]))
            .map_err(database)?;
    }
    Ok(())
}

pub(super) fn delete_view(c: &Connection, organization: &OrganizationId, id: &LogViewId) -> StoreResult<()> {
    c.prepare_cached("DELETE FROM log_views WHERE organization_id = ?1 AND id = ?2")
        .and_then(|mut s| s.execute([&organization.0, &id.0]))
        .map(drop)
        .map_err(database)
}

pub(super) fn start(c: &Connection, person: &PersonId) -> StoreResult<Option<LogViewId>> {
    c.prepare_cached("SELECT view_id FROM log_starts WHERE person_id = ?1")
        .and_then(|mut s| s.query_row([&person.0], |row| row.get(0).map(LogViewId)))
        .optional()
}

pub(super) fn set_start(c: &Connection, person: &PersonId, view: Option<&LogViewId>) -> StoreResult<()> {
    match view {
        Some(view) => c
            .prepare_cached(
                "INSERT INTO log_starts (person_id, view_id) VALUES (?1, ?2)
                 ON CONFLICT (person_id) DO UPDATE SET view_id = excluded.view_id",
            )
            .and_then(|mut s| s.execute([&person.0, &view.0])),
        None => {
            c.prepare_cached("DELETE FROM log_starts WHERE person_id = ?1").and_then(|mut s| s.execute([&person.0]))
        }
    }
    .map(drop)
    .map_err(database)
}
