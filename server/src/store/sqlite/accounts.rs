//! People, their sessions and tokens. Secrets are kept as hashes only.

use lockbox_api::{
    Time,
    ids::{EnvironmentId, OrganizationId, PersonId, TokenId},
};
use rusqlite::{Connection, Row, params};

use super::convert::{Json, Optional, Us, database, hash, us};
use crate::store::{PersonRecord, SessionRecord, StoreResult, TokenRecord};

const PERSON: &str = "id, organization_id, email, name, password_hash, roles, approver_environment_ids, last_sign_in_at, version, engineer_ids";

fn person_row(row: &Row<'_>) -> rusqlite::Result<PersonRecord> {
    Ok(PersonRecord {
        id: PersonId(row.get(0)?),
        organization_id: OrganizationId(row.get(1)?),
        email: row.get(2)?,
        name: row.get(3)?,
        password_hash: row.get(4)?,
        roles: row.get::<_, Json<_>>(5)?.0,
        approver_environment_ids: row.get::<_, Option<Json<Vec<EnvironmentId>>>>(6)?.map(|ids| ids.0),
        last_sign_in_at: row.get::<_, Option<Us>>(7)?.map(|time| time.0),
        version: row.get::<_, i64>(8)?.unsigned_abs(),
        engineer_ids: row.get::<_, Json<_>>(9)?.0,
    })
}

pub(super) fn person(c: &Connection, id: &PersonId) -> StoreResult<Option<PersonRecord>> {
    c.prepare_cached(&format!("SELECT {PERSON} FROM people WHERE id = ?1"))
        .and_then(|mut s| s.query_row([&id.0], person_row))
        .optional()
}

pub(super) fn person_by_email(c: &Connection, email: &str) -> StoreResult<Option<PersonRecord>> {
    c.prepare_cached(&format!("SELECT {PERSON} FROM people WHERE email = ?1"))
        .and_then(|mut s| s.query_row([email], person_row))
        .optional()
}

pub(super) fn people(c: &Connection, organization: &OrganizationId) -> StoreResult<Vec<PersonRecord>> {
    c.prepare_cached(&format!("SELECT {PERSON} FROM people WHERE organization_id = ?1 ORDER BY name, id"))
        .and_then(|mut s| s.query_map([&organization.0], person_row)?.collect())
        .map_err(database)
}

pub(super) fn put_person(c: &Connection, p: &PersonRecord) -> StoreResult<()> {
    c.prepare_cached(&format!(
        "INSERT INTO people ({PERSON}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (id) DO UPDATE SET email = excluded.email, name = excluded.name,
         password_hash = excluded.password_hash, roles = excluded.roles,
         approver_environment_ids = excluded.approver_environment_ids,
         last_sign_in_at = excluded.last_sign_in_at, version = excluded.version, engineer_ids = excluded.engineer_ids"
    ))
    .and_then(|mut s| {
        s.execute(params![
            p.id.0,
            p.organization_id.0,
            p.email,
            p.name,
            p.password_hash,
            Json(&p.roles),
            p.approver_environment_ids.as_ref().map(Json),
            us(p.last_sign_in_at),
            p.version.cast_signed(),
            Json(&p.engineer_ids),
        ])
    })
    .map(drop)
    .map_err(database)
}

pub(super) fn session(c: &Connection, token_hash: &[u8; 32]) -> StoreResult<Option<SessionRecord>> {
    c.prepare_cached(
        "SELECT token_hash, person_id, organization_id, created_at, last_seen_at, ends_at FROM sessions WHERE token_hash = ?1",
    )
    .and_then(|mut s| {
        s.query_row([token_hash], |row| {
            Ok(SessionRecord {
                token_hash: hash(row, "token_hash")?,
                person_id: PersonId(row.get(1)?),
                organization_id: OrganizationId(row.get(2)?),
                created_at: row.get::<_, Us>(3)?.0,
                last_seen_at: row.get::<_, Us>(4)?.0,
                ends_at: row.get::<_, Us>(5)?.0,
            })
        })
    })
    .optional()
}

