//! The provider's API clients and their keys. Keys are kept as hashes only.

use lockbox_api::{
    Time,
    clients::ClientScopes,
    ids::{ApiClientId, ClientKeyId},
};
use rusqlite::{
    Connection, Row, params,
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};

use super::convert::{Json, Optional, Us, database, us};
use crate::store::{ApiClientRecord, ClientKeyRecord, StoreResult};

/// Scopes as words with a space between them.
pub(super) struct Scopes(pub(super) ClientScopes);

impl FromSql for Scopes {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        ClientScopes::parse(text).map(Self).ok_or_else(|| FromSqlError::Other(format!("scopes {text:?}").into()))
    }
}

const CLIENT: &str = "c.id, c.name, c.organization_ids, c.scopes, c.created_at, c.revoked_at";
const KEY: &str = "k.id, k.client_id, k.key_hash, k.created_at, k.ends_at, k.last_used_at";

fn client(row: &Row<'_>) -> rusqlite::Result<ApiClientRecord> {
    Ok(ApiClientRecord {
        id: ApiClientId(row.get(0)?),
        name: row.get(1)?,
        organization_ids: row.get::<_, Option<Json<_>>>(2)?.map(|ids| ids.0),
        scopes: row.get::<_, Scopes>(3)?.0,
        created_at: row.get::<_, Us>(4)?.0,
        revoked_at: row.get::<_, Option<Us>>(5)?.map(|time| time.0),
    })
}

fn key(row: &Row<'_>, first: usize) -> rusqlite::Result<ClientKeyRecord> {
    Ok(ClientKeyRecord {
        id: ClientKeyId(row.get(first)?),
        client_id: ApiClientId(row.get(first + 1)?),
        key_hash: row.get(first + 2)?,
        created_at: row.get::<_, Us>(first + 3)?.0,
        ends_at: row.get::<_, Option<Us>>(first + 4)?.map(|time| time.0),
        last_used_at: row.get::<_, Option<Us>>(first + 5)?.map(|time| time.0),
    })
}

pub(super) fn of_key(c: &Connection, key_hash: &[u8; 32]) -> StoreResult<Option<(ApiClientRecord, ClientKeyRecord)>> {
    c.prepare_cached(&format!(
        "SELECT {CLIENT}, {KEY} FROM client_keys k JOIN api_clients c ON c.id = k.client_id WHERE k.key_hash = ?1"
    ))
    .and_then(|mut s| s.query_row([key_hash], |row| Ok((client(row)?, key(row, 6)?))))
    .optional()
}

pub(super) fn get(c: &Connection, id: &ApiClientId) -> StoreResult<Option<ApiClientRecord>> {
    c.prepare_cached(&format!("SELECT {CLIENT} FROM api_clients c WHERE c.id = ?1"))
        .and_then(|mut s| s.query_row([&id.0], client))
        .optional()
}

pub(super) fn all(c: &Connection) -> StoreResult<Vec<ApiClientRecord>> {
    c.prepare_cached(&format!("SELECT {CLIENT} FROM api_clients c ORDER BY c.created_at, c.id"))
        .and_then(|mut s| s.query_map([], client)?.collect())
        .map_err(database)
}

pub(super) fn keys(c: &Connection, id: &ApiClientId) -> StoreResult<Vec<ClientKeyRecord>> {
    c.prepare_cached(&format!("SELECT {KEY} FROM client_keys k WHERE k.client_id = ?1 ORDER BY k.created_at, k.id"))
        .and_then(|mut s| s.query_map([&id.0], |row| key(row, 0))?.collect())
        .map_err(database)
}

pub(super) fn put(c: &Connection, a: &ApiClientRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO api_clients (id, name, organization_ids, scopes, created_at, revoked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, organization_ids = excluded.organization_ids,
         scopes = excluded.scopes, revoked_at = excluded.revoked_at",
    )
    .and_then(|mut s| {
        s.execute(params![
            a.id.0,
            a.name,
            a.organization_ids.as_ref().map(Json),
            a.scopes.to_string(),
            Us(a.created_at),
            us(a.revoked_at)
        ])
    })
    .map(drop)
    .map_err(database)
}

pub(super) fn put_key(c: &Connection, k: &ClientKeyRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO client_keys (key_hash, id, client_id, created_at, ends_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (key_hash) DO UPDATE SET ends_at = excluded.ends_at",
    )
    .and_then(|mut s| s.execute(params![k.key_hash, k.id.0, k.client_id.0, Us(k.created_at), us(k.ends_at)]))
    .map(drop)
    .map_err(database)
}

pub(super) fn touch_keys(c: &Connection, uses: &[([u8; 32], Time)]) -> StoreResult<()> {
    c.prepare_cached("UPDATE client_keys SET last_used_at = max(coalesce(last_used_at, 0), ?1) WHERE key_hash = ?2")
        .and_then(|mut s| uses.iter().try_for_each(|(key_hash, at)| s.execute(params![Us(*at), key_hash]).map(drop)))
        .map_err(database)
}
