//! Migrations: numbered, applied once, never edited.

use rusqlite::{Connection, TransactionBehavior};

use super::{convert::database, events, log_terms};
use crate::store::{StoreError, StoreResult};

/// Migrations in order; the position (from 1) is the version that `user_version` holds.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/sqlite/0001_start.sql"),
    include_str!("../../../migrations/sqlite/0002_log_filters.sql"),
    include_str!("../../../migrations/sqlite/0003_provider.sql"),
    include_str!("../../../migrations/sqlite/0004_keys.sql"),
    include_str!("../../../migrations/sqlite/0005_internal_approvers.sql"),
    include_str!("../../../migrations/sqlite/0006_clock_and_actions.sql"),
    include_str!("../../../migrations/sqlite/0007_timelines.sql"),
    include_str!("../../../migrations/sqlite/0008_what_was_asked.sql"),
    include_str!("../../../migrations/sqlite/0009_engineer_ids.sql"),
    include_str!("../../../migrations/sqlite/0010_log_names.sql"),
    include_str!("../../../migrations/sqlite/0011_export_meaning.sql"),
];
/// The version whose index and counts are filled from the events that are there already.
const LOG_FILTERS: u32 = 2;
/// The migration after which the names of the values that are there already are written down.
const LOG_NAMES: &str = include_str!("../../../migrations/sqlite/0010_log_names.sql");

/// Brings the database to the newest version, each step in a transaction of its own. Two processes that start at the same
/// time take turns: which version there is is read within the transaction that makes the next.
pub(super) fn migrate(connection: &mut Connection) -> StoreResult<()> {
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(database)?;
        let present: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(database)?;
        let Some(migration) = MIGRATIONS.get(present as usize) else {
            return if present as usize == MIGRATIONS.len() {
                Ok(())
            } else {
                Err(StoreError::Database(format!(
                    "the database has version {present}, this Lockbox knows {} at most: use the newer Lockbox",
                    MIGRATIONS.len()
                )))
            };
        };
        let version = present + 1;
        transaction.execute_batch(migration).map_err(database)?;
        if version == LOG_FILTERS {
            events::index_all(&transaction)?;
        }
        if *migration == LOG_NAMES {
            log_terms::name_all(&transaction)?;
        }
        transaction.pragma_update(None, "user_version", version).map_err(database)?;
        transaction.commit().map_err(database)?;
    }
}