pub(super) fn add_session(c: &Connection, s: &SessionRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO sessions (token_hash, person_id, organization_id, created_at, last_seen_at, ends_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .and_then(|mut statement| {
        statement.execute(params![
            s.token_hash,
            s.person_id.0,
            s.organization_id.0,
            Us(s.created_at),
            Us(s.last_seen_at),
            Us(s.ends_at)
        ])
    })
    .map(drop)
    .map_err(database)
}

pub(super) fn touch_session(c: &Connection, token_hash: &[u8; 32], now: Time) -> StoreResult<()> {
    c.prepare_cached("UPDATE sessions SET last_seen_at = ?1 WHERE token_hash = ?2")
        .and_then(|mut s| s.execute(params![Us(now), token_hash]))
        .map(drop)
        .map_err(database)
}

pub(super) fn delete_session(c: &Connection, token_hash: &[u8; 32]) -> StoreResult<()> {
    c.prepare_cached("DELETE FROM sessions WHERE token_hash = ?1")
        .and_then(|mut s| s.execute([token_hash]))
        .map(drop)
        .map_err(database)
}

pub(super) fn delete_sessions_of(c: &Connection, person: &PersonId) -> StoreResult<()> {
    c.prepare_cached("DELETE FROM sessions WHERE person_id = ?1")
        .and_then(|mut s| s.execute([&person.0]))
        .map(drop)
        .map_err(database)
}

pub(super) fn sweep_sessions(c: &Connection, before: Time, idle_since: Time) -> StoreResult<()> {
    c.prepare_cached("DELETE FROM sessions WHERE ends_at <= ?1 OR last_seen_at <= ?2")
        .and_then(|mut s| s.execute([Us(before), Us(idle_since)]))
        .map(drop)
        .map_err(database)
}

const TOKEN: &str =
    "id, organization_id, person_id, name, secret_hash, created_at, expires_at, last_used_at, revoked_at";

fn token_row(row: &Row<'_>) -> rusqlite::Result<TokenRecord> {
    Ok(TokenRecord {
        id: TokenId(row.get(0)?),
        organization_id: OrganizationId(row.get(1)?),
        person_id: PersonId(row.get(2)?),
        name: row.get(3)?,
        secret_hash: hash(row, "secret_hash")?,
        created_at: row.get::<_, Us>(5)?.0,
        expires_at: row.get::<_, Us>(6)?.0,
        last_used_at: row.get::<_, Option<Us>>(7)?.map(|time| time.0),
        revoked_at: row.get::<_, Option<Us>>(8)?.map(|time| time.0),
    })
}

pub(super) fn token(c: &Connection, secret_hash: &[u8; 32]) -> StoreResult<Option<TokenRecord>> {
    c.prepare_cached(&format!("SELECT {TOKEN} FROM tokens WHERE secret_hash = ?1"))
        .and_then(|mut s| s.query_row([secret_hash], token_row))
        .optional()
}

pub(super) fn tokens(c: &Connection, person: &PersonId) -> StoreResult<Vec<TokenRecord>> {
    c.prepare_cached(&format!(
        "SELECT {TOKEN} FROM tokens WHERE person_id = ?1 AND revoked_at IS NULL ORDER BY created_at DESC, id DESC"
    ))
    .and_then(|mut s| s.query_map([&person.0], token_row)?.collect())
    .map_err(database)
}

pub(super) fn put_token(c: &Connection, t: &TokenRecord) -> StoreResult<()> {
    c.prepare_cached(&format!(
        "INSERT INTO tokens ({TOKEN}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO UPDATE SET last_used_at = excluded.last_used_at, revoked_at = excluded.revoked_at"
    ))
    .and_then(|mut s| {
        s.execute(params![
            t.id.0,
            t.organization_id.0,
            t.person_id.0,
            t.name,
            t.secret_hash,
            Us(t.created_at),
            Us(t.expires_at),
            us(t.last_used_at),
            us(t.revoked_at)
        ])
    })
    .map(drop)
    .map_err(database)
}

pub(super) fn touch_token(c: &Connection, secret_hash: &[u8; 32], now: Time) -> StoreResult<()> {
    c.prepare_cached("UPDATE tokens SET last_used_at = ?1 WHERE secret_hash = ?2")
        .and_then(|mut s| s.execute(params![Us(now), secret_hash]))
        .map(drop)
        .map_err(database)
}
