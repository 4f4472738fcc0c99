//! The index of the log: which words stand for an event, and which expression stands for a filter.
//!
//! Every event has a word in `facets` for each value that can be filtered by, and its text cut into words in `text`. All
//! of them begin with the organisation's number. A filter of any kind is then one expression that the full-text index
//! answers by walking several short lists at once, newest first, however rare their meeting is.

use lockbox_api::{
    events::{Category, Event, Outcome},
    logs::LogFilter as Values,
};
use lockbox_rules::log_filter::{beginning, is_of_word};
use rusqlite::{Connection, params};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    convert::{Optional, database},
    counts::Kind,
    log_terms::Terms,
};
use crate::{
    hex::hex,
    store::{LogFilter, StoreResult},
};

/// What stands for an event in the index.
pub(super) struct Entry {
    /// What the event is counted as.
    pub(super) kind: Kind,
    /// A word for each value that can be filtered by.
    pub(super) facets: String,
    /// The words of its texts.
    pub(super) text: String,
}

/// What is to stand for an event; values that never occurred are given their numbers.
pub(super) fn entry(c: &Connection, terms: &mut Terms, organization: i64, event: &Event) -> StoreResult<Entry> {
    let label = event.friendly_name.as_deref().unwrap_or_default();
    let environment = match &event.environment_id {
        Some(id) => terms.number(c, organization, "environment", &id.0, "", "")?,
        None => 0,
    };
    let actor = &event.actor;
    let kind = Kind {
        operation: terms.number(c, organization, "operation", &event.operation, label, "")?,
        actor: terms.number(c, organization, "actor", &actor.id, &actor.name, actor.kind.as_str())?,
        environment,
        category: event.category,
        outcome: event.outcome,
    };
    let (facets, text) = (facets(organization, &kind, event), text(organization, event));
    Ok(Entry { kind, facets, text })
}

/// When pieces of the index are joined: every transaction that appends events leaves one, and a search looks for each of its
/// words in every piece there is. These settings keep their number near the logarithm of the log's length (about seven at
/// a million events, where the usual ones leave up to thirty) for a little more work per event, most of it bounded: four
/// pieces of one size are joined at once, of the larger ones two at a time and a few pages per transaction.
const JOINED: [(&str, i64); 3] = [("automerge", 2), ("crisismerge", 4), ("usermerge", 2)];

/// Pages that are written at most when pieces are joined because nothing else is to be done: some milliseconds' worth, for
/// which whoever comes meanwhile waits.
const JOIN_PAGES: i64 = 128;

/// Pages that every transaction with events joins itself: otherwise the pieces would pile up for as long as there is no
/// quiet moment, and searches with many words get dear just when most is written. A fifth on top of what a thousand events cost.
const JOIN_PAGES_AT_ONCE: i64 = 64;

/// Joins a part of the pieces that still are to be joined. False: none are.
pub(super) fn join(c: &Connection) -> StoreResult<bool> {
    let before = c.total_changes();
    join_pages(c, JOIN_PAGES)?;
    // The index says that there was nothing to do by changing fewer than two rows.
    Ok(c.total_changes() >= before + 2)
}

/// Joins as much as a transaction that appends events does on its way.
pub(super) fn join_a_few(c: &Connection) -> StoreResult<()> {
    join_pages(c, JOIN_PAGES_AT_ONCE)
}

fn join_pages(c: &Connection, pages: i64) -> StoreResult<()> {
    c.prepare_cached("INSERT INTO events_index (events_index, rank) VALUES ('merge', ?1)")
        .and_then(|mut s| s.execute([pages]))
        .map_err(database)?;
    Ok(())
}

/// Makes sure that the index is kept as [`JOINED`] says.
pub(super) fn set_up(c: &Connection) -> StoreResult<()> {
    for (name, wanted) in JOINED {
        let set: Option<i64> =
            c.query_row("SELECT v FROM events_index_config WHERE k = ?1", [name], |row| row.get(0)).optional()?;
        if set != Some(wanted) {
            c.execute("INSERT INTO events_index (events_index, rank) VALUES (?1, ?2)", params![name, wanted])
                .map_err(database)?;
        }
    }
    Ok(())
}

/// A field of `facets`: the letter in its words.
#[derive(Clone, Copy)]
enum Facet {
    Category = b'c' as isize,
    Outcome = b'u' as isize,
    Operation = b'o' as isize,
    Actor = b'a' as isize,
    Environment = b'e' as isize,
    Request = b'r' as isize,
    ServiceRequest = b's' as isize,
    Grant = b'g' as isize,
    Correlation = b'i' as isize,
}

fn facet(out: &mut String, organization: i64, facet: Facet, value: &str) {
    if !out.is_empty() {
        out.push(' ');
    }
    out.push('f');
    out.push_str(&organization.to_string());
    out.push(char::from(facet as u8));
    out.push_str(value);
}

