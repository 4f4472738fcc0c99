//! The keys with which leases are signed.

use lockbox_api::Time;
use rusqlite::{Connection, params};

use super::convert::{Us, database, us};
use crate::store::{LeaseKeyRecord, StoreResult};

pub(super) fn all(c: &Connection) -> StoreResult<Vec<LeaseKeyRecord>> {
    c.prepare_cached(
        "SELECT id, seed, public_key, created_at, signs_from, ends_at FROM lease_keys ORDER BY created_at, id",
    )
    .and_then(|mut s| {
        s.query_map([], |row| {
            Ok(LeaseKeyRecord {
                id: row.get(0)?,
                seed: row.get(1)?,
                public_key: row.get(2)?,
                created_at: row.get::<_, Us>(3)?.0,
                signs_from: row.get::<_, Us>(4)?.0,
                ends_at: row.get::<_, Option<Us>>(5)?.map(|time| time.0),
            })
        })?
        .collect()
    })
    .map_err(database)
}

pub(super) fn put(c: &Connection, k: &LeaseKeyRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO lease_keys (id, seed, public_key, created_at, signs_from, ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET ends_at = excluded.ends_at",
    )
    .and_then(|mut s| s.execute(params![k.id, k.seed, k.public_key, Us(k.created_at), Us(k.signs_from), us(k.ends_at)]))
    .map(drop)
    .map_err(database)
}

pub(super) fn sweep(c: &Connection, now: Time) -> StoreResult<()> {
    c.prepare_cached("DELETE FROM lease_keys WHERE ends_at <= ?1")
        .and_then(|mut s| s.execute([Us(now)]))
        .map(drop)
        .map_err(database)
}
