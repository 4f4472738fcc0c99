//! Grants, and the client-given ids of actions and calls that were seen.

use lockbox_api::{
    Time,
    ids::{ApiClientId, EnvironmentId, GrantId, OrganizationId, RequestId},
};
use rusqlite::{Connection, Row, params};

use super::clients::Scopes;
use super::convert::{Json, Optional, Us, Word, database, us};
use crate::store::{ActionContent, ActionCounts, GrantRecord, GrantTerms, KeyedGrant, RefusedAlertRecord, StoreResult};

/// Columns of a grant, in the order that [`record`] reads them.
pub(super) const COLUMNS: &str = "g.id, g.organization_id, g.request_id, g.engineer_id, g.environment_id, g.operations, g.targets, g.starts_at, g.expires_at, g.state, g.ended_at, g.end_reason, g.ended_by, g.first_action_at, g.last_action_at, g.actions, g.refused_actions, g.done_outside, g.faulty_reports";

/// Reads a grant whose columns begin at `first`.
pub(super) fn record(row: &Row<'_>, first: usize) -> rusqlite::Result<GrantRecord> {
    let time = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<Us>>(first + column)?.map(|time| time.0));
    Ok(GrantRecord {
        id: GrantId(row.get(first)?),
        organization_id: OrganizationId(row.get(first + 1)?),
        request_id: RequestId(row.get(first + 2)?),
        engineer_id: row.get(first + 3)?,
        environment_id: EnvironmentId(row.get(first + 4)?),
        operations: row.get::<_, Json<_>>(first + 5)?.0,
        targets: row.get::<_, Json<_>>(first + 6)?.0,
        starts_at: row.get::<_, Us>(first + 7)?.0,
        expires_at: row.get::<_, Us>(first + 8)?.0,
        state: row.get::<_, Word<_>>(first + 9)?.0,
        ended_at: time(10)?,
        end_reason: row.get(first + 11)?,
        ended_by: row.get(first + 12)?,
        first_action_at: time(13)?,
        last_action_at: time(14)?,
        actions: row.get::<_, i64>(first + 15)?.unsigned_abs(),
        refused_actions: row.get::<_, i64>(first + 16)?.unsigned_abs(),
        done_outside: row.get::<_, i64>(first + 17)?.unsigned_abs(),
        faulty_reports: row.get::<_, i64>(first + 18)?.unsigned_abs(),
    })
}

pub(super) fn get(c: &Connection, id: &GrantId) -> StoreResult<Option<GrantRecord>> {
    c.prepare_cached(&format!("SELECT {COLUMNS} FROM grants g WHERE g.id = ?1"))
        .and_then(|mut s| s.query_row([&id.0], |row| record(row, 0)))
        .optional()
}

/// Client and grant in one statement: the hot path.
pub(super) fn of_key(c: &Connection, key_hash: &[u8; 32], id: &GrantId) -> StoreResult<Option<KeyedGrant>> {
    c.prepare_cached(
        "SELECT c.organization_ids, c.revoked_at IS NOT NULL, g.organization_id, g.engineer_id, g.environment_id,
             g.operations, g.targets, g.starts_at, g.expires_at, g.state, g.ended_at, c.scopes, k.ends_at
         FROM client_keys k JOIN api_clients c ON c.id = k.client_id LEFT JOIN grants g ON g.id = ?2
         WHERE k.key_hash = ?1",
    )
    .and_then(|mut s| {
        s.query_row(params![key_hash, id.0], |row| {
            let terms = |organization: String| {
                Ok::<_, rusqlite::Error>(GrantTerms {
                    organization_id: OrganizationId(organization),
                    engineer_id: row.get(3)?,
                    environment_id: EnvironmentId(row.get(4)?),
                    operations: row.get::<_, Json<_>>(5)?.0,
                    targets: row.get::<_, Json<_>>(6)?.0,
                    starts_at: row.get::<_, Us>(7)?.0,
                    expires_at: row.get::<_, Us>(8)?.0,
                    state: row.get::<_, Word<_>>(9)?.0,
                    ended_at: row.get::<_, Option<Us>>(10)?.map(|time| time.0),
                })
            };
            Ok(KeyedGrant {
                client_organizations: row.get::<_, Option<Json<_>>>(0)?.map(|ids| ids.0),
                client_scopes: row.get::<_, Scopes>(11)?.0,
                client_revoked: row.get(1)?,
                key_ends_at: row.get::<_, Option<Us>>(12)?.map(|time| time.0),
                grant: row.get::<_, Option<String>>(2)?.map(terms).transpose()?,
            })
        })
    })
    .optional()
}

/// Writes the grant as it now is; its counters are kept by [`count_actions`] alone.
pub(super) fn put(c: &Connection, g: &GrantRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO grants (id, organization_id, request_id, engineer_id, environment_id, operations, targets,
             starts_at, expires_at, state, ended_at, end_reason, ended_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at,
         end_reason = excluded.end_reason, ended_by = excluded.ended_by",
    )
    .and_then(|mut s| {
        s.execute(params![
            g.id.0,
            g.organization_id.0,
            g.request_id.0,
            g.engineer_id,
            g.environment_id.0,
            Json(&g.operations),
            Json(&g.targets),
            Us(g.starts_at),
            Us(g.expires_at),
            g.state.as_str(),
            us(g.ended_at),
            g.end_reason,
            g.ended_by,
        ])
    })
    .map(drop)
    .map_err(database)
}