fn word(organization: i64, of: Facet, value: &str) -> String {
    let mut out = String::new();
    facet(&mut out, organization, of, value);
    out
}

/// Ids are too many to number them. The rows that a word leads to are compared with the id itself.
fn short(id: &str) -> String {
    hex(&Sha256::digest(id.as_bytes())[..8])
}

const fn category(category: Category) -> &'static str {
    match category {
        Category::Activity => "1",
        Category::DataAccess => "2",
    }
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "1",
        Outcome::Failure => "2",
        Outcome::Refused => "3",
    }
}

fn facets(organization: i64, kind: &Kind, event: &Event) -> String {
    let mut out = String::with_capacity(128);
    let mut add = |of: Facet, value: &str| facet(&mut out, organization, of, value);
    add(Facet::Category, category(event.category));
    add(Facet::Outcome, outcome(event.outcome));
    add(Facet::Operation, &kind.operation.to_string());
    add(Facet::Actor, &kind.actor.to_string());
    if kind.environment > 0 {
        add(Facet::Environment, &kind.environment.to_string());
    }
    if let Some(id) = &event.request_id {
        add(Facet::Request, &short(&id.0));
    }
    if let Some(id) = &event.service_request_id {
        add(Facet::ServiceRequest, &short(&id.0));
    }
    if let Some(id) = &event.grant_id {
        add(Facet::Grant, &short(&id.0));
    }
    add(Facet::Correlation, &short(&event.correlation_id));
    out
}

/// Everything of an event that a person might search for, as words.
fn text(organization: i64, event: &Event) -> String {
    let mut text = String::with_capacity(512);
    let mut add = |part: &str| words(organization, part, &mut text);
    add(&event.operation);
    let optional = [
        event.friendly_name.as_deref(),
        event.environment_id.as_ref().map(|id| id.as_str()),
        event.request_id.as_ref().map(|id| id.as_str()),
        event.service_request_id.as_ref().map(|id| id.as_str()),
        event.grant_id.as_ref().map(|id| id.as_str()),
        event.client_ip.as_deref(),
    ];
    optional.into_iter().flatten().for_each(&mut add);
    add(&event.actor.name);
    add(&event.actor.id);
    add(event.outcome.as_str());
    add(&event.correlation_id);
    for value in event.details.values() {
        collect(organization, value, &mut text);
    }
    text
}

