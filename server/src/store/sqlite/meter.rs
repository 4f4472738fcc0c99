//! What statements cost, in steps of SQLite's virtual machine: a count that is the same on every machine, for tests and
//! measurements only.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{
    Connection, StatementStatus,
    trace::{TraceEvent, TraceEventCodes},
};

use super::convert::database as database_error;
use crate::store::StoreResult;

/// What one statement cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// How often it ran.
    pub runs: i64,
    /// Steps of all runs.
    pub steps: i64,
    /// Steps of full scans among them.
    pub scans: i64,
}

/// Who runs statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The readers.
    Reads,
    /// The writer.
    Writes,
}

type Costs = HashMap<String, Cost>;

static COSTS: Mutex<Option<HashMap<(Side, PathBuf), Costs>>> = Mutex::new(None);

fn costs() -> MutexGuard<'static, Option<HashMap<(Side, PathBuf), Costs>>> {
    COSTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What all reads of the process have cost since this was asked last, by statement, dearest first. The statements with
/// which the full-text index reads its own tables are among them.
#[must_use]
pub fn take() -> Vec<(String, Cost)> {
    let mut all = Costs::new();
    for ((side, _), costs) in costs().get_or_insert_default().iter_mut() {
        if *side == Side::Reads {
            all.extend(costs.drain());
        }
    }
    dearest_first(all)
}

/// The same of one side and one database file.
#[must_use]
pub fn take_of(side: Side, database: &Path) -> Vec<(String, Cost)> {
    dearest_first(costs().get_or_insert_default().remove(&(side, database.to_owned())).unwrap_or_default())
}

fn dearest_first(costs: Costs) -> Vec<(String, Cost)> {
    let mut all: Vec<(String, Cost)> = costs.into_iter().collect();
    all.sort_unstable_by(|a, b| b.1.steps.cmp(&a.1.steps).then_with(|| a.0.cmp(&b.0)));
    all
}

pub(super) fn watch(connection: &mut Connection, side: Side, database: &Path) -> StoreResult<()> {
    let place = (side, database.to_owned());
    // Counters of a kept statement go on from run to run.
    let mut known: HashMap<String, (i32, i32)> = HashMap::new();
    let note = move |event: TraceEvent<'_>| {
        if let TraceEvent::Profile(statement, _) = event {
            let now =
                (statement.get_status(StatementStatus::VmStep), statement.get_status(StatementStatus::FullscanStep));
            let text = statement.sql().into_owned();
            let before = known.insert(text.clone(), now).unwrap_or_default();
            // One that was prepared anew began at zero.
            let since = |now: i32, before: i32| i64::from(if now >= before { now - before } else { now });
            let mut costs = costs();
            let cost = costs.get_or_insert_default().entry(place.clone()).or_default().entry(text).or_default();
            cost.runs += 1;
            cost.steps += since(now.0, before.0);
            cost.scans += since(now.1, before.1);
        }
    };
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(note)).map_err(database_error)
}
