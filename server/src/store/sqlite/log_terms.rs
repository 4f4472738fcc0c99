//! The values of the log in numbers: each operation, actor and environment has one within its organisation, once it
//! occurred.

use std::{collections::HashMap, fmt::Write as _};

use rusqlite::{Connection, params};

use super::convert::{Optional, database};
use crate::store::StoreResult;

/// Numbers that are remembered at most; beyond it they are looked up again.
const KEPT: usize = 20_000;

/// Numbers that were looked up or given lately. Numbers never change, so what was committed may be remembered for good;
/// what a transaction that was rolled back has given must be forgotten with it.
#[derive(Default)]
pub(super) struct Terms {
    known: HashMap<String, u32>,
    /// The key that is being looked up: one allocation for all.
    key: String,
}

impl Terms {
    /// The number of a value; a new value gets the next one.
    pub(super) fn number(
        &mut self,
        c: &Connection,
        organization: i64,
        field: &str,
        value: &str,
        label: &str,
        kind: &str,
    ) -> StoreResult<u32> {
        self.key.clear();
        // Lengths keep values apart whatever letters they hold.
        let _ = write!(self.key, "{organization} {field} {} {} {value}{label}{kind}", value.len(), label.len());
        if let Some(number) = self.known.get(&self.key) {
            return Ok(*number);
        }
        let number = number(c, organization, field, value, label, kind)?;
        if self.known.len() >= KEPT {
            self.known.clear();
        }
        self.known.insert(self.key.clone(), number);
        Ok(number)
    }
}

fn number(c: &Connection, organization: i64, field: &str, value: &str, label: &str, kind: &str) -> StoreResult<u32> {
    let known = c
        .prepare_cached(
            "SELECT number FROM log_terms WHERE organization = ?1 AND field = ?2 AND value = ?3 AND label = ?4 AND kind = ?5",
        )
        .and_then(|mut s| s.query_row(params![organization, field, value, label, kind], |row| row.get(0)))
        .optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    c.prepare_cached(
        "INSERT INTO log_terms (organization, number, field, value, label, kind)
         VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM log_terms WHERE organization = ?1), ?2, ?3, ?4, ?5)
         RETURNING number",
    )
    .and_then(|mut s| s.query_row(params![organization, field, value, label, kind], |row| row.get(0)))
    .map_err(database)
}

/// The numbers of a value that is asked for: one value can have several labels, and a name several actors. The indexes are
/// named because SQLite would rather look at every value of the organisation.
pub(super) fn find(c: &Connection, organization: i64, field: &str, value: &str) -> StoreResult<Vec<u32>> {
    let mut found: Vec<u32> = c
        .prepare_cached(
            "SELECT number FROM log_terms INDEXED BY sqlite_autoindex_log_terms_2
             WHERE organization = ?1 AND field = ?2 AND value = ?3",
        )
        .and_then(|mut s| s.query_map(params![organization, field, value], |row| row.get(0))?.collect())
        .map_err(database)?;
    if field == "actor" {
        let named: Vec<u32> = c
            .prepare_cached(
                "SELECT number FROM log_terms INDEXED BY log_actors_by_name
                 WHERE organization = ?1 AND field = 'actor' AND label = ?2",
            )
            .and_then(|mut s| s.query_map(params![organization, value], |row| row.get(0))?.collect())
            .map_err(database)?;
        found.extend(named);
        found.sort_unstable();
        found.dedup();
    }
    Ok(found)
}