fn collect(organization: i64, value: &Value, text: &mut String) {
    match value {
        Value::String(part) => words(organization, part, text),
        Value::Array(values) => values.iter().for_each(|value| collect(organization, value, text)),
        Value::Object(map) => map.values().for_each(|value| collect(organization, value, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The words of a text, each behind the organisation's number. Where the index itself would cut a word further, it does
/// so in events and in searches alike.
fn words(organization: i64, text: &str, out: &mut String) {
    let mut within = false;
    for c in text.chars() {
        let belongs = is_of_word(c);
        if belongs && !within {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&organization.to_string());
            out.push('_');
        }
        if belongs {
            out.push(c);
        }
        within = belongs;
    }
}

/// What a filter asks of the index.
pub(super) enum Asked {
    /// Nothing: every event fits.
    Everything,
    /// No event can fit.
    Nothing,
    /// Whatever this expression finds.
    Matching(String),
}

/// The expression for a filter's values and words; its times are no part of it.
pub(super) fn expression(organization: i64, filter: &LogFilter) -> Asked {
    let f = &filter.values;
    let mut only: Vec<String> = Vec::new();
    let mut not: Vec<String> = Vec::new();
    // Of these there are two and three: what is left out is said by what is left, which is the shorter list to walk.
    if let Some(left) = left(Category::ALL, &f.category, &f.not_category) {
        only.push(any(organization, Facet::Category, left.into_iter().map(category)));
    }
    if let Some(left) = left(Outcome::ALL, &f.outcome, &f.not_outcome) {
        only.push(any(organization, Facet::Outcome, left.into_iter().map(outcome)));
    }
    let t = &filter.terms;
    for (of, values, terms) in [
        (Facet::Operation, f.operation.len(), &t.operation),
        (Facet::Actor, f.actor.len(), &t.actor),
        (Facet::Environment, f.environment_id.len(), &t.environment_id),
    ] {
        if values > 0 {
            only.push(any_term(organization, of, terms));
        }
    }
    not.extend(
        [
            (Facet::Operation, &t.not_operation),
            (Facet::Actor, &t.not_actor),
            (Facet::Environment, &t.not_environment_id),
        ]
        .map(|(of, terms)| any_term(organization, of, terms)),
    );
    for (ids, out) in [(Ids::only(f), &mut only), (Ids::not(f), &mut not)] {
        for (of, ids) in ids.0.into_iter().filter(|(_, ids)| !ids.is_empty()) {
            let short: Vec<String> = ids.into_iter().map(short).collect();
            out.push(any(organization, of, short.iter().map(String::as_str)));
        }
    }
    // A field of whose values none ever occurred lets nothing through; leaving such values out changes nothing.
    if only.iter().any(String::is_empty) {
        return Asked::Nothing;
    }
    not.retain(|group| !group.is_empty());
    let text = match f.q.as_deref().map(|q| phrases(organization, q)) {
        Some(None) => return Asked::Nothing,
        Some(Some(text)) => Some(text),
        None => None,
    };
    // A text without a word in it occurs nowhere.
    let without: Vec<String> =
        f.not_q.iter().filter_map(|q| phrases(organization, q)).map(|text| format!("({text})")).collect();
    if only.is_empty() && not.is_empty() && text.is_none() && without.is_empty() {
        return Asked::Everything;
    }
    if only.is_empty() && text.is_none() {
        only.push(any(organization, Facet::Category, Category::ALL.iter().copied().map(category)));
    }
    let mut parts: Vec<String> = Vec::new();
    if !only.is_empty() {
        parts.push(format!("facets : ({})", only.join(" AND ")));
    }
    parts.extend(text.map(|text| format!("text : ({text})")));
    let mut expression = format!("({})", parts.join(") AND ("));
    if !not.is_empty() {
        expression = format!("({expression}) NOT (facets : ({}))", not.join(" OR "));
    }
    if !without.is_empty() {
        expression = format!("({expression}) NOT (text : ({}))", without.join(" OR "));
    }
    Asked::Matching(expression)
}

/// Any of some values of a field; empty where there are none.
fn any<'v>(organization: i64, of: Facet, values: impl Iterator<Item = &'v str>) -> String {
    let words: Vec<String> = values.map(|value| word(organization, of, value)).collect();
    if words.is_empty() { String::new() } else { format!("({})", words.join(" OR ")) }
}

/// What is left of all values of a field; `None` where nothing is asked of it.
fn left<T: Copy + PartialEq>(all: &[T], only: &[T], not: &[T]) -> Option<Vec<T>> {
    if only.is_empty() && not.is_empty() {
        return None;
    }
    let passes = |one: &&T| (only.is_empty() || only.contains(one)) && !not.contains(one);
    Some(all.iter().filter(passes).copied().collect())
}

/// Any of some numbers of a field; empty where there are none.
fn any_term(organization: i64, of: Facet, terms: &[u32]) -> String {
    let terms: Vec<String> = terms.iter().map(u32::to_string).collect();
    any(organization, of, terms.iter().map(String::as_str))
}

/// The ids asked for, by field.
struct Ids<'f>([(Facet, Vec<&'f str>); 4]);

impl<'f> Ids<'f> {
    fn only(f: &'f Values) -> Self {
        Self([
            (Facet::Request, f.request_id.iter().map(|id| id.as_str()).collect()),
            (Facet::ServiceRequest, f.service_request_id.iter().map(|id| id.as_str()).collect()),
            (Facet::Grant, f.grant_id.iter().map(|id| id.as_str()).collect()),
            (Facet::Correlation, f.correlation_id.iter().map(String::as_str).collect()),
        ])
    }

    fn not(f: &'f Values) -> Self {
        Self([
            (Facet::Request, f.not_request_id.iter().map(|id| id.as_str()).collect()),
            (Facet::ServiceRequest, f.not_service_request_id.iter().map(|id| id.as_str()).collect()),
            (Facet::Grant, f.not_grant_id.iter().map(|id| id.as_str()).collect()),
            (Facet::Correlation, f.not_correlation_id.iter().map(String::as_str).collect()),
        ])
    }
}

/// A search that can't be mistaken for query syntax: everything between spaces becomes a quoted phrase, whose last word is
/// a beginning where a `*` says so. What stands there twice is searched for once. `None` where no word is left to search for.
fn phrases(organization: i64, q: &str) -> Option<String> {
    let mut phrases: Vec<String> = Vec::new();
    for part in q.split_whitespace() {
        let mut found = String::new();
        words(organization, part, &mut found);
        if !found.is_empty() {
            let phrase = format!("\"{found}\"{}", if beginning(part).is_some() { "*" } else { "" });
            if !phrases.contains(&phrase) {
                phrases.push(phrase);
            }
        }
    }
    (!phrases.is_empty()).then(|| phrases.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_twice_in_a_text_is_searched_for_once() {
        let search = |q| phrases(7, q);
        assert_eq!(search("payr* x payr* x (payr*"), Some("\"7_payr\"* AND \"7_x\"".to_owned()));
        assert_eq!(search("payr payr*"), Some("\"7_payr\" AND \"7_payr\"*".to_owned()));
        assert_eq!(search("- !"), None);
    }
}
