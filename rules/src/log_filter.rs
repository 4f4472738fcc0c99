//! The typed filter line of the log, and the filter it stands for: `actor:ana operation:"Approve Lockbox Request"
//! -outcome:success after:now-7d payroll`.
//!
//! A line is made of pieces with space between them. `field:value` asks for a value of a field, `-field:value` leaves it
//! out, `after:` and `before:` bound the time, and everything else is text to search for: whole words, or with a `*` behind
//! it the beginning of one. `-text` leaves out what has it, `-"two words"` what has both of them. A value or a text with space,
//! quotation marks or a colon stands in quotation marks, in which `\"` and `\\` stand for themselves. Several values of
//! one field are alternatives. [`print`] writes the plain form of a filter, which [`parse`] reads back to the same filter.

use core::fmt::Write as _;

use chrono::DateTime;
use lockbox_api::{
    events::{Category, Outcome},
    logs::{FILTER_VALUES_MAX, LogFilter},
};

mod text;

use text::check_beginnings;
pub use text::{Words, beginning, check_text, concerns_others, is_of_word, leave_out, words_of};

use crate::{window, words};

/// Longest line, characters.
pub const LINE_MAX: usize = 4_000;
/// Longest text to search for, characters.
pub const TEXT_MAX: usize = 200;
/// Fewest letters of the beginning of a word that can be searched for.
pub const BEGINNING_MIN: usize = 3;
/// Longest value, characters.
pub const VALUE_MAX: usize = 500;

/// What can be asked for by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// Activity or data access.
    Category,
    /// What was done.
    Operation,
    /// Who did it, by id or name.
    Actor,
    /// Where.
    Environment,
    /// For which Lockbox request.
    Request,
    /// For which support request.
    ServiceRequest,
    /// Under which grant.
    Grant,
    /// In which call.
    Correlation,
    /// How it ended.
    Outcome,
}

impl Field {
    /// Every field, in the order in which lines are printed.
    pub const ALL: &'static [Self] = &[
        Self::Category,
        Self::Operation,
        Self::Actor,
        Self::Environment,
        Self::Request,
        Self::ServiceRequest,
        Self::Grant,
        Self::Correlation,
        Self::Outcome,
    ];

    /// As the line names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Operation => "operation",
            Self::Actor => "actor",
            Self::Environment => "environment",
            Self::Request => "request",
            Self::ServiceRequest => "support_request",
            Self::Grant => "grant",
            Self::Correlation => "correlation",
            Self::Outcome => "outcome",
        }
    }

    /// As query parameters name it; with `not_` before it to leave values out.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Environment => "environment_id",
            Self::Request => "request_id",
            Self::ServiceRequest => "service_request_id",
            Self::Grant => "grant_id",
            Self::Correlation => "correlation_id",
            Self::Category | Self::Operation | Self::Actor | Self::Outcome => self.name(),
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name || field.parameter() == name)
    }
}

/// Why a line can't be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LineError {
    /// The first character that is meant, counted from 0 in characters (Unicode scalar values).
    pub start: usize,
    /// The character after the last one that is meant.
    pub end: usize,
    /// What is wrong, a sentence for people.
    pub message: String,
}

/// The values of a field, as text.
#[must_use]
pub fn values(filter: &LogFilter, field: Field, excluded: bool) -> Vec<&str> {
    fn all<T>(list: &[T], text: impl Fn(&T) -> &str) -> Vec<&str> {
        list.iter().map(text).collect()
    }
    let f = filter;
    match (field, excluded) {
        (Field::Category, false) => all(&f.category, |value| value.as_str()),
        (Field::Category, true) => all(&f.not_category, |value| value.as_str()),
        (Field::Operation, false) => all(&f.operation, |value| value),
        (Field::Operation, true) => all(&f.not_operation, |value| value),
        (Field::Actor, false) => all(&f.actor, |value| value),
        (Field::Actor, true) => all(&f.not_actor, |value| value),
        (Field::Environment, false) => all(&f.environment_id, |value| value.as_str()),
        (Field::Environment, true) => all(&f.not_environment_id, |value| value.as_str()),
        (Field::Request, false) => all(&f.request_id, |value| value.as_str()),
        (Field::Request, true) => all(&f.not_request_id, |value| value.as_str()),
        (Field::ServiceRequest, false) => all(&f.service_request_id, |value| value.as_str()),
        (Field::ServiceRequest, true) => all(&f.not_service_request_id, |value| value.as_str()),
        (Field::Grant, false) => all(&f.grant_id, |value| value.as_str()),
        (Field::Grant, true) => all(&f.not_grant_id, |value| value.as_str()),
        (Field::Correlation, false) => all(&f.correlation_id, |value| value),
        (Field::Correlation, true) => all(&f.not_correlation_id, |value| value),
        (Field::Outcome, false) => all(&f.outcome, |value| value.as_str()),
        (Field::Outcome, true) => all(&f.not_outcome, |value| value.as_str()),
    }
}

