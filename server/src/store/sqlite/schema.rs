//! Migrations: numbered, applied once, never edited.

use rusqlite::Connection;

use super::{convert::database, events};
use crate::store::{StoreError, StoreResult};

/// Migrations in order; the position (from 1) is the version that `user_version` holds.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/sqlite/0001_start.sql"),
    include_str!("../../../migrations/sqlite/0002_log_filters.sql"),
    include_str!("../../../migrations/sqlite/0003_provider.sql"),
    include_str!("../../../migrations/sqlite/0004_keys.sql"),
    include_str!("../../../migrations/sqlite/0005_internal_approvers.sql"),
];
/// The version whose index and counts are filled from the events that are there already.
const LOG_FILTERS: u32 = 2;

/// Brings the database to the newest version, each step in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection) -> StoreResult<()> {
    let present: usize =
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0)).map_err(database)? as usize;
    if present > MIGRATIONS.len() {
        return Err(StoreError::Database(format!(
            "the database has version {present}, this Lockbox knows {} at most: use the newer Lockbox",
            MIGRATIONS.len()
        )));
    }
    for (version, migration) in (1_u32..).zip(MIGRATIONS).skip(present) {
        let transaction = connection.transaction().map_err(database)?;
        transaction.execute_batch(migration).map_err(database)?;
        if version == LOG_FILTERS {
            events::index_all(&transaction)?;
        }
        transaction.pragma_update(None, "user_version", version).map_err(database)?;
        transaction.commit().map_err(database)?;
    }
    Ok(())
}
