//! The values of the log in numbers: each operation, actor and environment has one within its organisation, once it
//! occurred. They are found by their names as well: whole, or by how a word of them begins. Names of actors and operations are
//! what the log says they were; an environment is called what its provider calls it now.

use std::{collections::HashMap, fmt::Write as _};

use rusqlite::{Connection, params};

use lockbox_rules::letters;

use super::convert::{Optional, database};
use crate::store::{StoreError, StoreResult};

/// Numbers that are remembered at most; beyond it they are looked up again.
const KEPT: usize = 20_000;
/// Values at most that the beginning of a word stands for. A filter that stands for more is refused rather than cut: nobody
/// would see what of the log it hides.
const FIT_MOST: u32 = 50;
/// Words of a name at most that it is found by.
const WORDS_MOST: usize = 12;

/// Numbers that were looked up or given lately. Numbers never change, so what was committed may be remembered for good;
/// what a transaction that was rolled back has given must be forgotten with it.
#[derive(Default)]
pub(super) struct Terms {
    known: HashMap<String, u32>,
    /// The key that is being looked up: one allocation for all.
    key: String,
    /// New values are not found by their names yet: the table of names is younger than they are.
    nameless: bool,
}

impl Terms {
    /// For a database from before there was a table of names.
    pub(super) fn without_names() -> Self {
        Self { nameless: true, ..Self::default() }
    }

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
        let number = number(c, organization, field, value, label, kind, !self.nameless)?;
        if self.known.len() >= KEPT {
            self.known.clear();
        }
        self.known.insert(self.key.clone(), number);
        Ok(number)
    }
}

fn number(
    c: &Connection,
    organization: i64,
    field: &str,
    value: &str,
    label: &str,
    kind: &str,
    named: bool,
) -> StoreResult<u32> {
    let known = c
        .prepare_cached(
            "SELECT number FROM log_terms WHERE organization = ?1 AND field = ?2 AND value = ?3 AND label = ?4 AND kind = ?5",
        )
        .and_then(|mut s| s.query_row(params![organization, field, value, label, kind], |row| row.get(0)))
        .optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    let number = c
        .prepare_cached(
            "INSERT INTO log_terms (organization, number, field, value, label, kind)
         VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM log_terms WHERE organization = ?1), ?2, ?3, ?4, ?5)
         RETURNING number",
        )
        .and_then(|mut s| s.query_row(params![organization, field, value, label, kind], |row| row.get(0)))
        .map_err(database)?;
    if named {
        put_names(c, organization, number, field, value, label)?;
    }
    Ok(number)
}

/// Writes down what a value is found by: an actor by the name, an operation by wire name and friendly name.
fn put_names(c: &Connection, organization: i64, number: u32, field: &str, value: &str, label: &str) -> StoreResult<()> {
    let names: &[&str] = match field {
        "actor" => &[label],
        "operation" => &[value, label],
        _ => return Ok(()),
    };
    let mut statement = c
        .prepare_cached("INSERT OR IGNORE INTO log_names (organization, field, name, number) VALUES (?1, ?2, ?3, ?4)")
        .map_err(database)?;
    for name in names {
        let small = letters::small(name);
        for begin in words(&small).take(WORDS_MOST) {
            statement.execute(params![organization, field, small.get(begin..), number]).map_err(database)?;
        }
    }
    Ok(())
}

/// Where the words of a name begin.
fn words(name: &str) -> impl Iterator<Item = usize> + '_ {
    let mut within = false;
    name.char_indices().filter_map(move |(at, letter)| {
        let begins = letter.is_alphanumeric() && !within;
        within = letter.is_alphanumeric();
        begins.then_some(at)
    })
}

/// Writes down the names of every value that there is: for databases from before they were.
pub(super) fn name_all(c: &Connection) -> StoreResult<()> {
    let mut statement =
        c.prepare("SELECT organization, number, field, value, label FROM log_terms").map_err(database)?;
    let mut rows = statement.query([]).map_err(database)?;
    while let Some(row) = rows.next().map_err(database)? {
        let read = || -> rusqlite::Result<(i64, u32, String, String, String)> {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        };
        let (organization, number, field, value, label) = read().map_err(database)?;
        put_names(c, organization, number, &field, &value, &label)?;
    }
    Ok(())
}

