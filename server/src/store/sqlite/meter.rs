//! What reads cost, in steps of SQLite's virtual machine: a count that is the same on every machine, for tests and
//! measurements only. Readers alone are watched.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicI64, Ordering::SeqCst},
};

use rusqlite::{
    Connection, StatementStatus,
    trace::{TraceEvent, TraceEventCodes},
};

use super::convert::database;
use crate::store::StoreResult;

static STEPS: AtomicI64 = AtomicI64::new(0);
static SCANS: AtomicI64 = AtomicI64::new(0);

/// Steps, and steps of full scans, of all reads of the process since this was asked last.
#[must_use]
pub fn take() -> (i64, i64) {
    (STEPS.swap(0, SeqCst), SCANS.swap(0, SeqCst))
}

pub(super) fn watch(connection: &mut Connection) -> StoreResult<()> {
    // Counters of a kept statement go on from run to run.
    let mut known: HashMap<String, (i32, i32)> = HashMap::new();
    let note = move |event: TraceEvent<'_>| {
        if let TraceEvent::Profile(statement, _) = event {
            let now =
                (statement.get_status(StatementStatus::VmStep), statement.get_status(StatementStatus::FullscanStep));
            let before = known.insert(statement.sql().into_owned(), now).unwrap_or_default();
            // One that was prepared anew began at zero.
            let since = |now: i32, before: i32| i64::from(if now >= before { now - before } else { now });
            STEPS.fetch_add(since(now.0, before.0), SeqCst);
            SCANS.fetch_add(since(now.1, before.1), SeqCst);
        }
    };
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(note)).map_err(database)
}
