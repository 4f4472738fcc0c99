//! What follows from events and is written when the transaction that appends them commits: their entries in the index and
//! their counts, so that log, index and counts never differ.
//!
//! At the end and all at once, because SQLite may have to take back a single statement of a transaction: before each one
//! for which that is so (the trigger that guards the log makes every insertion one), the full-text index puts what it has
//! gathered on disk. Between two events that would cost ten times what the event itself does.

use lockbox_api::events::Event;
use rusqlite::{Connection, params};

use super::{convert::database, counts::Pending, events::Appended, log_index};
use crate::store::StoreResult;

/// Index entries and counts of a transaction's events.
#[derive(Default)]
pub(super) struct Derived {
    counts: Pending,
    /// Row, facets, text.
    entries: Vec<(i64, String, String)>,
}

impl Derived {
    /// One more event, which is handed back.
    pub(super) fn add(&mut self, appended: Appended) -> Event {
        let Appended { event, organization, rowid, entry } = appended;
        self.counts.add(organization, event.time, entry.kind);
        self.entries.push((rowid, entry.facets, entry.text));
        event
    }

    /// Writes everything down.
    pub(super) fn write(self, c: &Connection) -> StoreResult<()> {
        self.counts.write(c)?;
        if self.entries.is_empty() {
            return Ok(());
        }
        let mut statement =
            c.prepare_cached("INSERT INTO events_index (rowid, facets, text) VALUES (?1, ?2, ?3)").map_err(database)?;
        for (rowid, facets, text) in self.entries {
            statement.execute(params![rowid, facets, text]).map_err(database)?;
        }
        log_index::join_a_few(c)
    }
}