/// The numbers of a value that is asked for: one value can have several labels, and a name several actors. Where nothing is
/// called exactly so, whatever has a word in its name that begins so. `parameter`: as queries call the field, with `not_`
/// before it or without.
pub(super) fn find(c: &Connection, organization: i64, parameter: &'static str, value: &str) -> StoreResult<Vec<u32>> {
    let field = match parameter.strip_prefix("not_").unwrap_or(parameter) {
        "environment_id" => "environment",
        other => other,
    };
    if field == "environment" {
        let ids = environments_meant(c, organization, parameter, value)?;
        let numbers: StoreResult<Vec<_>> = ids.iter().map(|id| exactly(c, organization, field, id)).collect();
        return numbers.map(|numbers| numbers.concat());
    }
    let found = exactly(c, organization, field, value)?;
    let begin = letters::small(value.trim());
    if !found.is_empty() || begin.is_empty() {
        return Ok(found);
    }
    let fitting: Vec<u32> = c
        .prepare_cached(
            "SELECT DISTINCT number FROM log_names WHERE organization = ?1 AND field = ?2 AND name >= ?3 AND name < ?4 LIMIT ?5",
        )
        .and_then(|mut s| {
            let end = format!("{begin}{}", char::MAX);
            s.query_map(params![organization, field, begin, end, FIT_MOST + 1], |row| row.get(0))?.collect()
        })
        .map_err(database)?;
    if fitting.len() > FIT_MOST as usize {
        return Err(StoreError::FitsTooMany { parameter, value: value.to_owned() });
    }
    Ok(fitting)
}

/// The ids of the environments that a value stands for now: itself where the log knows it as an id, or where nothing is called
/// so. A name stands for others once it was given away.
pub(super) fn environments_meant(
    c: &Connection,
    organization: i64,
    parameter: &'static str,
    value: &str,
) -> StoreResult<Vec<String>> {
    let begin = letters::small(value.trim());
    if begin.is_empty() || !exactly(c, organization, "environment", value)?.is_empty() {
        return Ok(vec![value.to_owned()]);
    }
    let ids = environments_called(c, organization, value, &begin)?;
    match ids.len() {
        0 => Ok(vec![value.to_owned()]),
        number if number > FIT_MOST as usize => Err(StoreError::FitsTooMany { parameter, value: value.to_owned() }),
        _ => Ok(ids),
    }
}

/// The environments that are called exactly so, by id or name, or else those with a word in their name that begins so. All names
/// of the organisation are looked at: they change, and there are tens of them where there are millions of events.
fn environments_called(c: &Connection, organization: i64, value: &str, begin: &str) -> StoreResult<Vec<String>> {
    let all: Vec<(String, String)> = c
        .prepare_cached(
            "SELECT e.id, e.name FROM organizations o JOIN environments e ON e.organization_id = o.id WHERE o.number = ?1",
        )
        .and_then(|mut s| s.query_map([organization], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .map_err(database)?;
    let called = |fits: &dyn Fn(&str, &str) -> bool| -> Vec<String> {
        all.iter().filter(|(id, name)| fits(id, name)).map(|(id, _)| id.clone()).collect()
    };
    let exactly = called(&|id, name| id == value || name == value);
    if !exactly.is_empty() {
        return Ok(exactly);
    }
    Ok(called(&|_, name| {
        let small = letters::small(name);
        let mut starts = words(&small).take(WORDS_MOST);
        starts.any(|start| small.get(start..).is_some_and(|rest| rest.starts_with(begin)))
    }))
}

/// The indexes are named because SQLite would rather look at every value of the organisation.
fn exactly(c: &Connection, organization: i64, field: &str, value: &str) -> StoreResult<Vec<u32>> {
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