pub(super) fn due(c: &Connection, now: Time, limit: u32) -> StoreResult<Vec<RequestId>> {
    c.prepare_cached(
        "SELECT request_id FROM grants WHERE state = 'active' AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2",
    )
    .and_then(|mut s| s.query_map(params![Us(now), limit], |row| row.get(0).map(RequestId))?.collect())
    .map_err(database)
}

/// Where the count of a grant's rows ends: every program reads such a number exactly, and no sum of two leaves the
/// integers, which SQLite would quietly make a floating-point number of.
const ROWS_COUNTED: i64 = (1 << 53) - 1;

pub(super) fn count_actions(c: &Connection, id: &GrantId, counts: &ActionCounts) -> StoreResult<()> {
    c.prepare_cached(
        "UPDATE grants SET first_action_at = min(coalesce(first_action_at, ?1), coalesce(?1, first_action_at)),
         last_action_at = max(coalesce(last_action_at, ?2), coalesce(?2, last_action_at)), actions = actions + ?3,
         refused_actions = refused_actions + ?4, done_outside = done_outside + ?7, faulty_reports = faulty_reports + ?8,
         rows_touched = min(rows_touched + ?6, ?9) WHERE id = ?5",
    )
    .and_then(|mut s| {
        s.execute(params![
            us(counts.span.map(|span| span.0)),
            us(counts.span.map(|span| span.1)),
            counts.actions.cast_signed(),
            counts.refused.cast_signed(),
            id.0,
            i64::try_from(counts.rows).unwrap_or(i64::MAX).min(ROWS_COUNTED),
            counts.done_outside.cast_signed(),
            counts.faulty.cast_signed(),
            ROWS_COUNTED,
        ])
    })
    .map(drop)
    .map_err(database)
}

pub(super) fn refused_alert(c: &Connection, id: &GrantId) -> StoreResult<Option<RefusedAlertRecord>> {
    c.prepare_cached("SELECT told_at, told, waiting, told_done, told_faulty FROM refused_alerts WHERE grant_id = ?1")
        .and_then(|mut s| {
            s.query_row([&id.0], |row| {
                Ok(RefusedAlertRecord {
                    told_at: row.get::<_, Us>(0)?.0,
                    told: row.get::<_, i64>(1)?.unsigned_abs(),
                    waiting: row.get(2)?,
                    told_done: row.get::<_, i64>(3)?.unsigned_abs(),
                    told_faulty: row.get::<_, i64>(4)?.unsigned_abs(),
                })
            })
        })
        .optional()
}

pub(super) fn refused_alerts_due(c: &Connection, before: Time, limit: u32) -> StoreResult<Vec<RequestId>> {
    c.prepare_cached(
        "SELECT g.request_id FROM refused_alerts a JOIN grants g ON g.id = a.grant_id
         WHERE a.waiting = 1 AND a.told_at <= ?1 ORDER BY a.told_at LIMIT ?2",
    )
    .and_then(|mut s| s.query_map(params![Us(before), limit], |row| row.get(0).map(RequestId))?.collect())
    .map_err(database)
}

pub(super) fn put_refused_alert(c: &Connection, id: &GrantId, a: &RefusedAlertRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO refused_alerts (grant_id, told_at, told, waiting, told_done, told_faulty) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (grant_id) DO UPDATE SET told_at = excluded.told_at, told = excluded.told,
         waiting = excluded.waiting, told_done = excluded.told_done, told_faulty = excluded.told_faulty",
    )
    .and_then(|mut s| {
        let [told, done, faulty] = [a.told, a.told_done, a.told_faulty].map(u64::cast_signed);
        s.execute(params![id.0, Us(a.told_at), told, a.waiting, done, faulty])
    })
    .map(drop)
    .map_err(database)
}

pub(super) fn add_action(
    c: &Connection,
    grant: &GrantId,
    id: &str,
    sequence: u64,
    content: &ActionContent,
) -> StoreResult<()> {
    c.prepare_cached("INSERT INTO grant_actions (grant_id, action_id, sequence, content) VALUES (?1, ?2, ?3, ?4)")
        .and_then(|mut s| s.execute(params![grant.0, id, sequence.cast_signed(), content]))
        .map(drop)
        .map_err(database)
}

pub(super) fn known_action(c: &Connection, grant: &GrantId, id: &str) -> StoreResult<Option<Option<ActionContent>>> {
    c.prepare_cached("SELECT content FROM grant_actions WHERE grant_id = ?1 AND action_id = ?2")
        .map_err(database)?
        .query_row([&grant.0, id], |row| row.get(0))
        .optional()
}

pub(super) fn idempotency(
    c: &Connection,
    client: &ApiClientId,
    key: &str,
) -> StoreResult<Option<([u8; 32], RequestId)>> {
    c.prepare_cached("SELECT body_hash, request_id FROM idempotency_keys WHERE client_id = ?1 AND key = ?2")
        .and_then(|mut s| s.query_row([&client.0, key], |row| Ok((row.get(0)?, RequestId(row.get(1)?)))))
        .optional()
}

pub(super) fn add_idempotency(
    c: &Connection,
    client: &ApiClientId,
    key: &str,
    body_hash: &[u8; 32],
    request: &RequestId,
    now: Time,
) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO idempotency_keys (client_id, key, body_hash, request_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .and_then(|mut s| s.execute(params![client.0, key, body_hash, request.0, Us(now)]))
    .map(drop)
    .map_err(database)
}

pub(super) fn sweep_idempotency(c: &Connection, before: Time) -> StoreResult<()> {
    c.prepare_cached("DELETE FROM idempotency_keys WHERE created_at <= ?1")
        .and_then(|mut s| s.execute([Us(before)]))
        .map(drop)
        .map_err(database)
}