/// Adds a value of a field; one that is there already stays as it is.
///
/// # Errors
/// A sentence for people: the field has no such value, or too many.
pub fn add(filter: &mut LogFilter, field: Field, excluded: bool, value: &str) -> Result<(), String> {
    fn push<T: PartialEq>(list: &mut Vec<T>, value: T) {
        if !list.contains(&value) {
            list.push(value);
        }
    }
    if value.is_empty() {
        return Err("The value is missing.".to_owned());
    }
    if value.chars().count() > VALUE_MAX {
        return Err(format!("A value has at most {VALUE_MAX} characters."));
    }
    let present = values(filter, field, excluded);
    if present.len() >= FILTER_VALUES_MAX && !present.contains(&value) {
        return Err(format!("At most {FILTER_VALUES_MAX} values at a time."));
    }
    let (f, text) = (filter, value.to_owned());
    match (field, excluded) {
        (Field::Category, _) => {
            let list = if excluded { &mut f.not_category } else { &mut f.category };
            push(list, Category::parse(value).ok_or_else(|| one_of(Category::ALL.iter().map(|one| one.as_str())))?);
        }
        (Field::Outcome, _) => {
            let list = if excluded { &mut f.not_outcome } else { &mut f.outcome };
            push(list, Outcome::parse(value).ok_or_else(|| one_of(Outcome::ALL.iter().map(|one| one.as_str())))?);
        }
        (Field::Operation, false) => push(&mut f.operation, text),
        (Field::Operation, true) => push(&mut f.not_operation, text),
        (Field::Actor, false) => push(&mut f.actor, text),
        (Field::Actor, true) => push(&mut f.not_actor, text),
        (Field::Environment, false) => push(&mut f.environment_id, text.into()),
        (Field::Environment, true) => push(&mut f.not_environment_id, text.into()),
        (Field::Request, false) => push(&mut f.request_id, text.into()),
        (Field::Request, true) => push(&mut f.not_request_id, text.into()),
        (Field::ServiceRequest, false) => push(&mut f.service_request_id, text.into()),
        (Field::ServiceRequest, true) => push(&mut f.not_service_request_id, text.into()),
        (Field::Grant, false) => push(&mut f.grant_id, text.into()),
        (Field::Grant, true) => push(&mut f.not_grant_id, text.into()),
        (Field::Correlation, false) => push(&mut f.correlation_id, text),
        (Field::Correlation, true) => push(&mut f.not_correlation_id, text),
    }
    Ok(())
}

fn one_of<'a>(all: impl Iterator<Item = &'a str>) -> String {
    format!("Use one of {}.", words::list(&all.collect::<Vec<_>>()))
}

/// Reads a line.
///
/// # Errors
/// The first piece that can't be read, and why.
pub fn parse(line: &str) -> Result<LogFilter, LineError> {
    let characters: Vec<char> = line.chars().collect();
    if characters.len() > LINE_MAX {
        let message = format!("A filter has at most {LINE_MAX} characters.");
        return Err(LineError { start: LINE_MAX, end: characters.len(), message });
    }
    let mut filter = LogFilter::default();
    let mut text: Vec<String> = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        if characters.get(at).is_some_and(|c| c.is_whitespace()) {
            at += 1;
            continue;
        }
        let start = at;
        let piece = piece(&characters, &mut at)?;
        let wrong = |message: String| LineError { start, end: at, message };
        take(&mut filter, &mut text, piece).map_err(wrong)?;
        let q = text.join(" ");
        check_text(&q).map_err(wrong)?;
        check_beginnings(filter.not_q.iter().map(String::as_str).chain([q.as_str()])).map_err(wrong)?;
    }
    filter.q = (!text.is_empty()).then(|| text.join(" "));
    Ok(filter)
}

/// One piece of a line.
enum Piece {
    /// Text to search for.
    Text(String),
    /// Text to leave out
    NotText(String),
    /// Left out or not, the field's name, the value.
    Value(bool, String, String),
}

