//! Many events at once, into a database that nobody else has open: for measurements and tests at a size that takes hours
//! to reach otherwise. No part of the server calls it.
//!
//! What stands in the tables afterwards is what appending one by one would have left: the same functions place an event,
//! put it into the index and count it. What is spared is what only matters when others watch or the machine may fail:
//! a journal, a flush per commit, the organisation's row per event, and the triggers, which have nothing to refuse here.

use std::{collections::HashMap, path::Path};

use lockbox_api::{Time, events::Category, ids::OrganizationId};
use rusqlite::{Connection, OpenFlags, params};

use super::{
    SqliteEngine, connect,
    convert::{Us, database},
    derived::Derived,
    events::{self, Place},
    lockbox, log_index,
    log_terms::Terms,
};
use crate::store::{NewEvent, OrganizationRecord, StoreError, StoreResult};

/// Events per transaction.
const BATCH: usize = 50_000;
/// No journal, nothing flushed, and memory for pages.
const FAST: &str = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA foreign_keys = OFF; PRAGMA cache_size = -300000;";
/// As a server has it.
const USUAL: &str = "PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL;";

/// What stands in the index for the events of a category after a row, in their order: row, facets, text. For measurements
/// that insert the same rows without a server.
///
/// # Errors
/// When the database can't be read.
pub fn index_rows(path: &Path, after: i64, category: Category) -> StoreResult<Vec<(i64, String, String)>> {
    let c = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut terms = Terms::default();
    let mut rows = Vec::new();
    for (event, rowid, organization) in events::part(&c, after, u32::MAX)? {
        if event.category == category {
            let entry = log_index::entry(&c, &mut terms, organization, &event)?;
            rows.push((rowid, entry.facets, entry.text));
        }
    }
    Ok(rows)
}

/// A database that is being filled. If this fails half way, the file is worth nothing.
pub struct Bulk {
    c: Connection,
    terms: Terms,
    triggers: Vec<String>,
    places: HashMap<OrganizationId, Place>,
}

impl Bulk {
    /// Opens (and where needed creates and migrates) the database at `path`.
    ///
    /// # Errors
    /// When the database can't be opened.
    pub fn open(path: &Path) -> StoreResult<Self> {
        drop(SqliteEngine::open(path, 1)?);
        let c = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        c.execute_batch(FAST).map_err(database)?;
        let triggers: Vec<(String, String)> = c
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'events'")
            .and_then(|mut s| s.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .map_err(database)?;
        for (name, _) in &triggers {
            c.execute_batch(&format!("DROP TRIGGER {name}")).map_err(database)?;
        }
        let triggers = triggers.into_iter().map(|(_, text)| text).collect();
        Ok(Self { c, terms: Terms::default(), triggers, places: HashMap::new() })
    }

    /// Adds an organisation.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_organization(&mut self, record: &OrganizationRecord, now: Time) -> StoreResult<()> {
        lockbox::put_organization(&self.c, record, now).map(drop)
    }

    /// Appends events in the order in which they come.
    ///
    /// # Errors
    /// When the database fails, or has no such organisation.
    pub fn append(&mut self, events: impl Iterator<Item = (OrganizationId, NewEvent)>) -> StoreResult<()> {
        let mut events = events.peekable();
        while events.peek().is_some() {
            self.c.execute_batch("BEGIN IMMEDIATE").map_err(database)?;
            let mut derived = Derived::default();
            for (organization, event) in events.by_ref().take(BATCH) {
                let place = self.next(&organization, event.time)?;
                derived.add(events::insert(&self.c, &mut self.terms, &organization, place, event)?);
            }
            derived.write(&self.c)?;
            for (organization, place) in &self.places {
                self.c
                    .prepare_cached("UPDATE organizations SET last_sequence = ?1, last_event_at = ?2 WHERE id = ?3")
                    .and_then(|mut s| s.execute(params![place.sequence, Us(place.time), organization.0]))
                    .map_err(database)?;
            }
            self.c.execute_batch("COMMIT").map_err(database)?;
        }
        Ok(())
    }

    /// The place of the next event.
    fn next(&mut self, organization: &OrganizationId, time: Time) -> StoreResult<Place> {
        if let Some(place) = self.places.get_mut(organization) {
            *place = Place { sequence: place.sequence + 1, time: place.time.max(time), number: place.number };
            return Ok(*place);
        }
        let number = events::number(&self.c, organization)?
            .ok_or_else(|| StoreError::Corrupt(format!("no organisation {organization} to log for")))?;
        let (sequence, last) = events::newest(&self.c, organization)?;
        let time = last.map_or(time, |last| last.max(time));
        let place = Place { sequence: sequence.cast_signed() + 1, time, number };
        self.places.insert(organization.clone(), place);
        Ok(place)
    }

    /// Makes the file one that a server can open.
    ///
    /// # Errors
    /// When the database fails.
    pub fn finish(self) -> StoreResult<()> {
        // As a server does it when nothing is to be written for a moment.
        while log_index::join(&self.c)? {}
        for trigger in &self.triggers {
            self.c.execute_batch(trigger).map_err(database)?;
        }
        self.c.execute_batch(USUAL).map_err(database)
    }
}
