//! The values of the log in numbers: each operation, actor and environment has one within its organisation, once it
//! occurred. They are found by their names as well: whole, or by how a word of them begins. Names of actors and operations are
//! what the log says they were; an environment is called what its provider calls it now.

use std::{collections::HashMap, fmt::Write as _};

use lockbox_api::{
    ids::EnvironmentId,
    logs::{FILTER_VALUES_MAX, LogFilter as Values},
};
use lockbox_rules::letters;
use rusqlite::{Connection, params};

use super::convert::{Optional, database};
use crate::store::{LogTerms, StoreError, StoreResult};

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

/// What the operations, actors and environments of a filter stand for: one value can have several labels, and a name several
/// actors. Where nothing is called exactly so, whatever has a word in its name that begins so. Environments' names make way for
/// ids: a name stands for others once it was given away.
pub(super) fn meant(c: &Connection, organization: i64, values: &mut Values) -> StoreResult<LogTerms> {
    let all = |field: &str, parameter: &'static str, values: &[String]| {
        let mut found = Vec::new();
        for value in values {
            found.extend(find(c, organization, field, parameter, value)?);
        }
        found.sort_unstable();
        found.dedup();
        Ok::<_, StoreError>(found)
    };
    let mut environments = Environments { c, organization, named: None };
    Ok(LogTerms {
        operation: all("operation", "operation", &values.operation)?,
        not_operation: all("operation", "not_operation", &values.not_operation)?,
        actor: all("actor", "actor", &values.actor)?,
        not_actor: all("actor", "not_actor", &values.not_actor)?,
        environment_id: environments.meant("environment_id", &mut values.environment_id)?,
        not_environment_id: environments.meant("not_environment_id", &mut values.not_environment_id)?,
    })
}

/// The numbers of an operation or an actor that is asked for. `parameter`: as queries call the field.
fn find(c: &Connection, organization: i64, field: &str, parameter: &'static str, value: &str) -> StoreResult<Vec<u32>> {
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

/// The environments of an organisation, to be found by their names. All of these are looked at, once for all values: they change,
/// and there are tens of them where there are millions of events.
struct Environments<'c> {
    c: &'c Connection,
    organization: i64,
    /// Not read before a value is a name.
    named: Option<Vec<Named>>,
}

/// An environment by its names.
struct Named {
    id: String,
    name: String,
    small: String,
}

impl Environments<'_> {
    /// Puts ids in the place of names; their numbers.
    fn meant(&mut self, parameter: &'static str, values: &mut Vec<EnvironmentId>) -> StoreResult<Vec<u32>> {
        let mut ids: Vec<String> = Vec::new();
        for value in std::mem::take(values) {
            for id in self.of(parameter, value.0)? {
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
            // They stand in the log, for good.
            if ids.len() > FILTER_VALUES_MAX {
                return Err(StoreError::StandsForTooMany { parameter });
            }
        }
        let mut numbers = Vec::new();
        for id in &ids {
            numbers.extend(exactly(self.c, self.organization, "environment", id)?);
        }
        *values = ids.into_iter().map(EnvironmentId).collect();
        Ok(numbers)
    }

    /// The ids that a value stands for: itself where the log knows it as an id, or where nothing is called so; else those that are
    /// called exactly so, by id or name; else those with a word in their name that begins so.
    fn of(&mut self, parameter: &'static str, value: String) -> StoreResult<Vec<String>> {
        let begin = letters::small(value.trim());
        if begin.is_empty() || !exactly(self.c, self.organization, "environment", &value)?.is_empty() {
            return Ok(vec![value]);
        }
        let all = self.named()?;
        let called = |fits: &dyn Fn(&Named) -> bool| -> Vec<String> {
            all.iter().filter(|one| fits(one)).map(|one| one.id.clone()).collect()
        };
        let mut ids = called(&|one| one.id == value || one.name == value);
        if ids.is_empty() {
            ids = called(&|one| {
                let mut starts = words(&one.small).take(WORDS_MOST);
                starts.any(|start| one.small.get(start..).is_some_and(|rest| rest.starts_with(&begin)))
            });
        }
        match ids.len() {
            0 => Ok(vec![value]),
            number if number > FIT_MOST as usize => Err(StoreError::FitsTooMany { parameter, value }),
            _ => Ok(ids),
        }
    }

    fn named(&mut self) -> StoreResult<&[Named]> {
        let named = match self.named.take() {
            Some(named) => named,
            None => self
                .c
                .prepare_cached(
                    "SELECT e.id, e.name FROM organizations o JOIN environments e ON e.organization_id = o.id
                     WHERE o.number = ?1",
                )
                .and_then(|mut s| {
                    s.query_map([self.organization], |row| {
                        let (id, name): (String, String) = (row.get(0)?, row.get(1)?);
                        Ok(Named { id, small: letters::small(&name), name })
                    })?
                    .collect()
                })
                .map_err(database)?,
        };
        Ok(self.named.insert(named))
    }
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