/// Reads the piece that begins at `at`, and goes behind it.
fn piece(characters: &[char], at: &mut usize) -> Result<Piece, LineError> {
    let start = *at;
    let excluded = characters.get(start) == Some(&'-');
    let mut name = String::new();
    let mut end = start + usize::from(excluded);
    while let Some(&c) = characters.get(end) {
        if c == ':' || c == '"' || c.is_whitespace() {
            break;
        }
        name.push(c);
        end += 1;
    }
    if characters.get(end) == Some(&':') && !name.is_empty() {
        *at = end + 1;
        return Ok(Piece::Value(excluded, name, value(characters, at)?));
    }
    if excluded {
        *at += 1;
        return value(characters, at).map(Piece::NotText);
    }
    value(characters, at).map(Piece::Text)
}

/// A value from `at` on, in quotation marks or up to the next space.
fn value(characters: &[char], at: &mut usize) -> Result<String, LineError> {
    let start = *at;
    let mut value = String::new();
    if characters.get(start) != Some(&'"') {
        while let Some(&c) = characters.get(*at).filter(|c| !c.is_whitespace()) {
            value.push(c);
            *at += 1;
        }
        return Ok(value);
    }
    loop {
        *at += 1;
        match characters.get(*at) {
            Some('"') => break,
            Some('\\') => {
                *at += 1;
                // A backslash before anything else is one itself.
                match characters.get(*at) {
                    Some(&c @ ('"' | '\\')) => value.push(c),
                    _ => {
                        value.push('\\');
                        *at -= 1;
                    }
                }
            }
            Some(&c) => value.push(c),
            None => {
                let message = "The closing quotation mark is missing.".to_owned();
                return Err(LineError { start, end: characters.len(), message });
            }
        }
    }
    *at += 1;
    if characters.get(*at).is_some_and(|c| !c.is_whitespace()) {
        let message = "After a closing quotation mark comes a space.".to_owned();
        return Err(LineError { start: *at, end: *at + 1, message });
    }
    Ok(value)
}

fn take(filter: &mut LogFilter, text: &mut Vec<String>, piece: Piece) -> Result<(), String> {
    match piece {
        Piece::Text(words) => {
            text.extend(words.split_whitespace().map(str::to_owned));
            Ok(())
        }
        Piece::NotText(words) => leave_out(filter, &words),
        Piece::Value(excluded, name, value) => match (name.as_str(), Field::named(&name)) {
            (_, Some(field)) => add(filter, field, excluded, &value),
            ("after" | "from" | "before" | "to", None) if excluded => {
                Err(format!("{name} can't be left out; use the other bound."))
            }
            ("after" | "from", None) => bound(&mut filter.from, value),
            ("before" | "to", None) => bound(&mut filter.to, value),
            _ => Err(format!("There is no filter called {name}. To search for it, put it in quotation marks.")),
        },
    }
}

fn bound(slot: &mut Option<String>, value: String) -> Result<(), String> {
    // Whether it is a time does not depend on what the time is.
    window::parse_moment(&value, DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000))?;
    if slot.is_some() {
        return Err("This bound is there already.".to_owned());
    }
    *slot = Some(value);
    Ok(())
}

/// The plain form of a filter.
#[must_use]
pub fn print(filter: &LogFilter) -> String {
    let mut line = String::new();
    let mut piece = |before: &str, name: &str, value: &str| {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(before);
        line.push_str(name);
        let colon = if name.is_empty() { "" } else { ":" };
        let text_that_looks_otherwise = name.is_empty() && (value.starts_with('-') || value.contains(':'));
        let plain = !value.is_empty()
            && !value.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\\'))
            && !text_that_looks_otherwise;
        // Writing to a string never fails.
        let _ = if plain {
            write!(line, "{colon}{value}")
        } else {
            write!(line, "{colon}\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
        };
    };
    for field in Field::ALL {
        for (excluded, before) in [(false, ""), (true, "-")] {
            for value in values(filter, *field, excluded) {
                piece(before, field.name(), value);
            }
        }
    }
    for (name, value) in [("after", &filter.from), ("before", &filter.to)] {
        if let Some(value) = value {
            piece("", name, value);
        }
    }
    for word in filter.q.iter().flat_map(|q| q.split_whitespace()) {
        piece("", "", word);
    }
    for text in &filter.not_q {
        piece("-", "", text);
    }
    line
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
